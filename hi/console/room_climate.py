"""How warm and how humid a room is, as far as one of its things can speak for the whole room."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from hi.console.display import show_state
from hi.entity.enums import EntityStateType, EntityType, StateCategory
from hi.entity.models import Entity, EntityState

AIR = (EntityStateType.TEMPERATURE, EntityStateType.HUMIDITY)
# In °C and °F: what is colder or warmer than rooms are is a freezer, a boiler, a computer.
ROOM_RANGES = {"°C": (5.0, 35.0), "°F": (41.0, 95.0)}
SPEAKERS = (EntityType.CLIMATE, EntityType.SENSOR)


@dataclass(frozen=True, slots=True)
class RoomClimate:
    """`text` is empty where nothing tells; the mark changes with it."""

    room_id: int
    text: str

    @property
    def mark(self) -> str:
        return f"{self.room_id}.{self.text}"


def describe_rooms(entities: Iterable[Entity], now: datetime) -> dict[int, RoomClimate]:
    """Room id -> its climate, from things whose states are there already."""
    rooms: dict[int, list[Entity]] = {}
    for entity in entities:
        if entity.location is not None:
            rooms.setdefault(entity.location.pk, []).append(entity)
    return {room_id: RoomClimate(room_id, describe_room(things, now)) for room_id, things in rooms.items()}


def describe_room(things: list[Entity], now: datetime) -> str:
    """A thermostat speaks for the room, then what measures both; a lone thermometer does too. One of several might hang
    in the fridge, so then nobody does."""
    readings = [found for thing in things if thing.entity_type in SPEAKERS if (found := _read(thing))]
    told = []
    for kind in AIR:
        able = [(thing, found) for thing, found in readings if kind in found]
        best = [one for one in able if one[0].entity_type == EntityType.CLIMATE] or [
            one for one in able if len(one[1]) == len(AIR)
        ]
        if best or len(able) == 1:
            told.append(show_state((best or able)[0][1][kind], now).words)
    return " · ".join(told)


def _read(thing: Entity) -> tuple[Entity, dict[str, EntityState]] | None:
    found: dict[str, EntityState] = {}
    for state in thing.states.all():
        is_reading = getattr(state, "controller", None) is None and state.category == StateCategory.PURPOSE
        if state.state_type in AIR and is_reading and _is_of_a_room(state):
            found.setdefault(state.state_type, state)
    return (thing, found) if found else None


def _is_of_a_room(state: EntityState) -> bool:
    if show_state(state).freshness != "good":
        return False
    lowest, highest = ROOM_RANGES.get(state.unit, (-math.inf, math.inf))
    try:
        return lowest <= float(state.value or "") <= highest
    except ValueError:
        return False
