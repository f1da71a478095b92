"""The far end of this folder's tests."""

from collections.abc import Iterator

import pytest
import redis
from celery import current_app

from hi.entity.models import EntityState
from hi.integration import operations
from hi.integration.models import IntegrationInstance
from hi.testing.hass import SimulatedHass, home
from tests.factories import InstanceFactory
from tests.integration.orders import make_state


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


@pytest.fixture
def instance() -> IntegrationInstance:
    """A running home, without a server."""
    return InstanceFactory(integration_type="hass", label="Home")


@pytest.fixture
def lamp(instance: IntegrationInstance) -> EntityState:
    """One of its states that can be set: off."""
    return make_state(instance, value="off")
