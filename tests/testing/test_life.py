"""The demo home is a house where people live."""

from collections import Counter
from itertools import pairwise

import pytest

from hi.testing.hass import home
from hi.testing.hass.home_model import Home
from hi.testing.hass.life import Life, apply
from hi.testing.hass.sun import next_events, sun_position
from hi.testing.hass.world import Change

pytestmark = pytest.mark.pure

MIDNIGHT = 1782000000.0 - 1782000000.0 % 86400
"""A day in June 2026, UTC."""


class Clock:
    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def live(hours: float, seconds: float, rate: float = 2.0, seed: int = 1) -> tuple[Home, list[tuple[float, Change]]]:
    """The demo home after so many seconds that began at an hour of the day, and what changed when."""
    clock = Clock(MIDNIGHT + hours * 3600)
    model = home.demo(clock=clock)
    life = Life(model, rate, seed, utc_offset=0)
    changes = []
    for _ in range(int(seconds * 4)):
        clock.now += 0.25
        step = life.step(clock.now)
        changes += [(clock.now, one) for one in step if model.states[one.entity_id].state != one.state]
        apply(model, step)
    return model, changes


@pytest.mark.parametrize("hours", [3, 9, 14, 20])
def test_something_visible_changes_every_two_seconds_at_any_hour(hours: float) -> None:
    _, changes = live(hours, 120)

    times = [MIDNIGHT + hours * 3600, *(at for at, _ in changes)]
    assert max(later - earlier for earlier, later in pairwise(times)) <= 2.0
    assert 1.0 <= len(changes) / 120 <= 3.0


def test_the_same_seed_is_the_same_life() -> None:
    assert live(14, 60, seed=7)[1] == live(14, 60, seed=7)[1]
    assert live(14, 60, seed=7)[1] != live(14, 60, seed=8)[1]


def test_a_rate_of_zero_moves_nothing() -> None:
    assert live(14, 60, rate=0)[1] == []


def test_a_higher_rate_moves_more() -> None:
    assert 550 <= len(live(14, 60, rate=10)[1]) <= 700


def test_many_kinds_of_things_move() -> None:
    _, changes = live(19, 1800)

    domains = Counter(change.entity_id.partition(".")[0] for _, change in changes)
    assert {"sensor", "binary_sensor", "light", "media_player", "cover", "lock"} <= set(domains)


def test_a_thermostat_and_its_sensor_agree() -> None:
    model, _ = live(14, 1800)

    thermostat = model.states["climate.living_room_thermostat"].attributes["current_temperature"]
    assert thermostat != 20.6
    assert abs(thermostat - float(model.states["sensor.living_room_thermostat_temperature"].state)) < 1.5


def test_what_begins_to_move_comes_to_rest() -> None:
    model, changes = live(14, 1800)

    motion = [change.state for _, change in changes if change.entity_id == "binary_sensor.kitchen_motion"]
    assert motion[:4] == ["on", "off", "on", "off"]
    assert model.states["cover.garage_door"].state in ("open", "closed", "opening", "closing")


def test_values_stay_within_reason() -> None:
    model, _ = live(14, 3600, rate=5)

    bounds = {"sensor.temperature": (-25, 65), "sensor.humidity": (30, 75), "sensor.battery": (0, 100)}
    for state in model.states.values():
        low, high = bounds.get(state.kind, (float("-inf"), float("inf")))
        if state.kind in bounds and state.state not in ("unknown", "unavailable"):
            assert low <= float(state.state) <= high, state


def test_the_roof_gives_power_at_noon_and_none_at_night() -> None:
    assert float(live(11.5, 120)[0].states["sensor.roof_solar_power"].state) > 1000
    assert float(live(0.5, 120)[0].states["sensor.roof_solar_power"].state) == 0


def test_more_lamps_burn_in_the_evening_than_in_the_night() -> None:
    burning = [
        sum(state.state == "on" for state in live(hours, 2400)[0].states.values() if state.domain == "light")
        for hours in (20, 3)
    ]

    assert burning[0] > burning[1] + 3


def test_an_unavailable_entity_stays_so() -> None:
    model, changes = live(14, 900)

    assert model.states["sensor.attic_leak_sensor_battery"].state == "unavailable"
    assert not [one for _, one in changes if one.entity_id == "binary_sensor.attic_leak_sensor"]


def test_a_lamp_that_is_off_has_no_brightness_and_one_that_is_on_has() -> None:
    model, _ = live(20, 900)

    for state in model.states.values():
        if state.domain == "light" and "brightness" in state.attributes:
            assert (state.attributes["brightness"] is None) == (state.state == "off")


def test_the_sun_is_high_at_noon_and_sets_in_the_evening() -> None:
    assert sun_position(MIDNIGHT + 11.7 * 3600)[0] == pytest.approx(61, abs=1.5)
    assert sun_position(MIDNIGHT)[0] < 0
    events = next_events(MIDNIGHT)
    assert set(events) == {"dawn", "rising", "noon", "setting", "dusk", "midnight"}
    assert events["dawn"] < events["rising"] < events["noon"] < events["setting"] < events["dusk"]
