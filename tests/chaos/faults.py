"""The faults themselves. Each begins, ends, and leaves no trace of its own; what it broke is the hub's to mend."""

import shutil
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import redis

from hi.testing.hass import SimulatedHass
from hi.testing.line import Line
from hi.testing.postgres import Postgres
from tests.chaos.house import House
from tests.chaos.plan import Planned

LOCK_SECONDS = 20
# Whichever beat leads when its time comes; what is told of it later is that one's name.
LEADER = "leader"
CLOCK_STEPS = (90, -90, 3600, -3600)


class CannotError(Exception):
    """This machine, or this hub, has not what the fault needs. The message says what."""


@dataclass(frozen=True, slots=True)
class Source:
    """A simulated system behind its line, and the instance that mirrors it."""

    simulator: SimulatedHass
    line: Line
    instance_id: int


@dataclass(frozen=True, slots=True)
class Scene:
    """All that a fault may lay hands on."""

    house: House
    sources: list[Source]
    postgres: Postgres | None = None


class Fault:
    """`begin` raises CannotError where it cannot be done; `end` is called once, after a `begin` that did."""

    def __init__(self, scene: Scene, planned: Planned) -> None:
        self.scene = scene
        self.house = scene.house
        self.planned = planned
        self.target = planned.target

    def begin(self) -> None:
        raise NotImplementedError

    def end(self) -> None:
        """Most faults end by being mended by the supervisor."""

    def _need_process(self) -> None:
        if self.target not in self.house.nodes:
            raise CannotError(f"this hub has no {self.target}")

    def _source(self) -> Source:
        number = int(self.target.removeprefix("source"))
        if number >= len(self.scene.sources):
            raise CannotError(f"there are only {len(self.scene.sources)} sources")
        return self.scene.sources[number]


class Kill(Fault):
    def begin(self) -> None:
        if self.target == LEADER:
            self.target = self.house.leader() or LEADER
            self.planned = replace(self.planned, target=self.target)
        self._need_process()
        self.house.kill(self.target, self.planned.seconds)


class Freeze(Fault):
    def begin(self) -> None:
        self._need_process()
        self.house.signal(self.target, signal.SIGSTOP)

    def end(self) -> None:
        self.house.signal(self.target, signal.SIGCONT)


class RestartRedis(Fault):
    def begin(self) -> None:
        self.house.kill("redis", self.planned.seconds)


class WipeRedis(Fault):
    """It comes back empty: every message, every canary and every breaker is forgotten."""

    def begin(self) -> None:
        with suppress(redis.RedisError), redis.Redis.from_url(self.house.environment["REDIS_URL"]) as client:
            client.flushall()
        self.house.kill("redis", self.planned.seconds)
        shutil.rmtree(self.house.redis_folder(), ignore_errors=True)
        self.house.redis_folder().mkdir()


class LoseDatabase(Fault):
    """PostgreSQL goes down and comes back. SQLite has no server to lose: somebody holds its write lock instead."""

    def begin(self) -> None:
        self._lock: sqlite3.Connection | None = None
        if self.scene.postgres:
            self.scene.postgres.halt()
            return
        path = self.house.home / "db.sqlite3"
        self._lock = sqlite3.connect(path, timeout=LOCK_SECONDS, isolation_level=None)
        self._lock.execute("BEGIN IMMEDIATE")

    def end(self) -> None:
        if self.scene.postgres:
            self.scene.postgres.serve()
        if self._lock:
            self._lock.rollback()
            self._lock.close()


class CutSource(Fault):
    def begin(self) -> None:
        self._source().line.refuse()

    def end(self) -> None:
        self._source().line.heal()


class StallSource(Fault):
    def begin(self) -> None:
        self._source().line.stall()

    def end(self) -> None:
        self._source().line.heal()


class RestartSource(Fault):
    def begin(self) -> None:
        half = self.planned.seconds / 2
        self._source().simulator.restart(down_seconds=half, starting_seconds=half)


class FillDisk(Fault):
    def begin(self) -> None:
        if not self.house.has_own_disk:
            raise CannotError("a small disk of its own (tmpfs) needs root")
        self._filler = self.house.home / "filler"
        block = b"\0" * 65536
        with suppress(OSError), self._filler.open("wb", buffering=0) as filler:
            while True:
                filler.write(block)

    def end(self) -> None:
        self._filler.unlink(missing_ok=True)


class StepClock(Fault):
    """The clock of one beat jumps, and back."""

    def begin(self) -> None:
        if self.house.clock_library is None:
            raise CannotError("stepping a clock needs libfaketime (Debian: apt install libfaketime)")
        self._write(f"{step_of(self.planned):+d}")

    def end(self) -> None:
        self._write("+0")

    def _write(self, offset: str) -> None:
        # In one move: a half-written file would be another time again.
        new: Path = self.house.clock_file.with_suffix(".new")
        new.write_text(offset)
        new.rename(self.house.clock_file)


def step_of(planned: Planned) -> int:
    """By how many seconds it steps: told by the plan, so that the same seed steps alike."""
    return CLOCK_STEPS[round(planned.seconds * 100) % len(CLOCK_STEPS)]


FAULTS: dict[str, type[Fault]] = {
    "kill": Kill,
    "freeze": Freeze,
    "redis restart": RestartRedis,
    "redis wipe": WipeRedis,
    "database": LoseDatabase,
    "source cut": CutSource,
    "source stall": StallSource,
    "source restart": RestartSource,
    "disk full": FillDisk,
    "clock step": StepClock,
}


@dataclass(slots=True)
class Done:
    """A fault that was: wall-clock times, in seconds since the epoch."""

    planned: Planned
    began_at: float
    ended_at: float


class Storm:
    """Carries out a plan, a step at a time, from the main thread."""

    def __init__(self, scene: Scene, plan: list[Planned]) -> None:
        self._scene = scene
        self._waiting = list(plan)
        self._going: list[tuple[Planned, Fault, float]] = []
        self.done: list[Done] = []
        self.skipped: dict[str, str] = {}
        self.skips = 0

    @property
    def is_over(self) -> bool:
        return not self._waiting and not self._going

    def step(self, seconds: float, tell: Callable[[str], None]) -> None:
        """Begin and end what is due `seconds` after the start."""
        for going in [going for going in self._going if going[0].until <= seconds]:
            self._going.remove(going)
            _planned, fault, began_at = going
            fault.end()
            self.done.append(Done(fault.planned, began_at, time.time()))
        while self._waiting and self._waiting[0].at <= seconds:
            planned = self._waiting.pop(0)
            fault = FAULTS[planned.kind](self._scene, planned)
            began_at = time.time()
            try:
                fault.begin()
            except CannotError as err:
                self.skips += 1
                self.skipped[f"{planned.kind} {planned.target}"] = str(err)
                tell(f"SKIPPED {planned}: {err}")
                continue
            tell(str(fault.planned))
            self._going.append((planned, fault, began_at))
