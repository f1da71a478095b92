"""What is wrong with a file or a place is told in one sentence, and changes nothing."""

import gzip
import hashlib
import io
import json
import os
import shutil
import tarfile
from pathlib import Path

import pytest

from hi.utils import folder_lock
from tests.backup.installation import PASSPHRASE, Installation

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def backup(on_sqlite: Installation) -> Path:
    return on_sqlite.backup()


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


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.7, 0.999])
def test_a_truncated_file(used: Installation, backup: Path, tmp_path: Path, share: float) -> None:
    short = tmp_path / "short.tar.gz"
    short.write_bytes(backup.read_bytes()[: int(backup.stat().st_size * share)])
    said = refuse(used, short, "--replace", HI_BACKUP_PASSPHRASE=PASSPHRASE)
    assert said.startswith(f"{short} is ")


@pytest.mark.parametrize("share", [0.05, 0.5, 0.95, 0.99999])
def test_a_flipped_byte(used: Installation, backup: Path, tmp_path: Path, share: float) -> None:
    data = bytearray(backup.read_bytes())
    data[int(len(data) * share)] ^= 0x10
    flipped = tmp_path / "flipped.tar.gz"
    flipped.write_bytes(data)
    said = refuse(used, flipped, "--replace", HI_BACKUP_PASSPHRASE=PASSPHRASE)
    assert said.startswith(f"{flipped} is ")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a zip", gzip.compress(b"no tar"), gzip.compress(b"")])
def test_a_foreign_file(used: Installation, tmp_path: Path, content: bytes) -> None:
    foreign = tmp_path / "foreign"
    foreign.write_bytes(content)
    assert refuse(used, foreign, "--replace").startswith(f"{foreign} is ")


def test_a_file_that_is_not_there(used: Installation, tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    assert refuse(used, missing) == f"{missing} can't be read: No such file or directory."


def test_another_tar(used: Installation, tmp_path: Path) -> None:
    other = tmp_path / "other.tar.gz"
    with tarfile.open(other, "w:gz") as tar:
        tar.add(__file__, "readme.txt")
    assert refuse(used, other) == f"{other} is no backup of hi."


def test_a_name_that_leads_elsewhere(used: Installation, backup: Path, tmp_path: Path) -> None:
    said = refuse(used, rewritten(backup, tmp_path, add={"media/../../escaped": b"x"}), "--replace")
    assert "it holds 'media/../../escaped'" in said
    assert not (used.folder.parent / "escaped").exists()


def test_rows_that_somebody_exchanged_with_their_list(used: Installation, backup: Path, tmp_path: Path) -> None:
    """Whoever has the file, and not the passphrase, cannot make themselves a person in it."""
    with tarfile.open(backup) as tar:
        file = tar.extractfile("contents.json")
        assert file is not None
        contents = json.load(file)
    name = "rows/accounts.user/00001.jsonl"
    contents["parts"][name] = hashlib.sha256(b"[]").hexdigest()
    changed = {name: b"[]", "contents.json": json.dumps(contents).encode()}
    forged = rewritten(backup, tmp_path, change=changed)
    said = refuse(used, forged, "--replace", HI_BACKUP_PASSPHRASE=PASSPHRASE)
    assert said == "The passphrase is not the one that this backup was made with."


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
