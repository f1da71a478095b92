"""Values in hi's words as the data of a service: readers, each of one kind of value.

What an entity takes is read from its attributes of this moment; what it does not take is an OrderRefusedError.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from hi.integration.core.decode import read_optional_number
from hi.integration.exceptions import OrderRefusedError

Attributes = Mapping[str, Any]
# An attribute's name, or the bound itself; None for no bound.
Bound = str | float | None
MAX_SHOWN = 12
# Lamps round through colour spaces of their own.
COLOR_STEPS = 3.0


@dataclass(frozen=True, slots=True)
class Reading:
    """A value as the service's data, and what the state will say once it is so: one of `expected`, a number within
    `tolerance`; with none expected, anything new."""

    data: Mapping[str, Any]
    expected: tuple[str, ...]
    tolerance: float = 0.0


Reader = Callable[[str, Attributes], Reading]


def choice(name: str, options: str) -> Reader:
    """One of the words that the attribute `options` lists."""

    def read(value: str, attributes: Attributes) -> Reading:
        known = attributes.get(options)
        if not isinstance(known, list) or value not in known:
            raise refuse_word(value, known if isinstance(known, list) else ())
        return Reading({name: value}, (value,))

    return read


def number(
    name: str,
    low: Bound = 0.0,
    high: Bound = 100.0,
    *,
    step: Bound = 1.0,
    tolerance: float = 0.0,
    slack: float = 0.5,
    whole: bool = False,
    per_unit: float = 1.0,
) -> Reader:
    """A number, of which one is `per_unit` in the service's terms. The state may then be off by `tolerance`, or by
    `slack` of the entity's own steps if that is more."""

    def read(value: str, attributes: Attributes) -> Reading:
        given = _read_number(value, _bound(attributes, low), _bound(attributes, high))
        if whole:
            given = round(given)
        within = max(tolerance, slack * (_bound(attributes, step) or 0.0))
        return Reading({name: given if per_unit == 1.0 else given * per_unit}, (_write(given),), within)

    return read


def brightness(value: str, attributes: Attributes) -> Reading:
    reading = _BRIGHTNESS(value, attributes)
    # Dark is off: a light that is off says no brightness.
    return reading if reading.data["brightness_pct"] else Reading(reading.data, ())


def kelvin(value: str, attributes: Attributes) -> Reading:
    low, high = (_bound(attributes, f"{end}_color_temp_kelvin") for end in ("min", "max"))
    given = round(_read_number(value, 1.0 if low is None else low, high))
    # Lamps count in mired, and round by one of them.
    return Reading({"color_temp_kelvin": given}, (str(given),), max(1.0, given**2 / 1e6))


def hue(value: str, attributes: Attributes) -> Reading:
    """The service takes hue and saturation together, so the other one goes along as it is."""
    given = _read_number(value, 0.0, 360.0)
    _hue, saturation = _present_color(attributes)
    # The circle ends where it begins.
    near = [given, *(given + turn for turn in (-360.0, 360.0) if -COLOR_STEPS <= given + turn <= 360 + COLOR_STEPS)]
    # A hue without saturation would be white.
    return Reading({"hs_color": [given, saturation or 100.0]}, tuple(map(_write, near)), COLOR_STEPS)


def saturation(value: str, attributes: Attributes) -> Reading:
    given = _read_number(value, 0.0, 100.0)
    return Reading({"hs_color": [_present_color(attributes)[0], given]}, (_write(given),), COLOR_STEPS)


def temperature(value: str, attributes: Attributes) -> Reading:
    given = _read_number(value, *(_bound(attributes, name) for name in ("min_temp", "max_temp")))
    step = _bound(attributes, "target_temp_step")
    # Without steps of its own it is one that counts in Fahrenheit, or in halves.
    return Reading({"temperature": given}, (_write(given),), 0.5 if step is None else max(0.1, step / 2))


def temperature_end(name: str, other_name: str) -> Reader:
    """One end of a range of temperatures: the service takes both, so the other one goes along as it is."""

    def read(value: str, attributes: Attributes) -> Reading:
        reading = temperature(value, attributes)
        given, other = reading.data["temperature"], read_optional_number(attributes, other_name)
        if other is None:
            raise OrderRefusedError("It keeps no range of temperatures in its present mode.")
        if (given > other) == (name == "target_temp_low") and given != other:
            raise OrderRefusedError(f"The lower temperature cannot be above the upper one, now {_write(other)}.")
        return Reading({name: given, other_name: other}, reading.expected, reading.tolerance)

    return read


def humidity(value: str, attributes: Attributes) -> Reading:
    low, high = (_bound(attributes, name) for name in ("min_humidity", "max_humidity"))
    given = round(_read_number(value, 0.0 if low is None else low, 100.0 if high is None else high))
    return Reading({"humidity": given}, (str(given),), 0.5)


def text(value: str, attributes: Attributes) -> Reading:
    low, high = _bound(attributes, "min") or 0.0, _bound(attributes, "max")
    if not low <= len(value) <= (math.inf if high is None else high):
        raise OrderRefusedError(f"It takes a text of {_span(low, high)} characters; this one has {len(value)}.")
    return Reading({"value": value}, (value,))


def moment(name: str) -> Reader:
    def read(value: str, _attributes: Attributes) -> Reading:
        given = _read_moment(name, value)
        return Reading({name: given}, (given,))

    return read


def moment_elsewhere(value: str, _attributes: Attributes) -> Reading:
    """Its state will say it in UTC, and only the server knows how far that is from its own zone."""
    return Reading({"datetime": _read_moment("datetime", value)}, ())


def moment_of_helper(value: str, attributes: Attributes) -> Reading:
    has_date, has_time = attributes.get("has_date") is True, attributes.get("has_time") is True
    return moment("datetime" if has_date and has_time else "date" if has_date else "time")(value, attributes)


def _read_number(value: str, low: float | None, high: float | None) -> float:
    try:
        given = float(value)
    except ValueError:
        given = math.nan
    if not math.isfinite(given):
        raise OrderRefusedError(f"It takes a number, not {value[:60]!r}.")
    if (low is not None and given < low) or (high is not None and given > high):
        raise OrderRefusedError(f"It takes {_span(low, high)}, not {_write(given)}.")
    return given


def _read_moment(name: str, value: str) -> str:
    parse, example = MOMENTS[name]
    try:
        return parse(value)
    except ValueError as err:
        raise OrderRefusedError(f"It takes a {name} like {example}, not {value[:60]!r}.") from err


def _local_datetime(value: str) -> str:
    given = datetime.fromisoformat(value)
    if given.tzinfo is not None:
        raise ValueError("has a zone")
    return given.isoformat(" ", "seconds")


def _local_time(value: str) -> str:
    return _local_datetime(f"1970-01-01 {value}").partition(" ")[2]


def _present_color(attributes: Attributes) -> tuple[float, float]:
    color = attributes.get("hs_color")
    if isinstance(color, list) and len(color) == 2 and all(isinstance(part, int | float) for part in color):
        return float(color[0]), float(color[1])
    return 0.0, 100.0


def refuse_word(value: str, words: Iterable[Any]) -> OrderRefusedError:
    known = [word for word in words if isinstance(word, str)]
    if not known:
        return OrderRefusedError("It has nothing to choose from now.")
    shown = ", ".join(known[:MAX_SHOWN]) + (", …" if len(known) > MAX_SHOWN else "")
    return OrderRefusedError(f"It does not take {value[:60]!r}, only: {shown}.")


def _bound(attributes: Attributes, bound: Bound) -> float | None:
    return read_optional_number(attributes, bound) if isinstance(bound, str) else bound


def _write(given: float) -> str:
    return str(int(given)) if given == int(given) else str(given)


def _span(low: float | None, high: float | None) -> str:
    if low is None:
        return f"up to {_write(high or 0.0)}"
    return f"at least {_write(low)}" if high is None else f"{_write(low)} to {_write(high)}"


MOMENTS: Mapping[str, tuple[Callable[[str], str], str]] = {
    "date": (lambda value: date.fromisoformat(value).isoformat(), "2026-11-25"),
    "time": (_local_time, "07:30:00"),
    "datetime": (_local_datetime, "2026-11-25 07:30:00"),
}
# Lamps have 256 levels, or fewer.
_BRIGHTNESS = number("brightness_pct", tolerance=1.0)
