"""What all parts of the suite share: the world of one test, and what must be over when it has ended."""

import threading
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest

from hi.integration.models import Lease
from hi.testing.able import find_reason
from hi.testing.conformance.far_end import VERBS, FarEnd
from hi.testing.conformance.world import World, wait_until
from hi.testing.line import Line

LEAST_VERBS = len(VERBS) // 2
LEAST_REASON = 10
SHORT_LIMITS = {
    "hi.integration.client.DEADLINE_SECONDS": 1.0,
    "hi.integration.client.READ_SECONDS": 0.5,
    "hi.integration.mjpeg.PICTURE_SECONDS": 1.0,
    "hi.integration.service_client.ANSWER_SECONDS": 0.5,
    "hi.integration.integration_gateway.IntegrationGateway.answer_seconds": 0.5,
    "hi.integration.integration_gateway.IntegrationGateway.reach_seconds": 0.5,
}


def needs(*verbs: str) -> Callable[[Any], Any]:
    """What a far end must be able to do for this test; else it is skipped, with the reason that the far end gives."""
    return pytest.mark.needs(*verbs)


@pytest.mark.either_database(transaction=True)
@pytest.mark.wire
@pytest.mark.usefixtures("redis_url", "quick")
class Suite:
    integration_type: ClassVar[str]
    simulator: ClassVar[type[FarEnd]]

    @pytest.fixture(autouse=True)
    def _can(self, request: pytest.FixtureRequest) -> None:
        if reason := find_reason(request.node):
            pytest.skip(reason)

    @pytest.fixture
    def world(self, monkeypatch: pytest.MonkeyPatch, _can: None) -> Iterator[World]:
        """Fails where anything goes on after the test."""
        for path, seconds in {**SHORT_LIMITS, **self.simulator.limits}.items():
            monkeypatch.setattr(path, seconds)
        before = set(threading.enumerate())
        with self.simulator.running() as far_end, Line.running(target_port=far_end.port) as line:
            world = World(self.integration_type, far_end, line)
            yield world
            line.heal()  # what is stalled cannot end
            wait_until(lambda: line.open == 0, "every socket is closed", 10)  # a side that is left may linger
        wait_until(lambda: not set(threading.enumerate()) - before, "every thread has ended", 5)
        assert world.left_behind == []
        assert not Lease.objects.exists()

    def test_what_it_cannot_do_has_a_reason_and_is_not_most_of_it(self) -> None:
        own = {name for name in VERBS if getattr(self.simulator, name) is not getattr(FarEnd, name)}
        assert self.simulator.cannot.keys() <= VERBS
        assert own ^ self.simulator.cannot.keys() == VERBS, "each verb is either there or named in `cannot`"
        assert all(len(reason) >= LEAST_REASON for reason in self.simulator.cannot.values())
        assert len(own) >= LEAST_VERBS
