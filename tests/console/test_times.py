"""Times as a person says them. Expected words: the console's voice, as its design describes it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from hi.console import times

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def in_utc() -> object:
    with timezone.override(UTC):
        yield


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=-3), "just now"),
        (timedelta(seconds=4), "just now"),
        (timedelta(seconds=12), "12 s ago"),
        (timedelta(seconds=150), "2 min ago"),
        (timedelta(hours=3, minutes=59), "3 h ago"),
        (timedelta(days=1, hours=5), "1 day ago"),
        (timedelta(days=6), "6 days ago"),
        (timedelta(days=20), "3 Nov 12:00"),
        (timedelta(days=400), "19 Oct 2025"),
    ],
)
def test_the_past_is_told_in_words(passed: timedelta, words: str) -> None:
    assert times.ago(NOON - passed, NOON) == words


@pytest.mark.parametrize(
    ("ahead", "words"), [(0, "now"), (42, "in 42 s"), (600, "in 10 min"), (3 * 86_400, "in 3 days")]
)
def test_the_future_is_told_in_words(ahead: int, words: str) -> None:
    assert times.until(NOON + timedelta(seconds=ahead), NOON) == words


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (NOON.replace(hour=7, minute=42), "07:42"),
        (NOON - timedelta(days=1), "yesterday 12:00"),
        (NOON + timedelta(days=1), "tomorrow 12:00"),
        (NOON.replace(month=3, day=5), "5 Mar 12:00"),
        (NOON.replace(year=2024), "23 Nov 2024"),
    ],
)
def test_a_clock_says_the_day_only_where_it_is_another(moment: datetime, words: str) -> None:
    assert times.clock(moment, NOON) == words


@pytest.mark.parametrize(("seconds", "words"), [(0.0123, "12 ms"), (0.21, "0.21 s"), (4.0, "4 s"), (125, "2 min 5 s")])
def test_how_long_something_took(seconds: float, words: str) -> None:
    assert times.took(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (45, "45 s"), (600, "10 min"), (5400, "1 h 30 min"), (172_800, "2 days")]
)
def test_a_duration_in_its_biggest_units(seconds: int, words: str) -> None:
    assert times.span(seconds) == words
