"""What changes, read once a second for everybody who listens to this web process.

A thread looks as long as somebody listens; each listener takes what it finds from a queue of its own, on its loop.
Who is too slow to take it is let go, and comes back with the last moment it knows: it gets what has changed since. A
state that changes several times within a second is told once, as it is then. Where more changed than can be told, as
after a system's restart, that is what is told.
"""

import asyncio
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import DatabaseError, connections
from django.utils import timezone

from hi.entity.models import EntityState
from hi.integration import watching
from hi.integration.models import IntegrationInstance

logger = logging.getLogger(__name__)
EVERY_SECONDS = 1.0
# A batch of values is dated when it arrives, and seen once it is written.
OVERLAP = timedelta(seconds=10)
MOST_AT_ONCE = 2000
MOST_WAITING = 20
MOST_LISTENERS = 50

# When an integration came to be as it is: its id, status, and since when it is live or not.
Standing = tuple[int, str, datetime | None, datetime | None]


@dataclass(frozen=True, slots=True)
class News:
    """`at`: up to when everything is told. `is_reset`: more states changed than are told, so none of them is."""

    at: datetime
    states: Sequence[EntityState] = ()
    integrations: Sequence[IntegrationInstance] = ()
    is_reset: bool = False

    def __bool__(self) -> bool:
        return bool(self.states or self.integrations or self.is_reset)


@dataclass(eq=False)
class Listener:
    """What waits to be sent to one client; None ends it."""

    loop: asyncio.AbstractEventLoop
    waiting: asyncio.Queue[News | None] = field(default_factory=lambda: asyncio.Queue(MOST_WAITING + 1))

    def give(self, news: News) -> None:
        """Raises RuntimeError once its loop has ended."""
        self.loop.call_soon_threadsafe(self._put, news)

    def _put(self, news: News) -> None:
        if self.waiting.qsize() < MOST_WAITING:
            self.waiting.put_nowait(news)
        elif not self.waiting.full():
            self.waiting.put_nowait(None)


class Feed:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: set[Listener] = set()
        self._is_looking = False

    @property
    def is_full(self) -> bool:
        return len(self._listeners) >= MOST_LISTENERS

    def open(self) -> Listener:
        """Call it on the event loop that shall get the news."""
        listener = Listener(asyncio.get_running_loop())
        with self._lock:
            self._listeners.add(listener)
            if not self._is_looking:
                self._is_looking = True
                threading.Thread(target=self._look, daemon=True, name="feed").start()
        return listener

    def close(self, listener: Listener) -> None:
        with self._lock:
            self._listeners.discard(listener)

    def _look(self) -> None:
        pace, reader = threading.Event(), Reader(timezone.now())
        while listeners := self._who_listens():
            watching.look()
            try:
                news = reader.read()
            except DatabaseError as err:
                logger.warning("the feed cannot read what changed: %s", err)
                connections.close_all()
            else:
                for listener in listeners if news else ():
                    self._give(listener, news)
            pace.wait(EVERY_SECONDS)
        connections.close_all()

    def _give(self, listener: Listener, news: News) -> None:
        try:
            listener.give(news)
        except RuntimeError:  # it ended without closing, and would be looked for for ever
            self.close(listener)

    def _who_listens(self) -> list[Listener]:
        with self._lock:
            self._is_looking = bool(self._listeners)
            return list(self._listeners)


class Reader:
    """Reads what changed since it was asked last."""

    def __init__(self, since: datetime) -> None:
        self._since = since
        self._told: dict[int, datetime | None] = {}
        self._standings: dict[int, Standing] | None = None

    def read(self) -> News:
        now = timezone.now()
        heard = _list_heard(self._since - OVERLAP)
        found = [pk for pk, at in heard.items() if self._told.get(pk) != at]
        self._told = heard  # because of the overlap the same is read several times
        integrations = list(IntegrationInstance.objects.filter(is_draft=False))
        before, self._standings = self._standings, {one.pk: _standing(one) for one in integrations}
        if before is None:
            before = self._standings
        self._since = now
        integrations = [one for one in integrations if before.get(one.pk) != _standing(one)]
        return _tell(now, found, integrations)


def read_missed(since: datetime) -> News:
    """What somebody missed who knows all until then. Of integrations nothing: what they are is soon read."""
    now = timezone.now()
    # What is seen late is dated before others that were told; to tell it twice does no harm.
    return _tell(now, list(_list_heard(since - OVERLAP)), ())


def _tell(now: datetime, state_ids: Sequence[int], integrations: Sequence[IntegrationInstance]) -> News:
    if len(state_ids) > MOST_AT_ONCE:
        return News(now, (), integrations, is_reset=True)
    states = EntityState.objects.in_bulk(state_ids) if state_ids else {}
    return News(now, [states[pk] for pk in state_ids if pk in states], integrations)


def _list_heard(since: datetime) -> dict[int, datetime | None]:
    """The ids of the states heard from after a moment, oldest first, and when that was."""
    found = EntityState.objects.filter(received_at__gt=since, removed_at=None)
    return dict(found.order_by("received_at", "pk").values_list("pk", "received_at"))


def _standing(instance: IntegrationInstance) -> Standing:
    return instance.pk, instance.status, instance.live_since, instance.live_lost_at


feed = Feed()
