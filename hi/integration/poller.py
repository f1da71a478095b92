"""Poller: the twin of the listener, for a service that does not push.

It is asked again and again, each kind of thing in a rhythm of its own, and faster while somebody looks. What comes of
it are the events that a listener yields, so all else is the same: one writer, the same qualities, the same gaps.
"""

import asyncio
import time
from abc import abstractmethod
from collections.abc import AsyncGenerator, Callable, Hashable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from contextvars import copy_context
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from hi.entity.enums import Quality
from hi.integration.core.values import RecordedEvent, StateValue
from hi.integration.listener import Changes, Listener, ListenerEvent, Recorded, Snapshot, StructureChanged

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
            asked = [_Asked(poll) for poll in polls]
            for one in asked:
                one.take(await _run(thread, one.poll.read))
            yield Snapshot(tuple(value for one in asked for value in one.latest.values()), self.server_id)
            for one in asked:
                if recorded := one.tell_recorded(is_past=True):
                    yield recorded
            while True:
                one = await self._wait(asked)
                one.take(await _run(thread, one.poll.read))
                for event in one.report():
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
    """What one kind of question was answered with last, and what of that is news."""

    def __init__(self, poll: Poll) -> None:
        self.poll = poll
        self.latest: dict[str, StateValue] = {}
        self._reading: Reading | None = None
        self._asked_at = 0.0
        self._changes: tuple[StateValue, ...] = ()
        self._has_new_shape = False

    def due(self, is_watched: bool) -> float:
        return self._asked_at + PACE * (self.poll.watched_seconds if is_watched else self.poll.seconds)

    def take(self, reading: Reading) -> None:
        self._asked_at = time.monotonic()
        self._has_new_shape = self._reading is not None and reading.shape != self._reading.shape
        self._reading = reading
        self.latest.update((value.address, value) for value in reading.happened if value.address in self.latest)
        given = {value.address: value for value in reading.values}
        gone = (self._lost(address) for address in self.latest if address not in given)
        self._changes = tuple(
            value
            for value in (*given.values(), *gone)
            if value.address not in self.latest or not value.says_as(self.latest[value.address])
        )
        self.latest.update((value.address, value) for value in self._changes)

    def report(self) -> list[ListenerEvent]:
        events: list[ListenerEvent | None] = [
            self.tell_recorded(),
            Changes(self._changes) if self._changes else None,
            StructureChanged() if self._has_new_shape else None,
        ]
        return [event for event in events if event is not None]

    def tell_recorded(self, *, is_past: bool = False) -> Recorded | None:
        reading = self._reading
        if reading is None or reading.cursor is None:
            return None
        return Recorded(reading.happened, reading.events, reading.cursor, is_past)

    @staticmethod
    def _lost(address: str) -> StateValue:
        return StateValue(address, None, "", Quality.UNAVAILABLE, datetime.now(UTC))


async def _run(thread: ThreadPoolExecutor, function: Callable[[], Result]) -> Result:
    """In a copy of the context, so that what is asked for there has the same trace."""
    return await asyncio.get_running_loop().run_in_executor(thread, copy_context().run, function)
