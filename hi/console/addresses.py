"""What pages of a list say in their addresses. Anything unreadable says nothing."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from uuid import UUID

from hi.utils.keyset import Cursor, Id

MAX_DIGITS = 18  # what fits into an id


def read_number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS else None


def read_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def read_numbers(texts: Iterable[str]) -> list[int]:
    """Those that are numbers."""
    return [number for number in map(read_number, texts) if number is not None]


def write_cursor(cursor: Cursor[Id] | None) -> str:
    """Where a page begins: behind the row of this moment and id."""
    return f"{cursor[0].isoformat()}_{cursor[1]}" if cursor else ""


def read_cursor(text: str, read_id: Callable[[str], Id | None]) -> Cursor[Id] | None:
    moment, _separator, rest = text.replace(" ", "+").partition("_")
    pk = read_id(rest)
    try:
        at = datetime.fromisoformat(moment)
        return (at.astimezone(UTC), pk) if at.tzinfo and pk is not None else None
    except (ValueError, OverflowError):
        return None
