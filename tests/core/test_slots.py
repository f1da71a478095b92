"""Slots of a schedule: the same for everybody, whatever the clock and the calendar do."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hi.integration.core.slots import slot_at, slots_between

pytestmark = pytest.mark.pure
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
intervals = st.integers(5, 7 * 24 * 3600)
numbers = st.integers(1, 10**6)


@given(moments, intervals, numbers)
def test_a_moment_lies_in_exactly_one_slot(moment: datetime, interval: int, number: int) -> None:
    slot = slot_at(moment, interval, number)
    assert slot <= moment < slot + timedelta(seconds=interval)
    assert slot_at(slot, interval, number) == slot
    assert slot_at(slot + timedelta(seconds=interval), interval, number) == slot + timedelta(seconds=interval)


@pytest.mark.parametrize("change", [datetime(2026, 3, 29, 1), datetime(2026, 10, 25, 1)])
def test_daylight_saving_neither_skips_nor_repeats_a_slot(change: datetime) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    begin = change.replace(tzinfo=UTC) - timedelta(hours=3)
    minutes = [(begin + timedelta(minutes=minute)).astimezone(berlin) for minute in range(6 * 60)]
    slots = sorted({slot_at(moment, 600, 7) for moment in minutes})
    assert {later - earlier for earlier, later in pairwise(slots)} == {timedelta(minutes=10)}


def test_instances_are_spread_over_the_interval() -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    phases = sorted((now - slot_at(now, 600, number)).total_seconds() for number in range(1, 51))
    gaps = [later - earlier for earlier, later in pairwise(phases)]
    assert max(gaps) <= 3 * 600 / 50


def test_missed_slots_are_those_between() -> None:
    first = datetime(2026, 11, 23, tzinfo=UTC)
    assert slots_between(first, first + timedelta(minutes=10), 600) == 0
    assert slots_between(first, first + timedelta(hours=1), 600) == 5
    assert slots_between(first, first - timedelta(hours=1), 600) == 0
