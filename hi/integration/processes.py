"""The processes that hi consists of, as each of them tells: who is there, how busy, and whether it hears its queue."""

import os
import socket
from datetime import timedelta

from django.utils import timezone

from hi.integration.enums import ProcessRole
from hi.integration.models import Process

FORGET_AFTER = timedelta(minutes=10)


def name_of(role: ProcessRole) -> str:
    """As Celery calls a worker."""
    return f"{role}@{socket.gethostname()}"


def enlist(name: str, role: ProcessRole, slots: int = 0) -> None:
    """This process begins; what an earlier one of its name left behind is history."""
    now = timezone.now()
    Process.objects.update_or_create(
        name=name,
        defaults={
            "role": role,
            "pid": os.getpid(),
            "started_at": now,
            "seen_at": now,
            "heard_at": None,
            "slots": slots,
            "busy": 0,
        },
    )


def tell(name: str, busy: int = 0) -> bool:
    """It is still there. False if its row has gone: it was silent for so long that it was forgotten."""
    return bool(Process.objects.filter(name=name).update(seen_at=timezone.now(), busy=busy))


def record_heard(name: str) -> None:
    """A message that a worker sent to itself has arrived."""
    Process.objects.filter(name=name).update(heard_at=timezone.now())


def withdraw(name: str) -> None:
    """It ends, as it should."""
    Process.objects.filter(name=name, pid=os.getpid()).delete()


def forget_old() -> None:
    Process.objects.filter(seen_at__lt=timezone.now() - FORGET_AFTER).delete()
