"""What a service says a state is: the value beside the structure of `specs.py`."""

from dataclasses import dataclass
from datetime import datetime

from hi.entity.enums import Quality


@dataclass(frozen=True, slots=True)
class StateValue:
    """One reading, in hi's words: normalised value and unit; `value` is None unless the quality carries one.

    `address` is the name under which the service sends it (see `StateSpec.address`); `source_changed_at` is aware
    UTC by the service's own clock.
    """

    address: str
    value: str | None
    unit: str
    quality: Quality
    source_changed_at: datetime
