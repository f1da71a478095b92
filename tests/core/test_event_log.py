"""A source's own log of events: when, in which order, and how often each is told."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hi.integration.core.event_log import EventLog, LoggedEvent
from hi.integration.core.values import RecordedEvent, StateValue

pytestmark = pytest.mark.pure
BERLIN = ZoneInfo("Europe/Berlin")
# On this day 03:00 becomes 02:00: the hour from 00:00 to 01:00 UTC is written as the one from 01:00 to 02:00 is.
AUTUMN = datetime(2026, 10, 24, 23, 0, tzinfo=UTC)
SPRING = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
SUMMER = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


def local(moment: datetime) -> datetime:
    """As the source writes it: to the second, without its zone."""
    return moment.astimezone(BERLIN).replace(tzinfo=None, microsecond=0)


def event(
    number: int, began: datetime, seconds: float | None = 10.0, address: str = "1.motion", *, is_detection: bool = True
) -> LoggedEvent:
    ended = None if seconds is None else local(began + timedelta(seconds=seconds))
    return LoggedEvent(number, address, local(began), ended, seconds or 0.0, "Motion", is_detection)


def advance(
    log: EventLog, *events: LoggedEvent, now: datetime = SUMMER
) -> tuple[Sequence[StateValue], Sequence[RecordedEvent]]:
    return log.advance(events, BERLIN, now)


def words(values: Sequence[StateValue]) -> list[tuple[str, datetime]]:
    return [(value.value or "", value.source_changed_at) for value in values]


def test_an_event_is_detected_and_clear_again_at_its_own_times() -> None:
    values, (recorded,) = advance(EventLog(), event(7, SUMMER, 10.81))
    end = SUMMER + timedelta(seconds=10.81)
    assert words(values) == [("detected", SUMMER), ("clear", end)]
    assert recorded == RecordedEvent("7", "1.motion", SUMMER, end, "Motion")


def test_an_open_event_goes_on_until_it_is_told_to_have_ended() -> None:
    log = EventLog()
    begun, _recorded = advance(log, event(7, SUMMER, None))
    still, _recorded = advance(log, event(7, SUMMER, None))
    ended, (recorded,) = advance(log, event(7, SUMMER, 42.0))
    assert (words(begun), words(still)) == ([("detected", SUMMER)], [])
    assert words(ended) == [("clear", SUMMER + timedelta(seconds=42))]
    assert recorded.ended_at == SUMMER + timedelta(seconds=42)


def test_an_open_event_that_is_there_no_more_was_deleted_and_ends_when_it_was_last_seen() -> None:
    """By what was saved then, so that after a crash the same is told once more."""
    log = EventLog()
    advance(log, event(7, SUMMER, None), now=SUMMER + timedelta(minutes=2))
    values, (recorded,) = advance(log, now=SUMMER + timedelta(minutes=3))
    assert words(values) == [("clear", SUMMER + timedelta(minutes=2))]
    assert (recorded.key, recorded.ended_at, recorded.title) == ("7", SUMMER + timedelta(minutes=2), "Motion")


def test_an_event_that_was_left_open_ends_where_the_next_one_of_its_address_begins() -> None:
    log, later = EventLog(), SUMMER + timedelta(minutes=30)
    going = event(7, SUMMER, None), event(8, SUMMER, None, "2.motion")
    advance(log, *going)
    soon, _recorded = advance(log, *going, event(9, later), now=later)
    log = EventLog.load(log.dump())
    values, recorded = advance(log, *going, now=later + timedelta(minutes=6))
    assert (words(soon), words(values)) == ([("clear", later + timedelta(seconds=10))], [])
    assert {one.key: one.ended_at for one in recorded} == {"7": later, "8": None}
    assert log.open.keys() == {8}


def test_what_was_left_open_long_ago_is_so_at_the_first_reading_already() -> None:
    later = SUMMER + timedelta(minutes=30)
    values, (left, _next) = advance(EventLog(), event(7, SUMMER, None), event(8, later), now=later + timedelta(hours=1))
    assert words(values) == [("detected", SUMMER), ("clear", later + timedelta(seconds=10))]
    assert left.ended_at == later


def test_what_was_left_open_hides_no_motion_that_follows() -> None:
    log = EventLog()
    moments = [SUMMER + timedelta(seconds=30 * number) for number in range(3)]
    values, _recorded = advance(log, event(7, moments[0], None), event(8, moments[1]), event(9, moments[2]))
    ends = [moment + timedelta(seconds=10) for moment in moments]
    assert words(values) == [
        ("detected", moments[0]), ("clear", ends[1]), ("detected", moments[2]), ("clear", ends[2]),
    ]  # fmt: skip


def test_what_was_left_open_ends_no_earlier_than_it_began() -> None:
    """Where the source's clock was set back, the next one may."""
    left, before = event(7, SUMMER, None), SUMMER - timedelta(minutes=30)
    log = EventLog()
    values, _recorded = advance(log, left, event(8, before), now=before)
    ended, recorded = advance(log, left, now=SUMMER)
    assert words(values) == [("detected", before), ("clear", before + timedelta(seconds=10))]
    assert (ended, recorded[0].ended_at, log.open) == ((), SUMMER, {})


def test_what_was_left_open_ends_where_an_event_of_no_length_follows() -> None:
    log, later = EventLog(), SUMMER + timedelta(minutes=30)
    advance(log, event(7, SUMMER, None))
    advance(log, event(7, SUMMER, None), event(8, later, 0.0), now=later)
    values, _recorded = advance(log, event(7, SUMMER, None), now=later + timedelta(minutes=6))
    assert words(values) == [("clear", later)]


def test_an_event_of_no_length_moves_nothing_however_often_it_is_told() -> None:
    log = EventLog()
    for _time in range(3):
        values, recorded = advance(log, event(7, SUMMER, 0.0))
        assert (values, recorded[0].ended_at, log.open) == ((), SUMMER, {})


def test_one_that_was_open_and_turns_out_to_have_no_length_ends() -> None:
    log = EventLog()
    advance(log, event(7, SUMMER, None))
    for expected in ([("clear", SUMMER)], []):
        values, _recorded = advance(log, event(7, SUMMER, 0.0))
        assert (words(values), log.open) == (expected, {})


def test_those_that_go_on_are_asked_for_so_many_at_once() -> None:
    log = EventLog()
    advance(log, *(event(number, SUMMER, None, f"{number}.motion") for number in range(1, 6)))
    assert list(log.list_open(2)) == [[1, 2], [3, 4], [5]]


def test_what_is_recorded_all_the_time_moves_nothing() -> None:
    values, recorded = advance(EventLog(), event(7, SUMMER, None, is_detection=False), event(8, SUMMER, 5.0))
    assert [word for word, _at in words(values)] == ["detected", "clear"]
    assert [one.key for one in recorded] == ["7", "8"]


def test_of_two_events_at_once_the_later_end_clears() -> None:
    values, _recorded = advance(EventLog(), event(7, SUMMER, 60.0), event(8, SUMMER + timedelta(seconds=30), 60.0))
    assert words(values) == [("detected", SUMMER), ("clear", SUMMER + timedelta(seconds=90))]


def test_each_state_has_its_own() -> None:
    values, _recorded = advance(EventLog(), event(7, SUMMER, 60.0), event(8, SUMMER, 30.0, "2.motion"))
    assert sorted((value.address, value.value) for value in values) == [
        ("1.motion", "clear"), ("1.motion", "detected"), ("2.motion", "clear"), ("2.motion", "detected"),
    ]  # fmt: skip


def test_after_a_restart_it_goes_on_where_it_was() -> None:
    log = EventLog()
    advance(log, event(7, SUMMER, None), event(8, SUMMER, 5.0, "2.motion"))
    again = EventLog.load(json.loads(json.dumps(log.dump())))
    assert again == log
    values, _recorded = advance(again, event(7, SUMMER, 9.0))
    assert [word for word, _at in words(values)] == ["clear"]
    assert EventLog.load({}) == EventLog()


def through(begin: datetime, count: int = 300, step: float = 12.0) -> list[LoggedEvent]:
    return [event(n + 1, begin + timedelta(seconds=n * step), 8.37) for n in range(count)]


@pytest.mark.parametrize("begin", [AUTUMN, AUTUMN + timedelta(minutes=31), SPRING, SUMMER])
def test_three_hundred_events_of_an_hour_stand_at_their_times_across_a_change_of_the_clock(begin: datetime) -> None:
    log = EventLog(last=0, read_at=begin, last_began=begin)
    values, recorded = log.advance(through(begin), BERLIN, begin + timedelta(hours=1, minutes=5))
    expected = [begin + timedelta(seconds=n * 12) for n in range(300)]
    assert [one.began_at for one in recorded] == expected
    assert [one.ended_at for one in recorded] == [at + timedelta(seconds=8.37) for at in expected]
    assert [value.value for value in values] == ["detected", "clear"] * 300
    assert all(one.source_changed_at < two.source_changed_at for one, two in pairwise(values))


def test_in_the_hour_that_comes_twice_what_was_not_there_before_came_later() -> None:
    """One event alone, while nobody was away: by its own words it could have been an hour ago."""
    second_time = datetime(2026, 10, 25, 1, 20, tzinfo=UTC)
    log = EventLog(last=6, read_at=second_time - timedelta(seconds=5), last_began=AUTUMN)
    _values, (recorded,) = log.advance([event(7, second_time, None)], BERLIN, second_time)
    assert recorded.began_at == second_time


def test_an_event_through_the_change_is_as_long_as_it_measured() -> None:
    begin = datetime(2026, 10, 25, 0, 59, 30, tzinfo=UTC)
    _values, (recorded,) = EventLog().advance([event(7, begin, 60.0)], BERLIN, begin + timedelta(hours=1))
    assert recorded.ended_at == begin + timedelta(seconds=60)


def test_where_the_clock_was_set_the_end_it_told_counts() -> None:
    said = LoggedEvent(7, "1.motion", local(SUMMER), local(SUMMER + timedelta(minutes=9)), 10.0, "", is_detection=True)
    _values, (recorded,) = advance(EventLog(), said)
    assert recorded.ended_at == SUMMER + timedelta(minutes=9)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=8), st.sets(st.integers(1, 60), max_size=4), st.data())
def test_however_it_is_read_in_pieces_it_comes_to_the_same(
    sizes: list[int], left_open: set[int], data: st.DataObject
) -> None:
    """All at once, or piece by piece with events seen open in between, of which some are never ended."""
    moments = [AUTUMN + timedelta(seconds=number * 12) for number in range(sum(sizes))]
    events = [event(n, at, None if n in left_open else 8.37) for n, at in enumerate(moments, start=1)]
    end = moments[-1] + timedelta(hours=2)
    at_once, _recorded = EventLog(read_at=AUTUMN).advance(events, BERLIN, end)
    log, told, at = EventLog(read_at=AUTUMN), list[StateValue](), 0
    for size in sizes:
        piece, at = events[at : at + size], at + size
        reopened = [one for one in events if one.number in log.open]
        if data.draw(st.booleans()):
            piece = [*piece[:-1], event(piece[-1].number, moments[at - 1], None)]
        told += log.advance([*reopened, *piece], BERLIN, AUTUMN + timedelta(seconds=at * 12))[0]
    told += log.advance([one for one in events if one.number in log.open], BERLIN, end)[0]
    assert words(told) == words(at_once)


def test_a_source_that_was_set_up_anew_is_read_from_its_beginning() -> None:
    log, later = EventLog(), SUMMER + timedelta(days=1)
    assert log.is_new
    advance(log, event(5000, SUMMER), event(5001, SUMMER, None))
    log.notice_newest(event(3, later), BERLIN)
    assert (log.is_new, log.last) == (True, 0)
    values, recorded = advance(log, event(3, later, None), now=later)
    assert words(values) == [("clear", SUMMER), ("detected", later)]  # of the open one nothing will be told any more
    assert [(one.key, one.ended_at) for one in recorded] == [("5001", SUMMER), ("3", None)]
    assert (log.is_new, log.last, log.open.keys()) == (False, 3, {3})


@pytest.mark.parametrize("newest", [None, event(4999, SUMMER), event(5001, SUMMER), event(5002, SUMMER)])
def test_a_source_whose_newest_events_were_deleted_or_cannot_be_seen_was_not(newest: LoggedEvent | None) -> None:
    log = EventLog()
    advance(log, event(5000, SUMMER), event(5001, SUMMER))
    log.notice_newest(newest, BERLIN)
    assert (log.is_new, log.last) == (False, 5001)


@pytest.mark.parametrize("saved", [{"last": 7}, {"last": 7, "read_at": "soon"}, {"open": []}])
def test_what_cannot_be_read_of_it_is_as_if_nothing_had_been(saved: dict[str, object]) -> None:
    assert EventLog.load(saved).is_new


def test_what_nothing_ever_moved_before_is_clear_and_has_no_date() -> None:
    log = EventLog()
    assert (log.read("1.motion", SUMMER).value, log.read("1.motion", SUMMER).is_dated) == ("clear", False)
    advance(log, event(7, SUMMER, None))
    value = log.read("1.motion", SUMMER + timedelta(hours=1))
    assert (value.value, value.source_changed_at, value.is_dated) == ("detected", SUMMER, True)
