"""The far end of this folder's tests."""

from collections.abc import Iterator

import pytest
import redis
from celery import current_app

from hi.integration import operations
from hi.integration.models import IntegrationInstance
from hi.testing.hass import SimulatedHass, home


@pytest.fixture
def source() -> Iterator[SimulatedHass]:
    with SimulatedHass.running(token="a-good-token", home=home.small()) as source:
        yield source


@pytest.fixture
def broker(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> redis.Redis:
    """A broker that takes messages, with nobody behind it."""
    monkeypatch.setattr(current_app.amqp, "_producer_pool", None)
    monkeypatch.setattr(current_app.conf, "broker_url", redis_url.replace("unix://", "redis+socket://"))
    return redis.Redis.from_url(redis_url)


@pytest.fixture
def house(source: SimulatedHass) -> IntegrationInstance:
    """A draft that is ready to be activated."""
    return operations.create_draft("hass", "House", {"url": source.url, "token": source.token})
