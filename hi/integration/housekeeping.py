"""What is old goes: records of jobs, syncs and commands nobody will look at any more, and files nothing leads to."""

from datetime import timedelta
from typing import Any

from django.db.models import F, Model, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from hi.entity import places
from hi.integration import files
from hi.integration.enums import OPEN_JOB_STATUSES
from hi.integration.models import Command, Job, SyncRun

KEEP_DAYS = 30
KEEP_RUNS = 100
BATCH = 1000


def keep_house() -> int:
    """Delete ended jobs and commands, and syncs beyond each instance's newest hundred, after 30 days.

    Returns how many rows went. In batches, so that nobody waits long for the database.
    """
    long_ago = timezone.now() - timedelta(days=KEEP_DAYS)
    old_runs = (
        SyncRun.objects.annotate(
            place=Window(RowNumber(), partition_by=F("instance_id"), order_by=F("started_at").desc())
        )
        .filter(place__gt=KEEP_RUNS, started_at__lt=long_ago)
        .order_by()
    )
    old_jobs = Job.objects.filter(created_at__lt=long_ago).exclude(status__in=OPEN_JOB_STATUSES).order_by()
    old_commands = Command.objects.filter(created_at__lt=long_ago, ended_at__isnull=False).order_by()
    files.sweep_orphans()
    # Two syncs that brought places at the same moment may have numbered them without each other's.
    places.settle_order()
    return _delete(SyncRun, old_runs) + _delete(Job, old_jobs) + _delete(Command, old_commands)


def _delete(model: type[Model], old: QuerySet[Any]) -> int:
    gone = 0
    while keys := list(old.values_list("pk", flat=True)[:BATCH]):
        gone += model._default_manager.filter(pk__in=keys).delete()[0]
    return gone
