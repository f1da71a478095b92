"""A short storm: one fault of each sort that has cost others most. `make chaos` is the long one."""

import pytest

from tests.chaos.plan import Planned
from tests.chaos.run import execute

pytestmark = pytest.mark.e2e

PLAN = [
    Planned(2.0, "kill", "worker", 1.0),
    Planned(4.0, "redis wipe", "redis", 1.0),
    Planned(8.0, "kill", "beat", 2.0),
    Planned(9.0, "source cut", "source0", 2.0),
]
# What a home has in the tens of seconds, this has in seconds.
QUICK = {"HI_LEASE_SECONDS": "4", "HI_JOB_LOST_SECONDS": "6", "HI_BREAKER_RESET_SECONDS": "4"}


def test_a_storm_leaves_nothing_lost_doubled_or_stuck() -> None:
    verdict = execute(1, PLAN, intervals=(5, 6), seconds=["beat2"], settings=QUICK)
    assert verdict.findings == [], f"see {verdict.folder}"
    assert verdict.by_kind == {"kill": 2, "redis wipe": 1, "source cut": 1}
    assert verdict.slots["slots"] >= 2  # where nothing was due, nothing was shown
