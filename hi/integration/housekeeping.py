"""What is old goes: records of jobs, syncs, commands, gaps and deeds, sessions, and files that nothing leads to."""

from datetime import timedelta
from typing import Any

from django.contrib.sessions.models import Session
from django.db.models import F, Model, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from hi.entity import places
from hi.integration import files
from hi.integration.enums import OPEN_JOB_STATUSES
from hi.integration.models import AuditEntry, Command, ConnectionGap, Job, Recording, SyncRun

KEEP_DAYS = 30
KEEP_RUNS = 100
KEEP_GAP_DAYS = 40  # the wall shows 30
KEEP_DEED_DAYS = 366
KEEP_RECORDING_DAYS = 90
BATCH = 1000


def keep_house() -> int:
    """Delete ended jobs and commands, and syncs beyond each instance's newest hundred, after 30 days, ended gaps after
    40, what sources recorded after 90, what people did after a year, and sessions once they have expired.

    Returns how many rows went. In batches, so that nobody waits long for the database.
    """
    now = timezone.now()
    long_ago = now - timedelta(days=KEEP_DAYS)
    beyond = SyncRun.objects.annotate(
        place=Window(RowNumber(), partition_by=F("instance_id"), order_by=F("started_at").desc())
    ).filter(place__gt=KEEP_RUNS)
    # Two queries in one: beside the window, the age would choose the rows that are counted.
    old_runs = SyncRun.objects.filter(pk__in=beyond.values("pk"), started_at__lt=long_ago).order_by()
    old_jobs = Job.objects.filter(created_at__lt=long_ago).exclude(status__in=OPEN_JOB_STATUSES).order_by()
    old_commands = Command.objects.filter(created_at__lt=long_ago, ended_at__isnull=False).order_by()
    old_gaps = ConnectionGap.objects.filter(ended_at__lt=now - timedelta(days=KEEP_GAP_DAYS))
    old_recordings = Recording.objects.filter(began_at__lt=now - timedelta(days=KEEP_RECORDING_DAYS)).order_by()
    old_deeds = AuditEntry.objects.filter(at__lt=now - timedelta(days=KEEP_DEED_DAYS))
    old_sessions = Session.objects.filter(expire_date__lt=now)
    files.sweep_orphans()
    # Two syncs that brought places at the same moment may have numbered them without each other's.
    places.settle_order()
    return (
        _delete(SyncRun, old_runs)
        + _delete(Job, old_jobs)
        + _delete(Command, old_commands)
        + _delete(ConnectionGap, old_gaps)
        + _delete(Recording, old_recordings)
        + _delete(AuditEntry, old_deeds)
        + _delete(Session, old_sessions)
    )


def _delete(model: type[Model], old: QuerySet[Any]) -> int:
    gone = 0
    while keys := list(old.values_list("pk", flat=True)[:BATCH]):
        gone += model._default_manager.filter(pk__in=keys).delete()[0]
    return gone
