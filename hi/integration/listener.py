"""Listener: a service's stream of values, as an async generator of events.

A service subclasses it with `stream`, which lives as long as one connection: it connects, yields a Snapshot of
everything, then what changes, and raises when the connection ends. It knows no database; `live.py` runs it,
reconnects, and writes what it yields.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hi.integration.core.values import RecordedEvent, StateValue


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Every value the service has now. A mapped state without one here is unavailable. `server_id` is what the server
    calls itself for good (see `Structure`), empty where it has no such name."""

    values: tuple[StateValue, ...]
    server_id: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """Values that changed, in the order in which they did."""

    values: tuple[StateValue, ...]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the service itself wrote down, read up to `cursor`: values in their order, and events with pictures that
    began or ended. The cursor is in the service's own words, is saved with the rest, and is given back to the next
    connection. `is_past`: it happened before the snapshot, which tells how it ended, so the values are history only.
    """

    values: tuple[StateValue, ...] = ()
    events: tuple[RecordedEvent, ...] = ()
    cursor: Mapping[str, Any] = field(default_factory=dict)
    is_past: bool = False


@dataclass(frozen=True, slots=True)
class StructureChanged:
    """What exists has changed, or may have: a sync is due."""


ListenerEvent = Snapshot | Changes | Recorded | StructureChanged


class Listener(ABC):
    """One connection at a time to one service. `config` holds the settings in clear, secrets included.

    Set from outside: `cursor`, before each connection, what was saved last; `is_watched`, while somebody looks at pages
    that show values.
    """

    def __init__(self, config: Mapping[str, str]) -> None:
        self.config = config
        self.cursor: Mapping[str, Any] = {}
        self.is_watched = False

    @abstractmethod
    def stream(self) -> AsyncGenerator[ListenerEvent, None]:
        """Connect and yield: one Snapshot first, then events until the connection ends.

        Every end is an error: raises ConnectionError when the connection is lost or cannot be made (also where the
        server closed it politely), AuthenticationError when the service confirmed that it refuses the credentials.
        Must drain its socket without waiting for the consumer longer than the service tolerates.
        """
