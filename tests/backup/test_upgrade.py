"""A newer version of hi, with migrations that really run and really fail, on data that are there."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.backup.installation import PASSPHRASE, Installation, NewerInstallation, rows_in

pytestmark = pytest.mark.e2e

# It works: a table, and a column that is filled from what is there.
SHELVES = """
from django.db import migrations, models

def fill(apps, schema_editor):
    if schema_editor.connection.alias == "default":
        for thing in apps.get_model("entity", "Entity").objects.all():
            thing.shelf = "of " + thing.source_name
            thing.save()

class Migration(migrations.Migration):
    dependencies = [("entity", "LAST")]
    operations = [
        migrations.CreateModel("Shelf", [("id", models.BigAutoField(primary_key=True)), ("name", models.TextField())]),
        migrations.AddField("entity", "shelf", models.TextField(default="")),
        migrations.RunPython(fill),
    ]
"""
# The data do not allow it: several things are of one type.
BREAKS = """
from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [("entity", "LAST")]
    operations = [
        migrations.AddConstraint("entity", models.UniqueConstraint(fields=["source_type"], name="never")),
    ]
"""


Copied = Callable[[Installation], Installation]


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_an_upgrade_that_fails_midway_leaves_the_old_version_on_the_old_data(
    request: pytest.FixtureRequest, copied: Copied, tmp_path: Path, database: str
) -> None:
    old = copied(request.getfixturevalue(f"on_{database}"))
    before = old.tell()["home"]
    newer = NewerInstallation(old, tmp_path / "broken", {"9001_shelves": SHELVES, "9002_breaks": BREAKS})
    said = newer.refused("initialise")
    assert "entity.9002_breaks failed" in said
    assert "the version that you had can be started again" in said
    old.manage("initialise")
    assert old.tell()["home"] == before
    # A later version that gets it right meets nothing that the broken one left behind.
    NewerInstallation(old, tmp_path / "mended", {"9001_shelves": SHELVES}).manage("initialise")
    assert old.tell()["home"] == before


def test_one_from_before_migrations_were_squashed_is_backed_up_and_put_back_whole(
    initialised: Path, tmp_path: Path
) -> None:
    shutil.copytree(initialised / "keys", tmp_path / "hi" / "keys", copy_function=shutil.copy2)
    old = Installation(tmp_path / "hi")
    old.take_static_files_of(initialised)
    made = old.run("-m", "tests.backup.older", DJANGO_SETTINGS_MODULE="hi.settings.initialise")
    assert made.returncode == 0, made.stderr
    before = old.rows("SELECT source_name FROM entity_location", "SELECT app, name FROM django_migrations")
    NewerInstallation(old, tmp_path / "broken", {"9001_shelves": SHELVES, "9002_breaks": BREAKS}).refused("initialise")
    after = old.rows("SELECT source_name FROM entity_location", "SELECT app, name FROM django_migrations")
    assert {row for row in after if "squashed" not in row[-1]} == before
    old.manage("initialise")
    assert ("Attic",) in old.rows("SELECT source_name FROM entity_location")
    backups = list((tmp_path / "hi" / "backups").glob("*before-upgrade*"))
    assert len(backups) == 2
    assert all("Attic" in rows_in(backup)["entity.location"][0] for backup in backups)


def test_an_upgrade_whose_first_step_fails_restores_nothing(
    on_sqlite: Installation, copied: Copied, tmp_path: Path
) -> None:
    old = copied(on_sqlite)
    before = old.tell()["home"]
    said = NewerInstallation(old, tmp_path, {"9001_breaks": BREAKS}).refused("initialise")
    assert "entity.9001_breaks failed" in said
    assert old.tell()["home"] == before


def test_where_no_backup_can_be_made_nothing_is_upgraded(
    on_sqlite: Installation, copied: Copied, tmp_path: Path
) -> None:
    old = copied(on_sqlite)
    (tmp_path / "file").touch()
    newer = NewerInstallation(old, tmp_path, {"9001_shelves": SHELVES})
    said = newer.refused("initialise", HI_BACKUP_DIR=str(tmp_path / "file" / "backups"))
    assert said.startswith("This version changes the tables, and the backup before that failed.")
    assert "9001_shelves" not in newer.manage("showmigrations", "--plan").replace("[ ]  entity.9001_shelves", "")


def test_a_backup_of_an_older_version_is_brought_up_to_date(
    on_sqlite: Installation, on_postgres: Installation, copied: Copied, tmp_path: Path
) -> None:
    old = copied(on_postgres)
    backup = on_sqlite.one_backup
    newer = NewerInstallation(old, tmp_path, {"9001_shelves": SHELVES})
    newer.manage("restore", "--replace", str(backup), HI_BACKUP_PASSPHRASE=PASSPHRASE)
    assert old.tell()["home"] == on_sqlite.tell()["home"]
    shelves = [row for row in rows_in(newer.backup())["entity.entity"] if '"of Lampe 3"' in row]
    assert len(shelves) == 1


def test_a_backup_of_a_newer_version_is_refused(on_sqlite: Installation, copied: Copied, tmp_path: Path) -> None:
    old = copied(on_sqlite)
    newer = NewerInstallation(old, tmp_path, {"9001_shelves": SHELVES})
    newer.manage("initialise")
    backup = newer.backup()
    empty = Installation(tmp_path / "empty")
    said = empty.refused("restore", str(backup), HI_BACKUP_PASSPHRASE=PASSPHRASE)
    assert "of a newer hi, which knows entity.9001_shelves" in said
    assert not (tmp_path / "empty").exists()
