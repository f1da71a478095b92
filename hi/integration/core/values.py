"""What a service says a state is: the value beside the structure of `specs.py`."""

from dataclasses import dataclass, replace
from datetime import datetime

from hi.entity.enums import Quality


@dataclass(frozen=True, slots=True)
class StateValue:
    """One reading, in hi's words: normalised value and unit; `value` is None unless the quality carries one.

    `address` is the name under which the service sends it (see `StateSpec.address`); `source_changed_at` is aware
    UTC by the service's own clock. `is_dated` is False where the service says what is, and not since when: then the
    time is that of the reading, and only another value is news.
    """

    address: str
    value: str | None
    unit: str
    quality: Quality
    source_changed_at: datetime
    is_dated: bool = True

    def since(self, before: "StateValue | None") -> "StateValue":
        """Without a date of its own, it has been so since the same was said before: what was stale meanwhile did not
        change."""
        if self.is_dated or before is None or (self.value, self.unit) != (before.value, before.unit):
            return self
        return replace(self, source_changed_at=before.source_changed_at)

    def says_as(self, before: "StateValue") -> bool:
        """Whether it brings nothing new. What is unavailable has no time of its own: it stays as it was."""
        if (self.value, self.unit, self.quality) != (before.value, before.unit, before.quality):
            return False
        is_absent = self.quality is Quality.UNAVAILABLE
        return is_absent or not self.is_dated or self.source_changed_at == before.source_changed_at


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """Something that the service keeps pictures of: from when to when (None while it goes on), and what it was.

    `key` is the service's own id of it; `address` that of any state of the thing it belongs to.
    """

    key: str
    address: str
    began_at: datetime
    ended_at: datetime | None
    title: str = ""
