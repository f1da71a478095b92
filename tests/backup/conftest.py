import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from hi.testing.postgres import Postgres
from tests.backup.installation import Installation


@pytest.fixture(scope="session")
def new_database() -> Iterator[Callable[..., str]]:
    """Makes a PostgreSQL database, empty or a copy of another by its URL, and returns its URL."""
    server = Postgres()
    url = server.start()
    numbers = count(1)

    def make(like: str = "") -> str:
        name = f"hi_{next(numbers)}"
        template = f'TEMPLATE "{urlsplit(like).path[1:]}"' if like else ""
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" {template}')
        return url.replace("/postgres?", f"/{name}?")

    yield make
    server.stop()


@pytest.fixture(scope="session")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory, initialised: Path) -> Installation:
    """One with some of everything in it. No test changes it."""
    folder = tmp_path_factory.mktemp("sqlite") / "hi"
    shutil.copytree(initialised, folder, copy_function=shutil.copy2)
    return _filled(Installation(folder))


@pytest.fixture(scope="session")
def on_postgres(
    tmp_path_factory: pytest.TempPathFactory, new_database: Callable[..., str], initialised: Path
) -> Installation:
    installation = Installation(tmp_path_factory.mktemp("postgres"), new_database())
    installation.take_static_files_of(initialised)
    installation.manage("initialise")
    return _filled(installation)


@pytest.fixture
def copied(tmp_path: Path, new_database: Callable[..., str]) -> Callable[[Installation], Installation]:
    """Makes a copy of an installation, for a test to change."""

    def copy(source: Installation) -> Installation:
        url = source.environment.get("HI_DATABASE_URL", "")
        shutil.copytree(source.folder, tmp_path / "copied", copy_function=shutil.copy2)
        return Installation(tmp_path / "copied", new_database(url) if url else "")

    return copy


@pytest.fixture
def empty(tmp_path: Path) -> Installation:
    return Installation(tmp_path / "empty")


def _filled(installation: Installation) -> Installation:
    done = installation.run("-m", "tests.backup.fill", DJANGO_SETTINGS_MODULE="hi.settings.production")
    assert done.returncode == 0, done.stderr
    return installation
