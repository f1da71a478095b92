"""Makes a backup, of a hub that goes on working meanwhile."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections
from django.utils import timezone

from hi.backup import key_box, migrated, tables
from hi.backup.archive import CONTENTS, FORMAT, HEAD, KEYS, KIND, MEDIA, ROWS, ArchiveWriter, TableContents
from hi.backup.errors import BackupError, first_line, told_as
from hi.backup.migrated import Migrations
from hi.backup.snapshot import Snapshot, take_snapshot
from hi.backup.tables import Table
from hi.utils import crypto

BYTES_OF_A_PART = 2_000_000
KNOWN_TEXT = "hi"


class Occasion(StrEnum):
    """Why a backup is made; part of its file's name, by which it is kept or goes."""

    BY_HAND = "by-hand"
    SCHEDULED = "scheduled"
    BEFORE_UPGRADE = "before-upgrade"
    BEFORE_RESTORE = "before-restore"


@dataclass(frozen=True, slots=True)
class Made:
    path: Path
    rows: int
    files: int
    has_keys: bool
    bytes: int


def make_backup(occasion: Occasion, passphrase: str = "") -> Made:  # nosec B107 - without one no keys go along
    """Into the folder of backups. Raises BackupError, and leaves nothing behind then."""
    folder: Path = settings.HI_BACKUP_DIR
    with told_as(f"No backup can be made in {folder}"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return write_backup(_free_name(folder, occasion), passphrase)


def write_backup(path: Path, passphrase: str = "", *, with_media: bool = True) -> Made:  # nosec B107 - as above
    """Raises OSError and DatabaseError besides."""
    key_box.check_passphrase(passphrase)
    migrations = migrated.applied_migrations()
    if not migrations:
        raise BackupError("There is nothing to back up yet: the database is empty.")
    migrated.check_known(migrations, "The database")
    if migrated.is_between_two():
        raise BackupError("An upgrade was interrupted: start hi once, which completes it.")
    carried = tables.describe(migrations)
    try:
        with ArchiveWriter(path) as archive:
            with connections["default"].wrap_database_errors, take_snapshot() as snapshot:
                archive.add_json(HEAD, _head(migrations))
                found = {table.label: _add_table(archive, snapshot, table) for table in carried}
            files = sum(archive.add_file(MEDIA + name, at) for name, at in media_files()) if with_media else 0
            contents = {
                "tables": {label: asdict(table) for label, table in found.items()},
                "has_keys": bool(passphrase),
                "parts": archive.digests.copy(),
            }
            archive.add_json(CONTENTS, contents)
            if passphrase:
                # Only now: of keys that are renewed meanwhile, the rows have none that is newer.
                tied_to = bytes.fromhex(archive.digests[CONTENTS])
                archive.add(KEYS, key_box.lock(key_box.installation_keys(), passphrase, tied_to))
    except DatabaseError as err:
        raise BackupError(f"The database can't be read: {first_line(err)}.") from err
    rows = sum(table.rows for table in found.values())
    return Made(path, rows, files, bool(passphrase), path.stat().st_size)


def media_files() -> Iterator[tuple[str, Path]]:
    """Those that people keep, by their path in the folder; not what is only on its way there."""
    root = Path(settings.MEDIA_ROOT)
    for folder, _folders, names in os.walk(root):
        for name in sorted(names):
            path = Path(folder) / name
            if not name.startswith(".") and path.is_file() and not path.is_symlink():
                yield path.relative_to(root).as_posix(), path


def _head(migrations: Migrations) -> dict[str, Any]:
    return {
        "kind": KIND,
        "format": FORMAT,
        "made_at": timezone.now().isoformat(timespec="seconds"),
        "migrations": sorted(migrations),
        "key_check": _key_check(),
    }


def _key_check() -> str:
    """Whoever restores it learns from this whether the key at hand is the right one."""
    try:
        return crypto.encrypt(KNOWN_TEXT)
    except ImproperlyConfigured:
        return ""  # an installation that has lost its key; what is not secret is worth keeping


def _add_table(archive: ArchiveWriter, snapshot: Snapshot, table: Table) -> TableContents:
    parts = _parts(line for some in snapshot.rows(table) for line in map(orjson.dumps, some))
    rows = 0
    for number, (part, lines) in enumerate(parts, 1):
        archive.add(f"{ROWS}{table.label}/{number:05}.jsonl", part)
        rows += lines
    return TableContents(table.columns, rows, snapshot.last_id(table) if table.numbers_itself else 0)


def _parts(lines: Iterable[bytes]) -> Iterator[tuple[bytes, int]]:
    """As many lines at a time as fit into a part, and how many they are."""
    part, number = bytearray(), 0
    for line in lines:
        # Not kept as it is: orjson leaves each of its results eight times the room.
        part += line
        part += b"\n"
        number += 1
        if len(part) > BYTES_OF_A_PART:
            yield bytes(part), number
            part, number = bytearray(), 0
    if part:
        yield bytes(part), number


def _free_name(folder: Path, occasion: Occasion) -> Path:
    stem = f"hi-{timezone.localtime():%Y%m%d-%H%M%S}"
    names = (f"{stem}{more}-{occasion}.tar.gz" for more in ("", *(f".{number}" for number in range(1, 1000))))
    return next(path for path in map(folder.joinpath, names) if not path.exists())
