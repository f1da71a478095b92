"""The far end of this folder's tests."""

from collections.abc import Iterator

import pytest

from hi.integration import operations
from hi.integration.models import IntegrationInstance
from hi.testing.hass import SimulatedHass, home


@pytest.fixture
def source() -> Iterator[SimulatedHass]:
    with SimulatedHass.running(token="a-good-token", home=home.small()) as source:
        yield source


@pytest.fixture
def house(source: SimulatedHass) -> IntegrationInstance:
    """A draft that is ready to be activated."""
    return operations.create_draft("hass", "House", {"url": source.url, "token": source.token})
