"""What pages of a list say in their addresses. Anything unreadable says nothing."""

from collections.abc import Iterable
from datetime import UTC, datetime

MAX_DIGITS = 18  # what fits into an id


def read_number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS else None


def read_numbers(texts: Iterable[str]) -> list[int]:
    """Those that are numbers."""
    return [number for number in map(read_number, texts) if number is not None]


def write_place(place: tuple[datetime, int] | None) -> str:
    """Where a page begins: after the row of this moment and id."""
    return f"{place[0].isoformat()}_{place[1]}" if place else ""


def read_place(text: str) -> tuple[datetime, int] | None:
    moment, _separator, pk = text.replace(" ", "+").partition("_")
    number = read_number(pk)
    try:
        at = datetime.fromisoformat(moment)
        return (at.astimezone(UTC), number) if at.tzinfo and number is not None else None
    except (ValueError, OverflowError):
        return None
