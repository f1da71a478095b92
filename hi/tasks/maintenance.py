"""What keeps the rest honest."""

import logging
import subprocess
import sys
import threading

from celery import shared_task
from celery.app.task import Task
from django.conf import settings

from hi.backup import schedule
from hi.integration import housekeeping, processes

logger = logging.getLogger(__name__)


@shared_task(bind=True)
def canary(self: Task) -> None:
    """A worker's message to itself: that it arrives proves that it hears its queue and has a free hand."""
    processes.record_heard(self.request.hostname or "")


@shared_task
def keep_house() -> None:
    housekeeping.keep_house()
    if schedule.is_due():
        # On a thread that nobody waits for when this worker ends.
        threading.Thread(target=_back_up, name="backup", daemon=True).start()


def _back_up() -> None:
    """In a process of its own, which may take its time: here it would slow down the commands of people."""
    command = [sys.executable, "manage.py", "backup", "--scheduled"]
    done = subprocess.run(  # nosec B603 - hi's own command, without a shell
        command, cwd=settings.BASE_DIR, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        logger.warning("no backup: %s", done.stderr.strip().removeprefix("CommandError: "))
    else:
        logger.info("backup: %s", done.stdout.strip())
