"""What is wrong with a file or a place is told in one sentence, and changes nothing."""

import gzip
import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography.fernet import Fernet

from hi.backup.errors import BackupError
from hi.backup.restoring import check
from hi.utils import folder_lock
from tests.backup.installation import PASSPHRASE, Installation

pytestmark = pytest.mark.e2e
KINDS = ["nothing", "a zip", "no tar", "nothing, zipped"]


@pytest.fixture(scope="module")
def backup(on_sqlite: Installation) -> Path:
    return on_sqlite.one_backup


@pytest.fixture(scope="module")
def used(on_sqlite: Installation, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """One that holds something; every test leaves it as it is."""
    installation = Installation(tmp_path_factory.mktemp("used") / "hi")
    shutil.copytree(on_sqlite.folder, installation.folder)
    return installation


def everything_in(folder: Path) -> dict[str, str]:
    kept = (path for path in folder.rglob("*") if path.is_file() and path.name != "lock")
    # SQLite's shared memory comes and goes, and holds no rows.
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in kept
        if not path.name.endswith(("-shm", "-wal"))
    }


@pytest.fixture
def elsewhere(tmp_path: Path, settings: Any) -> None:
    """This process is an installation that has other keys than the backup's."""
    settings.HI_KEYS_DIR = tmp_path / "keys"
    settings.HI_SECRET_KEYS = (Fernet.generate_key().decode(),)


def why_not(file: Path, passphrase: str = PASSPHRASE) -> str:
    """What is wrong with it: all of that is looked at before anything is changed."""
    with pytest.raises(BackupError) as refused:
        check(file, passphrase)
    said = str(refused.value)
    assert said.endswith(".")
    assert "\n" not in said
    return said


def refuse(installation: Installation, file: Path, *words: str, **environment: str) -> str:
    before = everything_in(installation.folder)
    said = installation.refused("restore", *words, str(file), **environment)
    assert everything_in(installation.folder) == before
    return said


def test_a_wrong_passphrase(used: Installation, backup: Path) -> None:
    said = refuse(used, backup, "--replace", HI_BACKUP_PASSPHRASE="another passphrase")
    assert said == "The passphrase is not the one that this backup was made with."


def test_no_passphrase_where_one_is_needed(empty: Installation, backup: Path) -> None:
    assert refuse(empty, backup) == "This backup holds keys: give the passphrase that it was made with."


def test_no_keys_at_all(empty: Installation, on_sqlite: Installation) -> None:
    said = refuse(empty, on_sqlite.backup(passphrase=""))
    assert said.startswith("This backup holds no keys, and the passwords in it were encrypted with others")
    assert f"put that installation's secret.key into {empty.folder / 'keys'} first" in said


def test_a_file_cut_off_changes_nothing(used: Installation, backup: Path, tmp_path: Path) -> None:
    short = tmp_path / "short.tar.gz"
    short.write_bytes(backup.read_bytes()[:-1000])
    said = refuse(used, short, "--replace", HI_BACKUP_PASSPHRASE=PASSPHRASE)
    assert said.startswith(f"{short} is damaged or not whole: ")


def test_wherever_a_file_is_cut_off(elsewhere: None, backup: Path, tmp_path: Path) -> None:
    short = tmp_path / "short.tar.gz"
    data = backup.read_bytes()
    for length in (0, 1, 20, *range(100, len(data), len(data) // 40), len(data) - 8, len(data) - 1):
        short.write_bytes(data[:length])
        assert why_not(short).startswith(f"{short} is ")


def test_whichever_byte_is_flipped(elsewhere: None, backup: Path, tmp_path: Path) -> None:
    flipped = tmp_path / "flipped.tar.gz"
    data = backup.read_bytes()
    refused = 0
    # Not among gzip's own first ten, which say when and where it was made.
    for at in (*range(10, len(data), len(data) // 60), len(data) - 9, len(data) - 1):
        flipped.write_bytes(data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :])
        if _unzipped(flipped) != _unzipped(backup):  # some bits of gzip's mean nothing
            assert why_not(flipped).startswith(f"{flipped} "), at
            refused += 1
    assert refused > 50


def _unzipped(path: Path) -> bytes | None:
    try:
        return gzip.decompress(path.read_bytes())
    except (OSError, EOFError, zlib.error):
        return None


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a zip", gzip.compress(b"no tar"), gzip.compress(b"")], ids=KINDS)
def test_a_foreign_file(elsewhere: None, tmp_path: Path, content: bytes) -> None:
    foreign = tmp_path / "foreign"
    foreign.write_bytes(content)
    assert why_not(foreign).startswith(f"{foreign} is ")


def test_a_file_that_is_not_there(elsewhere: None, tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    assert why_not(missing) == f"{missing} can't be read: No such file or directory."


def test_another_tar(elsewhere: None, tmp_path: Path) -> None:
    other = tmp_path / "other.tar.gz"
    with tarfile.open(other, "w:gz") as tar:
        tar.add(__file__, "readme.txt")
    assert why_not(other) == f"{other} is no backup of hi."


@pytest.mark.parametrize(
    "name", ["media/../../escaped", "media//tmp/escaped", "/tmp/escaped", "media/./x", "media/", "media/a\\b"]
)
def test_a_name_that_leads_elsewhere(elsewhere: None, backup: Path, tmp_path: Path, name: str) -> None:
    assert f"it holds {name!r}" in why_not(rewritten(backup, tmp_path, add={name: b"x"}))


def test_a_passphrase_for_one_that_was_made_without(used: Installation, on_sqlite: Installation) -> None:
    """Else whoever takes the keys out of one could exchange all the rest, and the passphrase would prove nothing."""
    said = refuse(used, on_sqlite.backup(passphrase=""), "--replace", HI_BACKUP_PASSPHRASE=PASSPHRASE)
    assert said.startswith("This backup was made without a passphrase, so nothing proves that it is what was made")


def test_rows_that_somebody_exchanged_with_their_list(elsewhere: None, backup: Path, tmp_path: Path) -> None:
    """Whoever has the file, and not the passphrase, cannot make themselves a person in it."""
    with tarfile.open(backup) as tar:
        file = tar.extractfile("contents.json")
        assert file is not None
        contents = json.load(file)
    name = "rows/accounts.user/00001.jsonl"
    contents["parts"][name] = hashlib.sha256(b"[]").hexdigest()
    changed = {name: b"[]", "contents.json": json.dumps(contents).encode()}
    forged = rewritten(backup, tmp_path, change=changed)
    assert why_not(forged) == "The passphrase is not the one that this backup was made with."


def test_a_row_that_somebody_changed_in_one_without_keys(
    elsewhere: None, on_sqlite: Installation, tmp_path: Path
) -> None:
    """There the list of digests is all there is: gzip and tar see nothing wrong."""
    part = "rows/entity.entity/00001.jsonl"
    backup = on_sqlite.backup(passphrase="")
    with tarfile.open(backup) as tar:
        rows = tar.extractfile(part)
        assert rows is not None
        changed = rows.read().replace(b"Lampe", b"Lumpe")
    file = rewritten(backup, tmp_path, change={part: changed})
    assert why_not(file, passphrase="").startswith(f"{file} is damaged")


def test_a_hi_that_is_not_empty(used: Installation, backup: Path) -> None:
    assert refuse(used, backup).startswith("This hi is not empty.")


def test_a_hi_that_runs(used: Installation, backup: Path) -> None:
    (used.folder / "run").mkdir(exist_ok=True)
    with folder_lock.take_lock(used.folder):
        assert refuse(used, backup, "--replace") == "hi is running: stop it first."


def test_keys_that_are_set_and_are_others(empty: Installation, backup: Path) -> None:
    other = "8Ns6lbJ9rJ8FqP1pX3oY0bq1cQ2v6b3M4cXyYl1bRkA="
    said = refuse(empty, backup, HI_BACKUP_PASSPHRASE=PASSPHRASE, HI_SECRET_KEYS=other)
    assert said.startswith("This backup brings its own keys, but HI_SECRET_KEYS is set to others")
    assert other not in said


def test_rows_that_the_other_database_does_not_take(
    on_sqlite: Installation, copied: Callable[[Installation], Installation], new_database: Callable[..., str]
) -> None:
    """SQLite looks at no lengths."""
    source = copied(on_sqlite)
    with closing(sqlite3.connect(source.folder / "db.sqlite3")) as database, database:
        database.execute("UPDATE integration_integrationinstance SET label = ?", ["x" * 121])
    target = Installation(source.folder.parent / "target", url := new_database())
    said = target.refused("restore", str(source.backup()), HI_BACKUP_PASSPHRASE=PASSPHRASE)
    assert said.startswith("The database does not take what was in integration.integrationinstance: value too long")
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname IN ('public', 'hi_restoring')")
        assert found.fetchone() == (0,)
    assert not (target.folder / "keys").exists()


def test_a_backup_from_a_short_passphrase_is_not_made(on_sqlite: Installation) -> None:
    before = os.listdir(on_sqlite.folder / "backups")
    said = on_sqlite.refused("backup", HI_BACKUP_PASSPHRASE="short")
    assert said == "The passphrase is too short: 8 letters are the least."
    assert os.listdir(on_sqlite.folder / "backups") == before


def rewritten(
    backup: Path, folder: Path, change: dict[str, bytes] | None = None, add: dict[str, bytes] | None = None
) -> Path:
    """A backup with other parts, as somebody with the file in their hands could make it."""
    target = folder / "rewritten.tar.gz"
    with tarfile.open(backup) as old, tarfile.open(target, "w:gz") as new:
        for info in old:
            file = old.extractfile(info)
            assert file is not None
            _put(new, info.name, (change or {}).get(info.name) or file.read())
        for name, data in (add or {}).items():
            _put(new, name, data)
    return target


def _put(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data))
