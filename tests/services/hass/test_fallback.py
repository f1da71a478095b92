"""While no WebSocket gets through, what Home Assistant answers by REST keeps the values good."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from hi.entity.enums import Quality
from hi.integration import commands, exceptions
from hi.integration.enums import IntegrationStatus
from hi.integration.models import IntegrationInstance
from hi.testing.conformance.world import World, is_live, state_at, wait_until
from hi.testing.line import Line
from tests.factories import UserFactory
from tests.services.hass.test_conformance import LIGHT, HassFarEnd

pytestmark = [
    pytest.mark.wire,
    pytest.mark.either_database(transaction=True),
    pytest.mark.usefixtures("redis_url", "quick"),
]


@pytest.fixture
def far_end(settings: Any) -> Iterator[HassFarEnd]:
    settings.HI_LIVE_GRACE_SECONDS = 0
    with HassFarEnd.running() as far_end:
        yield far_end


@pytest.fixture
def world(far_end: HassFarEnd) -> Iterator[World]:
    with Line.running(target_port=far_end.port) as line:
        yield World("hass", far_end, line)


def let_no_websocket_through(far_end: HassFarEnd) -> None:
    """As a proxy that knows none, which it tells what comes again."""
    far_end.sim.fail(400, "/api/websocket")
    far_end.sim.cut()


def wait_for_value(instance: IntegrationInstance, value: str) -> None:
    def look() -> bool:
        state = state_at(instance, LIGHT)
        return (state.value, state.quality) == (value, Quality.GOOD)

    wait_until(look, f"it is {value}")


def test_values_stay_good_and_change_until_the_websocket_is_back(world: World, far_end: HassFarEnd) -> None:
    instance = world.connect()
    with world.listening(instance):
        let_no_websocket_through(far_end)
        wait_until(lambda: not is_live(instance), "the gap is noticed")
        for _turn in range(2):
            wait_for_value(instance, far_end.change_value().value)

        instance.refresh_from_db()
        assert instance.live_since is None
        assert instance.status == IntegrationStatus.DEGRADED
        assert "lets no WebSocket through" in instance.reason
        with pytest.raises(exceptions.IntegrationError, match="is not connected now"):
            commands.request(state_at(instance, LIGHT), "on", user=UserFactory.create(), key="now")

        far_end.sim.heal()
        wait_until(lambda: is_live(instance), "it is live again")
        wait_for_value(instance, far_end.change_value().value)


def nothing_answers(far_end: HassFarEnd) -> None:
    far_end.sim.fail(500, "/api/states")


def it_wants_to_be_left_alone(far_end: HassFarEnd) -> None:
    far_end.sim.fail(429, "/api/websocket", retry_after=30)


@pytest.mark.parametrize("ends", [nothing_answers, it_wants_to_be_left_alone, None])
def test_when_they_are_not_asked_for_any_more_they_are_stale(
    world: World, far_end: HassFarEnd, ends: Callable[[HassFarEnd], None] | None
) -> None:
    instance = world.connect()
    with world.listening(instance):
        let_no_websocket_through(far_end)
        wait_until(lambda: not is_live(instance), "the gap is noticed")
        wait_for_value(instance, far_end.change_value().value)
        if ends is not None:
            ends(far_end)
            wait_until(lambda: state_at(instance, LIGHT).quality == Quality.STALE, "it is stale")
    assert state_at(instance, LIGHT).quality == Quality.STALE


def test_a_token_that_only_rest_refuses_yet_is_not_tried_again(world: World, far_end: HassFarEnd) -> None:
    instance = world.connect()
    with world.listening(instance):
        far_end.sim.refuse_token()
        let_no_websocket_through(far_end)
        wait_until(lambda: _status(instance) == IntegrationStatus.AUTH_FAILED, "it has failed")
        assert far_end.count_refusals() == 1


def _status(instance: IntegrationInstance) -> str:
    instance.refresh_from_db()
    return instance.status
