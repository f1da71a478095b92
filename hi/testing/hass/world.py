"""What a behaviour sees of the simulated house, and what it answers."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hi.testing.hass.home_model import Home
from hi.testing.hass.model import State
from hi.testing.hass.sun import sun_position


@dataclass(frozen=True, slots=True)
class Change:
    """A state an entity takes, `after` so many seconds; attributes are laid over those it has."""

    entity_id: str
    state: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    after: float = 0.0


@dataclass(slots=True)
class World:
    """What a behaviour may look at."""

    home: Home
    random: random.Random
    utc_offset: float = 0.0
    now: float = 0.0
    usual: dict[str, float] = field(default_factory=dict)
    """The value a power sensor moves about, until its appliance does something else."""
    counted: dict[str, float] = field(default_factory=dict)
    """When a counter was last moved on."""

    @property
    def hour(self) -> float:
        return ((self.now + self.utc_offset) % 86400.0) / 3600.0

    @property
    def evening(self) -> bool:
        return self.hour >= 17.5 or self.hour < 0.5

    @property
    def daylight(self) -> float:
        """0 in the dark, 1 under a high sun."""
        return max(0.0, min(1.0, sun_position(self.now)[0] / 50.0))

    def neighbour(self, state: State, kind: str) -> State | None:
        """Another entity of the same device."""
        row = self.home.entities.get(state.entity_id)
        if row is None or row["device_id"] is None:
            return None
        for entity_id in self.home.entities_of(row["device_id"]):
            found = self.home.states.get(entity_id)
            if found and found.kind == kind:
                return found
        return None
