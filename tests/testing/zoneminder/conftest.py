from collections.abc import Iterator

import pytest

from hi.testing.zoneminder import SimulatedZoneMinder


@pytest.fixture(scope="module")
def house() -> Iterator[SimulatedZoneMinder]:
    with SimulatedZoneMinder.running(restart_seconds=0.02, change_seconds=0.02, alert_seconds=0.05) as simulator:
        yield simulator


@pytest.fixture
def sim(house: SimulatedZoneMinder) -> Iterator[SimulatedZoneMinder]:
    """One for a whole module, healed after every test."""
    yield house
    house.heal()
