"""How a state is set by hand: what can be wanted, what is wanted now, and what came of the last wish.

A control shows what is wanted; the value beside it stays what was last heard until the thing itself says otherwise.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hi.accounts.models import User
from hi.accounts.roles import least_role
from hi.console import control_words
from hi.console.control_words import Option
from hi.console.row_addresses import address_of
from hi.entity.enums import ControlType, EntityStateType
from hi.entity.models import Controller, EntityState
from hi.integration import commands
from hi.integration.commands import Obstacle
from hi.integration.enums import OPEN_COMMAND_STATUSES, CommandStatus
from hi.integration.models import Command, IntegrationInstance
from hi.integration.overview import links_of_states

# While somebody waits for it, a control is asked for often; what takes longer is not worth the effort.
FAST, SLOW = 300, 2000
FAST_FOR = timedelta(seconds=15)
MOST_BUTTONS = 4
FINEST = 4  # decimals of a step
FIELD_TYPES: dict[str, str] = {
    ControlType.TEXT: "text",
    ControlType.DATE: "date",
    ControlType.TIME: "time",
    ControlType.DATETIME: "datetime-local",
}
TRACKS: dict[str, str] = {EntityStateType.HUE: "hue", EntityStateType.COLOR_TEMPERATURE: "warmth"}
OUTCOMES: dict[str, str | Promise] = {
    CommandStatus.FAILED: gettext_lazy("It could not be done."),
    CommandStatus.EXPIRED: gettext_lazy("It was not sent in time, and now it will not be."),
    CommandStatus.UNKNOWN: gettext_lazy("It was sent, but nothing tells whether it was done."),
}


OBSTACLES: dict[Obstacle, Promise] = {
    Obstacle.GONE: gettext_lazy("No source has it any more."),
    Obstacle.READ_ONLY: gettext_lazy("%(source)s can only be read."),
    Obstacle.NOT_RUNNING: gettext_lazy("%(source)s is not running now."),
    Obstacle.NOT_CONNECTED: gettext_lazy("%(source)s is not connected now."),
    Obstacle.UNAVAILABLE: gettext_lazy("It does not answer %(source)s now."),
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a wish did not come true, and what to do about it."""

    text: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Control:
    """`kind` says what it looks like: switch, buttons, number, select, field. `wanted` is where it stands: at what is
    wanted while that is pending, else at what was last heard. `reason` says why it cannot be used now."""

    state: EntityState
    kind: str
    name: str
    wanted: str
    options: tuple[Option, ...] = ()
    field_type: str = ""
    track: str = ""
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    asks: bool = False
    reason: str = ""
    trouble: Trouble | None = None
    is_pending: bool = False
    poll: int = 0
    # One for each intention: whoever sends it twice has wanted once.
    key: str = field(default_factory=lambda: secrets.token_hex(16), compare=False)

    @property
    def id(self) -> str:
        return str(self.state.pk)

    @property
    def url(self) -> str:
        return address_of("set", self.state.pk)

    @property
    def poll_url(self) -> str:
        return address_of("control", self.state.pk)

    @property
    def is_on(self) -> bool:
        return self.wanted == "on"

    @property
    def has_slider(self) -> bool:
        return None not in (self.minimum, self.maximum) and self.kind == "number"

    @property
    def has_chosen(self) -> bool:
        return any(option.is_chosen for option in self.options)

    @property
    def mark(self) -> str:
        """Equal for two that look the same."""
        told = (self.kind, self.wanted, str(self.options), self.reason, str(self.trouble), str(self.poll))
        return hashlib.blake2b("\0".join(told).encode(), digest_size=6).hexdigest()


def get_controller(state: EntityState) -> Controller | None:
    return getattr(state, "controller", None)


def build_controls(states: Iterable[EntityState], user: User, *, compact: bool = False) -> dict[int, Control]:
    """The controls of those states that can be set, as `user` may, by the id of the state: two statements, however
    many. `compact`: only what fits into a corner of a tile."""
    settable = {state.pk: state for state in states if get_controller(state) is not None}
    if not settable:
        return {}
    latest = commands.list_latest(settable)
    links = links_of_states(settable.values())
    built = {}
    for pk, state in settable.items():
        control = _build(state, user, latest.get(pk), [link.instance for link in links[pk]], compact)
        if control is not None:
            built[pk] = control
    return built


def build_control(
    state: EntityState, user: User, trouble: Trouble | None = None, *, compact: bool = False
) -> Control | None:
    """One of them; `trouble` is what was just said of a wish that never became a command."""
    control = build_controls([state], user, compact=compact).get(state.pk)
    return replace(control, trouble=trouble) if control is not None and trouble is not None else control


def read_value(controller: Controller, text: str) -> str:
    """What a form sent, in the words of the control: browsers leave out seconds, and put a T into the middle."""
    text = text.strip() if controller.control != ControlType.TEXT else text
    if controller.control == ControlType.DATETIME:
        text = text.replace("T", " ")
    if controller.control in (ControlType.TIME, ControlType.DATETIME) and text.count(":") == 1:
        text += ":00"
    return text


def _build(
    state: EntityState, user: User, latest: Command | None, sources: list[IntegrationInstance], compact: bool
) -> Control | None:
    controller = state.controller
    pending = latest is not None and latest.status in OPEN_COMMAND_STATUSES
    wanted = latest.value if latest is not None and pending else state.value or ""
    if control_words.MOVING.get(state.value or "") == wanted:
        wanted = state.value or ""  # on its way there, by its own word
    kind, options = _find_kind(controller, state, wanted)
    if compact:
        if kind not in ("switch", "buttons"):
            return None
        options = control_words.most_useful(controller, state, wanted, options)
    if kind in ("buttons", "select") and not options:
        return None
    return Control(
        state,
        kind,
        state.name,
        _in_field(controller, wanted),
        options,
        field_type=FIELD_TYPES.get(controller.control, ""),
        track=TRACKS.get(state.state_type, ""),
        minimum=controller.minimum,
        maximum=controller.maximum,
        step=controller.step,
        asks=commands.is_guarded(controller),
        reason=_why_never(state, user) or _why_not(state, sources),
        trouble=_find_trouble(latest, state),
        is_pending=pending,
        poll=_pace(latest) if pending else 0,
    )


def _find_kind(controller: Controller, state: EntityState, wanted: str) -> tuple[str, tuple[Option, ...]]:
    options = control_words.build_options(controller, state, wanted)
    if controller.control == ControlType.NUMBER:
        return "number", ()
    if controller.control in FIELD_TYPES:
        return "field", ()
    if controller.control == ControlType.TOGGLE and wanted in ("on", "off"):
        return "switch", options
    if controller.control in (ControlType.CHOICE, ControlType.MODE) and len(options) > MOST_BUTTONS:
        return "select", options
    return "buttons", options


def _in_field(controller: Controller, value: str) -> str:
    """As a browser's field takes it."""
    if controller.control == ControlType.NUMBER and controller.step:
        return _to_step(value, controller.step, controller.minimum or 0)
    if controller.control == ControlType.DATETIME:
        value = value.replace(" ", "T")
    if controller.control in (ControlType.TIME, ControlType.DATETIME) and value.count(":") == 2:
        value = value.removesuffix(":00")
    return value


def _to_step(value: str, step: float, start: float) -> str:
    """The nearest number that a field with this step takes: with another it could not be sent, nor read at a glance."""
    if round(step, FINEST) != step:
        return value  # a third of something: its steps are no easier to read
    size, first = Decimal(str(step)), Decimal(str(start))
    try:
        return f"{(first + round((Decimal(value) - first) / size) * size).normalize():f}"
    except (ArithmeticError, ValueError):
        return value


def _pace(latest: Command | None) -> int:
    return FAST if latest is not None and timezone.now() - latest.created_at < FAST_FOR else SLOW


def _find_trouble(latest: Command | None, state: EntityState) -> Trouble | None:
    """What came of the last wish, until the next one, or until it has come true after all."""
    if latest is None or latest.status not in OUTCOMES or latest.value == state.value:
        return None
    return Trouble(latest.message or str(OUTCOMES[latest.status]), latest.hint)


def _why_never(state: EntityState, user: User) -> str:
    """Why this person cannot set it at all; empty where they may."""
    need = commands.find_need(state.controller)
    return "" if user.may(need) else _("Setting this needs the role %(role)s.") % {"role": least_role(need).label}


def _why_not(state: EntityState, sources: list[IntegrationInstance]) -> str:
    """Why it cannot be set now; empty where it can."""
    obstacle, source = commands.find_obstacle(state, sources)
    return str(OBSTACLES[obstacle]) % {"source": source.label if source else ""} if obstacle else ""
