"""Judges a run by what is left of it. Pure: plain evidence in, findings out. Times are seconds since the epoch.

lost        something that should have happened did not, or is not in the mirror
duplicated  something happened twice, or was written by somebody who no longer might
stuck       something is not at its end, or holds what nobody uses
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise

FINAL = frozenset({"SUCCEEDED", "FAILED", "CANCELLED", "LOST"})
MAX_QUEUE = 50
# Rounding, and the moment between a slot's time and its row.
TOLERANCE = 0.5
# Asked for when beat, which alone sends what waits for its time, was about to be stopped (seconds).
JUST_BEFORE = 5
Window = tuple[float, float]


@dataclass(frozen=True, slots=True)
class JobRow:
    id: str
    kind: str
    status: str
    trigger: str
    instance: int | None
    created_at: float
    ended_at: float | None = None
    slot_at: float | None = None
    slots: int = 0
    missed: int = 0


@dataclass(frozen=True, slots=True)
class RunRow:
    id: int
    job: str | None
    instance: int
    outcome: str
    ended_at: float
    epoch: int | None = None


@dataclass(frozen=True, slots=True)
class LeaseRow:
    instance: int
    role: str
    holder: str
    epoch: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A state as it is at its source, and as the mirror shows it."""

    thing: str
    name: str
    value: str | None
    unit: str
    quality: str


@dataclass
class Evidence:
    """By an instance's id, `off` is when it was not running, `held` when its breaker held calls back. `dark` is when
    no beat could lead, `steps` what a wrong clock touched: when it was wrong, and the times it showed."""

    jobs: Sequence[JobRow] = ()
    runs: Sequence[RunRow] = ()
    leases: Sequence[LeaseRow] = ()
    instances: dict[int, str] = field(default_factory=dict)
    intervals: dict[int, float] = field(default_factory=dict)
    stopped_at: float = 0.0
    dark: Sequence[Window] = ()
    steps: Sequence[Window] = ()
    off: dict[int, Sequence[Window]] = field(default_factory=dict)
    held: dict[int, Sequence[Window]] = field(default_factory=dict)
    seen: dict[tuple[str, int], float] = field(default_factory=dict)
    complaints: Sequence[str] = ()
    alive: frozenset[str] = frozenset()
    source: dict[int, dict[str, Shown]] = field(default_factory=dict)
    mirror: dict[int, dict[str, Shown]] = field(default_factory=dict)
    twins: Sequence[str] = ()
    not_in_history: Sequence[str] = ()
    # Cameras of which no picture can be seen.
    unseen: Sequence[str] = ()
    queues: dict[str, int] = field(default_factory=dict)
    leftovers: Sequence[str] = ()
    # Who ended by itself, and when; only a full disk excuses it.
    deaths: Sequence[tuple[str, float]] = ()
    disk_full: Sequence[Window] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    verdict: str
    what: str


def judge(evidence: Evidence) -> list[Finding]:
    return [
        *_judge_jobs(evidence),
        *_judge_runs(evidence),
        *_judge_slots(evidence),
        *_judge_mirror(evidence),
        *_judge_leases(evidence),
        *(Finding("duplicated", complaint) for complaint in dict.fromkeys(evidence.complaints)),
        *(Finding("duplicated", twin) for twin in evidence.twins),
        *(Finding("lost", f"history lacks the value of {what}") for what in evidence.not_in_history),
        *(Finding("lost", f"the picture of {what}") for what in evidence.unseen),
        *(Finding("stuck", f"queue {name} holds {n} messages") for name, n in evidence.queues.items() if n > MAX_QUEUE),
        *_judge_deaths(evidence),
        *(Finding("stuck", f"left running: {command}") for command in evidence.leftovers),
    ]


def _judge_jobs(evidence: Evidence) -> Iterable[Finding]:
    for job in evidence.jobs:
        if job.status not in FINAL and job.created_at < evidence.stopped_at - JUST_BEFORE:
            yield Finding("stuck", f"job {job.id} ({job.kind} of {job.instance}, {job.trigger}) is {job.status}")
        elif job.status in FINAL and job.ended_at is None:
            yield Finding("stuck", f"job {job.id} ({job.kind}) is {job.status} without an end")
    for instance, status in evidence.instances.items():
        if status != "ACTIVE":
            yield Finding("stuck", f"instance {instance} is {status}")


def _judge_runs(evidence: Evidence) -> Iterable[Finding]:
    applied = [run for run in evidence.runs if run.outcome != "failed"]
    by_job: dict[str, list[RunRow]] = defaultdict(list)
    for run in applied:
        if run.job is not None:
            by_job[run.job].append(run)
    for job, runs in by_job.items():
        if len(runs) > 1:
            yield Finding("duplicated", f"job {job} was applied {len(runs)} times: runs {[run.id for run in runs]}")
    succeeded = {job.id for job in evidence.jobs if job.kind == "sync" and job.status == "SUCCEEDED"}
    for job in sorted(succeeded - set(by_job)):
        yield Finding("lost", f"sync job {job} says it succeeded, and no run of it is there")
    yield from _judge_epochs(evidence, applied)


def _judge_epochs(evidence: Evidence, applied: Sequence[RunRow]) -> Iterable[Finding]:
    """A run's epoch was the newest when it was written: no later one had been seen, nor has written before it."""
    by_instance: dict[int, list[RunRow]] = defaultdict(list)
    for run in sorted(applied, key=lambda run: run.id):
        if run.epoch is not None:
            by_instance[run.instance].append(run)
    for instance, runs in by_instance.items():
        for before, after in pairwise(runs):
            if (after.epoch or 0) < (before.epoch or 0):
                yield Finding("duplicated", f"run {after.id}, epoch {after.epoch}, wrote after epoch {before.epoch}")
        part = f"sync lease of {instance}"
        for run in runs:
            later = [at for (name, epoch), at in evidence.seen.items() if name == part and epoch > (run.epoch or 0)]
            if later and min(later) < run.ended_at - TOLERANCE:
                yield Finding("duplicated", f"run {run.id}, epoch {run.epoch}, wrote when a later one was held")


def _judge_slots(evidence: Evidence) -> Iterable[Finding]:
    for instance, interval in evidence.intervals.items():
        jobs = [job for job in evidence.jobs if job.instance == instance and job.slot_at is not None]
        confused = [job for job in jobs if _is_confused(job, interval, evidence.steps)]
        jobs = sorted((job for job in jobs if job not in confused), key=lambda job: job.slot_at or 0.0)
        off = [*evidence.off.get(instance, ()), *evidence.steps]
        for before, after in pairwise(jobs):
            yield from _judge_pair(before, after, interval, off)
        for job in jobs:
            yield from _judge_missed(job, interval, [*evidence.dark, *evidence.held.get(instance, ()), *off])
        last = max((job.slot_at or 0.0 for job in jobs), default=0.0)
        silent = (last + 2 * interval + TOLERANCE, evidence.stopped_at)  # one slot may be about to come
        if silent[0] < silent[1] and not any(_meet((last, silent[1]), window) for window in off):
            yield Finding("lost", f"instance {instance}: no slot for the last {evidence.stopped_at - last:.0f} s")


def _is_confused(job: JobRow, interval: float, steps: Sequence[Window]) -> bool:
    """Whether a wrong clock may have had a hand in what the job says of its slots."""
    span = _covers_from(job, interval), (job.slot_at or 0.0) + interval  # a slot lasts until the next
    return any(_meet(span, step) for step in steps)


def _judge_pair(before: JobRow, after: JobRow, interval: float, off: Sequence[Window]) -> Iterable[Finding]:
    """A job's slots begin where those of the one before have ended."""
    told = f"instance {after.instance}: slots of jobs {before.id} and {after.id}"
    ended, begins = before.slot_at or 0.0, _covers_from(after, interval)
    gap = (begins - ended) / interval
    if gap < -TOLERANCE / interval:
        yield Finding("duplicated", f"{told} overlap by {-gap:.1f}")
    elif gap > TOLERANCE / interval and not any(_meet((ended, begins + interval), window) for window in off):
        yield Finding("lost", f"{told} leave out {gap:.1f}")


def _judge_missed(job: JobRow, interval: float, excused: Sequence[Window]) -> Iterable[Finding]:
    """As many of a job's slots lie where none could run as it says were missed; which ones it does not say."""
    first = _covers_from(job, interval) + interval
    slots = [first + number * interval for number in range(job.slots + job.missed)]
    # A slot is done while it lasts, not only at its first moment.
    dark = sum(any(begin - interval <= slot <= end + TOLERANCE for begin, end in excused) for slot in slots)
    if job.missed > dark:
        told = f"{job.missed} slots before {datetime.fromtimestamp(job.slot_at or 0.0, UTC):%H:%M:%S} UTC were missed"
        yield Finding("lost", f"instance {job.instance}: {told}, only {dark} of them with a reason")


def _covers_from(job: JobRow, interval: float) -> float:
    """The slot before the first that a job accounts for."""
    return (job.slot_at or 0.0) - (job.slots + job.missed) * interval


def _meet(one: Window, other: Window) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def _judge_mirror(evidence: Evidence) -> Iterable[Finding]:
    for instance, expected in evidence.source.items():
        shown = evidence.mirror.get(instance, {})
        for address in sorted(expected.keys() - shown.keys()):
            yield Finding("lost", f"instance {instance}: {address} is not mirrored")
        for address in sorted(shown.keys() - expected.keys()):
            yield Finding("lost", f"instance {instance}: {address} is mirrored, and its source has it no more")
        for address in sorted(expected.keys() & shown.keys()):
            if expected[address] != shown[address]:
                yield Finding("lost", f"instance {instance}: {address} is {shown[address]}, not {expected[address]}")


def _judge_leases(evidence: Evidence) -> Iterable[Finding]:
    listened = {lease.instance for lease in evidence.leases if lease.role == "listen"}
    for instance in sorted(evidence.instances.keys() - listened):
        yield Finding("lost", f"nobody listens to instance {instance}")
    for lease in evidence.leases:
        if lease.role == "sync":
            yield Finding("stuck", f"the sync lease of instance {lease.instance} is held by {lease.holder}")
        elif lease.holder not in evidence.alive:
            yield Finding("stuck", f"the {lease.role} lease of {lease.instance} is held by the dead {lease.holder}")


def _judge_deaths(evidence: Evidence) -> Iterable[Finding]:
    """Every process outlives the loss of Redis, of the database and of its sources."""
    for name, at in evidence.deaths:
        if not any(begin <= at <= end for begin, end in evidence.disk_full):
            yield Finding("lost", f"{name} ended by itself at {datetime.fromtimestamp(at, UTC):%H:%M:%S} UTC")


def find_dark(spans: dict[str, Sequence[Window]], take_over: float) -> list[Window]:
    """When a slot may be missed, from the times when each beat could not work: the leader's lease has to run out,
    and while all are down nobody can take it over."""
    dark = [(begin, begin + take_over) for windows in spans.values() for begin, _end in windows]
    names = list(spans)
    common: list[Window] = list(spans[names[0]]) if names else []
    for name in names[1:]:
        common = [
            (max(one[0], other[0]), min(one[1], other[1]))
            for one in common
            for other in spans[name]
            if _meet(one, other)
        ]
    return [*dark, *((begin, end + take_over) for begin, end in common)]
