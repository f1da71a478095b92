from collections.abc import Iterator

import pytest

from hi.testing.hass import SimulatedHass, home
from tests.testing.client import Client


@pytest.fixture
def sim() -> Iterator[SimulatedHass]:
    with SimulatedHass.running(home=home.small()) as simulator:
        yield simulator


@pytest.fixture
def client(sim: SimulatedHass) -> Iterator[Client]:
    with Client(sim) as connected:
        yield connected
