"""A thing as a tile: its name, what it says now, and one line of context."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from hi.console import times
from hi.console.display import STATE_WORDS, Shown, show_state
from hi.entity.enums import NUMERIC_STATE_TYPES, EntityStateType, StateCategory
from hi.entity.models import Entity, EntityState

NOTHING = Shown("—", freshness="none", note="nothing to read")


@dataclass(frozen=True, slots=True)
class Tile:
    """`context` is a line of words; where it ends in an age, `context_at` says since when.

    `mark` is equal for two tiles that tell the same: a poll sends it, and gets only what differs.
    """

    entity: Entity
    shown: Shown
    context: str
    context_at: datetime | None
    mark: str


def primary_state(entity: Entity) -> EntityState | None:
    """What the thing is about. Costs no query when its states are prefetched."""
    return next(iter(entity.states.all()), None)


def build_tile(entity: Entity, now: datetime | None = None) -> Tile:
    now = now or timezone.now()
    state = primary_state(entity)
    shown = show_state(state, now) if state else NOTHING
    context, context_at = _context(entity, state, shown, now)
    told = (
        entity.name,
        shown.at.isoformat() if shown.at else shown.words,
        shown.freshness,
        shown.note,
        str(shown.is_active),
        context,
        context_at.isoformat() if context_at else "",
    )
    mark = hashlib.blake2b("\0".join(told).encode(), digest_size=4).hexdigest()
    return Tile(entity, shown, context, context_at, mark)


def _context(entity: Entity, state: EntityState | None, shown: Shown, now: datetime) -> tuple[str, datetime | None]:
    if state is None or shown.freshness != "good":
        return shown.note, None
    others = [other for other in entity.states.all() if other.pk != state.pk]
    if any(other.state_type == EntityStateType.LOW_BATTERY and other.value == "low" for other in others):
        return "battery low", None
    if state.state_type == EntityStateType.CLIMATE:
        # What it heats or cools comes first: a stable sort keeps the order of the rest.
        others.sort(key=lambda other: other.state_type != EntityStateType.TEMPERATURE)
    for other in others:
        if other.category != StateCategory.PURPOSE or other.value is None:
            continue
        told = show_state(other, now)
        if told.freshness == "good" and told.at is None:
            return f"{short_name(other, entity)} {told.words}", None
    if state.state_type in NUMERIC_STATE_TYPES or state.source_changed_at is None:
        return "", state.received_at
    return f"since {times.clock(state.source_changed_at, now)}", None


def short_name(state: EntityState, entity: Entity) -> str:
    """A state's name without that of its thing, which stands beside it anyway."""
    full_name: str = state.name
    return full_name.removeprefix(entity.name).strip(" -–:·") or STATE_WORDS.get(
        state.state_type, state.state_type.replace("_", " ").capitalize()
    )
