from collections.abc import Iterator

import pytest

from hi.integration import grants
from hi.testing.zoneminder import SimulatedZoneMinder


@pytest.fixture
def sim() -> Iterator[SimulatedZoneMinder]:
    with SimulatedZoneMinder.running() as simulator:
        yield simulator


@pytest.fixture
def config(sim: SimulatedZoneMinder) -> dict[str, str]:
    return {"url": sim.url, "user": sim.user, "password": sim.password}


@pytest.fixture(autouse=True)
def _nobody_signed_in() -> Iterator[None]:
    """Tokens are shared by all of a process; the next server may have the port of this one."""
    yield
    grants.share.cache_clear()
