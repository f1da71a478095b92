"""Moves everything from one database to another, such as from SQLite to PostgreSQL. The old one stays as it is."""

import tempfile
from pathlib import Path

from django.conf import settings

from hi.backup import at_work, making, restoring, site
from hi.backup.archive import read_archive
from hi.backup.errors import BackupError, told_as


def move_database(databases: dict[str, dict[str, object]]) -> int:
    """Into an empty one, while nothing of hi runs. Returns the number of rows. Keys and files stay where they are."""
    target = site.complete(databases)
    with at_work.nobody_else(), told_as("The database can't be moved"):
        with site.pointed_at(target):
            if not at_work.is_empty():
                raise BackupError("The other database is not empty: a hi lives there already.")
        with tempfile.TemporaryDirectory(dir=settings.HI_DATA_DIR, prefix="moving-") as folder:
            path = Path(folder) / "all.tar.gz"
            rows = making.write_backup(path, with_media=False).rows
            with site.beside(target) as place:
                restoring.build(place, read_archive(path))
                place.move_in()
    return rows
