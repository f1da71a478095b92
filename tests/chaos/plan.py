"""What will go wrong, when and for how long: drawn from the seed alone, before anything starts. Pure."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

PROCESSES = ("web", "control", "worker", "listener", "beat", "media")
# The second of each shows that two do no harm, and that one takes over from the other.
SECONDS = ("worker2", "listener2", "beat2")
SOURCES = 4


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault: how often it is drawn, how long it lasts, and what it can hit."""

    name: str
    weight: int
    seconds: tuple[float, float]
    targets: Sequence[str]


ALL = (*PROCESSES, *SECONDS)
KINDS = (
    # As long as the supervisor takes to start it again.
    Kind("kill", 30, (1, 3), ALL),
    Kind("freeze", 24, (1, 25), (*ALL, "redis")),
    Kind("redis restart", 6, (0.5, 3), ("redis",)),
    Kind("redis wipe", 6, (0.5, 3), ("redis",)),
    Kind("database", 8, (3, 8), ("database",)),
    Kind("source cut", 7, (0, 10), [f"source{number}" for number in range(SOURCES)]),
    Kind("source stall", 6, (2, 20), [f"source{number}" for number in range(SOURCES)]),
    Kind("source restart", 5, (2, 8), [f"source{number}" for number in range(SOURCES)]),
    Kind("disk full", 4, (3, 8), ("disk",)),
    Kind("clock step", 4, (4, 10), ("beat",)),
)
GAP_SECONDS = (1.0, 7.0)
# Between two faults of one target it gets this long to stand up.
PAUSE_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class Planned:
    """One fault: `at` and `seconds` count from the start of the run."""

    at: float
    kind: str
    target: str
    seconds: float

    @property
    def until(self) -> float:
        return self.at + self.seconds

    def __str__(self) -> str:
        return f"{self.kind} {self.target} at {self.at:.1f} s for {self.seconds:.1f} s"


def draw_plan(seed: int, faults: int) -> list[Planned]:
    """The same for the same seed, on every machine: what a machine cannot do is skipped when its time comes."""
    chance = random.Random(f"chaos {seed}")
    plan: list[Planned] = []
    free_at: dict[str, float] = {}
    at = 0.0
    for _number in range(faults):
        at += chance.uniform(*GAP_SECONDS)
        kind = chance.choices(KINDS, [kind.weight for kind in KINDS])[0]
        target = chance.choice(kind.targets)
        begins_at = max(at, free_at.get(target, 0.0))
        fault = Planned(round(begins_at, 2), kind.name, target, round(chance.uniform(*kind.seconds), 2))
        free_at[target] = fault.until + PAUSE_SECONDS
        plan.append(fault)
    return sorted(plan, key=lambda fault: fault.at)


def end_of(plan: Iterable[Planned]) -> float:
    return max((fault.until for fault in plan), default=0.0)
