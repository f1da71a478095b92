"""An installation of hi that a test backs up, restores and upgrades: a data folder, and perhaps a PostgreSQL database.

All is done to it as people do it, by commands in processes of their own.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
from collections.abc import Mapping
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import Any

from tests import nursery

ROOT = Path(__file__).parents[2]
PASSPHRASE = "a passphrase of the tests"


class Installation:
    program: tuple[str, ...] = ("-m", "manage")

    def __init__(self, folder: Path, url: str = "", **environment: str) -> None:
        self.folder = folder
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        given = {"HI_DATABASE_URL": url} if url else {}
        self.environment = kept | {"HI_DATA_DIR": str(folder)} | given | environment

    def run(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return nursery.run(words, self.environment | environment, seconds=300)

    def manage(self, *words: str, **environment: str) -> str:
        done = self.run(*self.program, *words, **environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def refused(self, *words: str, **environment: str) -> str:
        """What it says when it refuses: one sentence or two, on one line."""
        done = self.run(*self.program, *words, **environment)
        assert done.returncode == 1, done.stdout
        assert done.stderr.startswith("CommandError: "), done.stderr
        assert done.stderr.count("\n") == 1, done.stderr
        return done.stderr.removeprefix("CommandError: ").strip()

    def backup(self, passphrase: str = PASSPHRASE) -> Path:
        return Path(self.manage("backup", HI_BACKUP_PASSPHRASE=passphrase).split(": ")[0])

    @cached_property
    def one_backup(self) -> Path:
        """For tests that only look into it: it is made once."""
        return self.backup()

    def tell(self) -> dict[str, Any]:
        """What is in it, in the words of its models."""
        done = self.run("-m", "tests.backup.tell", DJANGO_SETTINGS_MODULE="hi.settings.production")
        assert done.returncode == 0, done.stderr
        told: dict[str, Any] = json.loads(done.stdout)
        return told

    def rows(self, *statements: str) -> set[tuple[Any, ...]]:
        """What its SQLite file holds."""
        with closing(sqlite3.connect(self.folder / "db.sqlite3")) as db:
            return {row for statement in statements for row in db.execute(statement)}

    def take_static_files_of(self, folder: Path) -> None:
        """Collecting them takes seconds."""
        shutil.copytree(folder / "static", self.folder / "static", copy_function=shutil.copy2)


class NewerInstallation(Installation):
    """The same, seen by a newer version of hi: one with more migrations, as the text of their files by name."""

    program = ("-m", "tests.backup.newer")

    def __init__(self, old: Installation, folder: Path, migrations: Mapping[str, str]) -> None:
        code = folder / "newer"
        shutil.copytree(ROOT / "hi" / "entity" / "migrations", code / "entity")
        last = max(path.stem for path in (code / "entity").glob("0*.py"))
        for name, text in migrations.items():
            (code / "entity" / f"{name}.py").write_text(text.replace("LAST", last))
            last = name
        (code / "__init__.py").touch()
        (code / "settings.py").write_text(
            "from hi.settings.initialise import *\nMIGRATION_MODULES = {'entity': 'newer.entity'}\n"
        )
        super().__init__(old.folder)
        self.environment = old.environment | {"DJANGO_SETTINGS_MODULE": "newer.settings", "NEWER_CODE": str(folder)}


def rows_in(backup: Path) -> dict[str, list[str]]:
    """table -> its rows, as they stand in the file."""
    found: dict[str, list[str]] = {}
    with tarfile.open(backup) as tar:
        for info in tar:
            if info.name.startswith("rows/"):
                file = tar.extractfile(info)
                assert file is not None
                found.setdefault(info.name.split("/")[1], []).extend(line.decode() for line in file.read().splitlines())
    return found


def contents_of(backup: Path) -> dict[str, Any]:
    with tarfile.open(backup) as tar:
        file = tar.extractfile("contents.json")
        assert file is not None
        contents: dict[str, Any] = json.load(file)
        return contents
