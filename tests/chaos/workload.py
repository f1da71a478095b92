"""What goes on meanwhile: values move, names change, things come and go, and a user clicks."""

import random
import threading
import time
from collections import Counter

import requests

from hi.testing.hass import specs
from tests.chaos.faults import Source
from tests.chaos.house import House

VALUES_EVERY = 0.12
STRUCTURE_EVERY = 4.0
CLICK_EVERY = 2.5
# More would be held for a person's approval: max(2, 20 %) of a source's things or states within a day.
MAX_REMOVED = 2
CLICKS = ("sync", "sync", "test", "cancel", "restart")


class Workload:
    """Two threads: the sources' life, and a user of the API. The last source's instance is the one that the user
    deactivates and activates again."""

    def __init__(self, house: House, sources: list[Source], seed: int) -> None:
        self._house = house
        self._sources = sources
        self._stop = threading.Event()
        self._removed: Counter[int] = Counter()
        self._added: dict[int, list[str]] = {number: [] for number in range(len(sources))}
        self.clicks: Counter[str] = Counter()
        self.changes = 0
        self._life = random.Random(f"life {seed}")
        self._user = random.Random(f"user {seed}")
        self._threads = [
            threading.Thread(target=target, name=target.__name__, daemon=True)
            for target in (self._live, self._click_around)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(15)

    # The sources

    def _live(self) -> None:
        structure_at = time.monotonic() + STRUCTURE_EVERY
        while not self._stop.wait(self._life.uniform(0, 2 * VALUES_EVERY)):
            number = self._life.randrange(len(self._sources))
            self._move_value(number)
            if time.monotonic() > structure_at:
                structure_at = time.monotonic() + self._life.uniform(0, 2 * STRUCTURE_EVERY)
                self._change_structure(number)

    def _move_value(self, number: int) -> None:
        simulator = self._sources[number].simulator
        movable = [key for key in simulator.states() if key.startswith(("sensor.", "switch.", "binary_sensor."))]
        if not movable:  # it is down
            return
        entity_id = self._life.choice(movable)
        number_value = f"{self._life.uniform(0, 100):.2f}"
        value = number_value if entity_id.startswith("sensor.") else self._life.choice(["on", "off"])
        simulator.set_state(entity_id, value)
        self.changes += 1

    def _change_structure(self, number: int) -> None:
        simulator = self._sources[number].simulator
        if simulator.home.core_state != "RUNNING":  # nobody edits a system that is starting
            return
        registered = [key for key in simulator.home.entities if key in simulator.states()]
        chosen = self._life.choice(registered)
        word = f"{self._life.randrange(10**6):06d}"
        what = self._life.choice(["id", "name", "device", "add", "remove"])
        if what == "id":
            simulator.rename_entity(chosen, f"{chosen.partition('.')[0]}.renamed_{word}")
        elif what == "name":
            simulator.update_entity(chosen, name=f"Renamed {word}")
        elif what == "device":
            simulator.rename_device(self._life.choice(list(simulator.home.devices)), f"Device {word}")
        elif what == "add":
            simulator.add_entity(specs.switch(f"Added {word}"))
        elif self._removed[number] < MAX_REMOVED and chosen.startswith("binary_sensor."):
            self._removed[number] += 1
            simulator.remove_entity(chosen)

    # The user

    def _click_around(self) -> None:
        while not self._stop.wait(self._user.uniform(0, 2 * CLICK_EVERY)):
            self._click(self._user.choice(CLICKS), self._user.randrange(len(self._sources)))

    def _click(self, what: str, number: int) -> None:
        instance_id = self._sources[number].instance_id
        if what == "restart":
            restless = self._sources[-1].instance_id
            self.post(f"integrations/{restless}/deactivate", "deactivate")
            self._stop.wait(self._user.uniform(0, 6))
            self.post(f"integrations/{restless}/activate", "activate")
        elif what == "cancel":
            self._cancel_one()
        else:
            self.post(f"integrations/{instance_id}/{what}", what)

    def _cancel_one(self) -> None:
        for status in ("RUNNING", "QUEUED"):
            found = self._request("GET", f"jobs?status={status}")
            items = found.json()["items"] if found is not None and found.ok else []
            if items:
                self.post(f"jobs/{self._user.choice(items)['id']}/cancel", "cancel")
                return

    def post(self, path: str, what: str) -> bool:
        answer = self._request("POST", path)
        self.clicks[f"{what} {answer.status_code if answer is not None else 'no answer'}"] += 1
        return answer is not None and answer.ok

    def _request(self, method: str, path: str) -> requests.Response | None:
        """A request of its own: a user reloads, and no connection outlives a web process that was killed."""
        headers = {"Authorization": f"Bearer {self._house.token}", "Connection": "close"}
        try:
            return requests.request(
                method, f"{self._house.url}/api/v1/{path}", headers=headers, timeout=5, proxies={"http": ""}
            )
        except requests.RequestException:
            return None
