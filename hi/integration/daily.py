"""How it went: each instance's last 30 days, and its last 24 hours with every gap and every sync that went wrong.

A constant number of statements for all instances together, cheap enough for a page that asks every two seconds: what
lies before today does not change any more and is read again only every few minutes.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from time import monotonic

from django.db.models import Case, Count, F, IntegerField, Q, Value, When
from django.utils import timezone

from hi.integration.enums import RunOutcome
from hi.integration.models import ConnectionGap, IntegrationInstance, SyncRun

DAYS = 30
# A gap shorter than this is a hiccup: a restart, a listener that takes over.
HICCUP = timedelta(minutes=1)
LONG = timedelta(hours=1)
# The end of a gap and the moment of being live are written one after the other.
SAME = timedelta(seconds=5)
REREAD_SECONDS = 300
MOST_GAPS = 20_000
MOST_REMEMBERED = 16


class Level(StrEnum):
    UP = "up"
    SHAKY = "shaky"  # short gaps, or a sync that failed or was partial
    DOWN = "down"  # an hour or more without a connection, or no sync that worked
    NONE = "none"  # nothing is known


@dataclass(slots=True)
class Day:
    """`down`: how long it was not live. `failed` and `partial` are among the `syncs`."""

    date: date
    down: timedelta = timedelta()
    syncs: int = 0
    failed: int = 0
    partial: int = 0
    was_live: bool = False

    @property
    def level(self) -> Level:
        if not (self.down or self.syncs or self.was_live):
            return Level.NONE
        if self.down >= LONG or (self.failed and self.failed == self.syncs):
            return Level.DOWN
        return Level.SHAKY if self.down >= HICCUP or self.failed or self.partial else Level.UP


@dataclass(frozen=True, slots=True)
class Gap:
    began_at: datetime
    ended_at: datetime | None
    reason: str = ""


@dataclass(slots=True)
class Hours:
    """The last 24 hours. `known_from`: from here on what is no gap was live."""

    since: datetime
    until: datetime
    known_from: datetime
    gaps: list[Gap] = field(default_factory=list)
    syncs: int = 0
    failed_at: list[datetime] = field(default_factory=list)
    partial_at: list[datetime] = field(default_factory=list)

    @property
    def down(self) -> timedelta:
        return sum((overlap(gap, self.since, self.until) for gap in self.gaps), timedelta())


@dataclass(frozen=True, slots=True)
class History:
    days: tuple[Day, ...]
    hours: Hours


# The days before today, by the ids of the instances and the home's days, with when they were read.
Key = tuple[tuple[int, ...], tuple[datetime, ...]]
Past = dict[int, tuple[Day, ...]]
_past: dict[Key, tuple[float, Past]] = {}


def overlap(gap: Gap, begin: datetime, end: datetime) -> timedelta:
    """How much of a stretch of time a gap takes; an open one lasts."""
    return max(timedelta(), min(gap.ended_at or end, end) - max(gap.began_at, begin))


def day_starts(now: datetime, days: int = DAYS) -> list[datetime]:
    """When today and the days before began, the oldest first: the home's own days, be they of 23 or 25 h."""
    zone = timezone.get_current_timezone()
    today = now.astimezone(zone).date()
    return [_midnight(today - timedelta(days=back), zone) for back in reversed(range(days))]


def _midnight(day: date, zone: tzinfo) -> datetime:
    """In UTC: between two times of one zone Python counts what their clocks show, not what has passed."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def read_histories(instances: Iterable[IntegrationInstance], now: datetime | None = None) -> dict[int, History]:
    """By the instance's id."""
    found = {instance.pk: instance for instance in instances}
    if not found:
        return {}
    now = now or timezone.now()
    ids = tuple(sorted(found))
    starts = day_starts(now)
    # In steps, so that a page which shows this is the same until something happens.
    since = (now - timedelta(hours=24)).replace(second=0, microsecond=0)
    since -= timedelta(minutes=since.minute % 5)
    past = _recall((ids, tuple(starts)))
    gaps = _read_gaps(ids, min(since, starts[-1] if past else starts[0]))
    past = past or _remember((ids, tuple(starts)), _read_past(ids, starts, gaps))
    hours = {pk: Hours(since, now, now, gaps=[gap for gap in gaps[pk] if overlap(gap, since, now)]) for pk in ids}
    today = {pk: Day(timezone.localdate(starts[-1])) for pk in ids}
    for pk in ids:
        today[pk].down = sum((overlap(gap, starts[-1], now) for gap in gaps[pk]), timedelta())
    _read_recent_runs(ids, starts[-1], hours, today)
    for pk, instance in found.items():
        hours[pk].known_from = _known_from(instance, hours[pk])
    return {
        pk: History(tuple(_with_life([*past[pk], today[pk]], starts, instance)), hours[pk])
        for pk, instance in found.items()
    }


def forget() -> None:
    """Read the past anew the next time."""
    _past.clear()


def _recall(key: Key) -> Past | None:
    read_at, past = _past.get(key, (0.0, None))
    return past if monotonic() - read_at < REREAD_SECONDS else None


def _remember(key: Key, past: Past) -> Past:
    if len(_past) >= MOST_REMEMBERED:
        _past.clear()
    _past[key] = (monotonic(), past)
    return past


def _read_past(ids: Sequence[int], starts: Sequence[datetime], gaps: Mapping[int, list[Gap]]) -> Past:
    days = {pk: [Day(timezone.localdate(start)) for start in starts[:-1]] for pk in ids}
    for pk, of_one in gaps.items():
        for gap in of_one:
            for day, begin, end in zip(days[pk], starts, starts[1:], strict=False):
                day.down += overlap(gap, begin, end)
    number = Case(
        *[When(started_at__lt=end, then=Value(index)) for index, end in enumerate(starts[1:])],
        output_field=IntegerField(),
    )
    runs = (
        SyncRun.objects.filter(instance__in=ids, started_at__gte=starts[0], started_at__lt=starts[-1])
        .values("instance_id", "outcome", day=number)
        .annotate(count=Count("pk"))
        .order_by()
    )
    for row in runs:
        _count(days[row["instance_id"]][row["day"]], row["outcome"], row["count"])
    return {pk: tuple(of_instance) for pk, of_instance in days.items()}


def _read_gaps(ids: Sequence[int], since: datetime) -> dict[int, list[Gap]]:
    """Those that reach beyond `since`, the oldest first."""
    rows = (
        ConnectionGap.objects.filter(Q(ended_at=None) | Q(ended_at__gt=since), instance__in=ids)
        .order_by("-began_at")
        .values_list("instance_id", "began_at", "ended_at", "reason")[:MOST_GAPS]
    )
    gaps: dict[int, list[Gap]] = defaultdict(list)
    for instance_id, began_at, ended_at, reason in reversed(rows):
        gaps[instance_id].append(Gap(began_at, ended_at, reason))
    return gaps


def _read_recent_runs(ids: Sequence[int], midnight: datetime, hours: dict[int, Hours], today: dict[int, Day]) -> None:
    """Of what went well only how often, of what did not when."""
    since = next(iter(hours.values())).since
    went_wrong = Q(outcome__in=[RunOutcome.FAILED, RunOutcome.PARTIAL])
    runs = (
        SyncRun.objects.filter(instance__in=ids, started_at__gte=min(since, midnight))
        .values("instance_id", "outcome", at=Case(When(went_wrong, then=F("started_at"))))
        .annotate(
            lately=Count("pk", filter=Q(started_at__gte=since)),
            today=Count("pk", filter=Q(started_at__gte=midnight)),
        )
        .order_by()
    )
    for row in runs:
        _count(today[row["instance_id"]], row["outcome"], row["today"])
        of_one = hours[row["instance_id"]]
        of_one.syncs += row["lately"]
        if row["lately"] and row["at"]:
            (of_one.failed_at if row["outcome"] == RunOutcome.FAILED else of_one.partial_at).append(row["at"])


def _count(day: Day, outcome: str, count: int) -> None:
    day.syncs += count
    day.failed += count if outcome == RunOutcome.FAILED else 0
    day.partial += count if outcome == RunOutcome.PARTIAL else 0


def _with_life(days: Sequence[Day], starts: Sequence[datetime], instance: IntegrationInstance) -> list[Day]:
    """A day without a gap or a sync is known where the connection of today was there already."""
    live_since = instance.live_since
    ends = [*starts[1:], None]
    return [
        Day(day.date, day.down, day.syncs, day.failed, day.partial, was_live=True)
        if live_since is not None and (end is None or live_since < end)
        else day
        for day, end in zip(days, ends, strict=True)
    ]


def _known_from(instance: IntegrationInstance, hours: Hours) -> datetime:
    """Back from now, through gaps that end where the next stretch begins: what lies before was paused, or off."""
    begin = max(hours.since, instance.created_at)
    known = instance.live_since or hours.until
    for number in reversed(range(len(hours.gaps))):
        ended_at = hours.gaps[number].ended_at
        if ended_at is not None and abs(known - ended_at) > SAME:
            break
        known = (hours.gaps[number - 1].ended_at if number else None) or begin
    return max(begin, known)
