"""Leadership: parts that only one process may play, such as starting what schedules ask for.

A row in the database and not a lock in Redis: it holds while Redis is away, and it fails closed, since what the leader
writes is written in a transaction that first checks the epoch.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from hi.integration import exceptions
from hi.integration.models import Leadership


@dataclass(frozen=True, slots=True)
class Leading:
    """What a leader carries to every write."""

    part: str
    epoch: int


def take(part: str, holder: str, seconds: float) -> Leading | None:
    """Take the part if it is free or its leader has not been heard of for too long; None while somebody else leads."""
    now = timezone.now()
    with transaction.atomic():
        Leadership.objects.get_or_create(part=part, defaults={"holder": "", "expires_at": now - timedelta(seconds=1)})
        row = Leadership.objects.select_for_update().get(pk=part)
        # A clock that was set back must not keep the part taken for as long.
        if now < row.expires_at <= now + timedelta(seconds=seconds):
            return None
        row.holder, row.epoch, row.since = holder, row.epoch + 1, now
        row.expires_at = now + timedelta(seconds=seconds)
        row.save()
        return Leading(part, row.epoch)


def renew(leading: Leading, seconds: float) -> bool:
    """Go on leading; False if somebody else took over meanwhile."""
    own = Leadership.objects.filter(pk=leading.part, epoch=leading.epoch)
    return bool(own.update(expires_at=timezone.now() + timedelta(seconds=seconds)))


def check(leading: Leading) -> None:
    """Raise LeaseLostError unless it still leads. Call it first inside the writing transaction: the row stays locked
    until that ends, so nobody takes over in between."""
    own = Leadership.objects.select_for_update().filter(pk=leading.part, epoch=leading.epoch)
    if not own.filter(expires_at__gt=timezone.now()).exists():
        raise exceptions.LeaseLostError("Another process leads now; nothing was written.")


def resign(leading: Leading) -> None:
    """Let the next one take over at once."""
    Leadership.objects.filter(pk=leading.part, epoch=leading.epoch).update(expires_at=timezone.now())
