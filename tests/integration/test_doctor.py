"""`manage.py doctor` as an operator calls it: a process of its own, in whatever state the installation is."""

import json
import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tests import nursery

pytestmark = pytest.mark.e2e


def run(command: str, folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    return nursery.run(["-m", "manage", command, *words], kept | {"HI_DATA_DIR": str(folder)} | environment)


def doctor(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    done = run("doctor", folder, *words, **environment)
    assert "Traceback" not in done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, initialised: Path) -> Path:
    """A data folder that is ready, with nothing running."""
    return shutil.copytree(initialised, tmp_path_factory.mktemp("hi") / "data", copy_function=shutil.copy2)


def test_where_hi_has_never_run_it_says_how_to_start_and_makes_nothing(tmp_path: Path) -> None:
    done = doctor(tmp_path / "none")
    assert done.returncode == 1
    assert done.stdout.startswith("✗ hi  hi is not running")
    assert "make run" in done.stdout
    assert not (tmp_path / "none").exists()


def test_when_hi_does_not_run_that_is_the_one_thing_that_is_wrong(installed: Path) -> None:
    done = doctor(installed)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert [line for line in lines if line.startswith("✗")] == [lines[0]]
    assert "hi is not running." in lines[0]
    assert "→ Start it with `make run`." in lines[1]


def test_what_it_says_is_aligned(installed: Path) -> None:
    lines = [line for line in doctor(installed).stdout.splitlines() if line[0] in "✓!✗"]
    names = ["Processes", "Database", "History database", "Tables", "Keys", "Disk", "Backups", "Integrations"]
    assert [line[2:18].rstrip() for line in lines] == names
    assert all(line[18:20] == "  " and line[20] != " " for line in lines)


def test_programs_get_the_same_as_json(installed: Path) -> None:
    done = doctor(installed, "--json")
    answer = json.loads(done.stdout)
    assert done.returncode == 1
    assert answer["level"] == "bad"
    assert answer["findings"][0] == {
        "subject": "Processes",
        "level": "bad",
        "what": "hi is not running.",
        "do": "Start it with `make run`.",
    }


def test_a_missing_key_is_told(installed: Path) -> None:
    key = installed / "keys" / "secret.key"
    kept = key.read_text()
    key.unlink()
    try:
        done = doctor(installed)
        assert done.returncode == 1
        assert "is missing." in done.stdout
        assert "from your backup" in done.stdout
        key.write_text("garbage\n")
        assert "is not valid." in doctor(installed).stdout
    finally:
        key.write_text(kept)
        key.chmod(stat.S_IRUSR | stat.S_IWUSR)


def test_the_key_of_another_installation_is_told(installed: Path) -> None:
    done = doctor(installed, HI_SECRET_KEYS="x" * 43 + "=")
    assert "not the one that the stored passwords were encrypted with" in done.stdout


def test_a_key_that_cannot_be_read_is_told(installed: Path) -> None:
    key = installed / "keys" / "secret.key"
    key.rename(key.with_suffix(".kept"))
    key.mkdir()
    try:
        done = doctor(installed)
        assert done.returncode == 1
        assert str(key) in done.stderr + done.stdout
        assert "can't be read" in done.stderr + done.stdout
    finally:
        key.rmdir()
        key.with_suffix(".kept").rename(key)


def test_a_data_folder_that_is_no_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert doctor(tmp_path / "file").returncode == 1


def test_tables_that_were_never_made_are_told(tmp_path: Path) -> None:
    for name in ("db.sqlite3", "history.sqlite3"):
        (tmp_path / name).touch()
    done = doctor(tmp_path)
    assert done.returncode == 1
    assert "steps of bringing the tables up to date are missing" in done.stdout


def test_a_setting_that_makes_no_sense_is_told_in_one_line(installed: Path) -> None:
    done = doctor(installed, HI_PORT="many")
    assert done.returncode == 1
    assert done.stderr.strip() == "hi: HI_PORT must be a whole number, not 'many'."


def test_servers_that_do_not_answer_are_told_without_their_passwords(installed: Path) -> None:
    urls = {"HI_DATABASE_URL": "postgres://anna:hunter2@127.0.0.1:9/hi", "REDIS_URL": "redis://:hunter2@127.0.0.1:9/0"}
    done = doctor(installed, **urls)
    assert done.returncode == 1
    assert "✗ Database" in done.stdout
    assert "✗ Redis" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr
