"""What keeps the rest honest."""

from celery import shared_task
from celery.app.task import Task

from hi.integration import housekeeping, processes


@shared_task(bind=True)
def canary(self: Task) -> None:
    """A worker's message to itself: that it arrives proves that it hears its queue and has a free hand."""
    processes.record_heard(self.request.hostname or "")


@shared_task
def keep_house() -> None:
    housekeeping.keep_house()
