"""What every test may use.

Fixtures: `redis_server` (a real server, started when first asked for, emptied for each test), `redis_url` (its URL, and
the settings pointed at it). The marker `database` opens both database aliases; it takes the arguments of
pytest-django's `django_db`, for example `@pytest.mark.database(transaction=True)`.
"""

import os
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

import hi.celery  # noqa: F401 - the app that tasks are sent with, as in every process of hi
from hi.integration import daily
from tests.redis_server import RedisServer

# Shared machines are slow at times; the same examples on each run in CI.
hypothesis.settings.register_profile("hi", deadline=None, derandomize=bool(os.environ.get("CI")), database=None)
hypothesis.settings.load_profile("hi")

BROWSER_RING = "tests/browser/"


class SharingScheduling(LoadFileScheduling):
    """With `--dist loadfile` the tests of a module stay with one worker, since they share what they start. All modules
    of the browser ring do: they share one hub."""

    def _split_scope(self, nodeid: str) -> str:
        return BROWSER_RING if nodeid.startswith(BROWSER_RING) else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> SharingScheduling | None:
    return SharingScheduling(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_itemcollected(item: pytest.Item) -> None:
    marker = item.get_closest_marker("database")
    if marker:
        item.add_marker(pytest.mark.django_db(**{"databases": ["default", "history"], **marker.kwargs}))


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """The databases go with their folder; dropping them would fail on a connection that some thread still holds."""
    return True


@pytest.fixture(scope="session")
def _session_redis() -> Iterator[RedisServer]:
    server = RedisServer()
    server.start()
    yield server
    server.close()


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
