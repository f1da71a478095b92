"""Lists of jobs: any combination of filters, newest first, at a price that does not grow with the table.

Each filter has an index in the list's order. One filter alone is read straight from its index. Of several, each says
how far its own next LOOK jobs reach; the one that reaches furthest leads, and the others are checked on its rows.
Nothing beyond is read, so a page may be short, or even empty, and still say where to go on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from hi.entity.queries import MAX_PAGE
from hi.integration.enums import BAD_JOB_STATUSES, OPEN_JOB_STATUSES, JobKind, JobStatus, JobTrigger
from hi.integration.models import Job
from hi.integration.models.job import BAD_JOBS, OPEN_JOBS, UNACKNOWLEDGED_JOBS
from hi.utils.keyset import Cursor, Order, beyond

LOOK = 2_000
MOST_COUNTED = 1_000
ORIGIN = datetime(1970, 1, 1, tzinfo=UTC)

NEWEST_FIRST = ("-created_at", "id")
OLDEST_FIRST = ("created_at", "-id")


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs. Empty fields do not filter. `needs_look`: failed or lost, and nobody has seen it.

    `after` is the cursor of the last job of the page before, `before` that of the first job of the page after.
    """

    statuses: tuple[JobStatus, ...] = ()
    needs_look: bool = False
    kind: JobKind | None = None
    instance_id: int | None = None
    trigger: JobTrigger | None = None
    requested_by_id: int | None = None
    since: datetime | None = None
    after: Cursor[UUID] | None = None
    before: Cursor[UUID] | None = None


@dataclass(frozen=True, slots=True)
class _Part:
    """One filter, as its index serves it and as a mere check of rows that another index brings."""

    indexed: Q
    checked: Q


def list_jobs(chosen: JobFilter, limit: int = 50) -> tuple[list[Job], Cursor[UUID] | None]:
    """One page of jobs with who asked for them, newest first, and where the page beyond begins (None: there is none):
    the older one, or with `before` the newer one."""
    limit = min(limit, MAX_PAGE)
    found, edge = _search(chosen)
    jobs = list(found.select_related("requested_by").defer("arguments", "error", "log", "checkpoint")[: limit + 1])
    following = edge if len(jobs) <= limit else cursor_of(jobs[limit - 1])
    jobs = jobs[:limit]
    return (jobs[::-1] if chosen.before else jobs), following


def count_jobs(chosen: JobFilter) -> tuple[int, bool]:
    """How many, and whether there may be more: it counts no further than a list looks, nor beyond MOST_COUNTED."""
    found, edge = _search(chosen)
    number = found[: MOST_COUNTED + 1].count()  # in its order, which leads SQLite to the right index
    return min(number, MOST_COUNTED), number > MOST_COUNTED or edge is not None


def acknowledge(chosen: JobFilter, *, seen_at: datetime, ids: Sequence[UUID] | None = None) -> tuple[int, datetime]:
    """Mark as seen what failed or got lost until `seen_at`, among the chosen ones and, if given, among `ids`.

    Answers how many, and the moment by which `unacknowledge` takes exactly this back.
    """
    first, *others = _parts(replace(chosen, needs_look=True))
    jobs = _rows().filter(first.indexed, *(part.checked for part in others), _bounds(chosen))
    jobs = jobs.filter(Q(ended_at__lte=seen_at) | Q(ended_at=None))
    now = timezone.now()
    if ids is not None:
        jobs = jobs.filter(pk__in=ids)
    return jobs.update(acknowledged_at=now), now


def unacknowledge(acknowledged_at: datetime) -> int:
    return Job.objects.filter(acknowledged_at=acknowledged_at).update(acknowledged_at=None)


def cursor_of(job: Job) -> Cursor[UUID]:
    return job.created_at, job.pk


def _search(chosen: JobFilter) -> tuple[QuerySet[Job], Cursor[UUID] | None]:
    """What fits, in the order of reading, and how far was looked: None to the end."""
    order = OLDEST_FIRST if chosen.before else NEWEST_FIRST
    parts, edge = _parts(chosen), None
    if len(parts) > 1:
        reaches = [(_reach(part, chosen, order), part) for part in parts]
        edge, lead = max(reaches, key=lambda reach: _distance(reach[0], forward=chosen.before is not None))
        parts = [lead, *(part for part in parts if part is not lead)]
    filters = [part.checked if number else part.indexed for number, part in enumerate(parts)]
    jobs = _rows().filter(_bounds(chosen), *filters).order_by(*order)
    if edge is not None:
        # Not further than that: what is behind it the other way round.
        jobs = jobs.filter(beyond(NEWEST_FIRST if chosen.before else OLDEST_FIRST, edge, including=True))
    return jobs, edge


def _reach(part: _Part, chosen: JobFilter, order: Order) -> Cursor[UUID] | None:
    cursors = Job.objects.filter(_bounds(chosen), part.indexed).order_by(*order).values_list("created_at", "id")
    return next(iter(cursors[LOOK - 1 : LOOK]), None)


def _distance(edge: Cursor[UUID] | None, *, forward: bool) -> tuple[bool, timedelta, int]:
    """Sorts edges by how far they are; the furthest is the end."""
    if edge is None:
        return True, timedelta(), 0
    moment, pk = edge
    sign = 1 if forward else -1
    return False, sign * (moment - ORIGIN), -sign * pk.int


def _bounds(chosen: JobFilter) -> Q:
    """The stretch of time."""
    bounds = Q()
    if chosen.since is not None:
        bounds &= Q(created_at__gte=chosen.since)
    if chosen.after is not None:
        bounds &= beyond(NEWEST_FIRST, chosen.after)
    if chosen.before is not None:
        bounds &= beyond(OLDEST_FIRST, chosen.before)
    return bounds


# A column in an expression is served by no index, so that the leading filter's own is the only choice: without
# statistics SQLite takes any of them.
_CHECKED: dict[str, Any] = {"status": "", "kind": "", "trigger": "", "instance_id": 0, "requested_by_id": 0}


def _rows() -> QuerySet[Job]:
    return Job.objects.alias(**{f"checked_{name}": Coalesce(name, Value(none)) for name, none in _CHECKED.items()})


def _parts(chosen: JobFilter) -> list[_Part]:
    parts = []
    if chosen.needs_look:
        unseen = Q(checked_status__in=BAD_JOB_STATUSES, acknowledged_at=None)
        parts.append(_Part(UNACKNOWLEDGED_JOBS, unseen))
    if chosen.statuses:
        known: dict[tuple[JobStatus, ...], Q] = {OPEN_JOB_STATUSES: OPEN_JOBS, BAD_JOB_STATUSES: BAD_JOBS}
        indexed = known.get(chosen.statuses, Q(status__in=chosen.statuses))
        parts.append(_Part(indexed, Q(checked_status__in=chosen.statuses)))
    for name in ("instance_id", "kind", "trigger", "requested_by_id"):
        value = getattr(chosen, name)
        if value is not None:
            parts.append(_Part(Q(**{name: value}), Q(**{f"checked_{name}": value})))
    return parts
