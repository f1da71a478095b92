"""Rows for `bench.fairness` and `bench.control`, which start this with the hub's environment.

`connect SECONDS` activates an instance for each home of a street (its line of JSON on standard input), all with that
interval. `queue COUNT ADDRESS WORKER` adds instances of the home at that address and sends a sync for each,
before the process WORKER may take the first of them.
"""

import json
import os
import signal
import sys
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hi.settings.production")
django.setup()

from django.utils import timezone  # noqa: E402

from hi.celery import app  # noqa: E402
from hi.integration import jobs, operations  # noqa: E402
from hi.integration.enums import DesiredState, IntegrationStatus, JobKind, JobTrigger  # noqa: E402
from hi.integration.models import IntegrationAttribute, IntegrationInstance, Job  # noqa: E402


def connect(seconds: int) -> dict[str, int]:
    """Their ids, by the homes' names."""
    token, ids = os.environ["HI_DEMO_TOKEN"], {}
    for name, url in json.load(sys.stdin).items():
        instance = operations.create_draft("hass", name, {"url": url, "token": token})
        operations.set_interval(instance, seconds)
        operations.activate(instance)
        ids[name] = instance.pk
    return ids


def queue(count: int, url: str, worker: int) -> None:
    settings = IntegrationAttribute.objects.filter(instance__attributes__value=url)
    rows = list(settings.values_list("integration_attr_key", "value", "is_secret"))
    # As before their first sync: they may be synced, and no listener opens two thousand sockets. That somebody will go
    # on with the activation keeps the sweep from telling it failed.
    instances = IntegrationInstance.objects.bulk_create(
        IntegrationInstance(
            integration_type="hass",
            label=f"Crowd {number}",
            desired_state=DesiredState.ACTIVE,
            status=IntegrationStatus.ACTIVATING,
        )
        for number in range(count)
    )
    IntegrationAttribute.objects.bulk_create(
        IntegrationAttribute(instance=each, integration_attr_key=key, value=value, is_secret=is_secret)
        for each in instances
        for key, value, is_secret in rows
    )
    waiting = [
        Job(kind=JobKind.SYNC, instance=each, subject=each.label, trigger=JobTrigger.SCHEDULE) for each in instances
    ]
    for job in waiting:
        job.sent_at = job.created_at  # the sweep shall not send them a second time
    later = timezone.now() + timedelta(days=1)
    activations = [Job(kind=JobKind.ACTIVATE, instance=each, subject=each.label, run_after=later) for each in instances]
    Job.objects.bulk_create(waiting + activations)
    os.kill(worker, signal.SIGSTOP)
    try:
        for job in waiting:
            app.send_task(jobs.TASK_NAMES[JobKind.SYNC], [str(job.id), job.attempt], task_id=str(job.id), queue="sync")
    finally:
        os.kill(worker, signal.SIGCONT)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["connect", seconds]:
            print(json.dumps(connect(int(seconds))))
        case ["queue", count, url, worker]:
            queue(int(count), url, int(worker))
        case _:
            sys.exit(__doc__)
