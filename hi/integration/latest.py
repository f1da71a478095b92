"""Latest: the last value of every address, so that a listener or a poller reports only what differs."""

from collections.abc import Sequence
from datetime import datetime

from hi.entity.enums import Quality
from hi.integration.core.values import StateValue
from hi.integration.listener import Changes, ListenerEvent, Snapshot, StructureChanged


class Latest:
    """Keeps what each item of a service (an entity, a monitor) says now, by the item's own name, and what of it was not
    reported yet. `structure_changed` may be set by whoever learns of it."""

    def __init__(self) -> None:
        self.has_all = False
        self.structure_changed = False
        self._values: dict[str, Sequence[StateValue]] = {}
        self._changes: list[StateValue] = []
        self._snapshot: Snapshot | None = None

    def put(
        self,
        item: str,
        values: Sequence[StateValue],
        at: datetime,
        *,
        timed: int = 0,
        missing: Quality = Quality.UNKNOWN,
    ) -> None:
        """What the item says at that time. The first `timed` values have times of their own, and a later one is news;
        of the others only another value, unit or quality is. What it said before and says no more becomes
        `missing`."""
        before = self._values.get(item, ())
        self._values[item] = values
        for number in range(timed):
            if number >= len(before) or values[number] != before[number]:
                self._changes.append(values[number])
        if len(values) > timed or len(before) > timed:
            self._compare(values[timed:], {value.address: value for value in before[timed:]}, at, missing)

    def drop(self, item: str, quality: Quality, at: datetime) -> None:
        """The item is no more, or says nothing that can be read: all that it said is of that quality."""
        for value in self._values.pop(item, ()):
            self._changes.append(StateValue(value.address, None, value.unit, quality, at))

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

    def _compare(
        self, values: Sequence[StateValue], before: dict[str, StateValue], at: datetime, missing: Quality
    ) -> None:
        for value in values:
            last = before.pop(value.address, None)
            if last is None or (value.value, value.unit, value.quality) != (last.value, last.unit, last.quality):
                self._changes.append(value)
        for address, gone in before.items():
            self._changes.append(StateValue(address, None, gone.unit, missing, at))
