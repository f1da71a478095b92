"""Events are told in the server's local time, without an offset."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from hi.testing.zoneminder import SimulatedZoneMinder
from tests.testing.zoneminder.client import ask

pytestmark = pytest.mark.wire


@pytest.mark.parametrize(
    ("zone", "moment", "told"),
    [
        ("Europe/Berlin", datetime(2026, 7, 1, 12, 0, tzinfo=UTC), "2026-07-01 14:00:00"),
        ("Europe/Berlin", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "2026-10-25 02:30:00"),
        ("Europe/Berlin", datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "2026-10-25 02:30:00"),
        ("America/St_Johns", datetime(2026, 1, 1, 0, 0, tzinfo=UTC), "2025-12-31 20:30:00"),
        ("Europe/Berlin", datetime(2026, 7, 1, 12, 0), "2026-07-01 12:00:00"),
    ],
)
def test_an_event_begins_at_the_servers_local_time(zone: str, moment: datetime, told: str) -> None:
    with SimulatedZoneMinder.running(time_zone=zone) as sim:
        sim.set_clock(moment, running=False)
        event_id = sim.begin_event(1)
        sim.advance(10)
        sim.end_event(event_id)

        assert ask(sim, "host/getTimeZone.json") == {"tz": zone}
        event = ask(sim, f"events/{event_id}.json")["event"]["Event"]
        assert event["StartDateTime"] == event["StartTime"] == told
        assert event["EndDateTime"] == told.removesuffix("00") + "10"
        assert event["Length"] == "10.00"


def test_the_hour_that_comes_twice_mixes_up_the_order_of_events() -> None:
    with SimulatedZoneMinder.running(time_zone="Europe/Berlin") as sim:
        began = datetime(2026, 10, 24, 23, 50, tzinfo=UTC)
        for number in range(20):
            moment = began + timedelta(minutes=10 * number)
            sim.add_event(1, moment, moment + timedelta(seconds=30))

        rows = [row["Event"] for row in ask(sim, "events.json")["events"]]
        assert [row["Id"] for row in rows] != sorted(row["Id"] for row in rows)
        assert all(one["StartTime"] <= two["StartTime"] for one, two in pairwise(rows))
        assert {row["Length"] for row in rows} == {"30.00"}


def test_what_is_recent_goes_by_the_servers_clock(sim: SimulatedZoneMinder) -> None:
    sim.add_event(4, sim.now() - timedelta(minutes=30), sim.now() - timedelta(minutes=29))
    assert sim.monitor(4)["Event_Summary"]["HourEvents"] == 1

    sim.skew_clock(3600)

    assert sim.monitor(4)["Event_Summary"]["HourEvents"] == 0
    assert sim.monitor(4)["Event_Summary"]["DayEvents"] == 1
