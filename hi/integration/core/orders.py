"""What may be asked of a state, by its controller, and which values of the state are the answer."""

import math
from collections.abc import Callable, Sequence
from datetime import date, datetime, time

from hi.entity.enums import ControlType
from hi.integration.core.specs import ControllerSpec
from hi.integration.exceptions import ConfigurationError

MAX_LENGTH = 255
MAX_CODE = 64
MAX_LISTED = 12
FIXED_WORDS: dict[ControlType, tuple[str, ...]] = {
    ControlType.TOGGLE: ("on", "off"),
    ControlType.PRESS: ("press",),
}


def clean_order(controller: ControllerSpec, value: str) -> str:
    """The value in its one spelling. Raises ConfigurationError for one that the controller does not take."""
    if len(value) > MAX_LENGTH:
        raise _refusal(f"This is longer than {MAX_LENGTH} characters.")
    if controller.control is ControlType.NUMBER:
        return _clean_number(controller, value)
    if controller.control is ControlType.TEXT:
        return _clean_text(controller, value)
    if controller.control in _MOMENTS:
        return _clean_moment(controller.control, value)
    words = FIXED_WORDS.get(controller.control, controller.options)
    if value not in words:
        shown = ", ".join(words[:MAX_LISTED]) + (", …" if len(words) > MAX_LISTED else "")
        raise _refusal(f"Choose one of: {shown}." if words else "There is nothing to choose from now.")
    return value


def clean_code(controller: ControllerSpec, value: str, code: str) -> str:
    """The code that goes along with the value. Raises ConfigurationError for one that is missing, of another kind, or
    not asked for."""
    if not controller.needs_code(value):
        if code:
            raise ConfigurationError("This needs no code.", field="code")
        return ""
    if not code:
        raise ConfigurationError("Enter the code.", field="code")
    if len(code) > MAX_CODE:
        raise ConfigurationError(f"The code is longer than {MAX_CODE} characters.", field="code")
    if not code.isprintable():
        raise ConfigurationError("The code has an invisible character.", field="code")
    if controller.code_format == "number" and not (code.isascii() and code.isdigit()):
        raise ConfigurationError("The code has digits only.", field="code")
    return code


def is_answer(value: str | None, expected: Sequence[str], tolerance: float) -> bool:
    """Whether a state that says `value` does what was asked for: one of `expected`, or a number that near to one."""
    if value is None:
        return False
    return value in expected or any(_is_near(value, one, tolerance) for one in expected)


def _is_near(value: str, wanted: str, tolerance: float) -> bool:
    try:
        return abs(float(value) - float(wanted)) <= tolerance + 1e-9
    except ValueError:
        return False


def _clean_number(controller: ControllerSpec, value: str) -> str:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    # Python would also read "1_000", and digits of other scripts.
    if not math.isfinite(number) or "_" in value or not value.isascii():
        raise _refusal("This is not a number.")
    low, high = controller.minimum, controller.maximum
    if (low is not None and number < low) or (high is not None and number > high):
        raise _refusal(_say_bounds(low, high))
    return str(int(number)) if number.is_integer() else str(number)


def _say_bounds(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return f"Choose at least {low:g}." if low is not None else f"Choose at most {high:g}."
    return f"Choose between {low:g} and {high:g}."


def _clean_text(controller: ControllerSpec, value: str) -> str:
    if not value.isprintable():
        raise _refusal("This has a line break or another invisible character.")
    shortest, longest = controller.minimum or 0, min(controller.maximum or MAX_LENGTH, MAX_LENGTH)
    if len(value) < shortest:
        raise _refusal(f"This needs at least {shortest:g} characters.")
    if len(value) > longest:
        raise _refusal(f"This is longer than {longest:g} characters.")
    return value


def _clean_moment(control: ControlType, value: str) -> str:
    read, example = _MOMENTS[control]
    try:
        return read(value)
    except ValueError:
        raise _refusal(f"Write it like this: {example}.") from None


def _read_date(value: str) -> str:
    return date.fromisoformat(value).isoformat()


def _read_time(value: str) -> str:
    found = time.fromisoformat(value)
    if found.tzinfo is not None:
        raise ValueError("a time of day has no zone")
    return found.isoformat("seconds")


def _read_datetime(value: str) -> str:
    found = datetime.fromisoformat(value)
    if found.tzinfo is not None:
        raise ValueError("it is in the source's own zone")
    return found.isoformat(" ", "seconds")


_MOMENTS: dict[ControlType, tuple[Callable[[str], str], str]] = {
    ControlType.DATE: (_read_date, "2026-11-25"),
    ControlType.TIME: (_read_time, "07:30:00"),
    ControlType.DATETIME: (_read_datetime, "2026-11-25 07:30:00"),
}


def _refusal(message: str) -> ConfigurationError:
    return ConfigurationError(message, field="value")
