"""Sending commands."""

from celery import shared_task
from celery.app.task import Task

from hi.integration.command_run import CommandRun
from hi.integration.commander import Commander
from hi.integration.integration_factory import get_integration_gateway
from hi.integration.models import IntegrationInstance


@shared_task(bind=True)
def send_command(self: Task, command_id: str) -> None:
    run = CommandRun.claim(command_id, self.request.hostname or "")
    if run is not None:
        run.carry_out(_build_commander)


def _build_commander(instance: IntegrationInstance) -> Commander | None:
    return get_integration_gateway(instance.integration_type).build_commander(instance)
