"""How things are set, as data: what a controller takes, where its bounds are read, when a person is asked first.

Bits: https://developers.home-assistant.io/docs/core/entity, "Supported features" of each kind.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hi.entity.enums import ControlType
from hi.integration.core.decode import read_optional_number
from hi.integration.core.specs import ControllerSpec
from hi.services.hass.wire import DEVICE_CLASS

MAX_OPTIONS = 200
MAX_OPTION_LENGTH = 255
# An awning or a gate moves for a minute or two; who arms an alarm is given time to leave.
MOVING_SECONDS = 120
ARMING_SECONDS = 300

# A number, the attribute that holds it, or both: the attribute, and what counts where there is none.
Bound = float | str | tuple[str, float]

SUPPORTED_FEATURES = "supported_features"
CODE_FORMAT = "code_format"
CODE_ARM_REQUIRED = "code_arm_required"
# A lock names the form of its code as a regular expression: ^\d{4}$. One that speaks of no letters is of digits.
_OF_DIGITS = re.compile(r"[\^$\\d0-9\[\]{}(),+*?|-]+")


@dataclass(frozen=True, slots=True)
class Control:
    """`options` is the attribute that lists them; `words` are fixed ones, each with the feature bit that the entity
    must have for it (0: none). `needs` are bits of which the entity must have one to be set at all. `asks_first`:
    always, or for some device classes only. `takes_code`: its services take one."""

    type: ControlType
    options: str = ""
    words: tuple[tuple[str, int], ...] = ()
    needs: int = 0
    minimum: Bound | None = None
    maximum: Bound | None = None
    step: Bound | None = None
    asks_first: bool | frozenset[str] = False
    takes_code: bool = False

    def build(self, attributes: Mapping[str, Any]) -> ControllerSpec | None:
        """With the bounds and options that this entity names; None where it lacks the feature."""
        bits = read_bits(attributes)
        words = tuple(word for word, bit in self.words if not bit or bits & bit)
        if (self.needs and not bits & self.needs) or (self.words and not words):
            return None
        classes = self.asks_first
        asks_first = classes if isinstance(classes, bool) else str(attributes.get(DEVICE_CLASS)) in classes
        arms_freely = attributes.get(CODE_ARM_REQUIRED) is False
        return ControllerSpec(
            control=self.type,
            minimum=_bound(self.minimum, attributes),
            maximum=_bound(self.maximum, attributes),
            step=_bound(self.step, attributes),
            options=words or _options(attributes.get(self.options)),
            asks_first=asks_first,
            code_format=_code_format(attributes.get(CODE_FORMAT)) if self.takes_code else "",
            without_code=tuple(word for word in words if word.startswith("arm_")) if arms_freely else (),
        )


C = ControlType

TOGGLE = Control(C.TOGGLE)
PRESS = Control(C.PRESS)
NUMBER = Control(C.NUMBER, minimum="min", maximum="max", step="step")
TEXT = Control(C.TEXT, minimum="min", maximum="max")  # its length
CHOICE = Control(C.CHOICE, options="options")

# Who opens one of these lets people in; a blind does no harm.
ENTRANCES = frozenset({"door", "garage", "gate"})
# Gas that nobody watches is a danger; water is what gardens are sprinkled with every day.
DANGERS = frozenset({"gas"})

# domain -> how its main state is set. What is not here can only be read, or has its controls in `features`.
CONTROLS: Mapping[str, Control] = {
    "light": TOGGLE,
    "climate": Control(C.MODE, options="hvac_modes"),
    "lock": Control(C.LOCK, words=(("locked", 0), ("unlocked", 0), ("open", 1)), asks_first=True, takes_code=True),
    "cover": Control(
        C.OPEN_CLOSE,
        words=(("open", 1), ("closed", 2), ("stop", 8)),
        asks_first=ENTRANCES,
    ),
    "fan": TOGGLE,
    "media_player": Control(
        C.PLAYER,
        words=(
            ("play", 16384),
            ("pause", 1),
            ("stop", 4096),
            ("previous", 16),
            ("next", 32),
            ("on", 128),
            ("off", 256),
        ),
    ),
    "valve": Control(C.OPEN_CLOSE, words=(("open", 1), ("closed", 2), ("stop", 8)), asks_first=DANGERS),
    "humidifier": TOGGLE,
    "water_heater": Control(C.MODE, options="operation_list", needs=2),
    "vacuum": Control(
        C.ACTION,
        words=(
            ("start", 8192),
            ("pause", 4),
            ("stop", 8),
            ("return_to_base", 16),
            ("locate", 512),
            ("clean_spot", 1024),
        ),
    ),
    "lawn_mower": Control(C.ACTION, words=(("start_mowing", 1), ("pause", 2), ("dock", 4))),
    "alarm_control_panel": Control(
        C.ACTION,
        words=(
            ("disarm", 0),
            ("arm_home", 1),
            ("arm_away", 2),
            ("arm_night", 4),
            ("arm_vacation", 32),
            ("arm_custom_bypass", 16),
        ),  # to let it go off is nothing that a page should do
        asks_first=True,
        takes_code=True,
    ),
    "siren": Control(C.TOGGLE, needs=1 | 2),
    "switch": TOGGLE,
    "remote": TOGGLE,
    "automation": TOGGLE,
    "script": TOGGLE,
    "group": TOGGLE,
    "input_boolean": TOGGLE,
    "input_select": CHOICE,
    "select": CHOICE,
    "input_number": NUMBER,
    "number": NUMBER,
    "counter": Control(C.NUMBER, minimum="minimum", maximum="maximum", step="step"),
    "input_text": TEXT,
    "text": TEXT,
    "date": Control(C.DATE),
    "time": Control(C.TIME),
    "datetime": Control(C.DATETIME),
    "timer": Control(C.ACTION, words=(("start", 0), ("pause", 0), ("cancel", 0), ("finish", 0))),
    # It restarts the device, and no version can be taken back.
    "update": Control(C.ACTION, words=(("install", 1),), asks_first=True),
    "scene": PRESS,
    "input_button": PRESS,
    "button": PRESS,
}

# (has_date, has_time) of an input_datetime.
_INPUT_TIMES: Mapping[tuple[bool, bool], ControlType] = {
    (True, False): C.DATE,
    (False, True): C.TIME,
    (True, True): C.DATETIME,
}


def read_bits(attributes: Mapping[str, Any]) -> int:
    value = attributes.get(SUPPORTED_FEATURES)
    return value if isinstance(value, int) else 0


def read_input_time(attributes: Mapping[str, Any]) -> ControlType | None:
    return _INPUT_TIMES.get((attributes.get("has_date") is True, attributes.get("has_time") is True))


def _bound(bound: Bound | None, attributes: Mapping[str, Any]) -> float | None:
    if bound is None or isinstance(bound, int | float):
        return bound
    name, otherwise = bound if isinstance(bound, tuple) else (bound, None)
    value = read_optional_number(attributes, name)
    return value if value is not None and math.isfinite(value) else otherwise


def _options(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(option[:MAX_OPTION_LENGTH] for option in value[:MAX_OPTIONS] if isinstance(option, str))


def _code_format(value: object) -> str:
    if not isinstance(value, str) or not value:
        return ""
    return "number" if value == "number" or _OF_DIGITS.fullmatch(value) else "text"
