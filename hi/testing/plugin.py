"""A pytest plugin: the world in which integrations are tested, hi's own and those of other packages.

Name it in the `conftest.py` above the tests: `pytest_plugins = ["hi.testing.plugin"]`; and let
`DJANGO_SETTINGS_MODULE` be `hi.settings.test` in the settings of pytest.

Fixtures: `redis_server` (a real server, started when first asked for, emptied for each test), `redis_url` (its URL, and
the settings pointed at it), `quick` (looks and pauses that take a moment instead of seconds). The markers `database`
and `either_database` open both database aliases; they take the arguments of pytest-django's `django_db`, for example
`@pytest.mark.database(transaction=True)`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.contenttypes.management import create_contenttypes
from django.db.models.signals import post_migrate
from pytest_django.plugin import DjangoDbBlocker

import hi.celery  # noqa: F401 - the app that tasks are sent with, as in every process of hi

pytest.register_assert_rewrite("hi.testing.conformance")

from hi.integration import daily  # noqa: E402 - asserts are rewritten in what is imported later
from hi.testing import databases  # noqa: E402
from hi.testing.redis_server import RedisServer  # noqa: E402

MARKERS = (
    "pure: no Django, no database, no socket",
    "database: models and tables; opens both aliases, and runs on both databases",
    "either_database: needs tables, and its outcome cannot depend on whose: runs on SQLite only",
    "wire: a client or listener against its simulator on a loopback port",
    "needs(*verbs): what a far end must be able to do for this test",
    "coverage: runs other tests once more, to see which lines they run (hi/testing/coverage.py)",
)


def pytest_configure(config: pytest.Config) -> None:
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)


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
    # Else each test with real transactions would end with both anew, for all models: a third of what it takes.
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
    post_migrate.disconnect(create_contenttypes)


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """One for all that run beside each other."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if hasattr(request.config, "workerinput") else base


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


@pytest.fixture
def quick(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What hi does every second, or after one, it does at once."""
    settings.HI_LISTENER_POLL_SECONDS = 0.05
    monkeypatch.setattr("hi.integration.live_session.SYNC_DEBOUNCE_SECONDS", 0.05)
    monkeypatch.setattr("hi.integration.live_session.STEADY_SECONDS", -1.0)  # each attempt waits as the first does
    monkeypatch.setattr("hi.integration.jobs.SOURCE_PAUSE_SECONDS", 0)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """Processes remember for a while what they have read; the next test has another database."""
    daily.forget()
