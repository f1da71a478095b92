"""ZmPoller against the simulator: what it tells, and what it asks for."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hi.entity.enums import Quality
from hi.integration import exceptions
from hi.integration.listener import Changes, ListenerEvent, Recorded, Snapshot, StructureChanged
from hi.integration.poller import Poll
from hi.services.zoneminder.poller import ZmPoller
from hi.testing.zoneminder import VIEWER_RIGHTS, SimulatedZoneMinder

pytestmark = pytest.mark.wire
Config = dict[str, str]
Stream = AsyncGenerator[ListenerEvent, None]


class Impatient(ZmPoller):
    """Asks all the time."""

    @contextmanager
    def open(self) -> Iterator[list[Poll]]:
        with super().open() as polls:
            yield [Poll(poll.read, 0.02, 0.02) for poll in polls]


def run(scene: Callable[[Stream], Coroutine[Any, Any, None]], config: Config, cursor: Any = None) -> None:
    async def play() -> None:
        poller = Impatient(config)
        poller.cursor = cursor or {}
        stream = poller.stream()
        try:
            async with asyncio.timeout(10):
                await scene(stream)
        finally:
            await stream.aclose()

    asyncio.run(play())


async def next_of(stream: Stream, kind: type[ListenerEvent], address: str = "") -> Any:
    """The next event of a kind, that tells of an address if one is given."""
    while True:
        event = await anext(stream)
        if isinstance(event, kind) and (not address or address in {value.address for value in event.values}):  # type: ignore[union-attr]
            return event


async def drain(stream: Stream) -> None:
    while True:
        await anext(stream)


def told(event: Any) -> dict[str, str | None]:
    return {value.address: value.value for value in event.values}


def test_the_first_round_tells_everything(sim: SimulatedZoneMinder, config: Config) -> None:
    async def scene(stream: Stream) -> None:
        snapshot = await anext(stream)
        assert isinstance(snapshot, Snapshot)
        values = told(snapshot)
        assert values.items() >= {
            "1.video": "streaming", "3.video": "recording", "1.motion": "clear", "1.alarm": "idle", "1.fps": "5",
            "1.function": "Modect", "1.enabled": "on", "server.run_state": "default", "server.version": "1.36.33",
            "server.daemon": "connected",
        }.items()  # fmt: skip
        assert {"server.load", "server.disk"} <= values.keys()

    run(scene, config)


def test_motion_is_told_as_it_begins_and_ends_by_the_events_own_times(sim: SimulatedZoneMinder, config: Config) -> None:
    async def scene(stream: Stream) -> None:
        await next_of(stream, Recorded)
        number = sim.begin_event(2)
        begun = await next_of(stream, Recorded, "2.motion")
        assert told(begun) == {"2.motion": "detected"}
        assert [(one.key, one.ended_at) for one in begun.events] == [(str(number), None)]
        sim.advance(9)
        sim.end_event(number)
        ended = await next_of(stream, Recorded, "2.motion")
        (value,) = ended.values
        assert (value.value, ended.events[-1].ended_at) == ("clear", value.source_changed_at)
        assert value.source_changed_at - begun.values[0].source_changed_at >= timedelta(seconds=9)

    run(scene, config)


def test_what_happened_while_nobody_asked_is_past_and_told_once(sim: SimulatedZoneMinder, config: Config) -> None:
    cursors: list[Any] = []

    async def listen(stream: Stream) -> None:
        recorded = await next_of(stream, Recorded)
        assert recorded.is_past
        cursors.append(recorded.cursor)
        events.extend(recorded.events)

    events: list[Any] = []
    sim.add_event(1, sim.now() - timedelta(minutes=5), sim.now() - timedelta(minutes=4))
    run(listen, config)
    for number in range(250):
        sim.add_event(1 + number % 4, sim.now(), sim.now() + timedelta(seconds=1))
    run(listen, config, cursors[-1])
    run(listen, config, cursors[-1])
    assert [one.key for one in events] == [str(number) for number in range(1, 252)]


def test_a_change_there_is_told_and_another_house_asks_for_a_sync(sim: SimulatedZoneMinder, config: Config) -> None:
    async def scene(stream: Stream) -> None:
        await anext(stream)
        sim.set_function(1, "None")
        assert told(await next_of(stream, Changes, "1.function"))["1.function"] == "None"
        sim.set_run_state("Away")
        assert told(await next_of(stream, Changes, "server.run_state"))["server.run_state"] == "Away"
        sim.rename_monitor(2, "Einfahrt")
        await next_of(stream, StructureChanged)
        sim.remove_monitor(4)
        gone = await next_of(stream, Changes, "4.video")
        assert {value.quality for value in gone.values if value.address.startswith("4.")} == {Quality.UNAVAILABLE}
        sim.set_version("1.38.0")
        changes = await next_of(stream, Changes, "1.capturing")
        assert told(changes).items() >= {"1.capturing": "Always", "1.function": None}.items()

    run(scene, config)


def test_who_may_not_see_all_is_told_what_there_is(sim: SimulatedZoneMinder, config: Config) -> None:
    sim.add_user("guest", "guest", **VIEWER_RIGHTS)

    async def scene(stream: Stream) -> None:
        values = told(await anext(stream))
        assert "server.run_state" not in values
        assert values["1.video"] == "streaming"

    run(scene, config | {"user": "guest", "password": "guest"})


@pytest.mark.parametrize("fault", ["go_down", "database_down", "truncate", "empty"])
def test_whatever_breaks_ends_it_with_an_error(sim: SimulatedZoneMinder, config: Config, fault: str) -> None:
    async def scene(stream: Stream) -> None:
        await anext(stream)
        getattr(sim, fault)()
        with pytest.raises(exceptions.IntegrationError) as caught:
            await drain(stream)
        assert caught.value.transient

    run(scene, config)


def test_a_password_that_is_refused_ends_it_for_good(sim: SimulatedZoneMinder, config: Config) -> None:
    async def scene(stream: Stream) -> None:
        await anext(stream)
        sim.change_password("another")
        sim.advance(1)
        sim.revoke_tokens()
        with pytest.raises(exceptions.AuthenticationError):
            await drain(stream)

    run(scene, config)
    assert sim.failed_logins <= 3


def test_a_zone_that_nobody_knows_is_said(sim: SimulatedZoneMinder, config: Config) -> None:
    with resources.files("tzdata.zoneinfo").joinpath("UTC").open("rb") as file:
        sim.house.clock.zone = ZoneInfo.from_file(file, "Mars/Olympus")

    async def scene(stream: Stream) -> None:
        with pytest.raises(exceptions.ProtocolError, match="“Mars/Olympus” is not known here"):
            await anext(stream)

    run(scene, config)


def test_the_clock_there_is_its_own(config: Config) -> None:
    """Its events stand at its times, in its zone, whatever the time is here."""
    moment = datetime(2026, 1, 15, 3, 30, tzinfo=UTC)

    async def scene(stream: Stream) -> None:
        await next_of(stream, Recorded)
        sim.begin_event(1)
        recorded = await next_of(stream, Recorded, "1.motion")
        assert abs(recorded.values[0].source_changed_at - moment) < timedelta(seconds=10)

    with SimulatedZoneMinder.running(time_zone="America/New_York") as sim:
        sim.set_clock(moment)
        run(scene, config | {"url": sim.url})
