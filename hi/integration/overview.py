"""What pages and API show of integrations, read in a constant number of statements."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery, prefetch_related_objects
from django.db.models.functions import Coalesce
from django.utils import timezone

from hi.entity.models import Entity, EntityAttribute, EntityFile, EntityState, Location
from hi.integration import breaker, schedules
from hi.integration.app_config import IntegrationInfo, describe
from hi.integration.enums import EXPLAINING_REPAIRS, OPEN_JOB_STATUSES, Decision, IntegrationStatus, ItemKind
from hi.integration.models import (
    InboxItem,
    IntegrationAttribute,
    IntegrationInstance,
    IntegrationLink,
    Job,
    Repair,
    SyncRun,
)
from hi.integration.removal import only_here
from hi.integration.tls import TLS_CHECK, TlsMode
from hi.utils import keyset
from hi.utils.keyset import Cursor

Row = TypeVar("Row", Job, Repair)

STOPPED_BY_TROUBLE = (IntegrationStatus.AUTH_FAILED, IntegrationStatus.FAILED)


@dataclass(frozen=True, slots=True)
class InstanceOverview:
    """One instance with what is around it."""

    instance: IntegrationInstance
    info: IntegrationInfo
    entity_count: int
    state_count: int
    waiting_count: int
    next_sync_at: datetime | None
    breaker_retry_at: datetime | None
    open_jobs: tuple[Job, ...]
    repairs: tuple[Repair, ...]
    is_unverified: bool  # over https, to whoever answers, because a person wants it so

    @property
    def is_live(self) -> bool:
        return self.instance.live_since is not None


def list_instances() -> list[InstanceOverview]:
    """Every instance but drafts, in the order of their labels."""
    return _overview(IntegrationInstance.objects.filter(is_draft=False))


def get_instance(instance_id: int) -> InstanceOverview:
    """One instance, drafts included. Raises IntegrationInstance.DoesNotExist."""
    found = _overview(IntegrationInstance.objects.filter(pk=instance_id))
    if not found:
        raise IntegrationInstance.DoesNotExist
    return found[0]


def count_needs() -> int:
    """How many things need a person: open repairs, what stopped by trouble without one that says why, and inboxes in
    which something waits."""
    explained = Repair.objects.filter(instance=OuterRef("pk"), kind__in=EXPLAINING_REPAIRS, closed_at=None)
    stopped = IntegrationInstance.objects.filter(is_draft=False, status__in=STOPPED_BY_TROUBLE)
    inboxes = IntegrationInstance.objects.filter(Exists(_waiting()), is_draft=False)
    needs = (Repair.objects.filter(closed_at=None), stopped.exclude(Exists(explained)), inboxes)
    first, *others = (queryset.order_by().values("pk") for queryset in needs)
    return first.union(*others, all=True).count()


def count_changes(seconds: float = 60) -> dict[int, int]:
    """How many states of each instance have changed within the last seconds; nothing for one without any."""
    since = timezone.now() - timedelta(seconds=seconds)
    # What is heard is what narrows the rows: a condition on the links would lead SQLite through all of them.
    changed = EntityState.objects.filter(received_at__gte=since).values_list("links__instance")
    counted = changed.annotate(count=Count("pk", filter=Q(links__removed_at=None))).order_by()
    return {instance_id: count for instance_id, count in counted if instance_id and count}


def list_runs(
    instance_id: int, limit: int = 10, after: Cursor[int] | None = None
) -> tuple[list[SyncRun], Cursor[int] | None]:
    """A page of syncs with their jobs, newest first, and where the next one begins."""
    runs = SyncRun.objects.filter(instance=instance_id).select_related("job__requested_by")
    return keyset.read_page(runs, ("-started_at", "-pk"), limit, lambda run: (run.started_at, run.pk), after)


def last_job(instance_id: int) -> Job | None:
    """The job of an instance that was asked for last, with who asked."""
    return Job.objects.filter(instance=instance_id).select_related("requested_by").order_by("-created_at", "id").first()


def links_of(entity: Entity) -> list[IntegrationLink]:
    """What each instance calls a thing, tombstones included, by label; read once for a thing."""
    links = IntegrationLink.objects.select_related("instance").order_by("instance__label", "pk")
    prefetch_related_objects([entity], Prefetch("links", links))
    return list(entity.links.all())


def links_of_states(states: Iterable[EntityState]) -> dict[int, list[IntegrationLink]]:
    """State's id -> who mirrors it now, and as what; of its instance no more than can be told. One statement, for those
    of which it was not read before."""
    told = ("integration_type", "label", "desired_state", "status", "live_lost_at")
    links = (
        IntegrationLink.objects.filter(kind=ItemKind.STATE, removed_at=None)
        .select_related("instance")
        .only("state", "integration_key", "address", *(f"instance__{name}" for name in told))
        .order_by("pk")
    )
    asked = list(states)
    prefetch_related_objects(asked, Prefetch("links", links))
    return {state.pk: list(state.links.all()) for state in asked}


def list_sources(entity: Entity) -> list[str]:
    """The labels of the instances that mirror a thing, or where none does, that did."""
    links = links_of(entity)
    live = [link for link in links if link.removed_at is None]
    return list(dict.fromkeys(link.instance.label for link in live or links))


@dataclass(frozen=True, slots=True)
class Loss:
    """What deleting an instance takes with it: what only it mirrors, and what people added to that."""

    things: int
    states: int
    places: int
    named_by_you: int
    noted_by_you: int
    files: int


def what_deletion_loses(instance: IntegrationInstance) -> Loss:
    yours = Q(user_name__isnull=False) | Q(user_location__isnull=False)
    things = Entity.objects.filter(only_here(ItemKind.ENTITY, instance))
    noted = ~Q(user_notes="") | Q(Exists(EntityAttribute.objects.filter(entity=OuterRef("pk"))))
    counted = things.aggregate(
        all=Count("pk"),
        yours=Count("pk", filter=yours | Q(user_type__isnull=False)),
        noted=Count("pk", filter=noted),
    )
    states = EntityState.objects.filter(only_here(ItemKind.STATE, instance))
    counted_states = states.aggregate(all=Count("pk"), yours=Count("pk", filter=yours))
    return Loss(
        things=counted["all"],
        states=counted_states["all"],
        places=Location.objects.filter(only_here(ItemKind.LOCATION, instance)).count(),
        named_by_you=counted["yours"] + counted_states["yours"],
        noted_by_you=counted["noted"],
        files=EntityFile.objects.filter(entity__in=things).count(),
    )


def _overview(queryset: QuerySet[IntegrationInstance]) -> list[InstanceOverview]:
    waiting = _waiting().order_by().values("instance").annotate(number=Count("pk")).values("number")
    instances = list(queryset.annotate(waiting_count=Coalesce(Subquery(waiting), 0), is_unverified=_is_unverified()))
    ids = [instance.pk for instance in instances]
    links = IntegrationLink.objects.filter(
        removed_at=None, kind__in=(ItemKind.ENTITY, ItemKind.STATE), instance__in=ids
    )
    counts = {
        (pk, kind): number for pk, kind, number in links.values_list("instance", "kind").annotate(number=Count("pk"))
    }
    jobs = _group(Job.objects.filter(instance__in=ids, status__in=OPEN_JOB_STATUSES).order_by("created_at"))
    repairs = _group(Repair.objects.filter(instance__in=ids, closed_at=None).order_by("opened_at"))
    next_runs = schedules.next_runs(instances)
    return [
        InstanceOverview(
            instance=instance,
            info=describe(instance.integration_type),
            entity_count=counts.get((instance.pk, ItemKind.ENTITY), 0),
            state_count=counts.get((instance.pk, ItemKind.STATE), 0),
            waiting_count=instance.waiting_count,
            next_sync_at=next_runs.get(instance.pk),
            breaker_retry_at=breaker.retry_at(instance),
            open_jobs=tuple(jobs.get(instance.pk, ())),
            repairs=tuple(repairs.get(instance.pk, ())),
            is_unverified=instance.is_unverified,
        )
        for instance in instances
    ]


def _waiting() -> QuerySet[InboxItem]:
    """What waits in the inbox of an instance of the statement around it."""
    return InboxItem.objects.filter(instance=OuterRef("pk"), decision=Decision.WAITING)


def _is_unverified() -> Q:
    settings = IntegrationAttribute.objects.filter(instance=OuterRef("pk"), is_secret=False)
    unchecked = settings.filter(integration_attr_key=TLS_CHECK, value=TlsMode.OFF)
    return Q(Exists(unchecked), Exists(settings.filter(value__startswith="https://")))


def _group(rows: Iterable[Row]) -> dict[int, list[Row]]:
    grouped: dict[int, list[Row]] = {}
    for row in rows:
        if row.instance_id is not None:
            grouped.setdefault(row.instance_id, []).append(row)
    return grouped
