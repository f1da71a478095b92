"""What a check says, and the words for figures in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

NAMES_SHOWN = 3


class Level(StrEnum):
    OK = "ok"
    WARN = "warn"  # something needs a person, or soon will, but hi works
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """`what` is a sentence with figures, `do` what to do about it: empty where nothing is."""

    subject: str
    level: Level
    what: str
    do: str = ""


def ok(subject: str, what: str) -> Finding:
    return Finding(subject, Level.OK, what)


def warn(subject: str, what: str, do: str) -> Finding:
    return Finding(subject, Level.WARN, what, do)


def bad(subject: str, what: str, do: str) -> Finding:
    return Finding(subject, Level.BAD, what, do)


def say_age(seconds: float) -> str:
    for size, word in ((86_400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{int(seconds // size)} {word}"
    return f"{max(0, int(seconds))} s"


def say_since(moment: datetime, now: datetime) -> str:
    return say_age((now - moment).total_seconds())


def say_bytes(size: float) -> str:
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if size >= 10 or unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def say_names(names: Sequence[str]) -> str:
    """The first few, and how many more."""
    shown, rest = list(names[:NAMES_SHOWN]), len(names) - NAMES_SHOWN
    if rest > 0:
        shown.append(f"{rest} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
