"""How it went: 30 days and 24 hours of each instance, from its gaps and its syncs."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hi.integration import daily, housekeeping
from hi.integration.daily import Level
from hi.integration.enums import RunOutcome
from hi.integration.models import ConnectionGap, IntegrationInstance, SyncRun
from tests.factories import InstanceFactory, JobFactory

pytestmark = pytest.mark.database
NOW = datetime(2026, 11, 25, 18, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=90)


@pytest.fixture
def house() -> IntegrationInstance:
    instance = InstanceFactory(live_since=None)
    IntegrationInstance.objects.update(created_at=LONG_AGO)
    instance.refresh_from_db()
    return instance


def gap(instance: IntegrationInstance, begin: datetime, length: timedelta | None, reason: str = "") -> None:
    ended_at = None if length is None else begin + length
    ConnectionGap.objects.create(instance=instance, began_at=begin, ended_at=ended_at, reason=reason)


def run(instance: IntegrationInstance, at: datetime, outcome: RunOutcome = RunOutcome.APPLIED) -> None:
    SyncRun.objects.create(
        instance=instance, job=JobFactory(instance=instance), started_at=at, ended_at=at, outcome=outcome
    )


def read(instance: IntegrationInstance, now: datetime = NOW) -> daily.History:
    daily.forget()
    return daily.read_histories([instance], now)[instance.pk]


def levels(history: daily.History) -> str:
    """A letter a day, today last."""
    return "".join(day.level[0] for day in history.days)


def test_a_day_is_what_its_gaps_and_syncs_say(house: IntegrationInstance) -> None:
    for back, outcomes in enumerate(
        (["applied"], ["applied", "failed"], ["failed"], ["applied", "partial"], ["held"], [])
    ):
        for outcome in outcomes:
            run(house, NOW - timedelta(days=back, hours=1), RunOutcome(outcome))
    assert levels(read(house)) == "n" * 25 + "usdsu"[::-1]


@pytest.mark.parametrize(
    ("length", "level"),
    [(timedelta(seconds=40), Level.UP), (timedelta(minutes=14), Level.SHAKY), (timedelta(minutes=61), Level.DOWN)],
)
def test_how_long_it_was_not_live_decides(house: IntegrationInstance, length: timedelta, level: Level) -> None:
    gap(house, NOW - timedelta(days=2), length)
    day = read(house).days[-3]
    assert (day.level, day.down) == (level, length)


def test_a_gap_over_midnight_counts_on_both_days_and_an_open_one_until_now(house: IntegrationInstance) -> None:
    gap(house, datetime(2026, 11, 22, 23, 50, tzinfo=UTC), timedelta(minutes=30))
    gap(house, datetime(2026, 11, 24, 23, 0, tzinfo=UTC), None)
    days = {day.date.day: day.down for day in read(house).days if day.down}
    hours = {24: timedelta(hours=1), 25: timedelta(hours=18)}
    assert days == {22: timedelta(minutes=10), 23: timedelta(minutes=20)} | hours


def test_days_without_word_are_known_while_it_has_been_live_ever_since(house: IntegrationInstance) -> None:
    house.live_since = NOW - timedelta(days=3)
    assert levels(read(house)) == "n" * 26 + "uuuu"


@pytest.mark.parametrize(("month", "day", "hours"), [(10, 25, 25), (3, 29, 23)])
def test_days_are_the_homes_own_when_clocks_change(
    house: IntegrationInstance, month: int, day: int, hours: int
) -> None:
    zone = ZoneInfo("Europe/Berlin")
    with timezone.override(zone):
        now = datetime(2026, month, day + 1, 12, tzinfo=zone)
        gap(house, datetime(2026, month, day - 1, 12, tzinfo=zone), timedelta(days=3))
        run(house, datetime(2026, month, day, 0, 5, tzinfo=zone))
        run(house, datetime(2026, month, day, 23, 55, tzinfo=zone))
        history = read(house, now)
    changed = history.days[-2]
    assert (changed.date.day, changed.down, changed.syncs) == (day, timedelta(hours=hours), 2)
    assert history.days[-1].down == timedelta(hours=12)


def test_the_last_24_hours_tell_gaps_and_what_went_wrong(house: IntegrationInstance) -> None:
    house.live_since = NOW - timedelta(hours=2)
    gap(house, NOW - timedelta(hours=30), timedelta(hours=7), "Before, and into it.")
    gap(house, NOW - timedelta(hours=2, minutes=14), timedelta(minutes=14), "Cut.")
    gap(house, NOW - timedelta(days=9), timedelta(hours=1), "Long ago.")
    failed_at, partial_at = NOW - timedelta(hours=5), NOW - timedelta(hours=4)
    run(house, failed_at, RunOutcome.FAILED)
    run(house, partial_at, RunOutcome.PARTIAL)
    run(house, NOW - timedelta(hours=3))
    run(house, NOW - timedelta(hours=25), RunOutcome.FAILED)
    hours = read(house).hours
    assert [one.reason for one in hours.gaps] == ["Before, and into it.", "Cut."]
    assert hours.down == timedelta(hours=1, minutes=14)
    assert (hours.syncs, hours.failed_at, hours.partial_at) == (3, [failed_at], [partial_at])
    assert hours.known_from == NOW - timedelta(hours=24)


def test_what_lies_before_a_pause_is_not_said_to_have_been_live(house: IntegrationInstance) -> None:
    gap(house, NOW - timedelta(hours=20), timedelta(hours=1))  # ended by the pause
    house.live_since = NOW - timedelta(hours=3)
    assert read(house).hours.known_from == house.live_since


def test_all_instances_cost_as_many_statements_as_one(house: IntegrationInstance) -> None:
    others = InstanceFactory.create_batch(5)
    for instance in (house, *others):
        gap(instance, NOW - timedelta(days=3), timedelta(hours=3))
        run(instance, NOW - timedelta(days=3))

    def count(instances: list[IntegrationInstance]) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            daily.read_histories(instances, NOW)
        return len(captured)

    assert count([house]) == count([house, *others]) == 3
    assert count([house, *others]) == 2  # the days before today are remembered


def test_housekeeping_leaves_every_sync_that_the_wall_shows(house: IntegrationInstance) -> None:
    now = timezone.now()
    for day in range(30):
        for _each in range(4):
            run(house, now - timedelta(days=day))
    for _each in range(3):
        run(house, now - timedelta(days=33))
    housekeeping.keep_house()
    assert [day.syncs for day in read(house, now).days] == [4] * 30
    assert SyncRun.objects.count() == 120
