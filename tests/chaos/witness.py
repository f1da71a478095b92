"""Looks on while things go wrong: which leases and leaders there were, and since when. Reads the database only."""

import sqlite3
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import psycopg

from tests.chaos.house import House, as_seconds
from tests.chaos.referee import Window

LOOK_EVERY = 0.3
LEASES = "SELECT instance_id, role, epoch, holder FROM integration_lease"
# Who resigns leaves no name.
LEADERS = "SELECT part, epoch, holder FROM integration_leadership WHERE holder <> ''"
BREAKERS = """
    SELECT id, breaker_opened_at FROM integration_integrationinstance
    WHERE breaker_state <> 'closed' AND breaker_opened_at IS NOT NULL
"""
AT_WORK = """
    SELECT instance_id, COUNT(*) FROM integration_job
    WHERE status = 'RUNNING' AND kind IN ('activate', 'sync') GROUP BY instance_id HAVING COUNT(*) > 1
"""


@dataclass
class Witness:
    """`seen` is when an epoch of a part was first seen: (part, epoch) -> seconds since the epoch."""

    house: House
    seen: dict[tuple[str, int], float] = field(default_factory=dict)
    holders: dict[tuple[str, int], str] = field(default_factory=dict)
    # Per instance: when its breaker opened, each time.
    opened: dict[int, set[float]] = field(default_factory=lambda: defaultdict(set))
    complaints: list[str] = field(default_factory=list)
    looks: int = 0

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="witness", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(15)

    def held(self, instance_id: int) -> list[Window]:
        """When the instance's breaker held calls back."""
        seconds = float(self.house.environment["HI_BREAKER_RESET_SECONDS"])
        return [(at, at + seconds) for at in sorted(self.opened[instance_id])]

    def _run(self) -> None:
        while not self._stop.wait(LOOK_EVERY):
            try:
                self._look()
            except (sqlite3.Error, psycopg.Error):
                continue  # the database is down, which is no secret

    def _look(self) -> None:
        began = time.time()
        for instance_id, role, epoch, holder in self.house.query(LEASES):
            self._note(f"{role} lease of {instance_id}", epoch, holder, began)
        for part, epoch, holder in self.house.query(LEADERS):
            self._note(f"leadership of {part}", epoch, holder, began)
        for instance_id, count in self.house.query(AT_WORK):
            self.complaints.append(f"{count} exclusive jobs at once for instance {instance_id}")
        for instance_id, opened_at in self.house.query(BREAKERS):
            self.opened[instance_id].add(as_seconds(opened_at))
        self.looks += 1

    def _note(self, part: str, epoch: int, holder: Any, now: float) -> None:
        newest = max((known for name, known in self.seen if name == part), default=-1)
        if epoch < newest:
            self.complaints.append(f"{part} went back from epoch {newest} to {epoch} ({holder})")
        if (part, epoch) not in self.seen:
            self.seen[part, epoch], self.holders[part, epoch] = now, str(holder)
        elif self.holders[part, epoch] != str(holder):
            self.complaints.append(f"{part}, epoch {epoch}, has two holders: {self.holders[part, epoch]}, {holder}")
