"""Pages of long lists, each beginning behind the last row of the one before: what comes or goes meanwhile neither
hides nor repeats a row, and no page is slower than the first."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)
Id = TypeVar("Id", int, UUID)

# Where a row is in its list: its moment, and of one moment its id.
Cursor = tuple[datetime, Id]
# The fields of the two, as `order_by` takes them.
Order = tuple[str, str]


def beyond(order: Order, cursor: tuple[datetime | str, int | UUID], *, including: bool = False) -> Q:
    """What comes behind a row in this order, or is it. The bound is said twice: no index serves a condition with OR."""
    (by, then), (bound, pk) = order, cursor
    name = by.removeprefix("-")
    further = "lt" if by.startswith("-") else "gt"
    behind = ("lt" if then.startswith("-") else "gt") + ("e" if including else "")
    return Q((f"{name}__{further}e", bound)) & (Q((f"{name}__{further}", bound)) | Q((f"pk__{behind}", pk)))


def read_page(
    rows: QuerySet[Row], order: Order, limit: int, cursor_of: Callable[[Row], Cursor[Id]], after: Cursor[Id] | None
) -> tuple[list[Row], Cursor[Id] | None]:
    """One page, and what to ask for the next one with; None at the end."""
    if after is not None:
        rows = rows.filter(beyond(order, after))
    page = list(rows.order_by(*order)[: limit + 1])
    return page[:limit], cursor_of(page[limit - 1]) if len(page) > limit else None
