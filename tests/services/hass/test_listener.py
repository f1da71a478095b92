import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from hi.entity.enums import Quality
from hi.integration import exceptions
from hi.integration.core.values import StateValue
from hi.integration.listener import Changes, ListenerEvent, Snapshot, StructureChanged
from hi.services.hass.listener import HassListener, HassPoller
from hi.testing.hass import SimulatedHass, home
from hi.testing.hass.specs import sensor
from tests.raw_servers import certificate, http, say, say_nothing, serving, unused_port

pytestmark = pytest.mark.wire

LIGHT = "light.kitchen_ceiling_light"
POWER = "sensor.coffee_machine_power"
SECONDS = 5.0


@pytest.fixture
def sim() -> Iterator[SimulatedHass]:
    with SimulatedHass.running(home=home.small()) as simulator:
        yield simulator


def listener(sim: SimulatedHass, token: str = "", **limits: Any) -> HassListener:
    config = {"url": sim.url, "token": token or sim.token}
    return HassListener(config, **{"answer_seconds": 2.0, "poll_seconds": 0.02, **limits})


class Heard:
    """A stream that is being listened to, one event at a time."""

    def __init__(self, one: HassListener | HassPoller) -> None:
        self.stream = one.stream()

    async def next(self) -> ListenerEvent:
        return await asyncio.wait_for(anext(self.stream), SECONDS)

    async def snapshot(self) -> dict[str, StateValue]:
        event = await self.next()
        assert isinstance(event, Snapshot)
        return {value.address: value for value in event.values}

    async def changes(self) -> list[StateValue]:
        event = await self.next()
        assert isinstance(event, Changes), event
        return list(event.values)

    async def until(self, kind: type[ListenerEvent]) -> list[ListenerEvent]:
        events = [await self.next()]
        while not isinstance(events[-1], kind):
            events.append(await self.next())
        return events


@asynccontextmanager
async def listening(one: HassListener) -> AsyncIterator[Heard]:
    heard = Heard(one)
    try:
        yield heard
    finally:
        await heard.stream.aclose()


async def find_end(one: HassListener, fault: Callable[[], None] | None = None) -> BaseException:
    """How the stream ends, with the fault put in after the snapshot."""
    async with listening(one) as heard:
        try:
            if fault is not None:
                await heard.snapshot()
                await asyncio.to_thread(fault)
            while True:
                await heard.next()
        except exceptions.IntegrationError as err:
            return err


def test_the_first_event_is_everything(sim: SimulatedHass) -> None:
    async def run() -> None:
        async with listening(listener(sim)) as heard:
            values = await heard.snapshot()

        assert {address for address in values if "#" not in address} == set(sim.states())
        assert (values[LIGHT].value, values[LIGHT].quality) == ("on", Quality.GOOD)
        assert values["binary_sensor.front_door"].value in ("open", "closed")

    asyncio.run(run())


def test_a_change_arrives_with_value_unit_and_the_servers_time(sim: SimulatedHass) -> None:
    async def run() -> None:
        async with listening(listener(sim)) as heard:
            await heard.snapshot()
            sim.set_state(POWER, "1240.5")
            (value,) = await heard.changes()

        assert (value.address, value.value, value.unit, value.quality) == (POWER, "1240.5", "W", Quality.GOOD)
        assert value.source_changed_at.timestamp() == pytest.approx(sim.states()[POWER].last_changed, abs=1e-5)

    asyncio.run(run())


def test_an_encrypted_connection_trusts_what_the_machine_trusts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = certificate(tmp_path)

    async def run(sim: SimulatedHass) -> None:
        async with listening(listener(sim)) as heard:
            assert await heard.snapshot()

    with SimulatedHass.running(home=home.small(), tls=context) as sim:
        err = asyncio.run(find_end(listener(sim)))
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        asyncio.run(run(sim))

    assert "self-signed" in str(err)


def test_every_change_arrives_in_order(sim: SimulatedHass) -> None:
    async def run() -> None:
        async with listening(listener(sim)) as heard:
            await heard.snapshot()
            for number in range(200):
                sim.set_state(POWER, str(number))
            seen: list[str | None] = []
            while len(seen) < 200:
                seen += [value.value for value in await heard.changes()]

        assert seen == [str(number) for number in range(200)]

    asyncio.run(run())


def test_an_attribute_that_is_an_aspect_of_the_home_is_told_and_no_other(sim: SimulatedHass) -> None:
    async def run() -> None:
        async with listening(listener(sim)) as heard:
            before = await heard.snapshot()
            sim.set_state(LIGHT, "on", brightness=17, color_mode="hs", icon="mdi:lamp")
            sim.set_state(LIGHT, "on", icon="mdi:ceiling-light")
            sim.set_state(POWER, "7")
            values = await heard.changes()
            while values[-1].address != POWER:
                values += await heard.changes()

        assert before[f"{LIGHT}#brightness"].value == "71"
        assert [(value.address, value.value, value.unit) for value in values] == [
            (f"{LIGHT}#brightness", "7", "%"),
            (POWER, "7", "W"),
        ]
        assert values[0].source_changed_at > before[LIGHT].source_changed_at, "that of the update"

    asyncio.run(run())


def test_a_light_that_goes_off_takes_its_brightness_along(sim: SimulatedHass) -> None:
    async def run() -> None:
        async with listening(listener(sim)) as heard:
            await heard.snapshot()
            sim.set_state(LIGHT, "off", brightness=None)
            off, dark = await heard.changes()
            sim.make_unavailable(LIGHT)
            gone = {value.address: value.quality for value in await heard.changes()}

        assert (off.address, off.value) == (LIGHT, "off")
        assert (dark.address, dark.value, dark.quality) == (f"{LIGHT}#brightness", None, Quality.UNKNOWN)
        assert gone[f"{LIGHT}#brightness"] is gone[LIGHT] is Quality.UNAVAILABLE

    asyncio.run(run())


def test_what_an_entity_shows_no_more_is_unknown_and_with_it_unavailable(sim: SimulatedHass) -> None:
    heating = "climate.kitchen_thermostat"

    async def run() -> None:
        async with listening(listener(sim)) as heard:
            before = await heard.snapshot()
            sim.set_state(heating, "heat", current_temperature=None)
            (unknown,) = await heard.changes()
            sim.set_state(heating, "heat", current_temperature=19)
            (back,) = await heard.changes()
            sim.make_unavailable(heating)
            gone = {value.address: value.quality for value in await heard.changes()}

        name = f"{heating}#current_temperature"
        assert (before[name].value, before[name].unit) == ("20.5", "°C")
        assert (unknown.address, unknown.value, unknown.unit, unknown.quality) == (name, None, "°C", Quality.UNKNOWN)
        assert (back.address, back.value, back.quality) == (name, "19", Quality.GOOD)
        assert gone[name] is Quality.UNAVAILABLE

    asyncio.run(run())


def test_a_removed_entity_takes_all_it_said_along(sim: SimulatedHass) -> None:
    async def run() -> None:
        async with listening(listener(sim)) as heard:
            before = await heard.snapshot()
            sim.remove_state(LIGHT)
            gone = {value.address: value.quality for value in await heard.changes()}

        assert set(gone.values()) == {Quality.UNAVAILABLE}
        assert set(gone) == {address for address in before if address.partition("#")[0] == LIGHT}

    asyncio.run(run())


def test_a_change_of_the_unit_is_told(sim: SimulatedHass) -> None:
    async def run() -> None:
        async with listening(listener(sim)) as heard:
            await heard.snapshot()
            sim.set_state(POWER, sim.states()[POWER].state, unit_of_measurement="kW")
            (value,) = await heard.changes()

        assert value.unit == "kW"

    asyncio.run(run())


def test_unavailable_and_back(sim: SimulatedHass) -> None:
    async def run() -> None:
        async with listening(listener(sim)) as heard:
            before = (await heard.snapshot())[POWER]
            sim.make_unavailable(POWER)
            (gone,) = await heard.changes()
            sim.make_available(POWER)
            (back,) = await heard.changes()

        assert (gone.value, gone.unit, gone.quality) == (None, "W", Quality.UNAVAILABLE)
        assert (back.value, back.unit, back.quality) == (before.value, "W", Quality.GOOD)

    asyncio.run(run())


def test_a_new_entity_brings_its_value_and_asks_for_a_sync(sim: SimulatedHass) -> None:
    async def run() -> None:
        async with listening(listener(sim)) as heard:
            await heard.snapshot()
            sim.set_state("sensor.pushed", "2")
            events = await heard.until(StructureChanged)

        assert [value.value for event in events if isinstance(event, Changes) for value in event.values] == ["2"]

    asyncio.run(run())


def test_a_removed_entity_is_unavailable_and_asks_for_a_sync(sim: SimulatedHass) -> None:
    async def run() -> None:
        async with listening(listener(sim)) as heard:
            values = await heard.snapshot()
            sim.remove_state("sensor.bin_collection")
            events = await heard.until(StructureChanged)
            sim.set_state("sensor.bin_collection", "Friday")
            (back,) = await heard.changes()

        (gone,) = [value for event in events if isinstance(event, Changes) for value in event.values]
        assert (gone.address, gone.value, gone.quality) == ("sensor.bin_collection", None, Quality.UNAVAILABLE)
        assert max(value.source_changed_at for value in values.values()) <= gone.source_changed_at
        assert gone.source_changed_at <= back.source_changed_at, "by the server's clock, whatever ours says"

    asyncio.run(run())


@pytest.mark.parametrize(
    "change",
    [
        lambda sim: sim.update_entity(LIGHT, name="Lamp"),
        lambda sim: sim.rename_entity(LIGHT, "light.lamp"),
        lambda sim: sim.rename_device("Coffee machine", "Espresso"),
        lambda sim: sim.move_device("Coffee machine", "Hall"),
        lambda sim: sim.add_area("Attic"),
        lambda sim: sim.home.fire("label_registry_updated", {"action": "create", "label_id": "x"}),
        lambda sim: sim.add_entity(sensor("humidity", 40), "Coffee machine"),
    ],
)
def test_a_change_of_the_registries_asks_for_a_sync(
    sim: SimulatedHass, change: Callable[[SimulatedHass], object]
) -> None:
    async def run() -> None:
        async with listening(listener(sim)) as heard:
            await heard.snapshot()
            await asyncio.to_thread(change, sim)
            await heard.until(StructureChanged)

    asyncio.run(run())


def test_nothing_is_concluded_until_the_server_runs(sim: SimulatedHass) -> None:
    everything = set(sim.states())
    sim.go_down()
    sim.come_up(entities=2)

    async def run() -> None:
        async with listening(listener(sim)) as heard:
            waiting = asyncio.create_task(heard.snapshot())
            await asyncio.to_thread(sim.wait_for, lambda: sim.commands["get_config"] > 2)
            assert sim.commands["subscribe_entities"] == 0
            sim.finish_starting()

            assert {address for address in await waiting if "#" not in address} == everything

    asyncio.run(run())


def test_a_server_that_never_runs_is_given_up(sim: SimulatedHass) -> None:
    sim.go_down()
    sim.come_up(core_state="STARTING")

    err = asyncio.run(find_end(listener(sim, start_seconds=0.1)))

    assert isinstance(err, exceptions.ConnectionError)
    assert "still starting" in str(err)


@pytest.mark.parametrize(
    "fault",
    [
        SimulatedHass.cut,
        SimulatedHass.close_connections,
        SimulatedHass.revoke_token,
        SimulatedHass.restart,
        lambda sim: sim.go_down(linger_seconds=10),
    ],
)
def test_every_end_is_a_lost_connection(sim: SimulatedHass, fault: Callable[[SimulatedHass], None]) -> None:
    begun = time.monotonic()

    err = asyncio.run(find_end(listener(sim), lambda: fault(sim)))

    assert type(err) is exceptions.ConnectionError
    assert time.monotonic() - begun < 4


def test_a_frozen_server_is_found_by_its_missing_pong(sim: SimulatedHass) -> None:
    err = asyncio.run(find_end(listener(sim, ping_seconds=0.2), sim.stall))

    assert type(err) is exceptions.ConnectionError


def test_a_wrong_token_is_an_authentication_error_after_one_attempt(sim: SimulatedHass) -> None:
    err = asyncio.run(find_end(listener(sim, "wrong-token")))

    assert type(err) is exceptions.AuthenticationError
    assert err.field == "token"
    assert "wrong-token" not in f"{err} {err.hint}"
    assert sim.failed_logins == 1


def test_a_ban_is_told_apart(sim: SimulatedHass) -> None:
    sim.ban()

    err = asyncio.run(find_end(listener(sim)))

    assert isinstance(err, exceptions.AccessDeniedError)


def test_a_refused_subscription_ends_the_stream(sim: SimulatedHass) -> None:
    sim.refuse_command("subscribe_entities")

    assert isinstance(asyncio.run(find_end(listener(sim))), exceptions.AccessDeniedError)


def test_refused_registry_events_do_not(sim: SimulatedHass) -> None:
    sim.refuse_command("subscribe_events")

    async def run() -> None:
        async with listening(listener(sim)) as heard:
            assert await heard.snapshot()

    asyncio.run(run())


@pytest.mark.parametrize(
    "talk", [say_nothing, say(b"SSH-2.0-OpenSSH_9.6\r\n"), say(http("200 OK", "<p>", "text/html"))]
)
def test_what_is_no_home_assistant_is_an_error_of_ours(talk: Any) -> None:
    with serving(talk) as port:
        one = HassListener({"url": f"http://127.0.0.1:{port}", "token": "a-token"}, answer_seconds=0.3)
        err = asyncio.run(find_end(one))

    assert isinstance(err, exceptions.ConnectionError | exceptions.ProtocolError)
    assert err.transient


def test_a_name_that_leads_out_of_the_home_gets_no_connection() -> None:
    one = HassListener({"url": "http://2852039166:80", "token": "a-token"}, answer_seconds=0.5)  # 169.254.169.254

    err = asyncio.run(find_end(one))

    assert isinstance(err, exceptions.ConfigurationError)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_closed_port_says_that_nothing_listens(host: str) -> None:
    one = HassListener({"url": f"http://{host}:{unused_port()}", "token": "a-token"})

    err = asyncio.run(find_end(one))

    assert isinstance(err, exceptions.ConnectionError)
    assert "nothing listens" in str(err)


def test_a_slow_consumer_ends_in_a_new_snapshot_instead_of_a_full_memory(sim: SimulatedHass) -> None:
    async def run() -> None:
        # More than a snapshot's own frames, which a slow machine may have to take at once.
        async with listening(listener(sim, buffer_frames=20)) as heard:
            await heard.snapshot()
            for number in range(100):
                sim.set_state(POWER, str(number))
                await asyncio.sleep(0.002)
            with pytest.raises(exceptions.ConnectionError, match="More came from"):
                await heard.until(StructureChanged)

    asyncio.run(run())


def test_a_cancelled_listener_closes_its_socket_at_once(sim: SimulatedHass) -> None:
    async def run() -> float:
        heard = Heard(listener(sim))
        await heard.snapshot()
        task = asyncio.create_task(heard.next())
        await asyncio.sleep(0.05)
        begun = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await heard.stream.aclose()
        return time.monotonic() - begun

    assert asyncio.run(run()) < 1
    sim.wait_for(lambda: sim.connections == 0)


def test_a_cancelled_listener_does_not_wait_for_a_frozen_server(sim: SimulatedHass) -> None:
    async def run() -> float:
        heard = Heard(listener(sim))
        await heard.snapshot()
        sim.stall()
        begun = time.monotonic()
        await heard.stream.aclose()
        return time.monotonic() - begun

    assert asyncio.run(run()) < 2


def test_asked_by_rest_it_says_the_same() -> None:
    with SimulatedHass.running(home=home.demo()) as sim:
        sim.make_unavailable(LIGHT)
        sim.make_unavailable(POWER, restored=True)

        async def read() -> list[dict[str, StateValue]]:
            poller = HassPoller({"url": sim.url, "token": sim.token})
            pushed, asked = Heard(listener(sim)), Heard(poller)
            try:
                return [await pushed.snapshot(), await asked.snapshot()]
            finally:
                await pushed.stream.aclose()
                await asked.stream.aclose()

        pushed, asked = asyncio.run(read())
        assert len(asked) > len(sim.states()), "with what attributes say"
        assert asked == pushed


@pytest.mark.parametrize("state", ["NOT_RUNNING", "STARTING"])
def test_by_rest_nothing_is_believed_before_it_has_started(sim: SimulatedHass, state: str) -> None:
    sim.home.core_state = state

    async def read() -> None:
        heard = Heard(HassPoller({"url": sim.url, "token": sim.token}))
        with pytest.raises(exceptions.ConnectionError, match="not fully started yet"):
            await heard.next()

    asyncio.run(read())
