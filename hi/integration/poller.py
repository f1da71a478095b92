"""Poller: the twin of the listener, for a service that does not push.

It is asked again and again, each kind of thing in a rhythm of its own, and faster while somebody looks. What comes of
it are the events that a listener yields, so all else is the same: one writer, the same qualities, the same gaps.
"""

import asyncio
import logging
import time
from abc import abstractmethod
from collections.abc import AsyncGenerator, Callable, Hashable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from contextvars import copy_context
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from hi.entity.enums import Quality
from hi.integration import exceptions
from hi.integration.core.values import RecordedEvent, StateValue
from hi.integration.latest import Latest
from hi.integration.listener import Listener, ListenerEvent, Recorded

logger = logging.getLogger(__name__)
LOOK_SECONDS = 0.5
# Tests shorten all rhythms at once.
PACE = 1.0
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Reading:
    """What one kind of question found: how things are now, and if the service writes down what happens, that since the
    last reading (see `Recorded`). `shape` differs when what exists does: then a sync is due."""

    values: tuple[StateValue, ...] = ()
    happened: tuple[StateValue, ...] = ()
    events: tuple[RecordedEvent, ...] = ()
    cursor: Mapping[str, Any] | None = None
    shape: Hashable = None


@dataclass(frozen=True, slots=True)
class Poll:
    """One kind of question, and how often it is asked; `watched_seconds`: while somebody looks."""

    read: Callable[[], Reading]
    seconds: float
    watched_seconds: float


class Poller(Listener):
    """A service is asked by one thread, which is this conversation's alone: it is opened there, each `read` runs there,
    and there it is closed, however late a last answer comes."""

    server_id = ""

    @abstractmethod
    def open(self) -> AbstractContextManager[Sequence[Poll]]:
        """A conversation, and what is asked in it; the order is that of the first round. The next one may begin before
        a broken one has ended, so all that they need is their own."""

    async def stream(self) -> AsyncGenerator[ListenerEvent, None]:
        thread, conversation = ThreadPoolExecutor(1, thread_name_prefix="poller"), ExitStack()
        try:
            polls = await _run(thread, lambda: conversation.enter_context(self.open()))
            latest, asked = Latest(), [_Asked(poll) for poll in polls]
            past = [one.take(await _run(thread, one.read), latest) for one in asked]
            latest.complete(server_id := self.server_id)
            for event in (*latest.report(), *(replace(recorded, is_past=True) for recorded in past if recorded)):
                yield event
            while True:
                one = await self._wait(asked)
                reading = await _run(thread, one.read)
                if self.server_id != server_id:  # whose values these are is found out at the next connection
                    raise exceptions.ConnectionError("Another server answers at this address now.")
                if recorded := one.take(reading, latest):
                    yield recorded
                for event in latest.report():
                    yield event
        finally:
            thread.submit(conversation.close)
            thread.shutdown(wait=False)

    async def _wait(self, asked: Sequence["_Asked"]) -> "_Asked":
        """The next one that is due. Who begins to look, or ceases to, is noticed within half a second."""
        while True:
            one = min(asked, key=lambda one: one.due(self.is_watched))
            wait = one.due(self.is_watched) - time.monotonic()
            if wait <= 0:
                return one
            await asyncio.sleep(min(wait, LOOK_SECONDS))


class _Asked:
    """What one kind of question was answered with last."""

    def __init__(self, poll: Poll) -> None:
        self.poll = poll
        self._reading: Reading | None = None
        self._asked_at = 0.0
        self._lacks_rights = False

    def due(self, is_watched: bool) -> float:
        return self._asked_at + PACE * (self.poll.watched_seconds if is_watched else self.poll.seconds)

    def read(self) -> Reading:
        """Nothing, where the service does not let us have it: what else there is may still be had."""
        try:
            return self.poll.read()
        except exceptions.MissingRightsError as err:
            if not self._lacks_rights:
                logger.warning("not all can be asked for: %s", err)
            self._lacks_rights = True
            return Reading()

    def take(self, reading: Reading, latest: Latest) -> Recorded | None:
        """Returns what the service itself wrote down; what else is news `latest` reports."""
        before, self._reading, self._asked_at = self._reading, reading, time.monotonic()
        latest.structure_changed |= before is not None and reading.shape != before.shape
        now, missing = datetime.now(UTC), Quality.UNAVAILABLE
        latest.put(self, reading.values, now, missing=missing, told=reading.happened)
        return None if reading.cursor is None else Recorded(reading.happened, reading.events, reading.cursor)


async def _run(thread: ThreadPoolExecutor, function: Callable[[], Result]) -> Result:
    """In a copy of the context, so that what is asked for there has the same trace."""
    return await asyncio.get_running_loop().run_in_executor(thread, copy_context().run, function)
