"""Syncing: by a person, by the source, by the schedule."""

from dataclasses import asdict

from celery import shared_task

from hi.integration import lifecycle, operations
from hi.integration.integration_factory import get_integration_gateway
from hi.integration.job_run import JobRun
from hi.tasks.base import job_task


@job_task
def sync_entities(run: JobRun) -> tuple[str, dict[str, int]]:
    message, result = lifecycle.run_sync(run, get_integration_gateway(run.instance.integration_type))
    numbers = {name: number for name, number in asdict(result).items() if name != "message"}
    return message, numbers


@shared_task
def start_scheduled_sync(instance_id: int) -> None:
    """Beat's word that a sync is due. A job row comes of it, or nothing where there is nothing to try."""
    operations.start_scheduled_sync(instance_id)
