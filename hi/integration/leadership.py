"""Leadership: parts that only one process may play, such as starting what schedules ask for.

A row in the database and not a lock in Redis: it holds while Redis is away, and it fails closed, since what the leader
writes is written in a transaction that first checks the epoch.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from hi.integration import exceptions
from hi.integration.core.silence import Silence
from hi.integration.models import Leadership


@dataclass(frozen=True, slots=True)
class Leading:
    """What a leader carries to every write."""

    part: str
    epoch: int


class Candidate:
    """Leads if nobody else does. It takes over from a leader that has not renewed for `seconds`, as this process has
    watched it; what the row says of times is for people."""

    def __init__(self, part: str, holder: str, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.part = part
        self.holder = holder
        self.seconds = seconds
        self._clock = clock
        self._silence = Silence(clock)
        self._leading: Leading | None = None
        self._renew_at = 0.0

    def lead(self) -> Leading | None:
        """Renew, or try to take over. Call it every second or so; None while another one leads."""
        if self._leading is not None and self._clock() < self._renew_at:
            return self._leading
        self._leading = self._renew() if self._leading is not None else self._take()
        self._renew_at = self._clock() + self.seconds / 3
        return self._leading

    def resign(self) -> None:
        """Let the next one take over at once."""
        if self._leading is not None:
            self._own_row().update(holder="", expires_at=timezone.now())
        self._leading = None

    def _renew(self) -> Leading | None:
        return self._leading if self._own_row().update(expires_at=self._expiry()) else None

    def _take(self) -> Leading | None:
        """Raise the epoch, unless it was renewed or taken since we looked."""
        row, _created = Leadership.objects.get_or_create(part=self.part)
        silent = self._silence.seconds(self.part, (row.epoch, row.expires_at))
        if row.holder and silent < self.seconds:
            return None
        as_seen = Leadership.objects.filter(pk=self.part, epoch=row.epoch, expires_at=row.expires_at)
        won = as_seen.update(holder=self.holder, epoch=row.epoch + 1, since=timezone.now(), expires_at=self._expiry())
        return Leading(self.part, row.epoch + 1) if won else None

    def _own_row(self) -> QuerySet[Leadership]:
        assert self._leading is not None
        return Leadership.objects.filter(pk=self.part, epoch=self._leading.epoch)

    def _expiry(self) -> datetime:
        return timezone.now() + timedelta(seconds=self.seconds)


def check(leading: Leading) -> None:
    """Raise LeaseLostError unless it still leads. Call it first inside the writing transaction: the row stays locked
    until that ends, so nobody takes over in between."""
    own = Leadership.objects.select_for_update().filter(pk=leading.part, epoch=leading.epoch)
    if not own.exists():
        raise exceptions.LeaseLostError("Another process leads now; nothing was written.")


def check_still(leading: Leading) -> None:
    """`check` without holding on to it: for what is harmless if another takes over a moment later."""
    with transaction.atomic():
        check(leading)
