"""What a listener or a poller reports: only what differs from what each item said last."""

from datetime import UTC, datetime, timedelta

import pytest

from hi.entity.enums import Quality
from hi.integration.core.values import StateValue
from hi.integration.latest import Latest
from hi.integration.listener import Changes, Snapshot, StructureChanged

pytestmark = pytest.mark.pure
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(seconds=5)


def value(address: str, text: str, at: datetime = NOON, *, is_dated: bool = False) -> StateValue:
    return StateValue(address, text, "", Quality.GOOD, at, is_dated)


def told() -> Latest:
    latest = Latest()
    latest.put("1", [value("1#fps", "5"), value("1#alarm", "idle")], NOON)
    latest.complete("server")
    latest.report()
    return latest


def test_nothing_is_reported_before_everything_is_there_and_then_as_a_snapshot() -> None:
    latest = Latest()
    latest.put("1", [value("1#fps", "5")], NOON)
    assert latest.report() == []

    latest.complete("server")
    latest.put("1", [value("1#fps", "6")], LATER)

    assert latest.report() == [Snapshot((value("1#fps", "5"),), "server"), Changes((value("1#fps", "6"),))]
    assert latest.report() == []


def test_a_poll_reports_only_what_differs_whatever_its_time() -> None:
    latest = told()
    latest.put("1", [value("1#fps", "5", LATER), value("1#alarm", "alarm", LATER)], LATER)

    assert latest.report() == [Changes((value("1#alarm", "alarm", LATER),))]


def test_a_value_with_a_time_of_its_own_is_news_when_that_is_later() -> None:
    latest = told()
    for at in (NOON, NOON, LATER):
        latest.put("2", [value("2", "pressed", at, is_dated=True)], at)

    pressed = [value("2", "pressed", at, is_dated=True) for at in (NOON, LATER)]
    assert latest.report() == [Changes(tuple(pressed))]


@pytest.mark.parametrize("missing", [Quality.UNKNOWN, Quality.UNAVAILABLE])
def test_what_an_item_says_no_more_is_of_the_quality_given(missing: Quality) -> None:
    latest = told()
    latest.put("1", [value("1#fps", "5")], LATER, missing=missing)

    assert latest.report() == [Changes((StateValue("1#alarm", None, "", missing, LATER),))]


def test_an_item_that_is_dropped_takes_all_along_and_is_new_when_it_comes_back() -> None:
    latest = told()
    latest.drop("1", Quality.UNAVAILABLE, LATER)
    latest.drop("unheard of", Quality.UNAVAILABLE, LATER)
    latest.structure_changed = True

    gone = [StateValue(name, None, "", Quality.UNAVAILABLE, LATER) for name in ("1#fps", "1#alarm")]
    assert latest.report() == [Changes(tuple(gone)), StructureChanged()]
    latest.put("1", [value("1#fps", "5")], LATER)
    assert latest.report() == [Changes((value("1#fps", "5"),))]
