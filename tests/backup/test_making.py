"""What is in a backup, and what is not; and the place where backups lie."""

import gzip
import json
import os
import shutil
import stat
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.apps import apps

from hi.backup import tables
from tests.backup.installation import PASSPHRASE, Installation, contents_of, rows_in

pytestmark = pytest.mark.e2e


def test_no_secret_is_in_it_in_clear(on_sqlite: Installation) -> None:
    backup = on_sqlite.one_backup
    clear = gzip.decompress(backup.read_bytes())
    keys = [path.read_bytes().strip() for path in (on_sqlite.folder / "keys").iterdir()]
    assert len(keys) >= 3
    canaries = [b"canary-of-a-token", b"canary-of-a-password", b"canary-of-a-session", PASSPHRASE.encode(), *keys]
    assert [canary for canary in canaries if canary in clear] == []
    assert b"Leselampe" in clear  # the search finds what is there


def test_a_row_of_every_table_is_carried(on_sqlite: Installation) -> None:
    """Restored, each is there again: `test_everything_is_there_again_on_whichever_database` compares all of them."""
    carried = contents_of(on_sqlite.one_backup)["tables"]
    models = {model._meta.label_lower for model in apps.get_models(include_auto_created=True)}
    assert carried.keys() == models - tables.NOT_CARRIED.keys()
    assert [label for label, table in carried.items() if not table["rows"]] == []  # tests/backup/fill.py plants them


def test_nobody_else_can_read_it(on_sqlite: Installation) -> None:
    backup = on_sqlite.one_backup
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert stat.S_IMODE(backup.parent.stat().st_mode) == 0o700


def test_it_says_plainly_that_it_holds_no_keys(on_sqlite: Installation) -> None:
    said = on_sqlite.manage("backup")
    assert "WITHOUT the keys" in said
    with tarfile.open(said.split(": ")[0]) as tar:
        assert "keys.json" not in tar.getnames()


def test_the_generated_columns_are_made_anew(on_sqlite: Installation) -> None:
    backup = on_sqlite.one_backup
    columns = contents_of(backup)["tables"]["entity.entity"]["columns"]
    assert "user_name" in columns
    assert not {"name", "sort_name", "location_id", "entity_type"} & set(columns)
    assert len(json.loads(rows_in(backup)["entity.entity"][0])) == len(columns)


def test_replacing_keeps_what_was_there(
    on_sqlite: Installation, on_postgres: Installation, copied: Callable[[Installation], Installation]
) -> None:
    target = copied(on_postgres)
    old_key = (target.folder / "keys" / "secret.key").read_text()
    said = target.manage("restore", "--replace", str(on_sqlite.one_backup), HI_BACKUP_PASSPHRASE=PASSPHRASE)
    assert target.tell()["home"] == on_sqlite.tell()["home"]
    kept = Path(said.split("What was here before is in ")[1].split(".tar.gz")[0] + ".tar.gz")
    assert kept.name.endswith("-before-restore.tar.gz")
    assert [path.read_text() for path in (target.folder / "keys").glob("secret.key.until-*")] == [old_key]
    target.manage("restore", "--replace", str(kept), HI_BACKUP_PASSPHRASE=PASSPHRASE)
    assert target.tell()["home"] == on_postgres.tell()["home"]


def test_moving_to_postgresql_takes_one_command(
    on_sqlite: Installation,
    tmp_path: Path,
    copied: Callable[[Installation], Installation],
    new_database: Callable[..., str],
) -> None:
    moved = copied(on_sqlite)
    listed = sorted(os.listdir(moved.folder))
    before = moved.tell()["home"]
    file = tmp_path / "url"
    file.write_text(new_database() + "\n")
    said = moved.manage("move_database", str(file))
    assert f"HI_DATABASE_URL_FILE={file}" in said
    on_new = Installation(moved.folder, HI_DATABASE_URL_FILE=str(file))
    after = on_new.tell()
    assert (after["rest"]["database"], after["home"]) == ("postgresql", before)
    # The old one is as it was, and the new one is not overwritten by a second try.
    assert moved.tell()["home"] == before
    assert "is not empty" in moved.refused("move_database", str(file))
    assert sorted(set(os.listdir(moved.folder)) - {"run"}) == [name for name in listed if name != "run"]


def test_a_database_that_is_not_there_is_told_without_its_password(on_sqlite: Installation, tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text("postgres://hi:canary-of-an-url@127.0.0.1:1/hi")
    said = on_sqlite.refused("move_database", str(file))
    assert said.startswith("The database can't be used: ")
    assert "canary" not in said


def test_scheduled_ones_are_made_when_due_and_the_oldest_go(on_sqlite: Installation, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    settings = {"HI_BACKUP_DIR": str(folder), "HI_BACKUP_KEEP": "2"}
    first = Path(on_sqlite.manage("backup", "--scheduled", **settings).split(": ")[0])
    assert "None is due" in on_sqlite.manage("backup", "--scheduled", **settings)
    for days in (1, 2, 3):
        older = folder / f"hi-2026010{days}-031500-scheduled.tar.gz"
        shutil.copy(first, older)
        at = first.stat().st_mtime - (4 - days) * 24 * 3600 - 1
        os.utime(older, (at, at))
    first.unlink()
    by_hand = on_sqlite.manage("backup", **settings).split(": ")[0]
    left_over = folder / "hi-20200101-000000-scheduled.tar.gz.part"
    left_over.touch()
    os.utime(left_over, (0, 0))
    newest = on_sqlite.manage("backup", "--scheduled", **settings).split(": ")[0]
    kept = sorted(folder.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    assert {str(path) for path in kept} == {by_hand, newest, str(folder / "hi-20260103-031500-scheduled.tar.gz")}
    assert not left_over.exists()


def test_one_that_fails_leaves_nothing_and_shows_until_one_succeeds(on_sqlite: Installation, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    on_sqlite.refused("backup", "--scheduled", HI_BACKUP_DIR=str(tmp_path / "file"))
    finding = _finding(on_sqlite, HI_BACKUP_DIR=str(tmp_path))
    assert finding["level"] == "warn"
    assert "The last one failed" in finding["what"]
    assert "make backup" in finding["do"]
    on_sqlite.manage("backup", "--scheduled", HI_BACKUP_DIR=str(tmp_path))
    assert _finding(on_sqlite, HI_BACKUP_DIR=str(tmp_path))["level"] == "ok"


def test_an_old_newest_one_is_told(on_sqlite: Installation, tmp_path: Path) -> None:
    made = Path(on_sqlite.manage("backup", "--scheduled", HI_BACKUP_DIR=str(tmp_path)).split(": ")[0])
    at = made.stat().st_mtime - 3 * 24 * 3600
    os.utime(made, (at, at))
    assert _finding(on_sqlite, HI_BACKUP_DIR=str(tmp_path))["what"].startswith("The newest is 3 days old, and one is")
    assert _finding(on_sqlite, HI_BACKUP_DIR=str(tmp_path), HI_BACKUP_HOURS="0")["level"] == "ok"


def _finding(installation: Installation, **environment: str) -> dict[str, str]:
    told = json.loads(installation.run("-m", "manage", "doctor", "--json", **environment).stdout)
    found: dict[str, str] = next(finding for finding in told["findings"] if finding["subject"] == "Backups")
    return found
