"""What only the API reads, each in one statement."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from hi.entity.models import Entity
from hi.integration.enums import ItemKind, JobStatus
from hi.integration.models import IntegrationLink, Job


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs. Empty fields do not filter. `after` is the (created_at, id) of the last job of the page before."""

    status: JobStatus | None = None
    instance_id: int | None = None
    after: tuple[datetime, UUID] | None = None


def list_jobs(chosen: JobFilter, limit: int) -> tuple[list[Job], tuple[datetime, UUID] | None]:
    """One page of jobs, newest first, and where the next page begins."""
    jobs = Job.objects.defer("arguments", "error").order_by("-created_at", "id")
    if chosen.status is not None:
        jobs = jobs.filter(status=chosen.status)
    if chosen.instance_id is not None:
        jobs = jobs.filter(instance=chosen.instance_id)
    if chosen.after is not None:
        created_at, pk = chosen.after
        jobs = jobs.filter(Q(created_at__lt=created_at) | Q(created_at=created_at, pk__gt=pk))
    page = list(jobs[: limit + 1])
    if len(page) <= limit:
        return page, None
    return page[:limit], (page[limit - 1].created_at, page[limit - 1].pk)


def get_addresses(entities: Iterable[Entity]) -> dict[int, str]:
    """State id -> what its source calls it, for the live states of some things. The oldest link speaks for a state
    that several sources have."""
    links = IntegrationLink.objects.filter(
        # By things and not by states: there are far fewer of them, and a statement takes so many parameters only.
        kind=ItemKind.STATE,
        removed_at=None,
        state__entity__in=[entity.pk for entity in entities],
        state__removed_at=None,
    )
    newest_first = links.order_by("-pk").values_list("state_id", "address")
    return {state_id: address for state_id, address in newest_first if address}
