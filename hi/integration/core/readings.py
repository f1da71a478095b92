"""From what a service says to the text of a value, as hi keeps it; None for whatever is not what it should be."""

import math
from collections.abc import Callable

from hi.integration.core.decode import clean_text

MAX_VALUE = 255
MICRO_SIGNS = str.maketrans("\N{GREEK SMALL LETTER MU}", "\N{MICRO SIGN}")

Read = Callable[[object], str | None]


def number(value: object) -> str | None:
    """The digits as they come. Some services send numbers as texts."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        is_number = math.isfinite(float(value))
    except (ValueError, OverflowError):
        return None
    return str(value).strip()[:MAX_VALUE] if is_number else None


def text(value: object) -> str | None:
    return clean_text(value, MAX_VALUE) if isinstance(value, str) and value else None


def flag(value: object) -> str | None:
    if isinstance(value, bool):
        return "on" if value else "off"
    return value if isinstance(value, str) and value in ("on", "off") else None


def share(value: object) -> str | None:
    """0 to 1 as percent."""
    found = _small(value)
    return None if found is None else str(round(found * 100))


def level(value: object) -> str | None:
    """0 to 255 as percent; what is on at all has one at least."""
    found = _small(value)
    return None if found is None else str(max(round(found / 2.55), 1 if found > 0 else 0))


def item(index: int) -> Read:
    """A number of a list."""
    return lambda value: number(value[index]) if isinstance(value, list) and len(value) > index else None


def unit(name: str) -> str:
    """Two micro signs are in use: the Greek letter becomes the other one."""
    return name.translate(MICRO_SIGNS)


def _small(value: object) -> float | None:
    """Within a thousand, which is beyond what any of these scales has."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) <= 1000 else None
