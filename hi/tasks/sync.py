"""Syncing: by a person, by the source, by the schedule."""

from dataclasses import asdict

from hi.integration import lifecycle
from hi.integration.integration_factory import get_integration_gateway
from hi.integration.job_run import JobRun
from hi.tasks.base import job_task


@job_task
def sync_entities(run: JobRun) -> tuple[str, dict[str, int]]:
    message, result = lifecycle.run_sync(run, get_integration_gateway(run.instance.integration_type))
    numbers = {name: number for name, number in asdict(result).items() if name != "message"}
    return message, numbers
