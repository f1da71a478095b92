"""Keeps django-celery-beat's rows in step with instances, and starts what they ask for.

An instance has a row exactly while it runs. The row only makes beat look; which slot it is, and that none runs twice,
is decided here, in the transaction that inserts the job.
"""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from hi.integration import breaker, jobs, leadership, leases, quiet, status
from hi.integration.core.slots import slot_at, slots_between
from hi.integration.enums import JobKind, JobTrigger
from hi.integration.models import IntegrationInstance, Job

# Never sent as a message: beat runs it itself (hi/tasks/beat.py).
TASK = "hi.integration.schedules.run_slot"
MINIMUM_INTERVAL_SECONDS = 5
MAXIMUM_INTERVAL_SECONDS = 7 * 24 * 3600
LATE_SECONDS = 20


def schedule(instance: IntegrationInstance) -> None:
    """Create or change the instance's row. Beat notices within a second; the slot that is now counts as done."""
    seconds = instance.sync_interval_seconds
    with transaction.atomic():
        # Its table has no unique constraint, so two at once may have made twins; either will do.
        same = {"every": seconds, "period": IntervalSchedule.SECONDS}
        interval = IntervalSchedule.objects.filter(**same).first() or IntervalSchedule.objects.create(**same)
        PeriodicTask.objects.update_or_create(
            name=_name(instance.pk),
            defaults={"task": TASK, "interval": interval, "args": json.dumps([instance.pk]), "enabled": True},
        )
        _set_last_slot(instance, slot_at(timezone.now(), seconds, instance.pk))


def unschedule(instance_id: int) -> None:
    for task in PeriodicTask.objects.filter(name=_name(instance_id)):
        task.delete()  # one by one: beat learns of it from the signal
    IntegrationInstance.objects.filter(pk=instance_id).update(last_slot_at=None, missed_slots=0, quiet_until=None)


def next_run_at(instance: IntegrationInstance) -> datetime | None:
    """When beat will start the next sync; None without a schedule."""
    instance.refresh_from_db(fields=["last_slot_at", "sync_interval_seconds", "quiet_until"])
    return next_runs([instance]).get(instance.pk)


def next_runs(instances: Iterable[IntegrationInstance]) -> dict[int, datetime]:
    """instance id -> when its next sync is due, for those that have a schedule. In the past: it is late."""
    now = timezone.now()
    runs = {}
    for instance in instances:
        if instance.last_slot_at is not None:
            # After the clock was set back, the last slot may lie ahead; the next one is not an interval after that.
            last = min(instance.last_slot_at, slot_at(now, instance.sync_interval_seconds, instance.pk))
            if until := quiet.left_alone_until(instance):
                last = max(last, slot_at(until, instance.sync_interval_seconds, instance.pk))
            runs[instance.pk] = last + timedelta(seconds=instance.sync_interval_seconds)
    return runs


def is_late(next_run: datetime) -> bool:
    return next_run < timezone.now() - timedelta(seconds=LATE_SECONDS)


def run_slot(instance_id: int, leading: leadership.Leading) -> Job | None:
    """Start the sync of the slot that is now, once, however often and by whomever this is called.

    None where that slot has run, or the instance does not run now, its breaker holds calls back or it wants to be left
    alone. Slots that passed without a sync are counted, and told by the next one's job. Raises LeaseLostError for who
    does not lead any more.
    """
    with transaction.atomic():
        leadership.check(leading)
        leases.lock_instance(instance_id)
        instance = IntegrationInstance.objects.filter(status.wanted(), pk=instance_id).first()
        if instance is None:
            return None
        now, interval, last = timezone.now(), instance.sync_interval_seconds, instance.last_slot_at
        slot = slot_at(now, interval, instance_id)
        # A last slot beyond the next one is of a clock that was set back since, and says nothing.
        if last is not None and slot <= last <= now + timedelta(seconds=interval):
            return None
        missed = instance.missed_slots + (slots_between(last, slot, interval) if last else 0)
        if breaker.holds(instance) or quiet.left_alone_until(instance):
            _set_last_slot(instance, slot, missed + 1)
            return None
        _set_last_slot(instance, slot)
        return jobs.enqueue(JobKind.SYNC, instance, trigger=JobTrigger.SCHEDULE, slot=jobs.Slot(slot, interval, missed))


def _set_last_slot(instance: IntegrationInstance, slot: datetime, missed: int = 0) -> None:
    instance.last_slot_at, instance.missed_slots = slot, missed
    IntegrationInstance.objects.filter(pk=instance.pk).update(last_slot_at=slot, missed_slots=missed)


def _name(instance_id: int) -> str:
    return f"hi: sync integration {instance_id}"
