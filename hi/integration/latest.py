"""Latest: the last value of every address, so that a listener or a poller reports only what differs."""

import logging
from collections.abc import Hashable, Iterable, Sequence
from datetime import datetime

from hi.entity.enums import Quality
from hi.integration.core.values import StateValue
from hi.integration.exceptions import DataValidationError
from hi.integration.listener import Changes, ListenerEvent, Snapshot, StructureChanged

logger = logging.getLogger(__name__)


class Latest:
    """Keeps what each item of a service (an entity, a monitor, all that one question finds) says now, by the item's own
    name, and what of it was not reported yet. `structure_changed` may be set by whoever learns of it."""

    def __init__(self) -> None:
        self.has_all = False
        self.structure_changed = False
        self._values: dict[Hashable, Sequence[StateValue]] = {}
        self._changes: list[StateValue] = []
        self._snapshot: Snapshot | None = None
        self._unreadable: set[Hashable] = set()

    def put(
        self,
        item: Hashable,
        values: Sequence[StateValue],
        at: datetime,
        *,
        missing: Quality = Quality.UNKNOWN,
        told: Iterable[StateValue] = (),
    ) -> None:
        """What the item says at that time; what brings nothing new (see `StateValue.says_as`) is no news. What it said
        before and says no more becomes `missing`. `told` are values that were reported otherwise since then."""
        before = {value.address: value for value in self._values.get(item, ())}
        before.update((value.address, value) for value in told if value.address in before)
        given = {value.address: value for value in values}
        self._values[item] = tuple(given.values())
        for address, value in given.items():
            last = before.pop(address, None)
            if last is None or not value.says_as(last):
                self._changes.append(value)
        self._end(before.values(), missing, at)

    def drop(self, item: Hashable, quality: Quality, at: datetime) -> None:
        """The item is no more: all that it said is of that quality."""
        self._end(self._values.pop(item, ()), quality, at)

    def lose(self, item: Hashable, err: DataValidationError, at: datetime) -> None:
        """What the item says cannot be read, which is logged once: nothing of it is known until it is put again."""
        if item not in self._unreadable:
            self._unreadable.add(item)
            logger.warning("a value cannot be read: %s", err)
        self.drop(item, Quality.UNKNOWN, at)

    def complete(self, server_id: str = "") -> None:
        """Everything has been put once: what was put until now is the snapshot."""
        self.has_all = True
        self._snapshot, self._changes = Snapshot(tuple(self._changes), server_id), []

    def report(self) -> list[ListenerEvent]:
        """What is new since the last call, in its order. Nothing before everything is there."""
        if not self.has_all:
            return []
        events: list[ListenerEvent] = [self._snapshot] if self._snapshot is not None else []
        if self._changes:
            events.append(Changes(tuple(self._changes)))
        if self.structure_changed:
            events.append(StructureChanged())
        self._snapshot, self._changes, self.structure_changed = None, [], False
        return events

    def _end(self, values: Iterable[StateValue], quality: Quality, at: datetime) -> None:
        self._changes += [StateValue(value.address, None, value.unit, quality, at) for value in values]
