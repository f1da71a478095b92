"""Work that goes on in a hub while something else is done to it."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from hi.testing.hass import SimulatedHass, home
from tests.e2e.hub import Hub

Work = Callable[[], list[str]]


@dataclass(frozen=True, slots=True)
class House:
    source: SimulatedHass
    instance_id: int
    light: int


@contextmanager
def another_house(hub: Hub, label: str) -> Iterator[House]:
    """One more system, connected by the API, with the id of a light in it."""
    with SimulatedHass.running(token=f"token-of-{label}", home=home.small()) as source:
        given = {"url": source.url, "token": source.token}
        job = hub.post("integrations", {"integration_type": "hass", "label": label, "settings": given})
        instance_id = job["integration_id"]
        hub.wait_for_status(instance_id, "ACTIVE")
        yield House(source, instance_id, _find_light(hub, instance_id))


def _find_light(hub: Hub, instance_id: int) -> int:
    things = hub.get(f"entities?limit=500&integration={instance_id}")["items"]
    states = {state["address"]: state["id"] for thing in things for state in thing["states"]}
    return next(pk for address, pk in states.items() if address.startswith("light.") and "#" not in address)


@contextmanager
def repeated(*works: Work) -> Iterator[list[str]]:
    """Each again and again, by a thread of its own, until the block ends: several a second, so that they leave the
    machine to what else is done. Yields how all that was asked for has ended so far."""
    ended, over = list[str](), threading.Event()

    def repeat(work: Work) -> None:
        while not over.wait(0.2):
            ended.extend(work())

    with ThreadPoolExecutor(len(works)) as pool:
        threads = [pool.submit(repeat, work) for work in works]
        try:
            yield ended
        finally:
            over.set()
    for thread in threads:
        thread.result()


def run(hub: Hub, instance_id: int) -> list[str]:
    """A sync and a test of the connection."""
    jobs = [hub.post(f"integrations/{instance_id}/{what}") for what in ("sync", "test")]
    return [hub.wait_for_job(job)["status"] for job in jobs]


def give(hub: Hub, state_id: int, values: Iterator[str], code: str = "") -> list[str]:
    """A command."""
    command = hub.post("commands", {"state": state_id, "value": next(values), "code": code})
    return [hub.wait_for_command(command)["status"]]
