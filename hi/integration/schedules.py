"""Keeps django-celery-beat's rows in step with instances. An instance has a row exactly while it runs."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from hi.integration.models import IntegrationInstance

TASK = "hi.tasks.sync.start_scheduled_sync"
MINIMUM_INTERVAL_SECONDS = 5
MAXIMUM_INTERVAL_SECONDS = 7 * 24 * 3600
MINIMUM_EXPIRY_SECONDS = 15


def schedule(instance: IntegrationInstance) -> None:
    """Create or change the instance's row. Beat notices within a second; the next run counts from the last one."""
    seconds = instance.sync_interval_seconds
    with transaction.atomic():
        # Its table has no unique constraint, so two at once may have made twins; either will do.
        same = {"every": seconds, "period": IntervalSchedule.SECONDS}
        interval = IntervalSchedule.objects.filter(**same).first() or IntervalSchedule.objects.create(**same)
        PeriodicTask.objects.update_or_create(
            name=_name(instance.pk),
            defaults={
                "task": TASK,
                "interval": interval,
                "args": json.dumps([instance.pk]),
                "enabled": True,
                # A message nobody took before the next one is due is worth nothing: no flood after an outage.
                "expire_seconds": max(seconds, MINIMUM_EXPIRY_SECONDS),
            },
        )


def unschedule(instance_id: int) -> None:
    for task in PeriodicTask.objects.filter(name=_name(instance_id)):
        task.delete()  # one by one: beat learns of it from the signal


def next_run_at(instance: IntegrationInstance) -> datetime | None:
    """When beat will start the next sync; None without a schedule."""
    return next_runs([instance.pk]).get(instance.pk)


def next_runs(instance_ids: Iterable[int]) -> dict[int, datetime]:
    """instance id -> when beat will start its next sync, for those that have a schedule."""
    ids = {_name(instance_id): instance_id for instance_id in instance_ids}
    tasks = PeriodicTask.objects.filter(name__in=ids, enabled=True, interval__isnull=False).select_related("interval")
    now = timezone.now()
    return {
        # A slot that has just passed is due now, not in the past.
        ids[task.name]: max((task.last_run_at or task.date_changed) + timedelta(seconds=task.interval.every), now)
        for task in tasks
    }


def _name(instance_id: int) -> str:
    return f"hi: sync integration {instance_id}"
