"""Reading what hi's rows say about its work: a fixed number of statements, however much there is."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import DatabaseError
from django.db.models import Count, Exists, Min, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from hi.accounts import key_check
from hi.backup.migrated import missing_migrations
from hi.integration import exceptions, jobs, routes, schedules, status
from hi.integration.enums import OPEN_JOB_STATUSES, JobKind, JobStatus, LeaseRole
from hi.integration.health import probes
from hi.integration.health.facts import (
    DatabaseFacts,
    Facts,
    JobFacts,
    KeyFacts,
    QueueFacts,
    RedisFacts,
    SystemFacts,
)
from hi.integration.integration_factory import get_integration_gateway
from hi.integration.models import IntegrationInstance, Job, Leadership, Lease, Process


def read_facts() -> Facts:
    """Look at everything. What can't be read is told in the facts, never raised."""
    redis = probes.probe_redis()
    databases = tuple(_with_migrations(database) for database in probes.probe_databases())
    facts = Facts(timezone.now(), databases, redis, probes.probe_disk(), probes.probe_backups(), probes.probe_keys())
    if databases[0].error:
        return replace(facts, rows_error="the database does not answer", queues=_queues((), redis))
    try:
        return replace(facts, **_read_rows(facts))
    except DatabaseError as err:
        return replace(facts, rows_error=probes.say(err), queues=_queues((), redis))


def _read_rows(facts: Facts) -> dict[str, Any]:
    open_jobs = _read_jobs(facts.now)
    return {
        "processes": tuple(Process.objects.all()),
        "leader": Leadership.objects.filter(part="beat").first(),
        "jobs": open_jobs,
        "queues": _queues(open_jobs, facts.redis),
        "systems": _read_systems(),
        "keys": _with_fit(facts.keys),
    }


def _with_migrations(database: DatabaseFacts) -> DatabaseFacts:
    if database.error:
        return database
    return replace(database, missing_migrations=len(missing_migrations(database.alias)))


def _with_fit(keys: KeyFacts) -> KeyFacts:
    return keys if keys.error else replace(keys, fits=key_check.key_fits())


def _read_jobs(now: datetime) -> tuple[JobFacts, ...]:
    due = jobs.is_due() & ~jobs.is_behind_another() & Q(status=JobStatus.QUEUED)
    due &= Q(expires_at=None) | Q(expires_at__gt=now)
    groups = (
        Job.objects.filter(status__in=OPEN_JOB_STATUSES)
        .values("kind", "status")
        .annotate(
            count=Count("pk"),
            due=Count("pk", filter=due),
            oldest_due_at=Min(Coalesce("run_after", "created_at"), filter=due),
        )
        .order_by("kind", "status")
    )
    return tuple(JobFacts(**group) for group in groups)


def _queue_of(kind: str) -> str:
    """A kind that this code does not know (any more) is in none."""
    return routes.queue_of(jobs.TASK_NAMES[JobKind(kind)]) if kind in jobs.TASK_NAMES else ""


def _queues(open_jobs: tuple[JobFacts, ...], redis: RedisFacts) -> tuple[QueueFacts, ...]:
    found = []
    for name in routes.QUEUES:
        own = [job for job in open_jobs if job.due and _queue_of(job.kind) == name]
        oldest = min((job.oldest_due_at for job in own if job.oldest_due_at), default=None)
        found.append(QueueFacts(name, redis.depths.get(name), sum(job.due for job in own), oldest))
    return tuple(found)


def _read_systems() -> tuple[SystemFacts, ...]:
    lease = Lease.objects.filter(instance=OuterRef("pk"), role=LeaseRole.LISTEN)
    running = IntegrationInstance.objects.filter(status.wanted(), pk=OuterRef("pk"))
    instances = list(
        IntegrationInstance.objects.filter(is_draft=False)
        .annotate(
            wanted=Exists(running),
            open_repairs=Count("repairs", filter=Q(repairs__closed_at=None)),
            lease_holder=Subquery(lease.values("holder")[:1]),
            lease_expires_at=Subquery(lease.values("expires_at")[:1]),
        )
        .order_by("label", "pk")  # grouping drops the model's own order
    )
    due = schedules.next_runs(instance for instance in instances if instance.wanted)
    return tuple(
        SystemFacts(
            instance,
            wanted=instance.wanted,
            open_repairs=instance.open_repairs,
            lease_holder=instance.lease_holder,
            lease_expires_at=instance.lease_expires_at,
            due_at=due.get(instance.pk),
            fault=_find_fault(instance.integration_type),
        )
        for instance in instances
    )


def _find_fault(integration_type: str) -> exceptions.IntegrationError | None:
    try:
        get_integration_gateway(integration_type)
    except exceptions.IntegrationError as err:
        return err
    return None
