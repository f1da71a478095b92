"""A thing as a tile: its name, what it says now, one line of context, and what it can be told with one touch."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from hi.accounts.models import User
from hi.console import times
from hi.console.cameras import Camera, list_cameras
from hi.console.controls import Control, Trouble, build_controls
from hi.console.display import DASH, STATE_WORDS, Shown, read_word, show_state
from hi.console.row_addresses import address_of
from hi.console.sparkline import draw_lines
from hi.entity.enums import NUMERIC_STATE_TYPES, EntityStateType, StateCategory
from hi.entity.models import Entity, EntityState
from hi.integration.overview import links_of_states

# What a thing that is on, or that heats and cools, says in its stead: how bright, how warm it is.
TELLING: dict[str, str] = {
    EntityStateType.ON_OFF: EntityStateType.BRIGHTNESS,
    EntityStateType.CLIMATE: EntityStateType.TEMPERATURE,
}


@dataclass(frozen=True, slots=True)
class Told:
    """What says most of a thing, and one line more; see `Tile`."""

    state: EntityState | None
    shown: Shown
    context: str
    context_at: datetime | None


@dataclass(frozen=True, slots=True)
class Tile:
    """`context` is a line of words; where it ends in an age, `context_at` says since when. `line` is the course of a
    number, as points.

    `mark` is equal for two tiles that tell the same: a poll sends it, and gets only what differs.
    """

    entity: Entity
    state: EntityState | None
    shown: Shown
    context: str
    context_at: datetime | None
    mark: str
    control: Control | None = None
    line: str = ""
    camera: Camera | None = None

    @property
    def name_parts(self) -> tuple[str, str]:
        """Its name, parted after the name of its room: under the room's heading the rest says enough."""
        name: str = self.entity.name
        room = f"{self.entity.location.name} " if self.entity.location else ""
        length = len(room) if room and len(name) > len(room) and name.lower().startswith(room.lower()) else 0
        return name[:length], name[length:]

    @property
    def key(self) -> str:
        return str(self.entity.pk)

    @property
    def name(self) -> str:
        return str(self.entity.name)

    @property
    def room(self) -> str:
        return str(self.entity.location.name) if self.entity.location else ""

    @property
    def url(self) -> str:
        return address_of("thing", self.entity.pk)

    @property
    def poll_url(self) -> str:
        """What a tile asks for that waits for its control; empty where none does."""
        return f"{self.control.poll_url}?as=tile&v={self.mark}" if self.control and self.control.poll else ""

    @property
    def trouble(self) -> Trouble | None:
        return self.control.trouble if self.control else None


def primary_state(entity: Entity) -> EntityState | None:
    """What the thing is about. Costs no query when its states are prefetched."""
    return next(iter(entity.states.all()), None)


def build_tiles(
    entities: Iterable[Entity], user: User, now: datetime | None = None, *, trouble: Trouble | None = None
) -> list[Tile]:
    """In the order of the things, with controls as `user` may and what cameras see: two statements, however many.
    `trouble`: of a wish that just failed, where there is but one thing."""
    now = now or timezone.now()
    things = list(entities)
    primaries = [(entity, primary_state(entity)) for entity in things]
    pictured = [state for thing in things for state in thing.states.all() if state.state_type == EntityStateType.VIDEO]
    links_of_states({*pictured, *(state for _entity, state in primaries if state is not None)})  # each part wants some
    controls = build_controls((state for _entity, state in primaries if state is not None), user, compact=True)
    cameras = list_cameras(things)
    return [
        _build(
            entity,
            state,
            controls.get(state.pk) if state is not None else None,
            trouble,
            next(iter(cameras.get(entity.pk, ())), None),
            now,
        )
        for entity, state in primaries
    ]


def with_lines(tiles: Iterable[Tile]) -> list[Tile]:
    """The same tiles, with the course of those whose value is a number: one statement, whether there are any or not,
    so that a page costs the same whatever it shows."""
    told = list(tiles)
    if not told:
        return []
    lines = draw_lines([tile.state.pk for tile in told if tile.state is not None and _has_course(tile)] or [0])
    return [replace(tile, line=lines.get(tile.state.pk, "")) if tile.state is not None else tile for tile in told]


def _has_course(tile: Tile) -> bool:
    return tile.state is not None and tile.control is None and tile.state.state_type in NUMERIC_STATE_TYPES


def tell(entity: Entity, state: EntityState | None, now: datetime) -> Told:
    """What a thing says in short; `state` is its primary one."""
    primary = show_state(state, now) if state else _show_nothing()
    telling = _find_telling(entity, state, primary)
    shown = replace(show_state(telling, now), is_active=primary.is_active) if telling else primary
    return Told(telling or state, shown, *_context(entity, state, primary, telling, now))


def _build(
    entity: Entity,
    state: EntityState | None,
    control: Control | None,
    trouble: Trouble | None,
    camera: Camera | None,
    now: datetime,
) -> Tile:
    if trouble is not None and control is not None:
        control = replace(control, trouble=trouble)
    told = tell(entity, state, now)
    shown, context, context_at = told.shown, told.context, told.context_at
    if control is not None and control.is_pending and control.kind == "buttons":
        context, context_at = _("wanted: %(value)s") % {"value": read_word(control.wanted)}, None
    looks = (
        entity.name,
        shown.at.isoformat() if shown.at else shown.words,
        shown.freshness,
        shown.note,
        str(shown.is_active),
        context,
        context_at.isoformat() if context_at else "",
        control.mark if control else "",
        camera.url if camera else "",
    )
    mark = hashlib.blake2b("\0".join(looks).encode(), digest_size=4).hexdigest()
    return Tile(entity, told.state, shown, context, context_at, mark, control, camera=camera)


def _show_nothing() -> Shown:
    return Shown(DASH, freshness="none", note=_("nothing to read"))


def _find_telling(entity: Entity, state: EntityState | None, primary: Shown) -> EntityState | None:
    """The number that says more than the word of the primary state, if there is one and it is fresh."""
    if (
        state is None
        or primary.freshness != "good"
        or (state.state_type == EntityStateType.ON_OFF) != primary.is_active
    ):
        return None
    wanted = TELLING.get(state.state_type)
    for other in entity.states.all():
        is_reading = wanted == EntityStateType.BRIGHTNESS or getattr(other, "controller", None) is None
        if other.state_type == wanted and is_reading and other.category == StateCategory.PURPOSE:
            return other if show_state(other).freshness == "good" else None
    return None


def _context(
    entity: Entity, state: EntityState | None, primary: Shown, telling: EntityState | None, now: datetime
) -> tuple[str, datetime | None]:
    if state is None or primary.freshness != "good":
        return primary.note, None
    others = [other for other in entity.states.all() if other not in (state, telling)]
    if any(other.state_type == EntityStateType.LOW_BATTERY and other.value == "low" for other in others):
        return _("battery low"), None
    if telling is not None and state.state_type == EntityStateType.CLIMATE:
        if state.value == "off":
            return primary.text, None
        target = next((other for other in others if other.state_type == EntityStateType.TEMPERATURE), None)
        told = show_state(target, now) if target else _show_nothing()
        if told.freshness != "good":
            return primary.text, None
        return _("%(mode)s to %(target)s") % {"mode": primary.text, "target": told.words}, None
    # Of a blind's positions the first is how far it is open; how far its slats are tilted is another matter.
    tilts = [other for other in others if other.state_type == EntityStateType.POSITION][1:]
    # How warm it is says most: of the weather, of a room.
    for other in sorted(others, key=lambda other: other.state_type != EntityStateType.TEMPERATURE):
        if other in tilts or other.category != StateCategory.PURPOSE or other.value is None:
            continue
        told = show_state(other, now)
        if told.freshness == "good" and told.at is None and (words := _in_passing(state, other, entity, told)):
            return words, None
    if state.state_type in NUMERIC_STATE_TYPES or state.source_changed_at is None:
        return "", state.received_at
    return _("since %(time)s") % {"time": times.clock(state.source_changed_at, now)}, None


def _in_passing(state: EntityState, other: EntityState, entity: Entity, told: Shown) -> str:
    """What another state adds to the primary one in a few words. What is only set, such as a colour, adds nothing."""
    if other.state_type == EntityStateType.POSITION and state.state_type == EntityStateType.OPEN_CLOSE:
        return told.words if other.value not in ("0", "100") else ""
    if getattr(other, "controller", None) is not None:
        return ""
    is_title = other.state_type == EntityStateType.TEXT and state.state_type == EntityStateType.MEDIA
    return told.words if is_title else f"{short_name(other, entity)} {told.words}"


def short_name(state: EntityState, entity: Entity) -> str:
    """A state's name without that of its thing, which stands beside it anyway."""
    full_name: str = state.name
    return full_name.removeprefix(entity.name).strip(" -–:·") or str(
        STATE_WORDS.get(state.state_type, state.state_type.replace("_", " ").capitalize())
    )
