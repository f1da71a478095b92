"""Setting what a source has, and what becomes of it when the worker dies at each point of the path."""

import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import pytest
import redis

from hi.testing.hass import SimulatedHass
from tests.e2e.conftest import hub_kind
from tests.e2e.hub import RARELY, Hub, running_hub, wait_until

pytestmark = pytest.mark.e2e
LIGHT = "light.kitchen_ceiling_light"


@pytest.fixture(scope="module")
def hub(folder: Path, source: SimulatedHass) -> Iterator[Hub]:
    with running_hub(folder, hub_kind()) as hub:
        instance_id = hub.connect(source.url, source.token)
        hub.wait_for_status(instance_id, "ACTIVE")
        hub.sync_every(instance_id, RARELY)
        yield hub


@pytest.fixture(autouse=True)
def well(hub: Hub, source: SimulatedHass) -> Iterator[None]:
    """Each test finds all in order, the light off."""
    control = hub.nodes["control"].container
    if control.status == "exited":
        control.start()
        control.ready()
    source.heal()
    source.set_state(LIGHT, "off")
    wait_until(lambda: (hub.states()[LIGHT]["value"], hub.states()[LIGHT]["quality"]) == ("off", "good"), "it is off")
    source.core.calls.clear()
    yield
    source.heal()


def ask(hub: Hub, value: str = "on") -> Any:
    return hub.post("commands", {"state": hub.states()[LIGHT]["id"], "value": value})


def calls(source: SimulatedHass) -> list[str]:
    return [f"{call['domain']}.{call['service']}" for call in source.calls]


def kill(hub: Hub) -> None:
    hub.nodes["control"].container.kill("SIGKILL")


def start_again(hub: Hub) -> None:
    control = hub.nodes["control"].container
    control.start()
    control.ready()


def wait_until_sent(hub: Hub, command: Any) -> None:
    wait_until(lambda: hub.get(f"commands/{command['id']}")["status"] == "SENT", "a worker has it")


def messages(hub: Hub) -> int:
    """How many no control worker has taken."""
    with redis.Redis.from_url(hub.environment["REDIS_URL"]) as client:
        return cast("int", client.llen("control"))


def is_marked(hub: Hub, command: Any) -> bool:
    """Whether its worker has written that it is about to send."""
    mark = "SELECT 1 FROM integration_command WHERE id = ? AND expected IS NOT NULL"
    return bool(hub.query(mark, UUID(command["id"]).hex))


@contextmanager
def nobody_can_write(hub: Hub) -> Iterator[None]:
    """Holds the one write lock of the database."""
    with closing(sqlite3.connect(hub.folder / "db.sqlite3", timeout=20, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        yield
        db.execute("ROLLBACK")


def test_a_light_is_turned_on_and_its_state_confirms(hub: Hub, source: SimulatedHass) -> None:
    command = hub.wait_for_command(ask(hub))
    assert (command["status"], command["message"]) == ("CONFIRMED", "Done: the state says so.")
    assert calls(source) == ["light.turn_on"]
    assert hub.states()[LIGHT]["value"] == "on"


def test_a_refusal_is_told_in_the_sources_own_words(hub: Hub, source: SimulatedHass) -> None:
    source.fail_service("light.turn_on", "The bulb is loose.")
    command = hub.wait_for_command(ask(hub))
    assert command["status"] == "FAILED"
    assert "The bulb is loose." in command["message"]


def test_an_answer_that_is_lost_is_not_asked_for_again(hub: Hub, source: SimulatedHass) -> None:
    source.lose_answers()
    command = hub.wait_for_command(ask(hub))
    assert command["status"] in ("UNKNOWN", "CONFIRMED")  # the state may have come first
    assert calls(source) == ["light.turn_on"]


# The control worker is killed


def test_killed_before_it_had_the_command(hub: Hub, source: SimulatedHass) -> None:
    kill(hub)
    command = hub.wait_for_command(ask(hub))
    assert command["status"] == "EXPIRED"
    start_again(hub)
    assert hub.wait_for_command(ask(hub))["status"] == "CONFIRMED"  # its queue held both messages
    assert calls(source) == ["light.turn_on"]


def test_killed_when_it_had_the_message_and_not_yet_the_command(hub: Hub, source: SimulatedHass) -> None:
    control = hub.nodes["control"].container
    with nobody_can_write(hub):  # else it may be frozen while it holds the lock itself
        control.send(signal.SIGSTOP)
    command = ask(hub)
    with nobody_can_write(hub):  # it must write that the command is its own
        control.send(signal.SIGCONT)
        wait_until(lambda: not messages(hub), "it has the message")
        time.sleep(0.5)  # nothing outside tells that it waits to write
        kill(hub)
    assert hub.get(f"commands/{command['id']}")["status"] == "REQUESTED"
    start_again(hub)
    ended = hub.wait_for_command(command)["status"]
    assert ended in ("CONFIRMED", "EXPIRED")  # the sweep sends the message again; a slow start comes too late for it
    assert hub.wait_for_command(ask(hub, "off"))["status"] == "CONFIRMED"
    assert calls(source) == ["light.turn_on"] * (ended == "CONFIRMED") + ["light.turn_off"]


def test_killed_while_it_prepared(hub: Hub, source: SimulatedHass) -> None:
    source.stall()
    command = ask(hub)
    wait_until_sent(hub, command)
    kill(hub)
    source.unstall()
    start_again(hub)
    ended = hub.wait_for_command(command)
    assert (ended["status"], ended["message"]) == ("FAILED", "Not sent: the worker that had it died.")
    assert calls(source) == []


def test_killed_when_it_was_prepared_and_not_yet_sent(hub: Hub, source: SimulatedHass) -> None:
    source.stall()
    command = ask(hub)
    wait_until_sent(hub, command)
    looked = source.commands["subscribe_entities"]
    with nobody_can_write(hub):  # it must write that it is about to send
        source.unstall()
        wait_until(lambda: source.commands["subscribe_entities"] > looked, "the source was looked at")
        time.sleep(0.5)  # nothing outside tells that it waits to write
        assert source.connections == 2  # the listener's, and that of a worker that has not given up
        kill(hub)
    start_again(hub)
    ended = hub.wait_for_command(command)
    assert (ended["status"], ended["message"]) == ("FAILED", "Not sent: the worker that had it died.")
    assert calls(source) == []


def test_killed_when_it_had_sent_and_the_call_is_lost_on_its_way(hub: Hub, source: SimulatedHass) -> None:
    source.stall()
    command = ask(hub)
    wait_until_sent(hub, command)
    looked = source.commands["subscribe_entities"]
    with nobody_can_write(hub):
        source.unstall()
        wait_until(lambda: source.commands["subscribe_entities"] > looked, "the source was looked at")
        time.sleep(0.5)  # nothing outside tells that it waits to write
        source.stall()
    wait_until(lambda: is_marked(hub, command), "it is about to send, or has sent")
    kill(hub)
    source.close_connections()  # what has come of the call is not read any more
    source.unstall()
    start_again(hub)
    assert hub.wait_for_command(command)["status"] == "UNKNOWN"
    assert calls(source) == []
    wait_until(lambda: source.connections == 1, "the listener is back")
    assert hub.wait_for_command(ask(hub))["status"] == "CONFIRMED"
    assert calls(source) == ["light.turn_on"]


def test_killed_while_it_sent_and_nothing_followed(hub: Hub, source: SimulatedHass) -> None:
    source.slow_services(20)
    source.ignore_services()
    command = ask(hub)
    wait_until(lambda: calls(source), "the source is called")
    kill(hub)
    start_again(hub)
    assert hub.wait_for_command(command)["status"] == "UNKNOWN"
    assert calls(source) == ["light.turn_on"]


def test_killed_while_it_sent_and_the_state_followed(hub: Hub, source: SimulatedHass) -> None:
    source.slow_services(20)
    command = ask(hub)
    wait_until(lambda: hub.states()[LIGHT]["value"] == "on", "the state has come")
    assert hub.get(f"commands/{command['id']}")["status"] == "SENT"
    kill(hub)
    start_again(hub)
    assert hub.wait_for_command(command)["status"] == "CONFIRMED"
    assert calls(source) == ["light.turn_on"]


def test_killed_when_it_was_sent_and_not_yet_acknowledged(hub: Hub, source: SimulatedHass) -> None:
    source.slow_services(2)
    command, answered = ask(hub), source.core.answers
    wait_until(lambda: hub.states()[LIGHT]["value"] == "on", "the state has come")
    with nobody_can_write(hub):
        assert source.core.answers == answered  # else it may have been written down
        wait_until(lambda: source.core.answers > answered, "the answer comes, and cannot be written down")
        kill(hub)
    assert hub.get(f"commands/{command['id']}")["status"] == "SENT"
    start_again(hub)
    assert hub.wait_for_command(command)["status"] == "CONFIRMED"
    assert calls(source) == ["light.turn_on"]


def test_killed_when_it_had_done_its_part(hub: Hub, source: SimulatedHass) -> None:
    source.ignore_services()
    command = ask(hub)
    wait_until(lambda: hub.get(f"commands/{command['id']}")["status"] == "ACKNOWLEDGED", "the source took it")
    kill(hub)
    source.set_state(LIGHT, "on")
    assert hub.wait_for_command(command)["status"] == "CONFIRMED"  # by the listener
    source.heal()
    start_again(hub)
    assert hub.wait_for_command(ask(hub, "off"))["status"] == "CONFIRMED"
    assert calls(source) == ["light.turn_on", "light.turn_off"]
