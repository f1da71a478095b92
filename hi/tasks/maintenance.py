"""What keeps the rest honest."""

from celery import shared_task

from hi.integration import sweep as sweeping


@shared_task
def sweep() -> None:
    sweeping.sweep()
