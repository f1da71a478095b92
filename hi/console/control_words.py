"""What the buttons of a control are called, and what it asks before something is sent."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from hi.console.display import format_number, read_word
from hi.entity.enums import ControlType, EntityType
from hi.entity.models import Controller, EntityState

C = ControlType
VERBS: dict[str, dict[str, str | Promise]] = {
    C.TOGGLE: {"on": gettext_lazy("Turn on"), "off": gettext_lazy("Turn off")},
    C.OPEN_CLOSE: {
        "open": pgettext_lazy("verb", "Open"),
        "stop": gettext_lazy("Stop"),
        "closed": pgettext_lazy("verb", "Close"),
    },
    C.LOCK: {
        "locked": pgettext_lazy("verb", "Lock"),
        "unlocked": gettext_lazy("Unlock"),
        "open": pgettext_lazy("verb", "Open"),
    },
    C.PLAYER: {
        "previous": gettext_lazy("Previous"),
        "play": gettext_lazy("Play"),
        "pause": gettext_lazy("Pause"),
        "stop": gettext_lazy("Stop"),
        "next": gettext_lazy("Next"),
        "on": gettext_lazy("Turn on"),
        "off": gettext_lazy("Turn off"),
    },
}
PRESSES: dict[str, str | Promise] = {
    EntityType.SCENE: gettext_lazy("Activate"),
    EntityType.SCRIPT: gettext_lazy("Run"),
    EntityType.AUTOMATION: gettext_lazy("Run"),
}
ICONS: dict[tuple[str, str], str] = {
    (C.OPEN_CLOSE, "open"): "up",
    (C.OPEN_CLOSE, "stop"): "halt",
    (C.OPEN_CLOSE, "closed"): "down",
    (C.PLAYER, "previous"): "previous",
    (C.PLAYER, "play"): "play",
    (C.PLAYER, "pause"): "pause",
    (C.PLAYER, "stop"): "stop",
    (C.PLAYER, "next"): "next",
    (C.PLAYER, "on"): "off",
    (C.PLAYER, "off"): "off",
}
TRANSPORT = {"previous", "play", "pause", "stop", "next"}
# What a state says after each of these words was wanted, where that is another word.
PLAYED = {"playing": "play", "buffering": "play", "paused": "pause", "off": "off"}
# What would change nothing.
IDLE_VERBS = {"off": ("off",)} | dict.fromkeys(("on", "playing", "paused", "idle", "buffering"), ("on",))
MOVING = {"opening": "open", "closing": "closed", "locking": "locked", "unlocking": "unlocked"}
# What a tile offers of a control: the way back from where it stands.
BACK: dict[str, dict[str, tuple[str, ...]]] = {
    C.OPEN_CLOSE: {
        "open": ("closed",),
        "closed": ("open",),
        "opening": ("stop", "closed"),
        "closing": ("stop", "open"),
    },
    C.LOCK: {"locked": ("unlocked",), "unlocking": ("locked",), "locking": ("unlocked",)},
    C.PLAYER: {"playing": ("pause", "stop", "off"), "off": ("on", "play"), "play": ("pause", "stop")},
}
OTHERWISE: dict[str, tuple[str, ...]] = {C.OPEN_CLOSE: ("open",), C.LOCK: ("locked",), C.PLAYER: ("play", "on")}


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    icon: str = ""
    is_chosen: bool = False

    @property
    def icon_only(self) -> bool:
        """Whether everybody knows the sign."""
        return self.icon in TRANSPORT


def build_options(controller: Controller, state: EntityState, wanted: str) -> tuple[Option, ...]:
    """What can be wanted. Only one that the state then says by itself can be the chosen one."""
    control = controller.control
    if control == C.PRESS:
        return (Option("press", str(PRESSES.get(state.entity.entity_type, _("Press")))),)
    verbs = VERBS.get(control, {})
    offered = [str(option) for option in controller.options] or (list(verbs) if control == C.TOGGLE else [])
    if control == C.PLAYER:
        offered = [value for value in offered if value not in IDLE_VERBS.get(wanted, ())]
    ordered = [value for value in verbs if value in offered] + [value for value in offered if value not in verbs]
    chosen = PLAYED.get(wanted, wanted) if control == C.PLAYER else MOVING.get(wanted, wanted)
    return tuple(
        Option(
            value,
            str(verbs[value]) if value in verbs else capitalise(read_word(value)),
            ICONS.get((control, value), ""),
            value == chosen and control != C.ACTION,
        )
        for value in ordered
    )


def most_useful(
    controller: Controller, state: EntityState, wanted: str, options: tuple[Option, ...]
) -> tuple[Option, ...]:
    """The one button of a control that a tile has room for."""
    if controller.control in (C.TOGGLE, C.PRESS):
        return options if controller.control == C.PRESS or wanted in ("on", "off") else ()
    preferred = BACK.get(controller.control, {}).get(wanted, OTHERWISE.get(controller.control, ()))
    by_value = {option.value: option for option in options}
    return next(((by_value[value],) for value in preferred if value in by_value), ())


def capitalise(text: str) -> str:
    return text[:1].upper() + text[1:]


def question(controller: Controller, state: EntityState, value: str) -> str:
    """What is asked before a lock, a garage door or an alarm is told anything."""
    about = {"name": state.name}
    sentences = {
        (C.LOCK, "unlocked"): _("Unlock %(name)s?"),
        (C.LOCK, "locked"): _("Lock %(name)s?"),
        (C.LOCK, "open"): _("Open %(name)s?"),
        (C.OPEN_CLOSE, "open"): _("Open %(name)s?"),
        (C.OPEN_CLOSE, "closed"): _("Close %(name)s?"),
        (C.OPEN_CLOSE, "stop"): _("Stop %(name)s?"),
        (C.TOGGLE, "on"): _("Turn %(name)s on?"),
        (C.TOGGLE, "off"): _("Turn %(name)s off?"),
        (C.PRESS, "press"): _("Press %(name)s?"),
    }
    found = sentences.get((C(controller.control), value))
    if found is not None:
        return found % about
    if controller.control == C.ACTION:
        return _("%(verb)s: %(name)s?") % {"verb": capitalise(read_word(value)), **about}
    if controller.control == C.NUMBER:
        return _("Set %(name)s to %(value)s?") % {"value": _number(value, state.unit), **about}
    return _("Set %(name)s to “%(value)s”?") % {"value": read_word(value), **about}


def verb(controller: Controller, state: EntityState, value: str) -> str:
    """What the button says that does it."""
    for option in build_options(controller, state, ""):
        if option.value == value:
            return option.label
    return _("Set")


def _number(value: str, unit: str) -> str:
    try:
        return f"{format_number(float(value), None)} {unit}".strip()
    except ValueError:
        return value
