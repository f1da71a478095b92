"""How it went, in words and drawn: a bar a day, a strip for 24 hours."""

from datetime import UTC, date, datetime, timedelta

import pytest

from hi.console.wall import build_strip, list_gap_rows, say_day
from hi.integration.daily import Day, Gap, Hours

pytestmark = pytest.mark.pure
TODAY = date(2026, 11, 25)
NOW = datetime(2026, 11, 25, 18, 0, tzinfo=UTC)
SINCE = NOW - timedelta(hours=24)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, "23 November: nothing known"),
        ({"syncs": 144}, "23 November: up, 144 syncs"),
        ({"was_live": True}, "23 November: up"),
        (
            {"down": timedelta(minutes=14, seconds=20), "syncs": 9, "failed": 1},
            "23 November: down 14 min, 1 failed sync",
        ),
        ({"syncs": 9, "failed": 2, "partial": 1}, "23 November: 2 failed syncs, 1 partial sync"),
        ({"down": timedelta(seconds=40)}, "23 November: down 40 s"),
    ],
)
def test_a_day_says_what_was_wrong_with_it(facts: dict[str, object], words: str) -> None:
    assert say_day(Day(date(2026, 11, 23), **facts), TODAY) == words  # type: ignore[arg-type]


def test_today_is_called_so() -> None:
    assert say_day(Day(TODAY, syncs=1), TODAY) == "Today: up, 1 sync"


def test_a_strip_places_gaps_and_marks_by_the_minute_and_leaves_none_too_small_to_see() -> None:
    hours = Hours(
        SINCE, NOW, known_from=NOW - timedelta(hours=12), syncs=9, failed_at=[NOW - timedelta(hours=6)],
        gaps=[Gap(SINCE - timedelta(hours=1), SINCE + timedelta(hours=2)), Gap(NOW - timedelta(seconds=20), None)],
    )  # fmt: skip
    strip = build_strip(hours)
    assert [(gap.x, gap.width) for gap in strip.gaps] == [(0, 120), (1434, 6)]
    assert (strip.known.x, strip.known.width) == (720, 720)
    assert strip.failed == (1080,)
    assert strip.words == "not live for 2 h, 2 times; 1 of 9 syncs failed or partial"


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"syncs": 144}, "144 syncs, all well"),
        ({"known_from": SINCE}, "no gap"),
        ({}, "nothing known"),
        ({"gaps": [Gap(NOW - timedelta(minutes=14), None)]}, "not live for 14 min"),
    ],
)
def test_24_hours_in_words(facts: dict[str, object], words: str) -> None:
    assert build_strip(Hours(SINCE, NOW, **{"known_from": NOW, **facts})).words == words  # type: ignore[arg-type]


def test_gaps_are_listed_newest_first_with_how_long_they_lasted() -> None:
    first, second = Gap(SINCE, SINCE + timedelta(minutes=3), "Cut."), Gap(NOW - timedelta(hours=2), None, "Gone.")
    rows = list_gap_rows(Hours(SINCE, NOW, NOW, gaps=[first, second]))
    assert [(row.gap.reason, row.lasted) for row in rows] == [("Gone.", "2 h"), ("Cut.", "3 min")]
