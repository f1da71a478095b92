"""What every test may use.

Fixtures: `redis_server` (a real server, started when first asked for, emptied for each test), `redis_url` (its URL, and
the settings pointed at it), `initialised` (a data folder to copy). The markers `database` and
`either_database` open both database aliases; they take the arguments of pytest-django's `django_db`, for example
`@pytest.mark.database(transaction=True)`.
"""

import fcntl
import gc
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from pytest_django.plugin import DjangoDbBlocker
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

import hi.celery  # noqa: F401 - the app that tasks are sent with, as in every process of hi
from hi.integration import daily
from tests import databases, nursery
from tests.redis_server import RedisServer

# Shared machines are slow at times; the same examples on each run in CI.
hypothesis.settings.register_profile("hi", deadline=None, derandomize=bool(os.environ.get("CI")), database=None)
hypothesis.settings.load_profile("hi")

ROOT = Path(__file__).parents[1]
SHARING = ("tests/browser/", "tests/backup/")
LONGEST_FIRST = ("browser", "e2e", "long")


class SharingScheduling(LoadFileScheduling):
    """With `--dist loadfile` the tests of a module stay with one worker, since they share what they start. So do all
    modules of some folders."""

    def _split_scope(self, nodeid: str) -> str:
        folder = next((folder for folder in SHARING if nodeid.startswith(folder)), None)
        return folder or super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> SharingScheduling | None:
    return SharingScheduling(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins, so that it does not go on alone at the end while the other workers rest."""
    in_module = Counter(item.path for item in items)

    def place(item: pytest.Item) -> tuple[int, int]:
        longest = [number for number, name in enumerate(LONGEST_FIRST) if item.get_closest_marker(name)]
        return min(longest, default=len(LONGEST_FIRST)), -in_module[item.path]

    items.sort(key=place)


def pytest_collection_finish() -> None:
    """What has been collected is no garbage: looking at it again and again is a tenth of what a test of pages takes."""
    gc.collect()
    gc.freeze()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Where only the databases' tests are asked for, loading the other modules would take as long as those tests."""
    if config.getoption("markexpr") != "database" or not collection_path.name.startswith("test_"):
        return None
    return True if "pytest.mark.database" not in collection_path.read_text(encoding="utf-8") else None


def pytest_itemcollected(item: pytest.Item) -> None:
    marker = item.get_closest_marker("database") or item.get_closest_marker("either_database")
    if marker:
        item.add_marker(pytest.mark.django_db(**{"databases": ["default", "history"], **marker.kwargs}))


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_blocker: DjangoDbBlocker,
    shared_folder: Path,
) -> None:
    """The databases go with their folder; dropping them would fail on a connection that some thread still holds."""
    with django_db_blocker.unblock():
        databases.make(shared_folder)


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """One for all that run beside each other."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session")
def _session_redis() -> Iterator[RedisServer]:
    server = RedisServer()
    server.start()
    yield server
    server.close()


@pytest.fixture(scope="session")
def initialised(shared_folder: Path) -> Path:
    """A data folder that `initialise` has made, with an API token in its file `token`, once for all that run beside
    each other: it takes seconds. To copy, never to change."""
    folder = shared_folder / "initialised"
    folder.mkdir(exist_ok=True)
    with (folder.parent / "initialised.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not any(folder.iterdir()):
            kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
            for words in (["initialise"], ["token", "tests", "--scope", "admin"]):
                done = nursery.run(["-m", "manage", *words], kept | {"HI_DATA_DIR": str(folder)})
                done.check_returncode()
            (folder / "token").write_text(done.stdout.strip())
    return folder


@pytest.fixture
def redis_server(_session_redis: RedisServer) -> RedisServer:
    if _session_redis.process is None:
        # The test before took it down on purpose.
        _session_redis.start()
    with _session_redis.client() as client:
        client.flushall()
    return _session_redis


@pytest.fixture
def redis_url(redis_server: RedisServer, settings: Any) -> str:
    settings.REDIS_URL = redis_server.url
    return redis_server.url


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """Processes remember for a while what they have read; the next test has another database."""
    daily.forget()
