"""Pages of lists: `{items, next}`, where `next` is passed back as `after` and is null at the end.

A cursor is the place of the page's last item in the list's order, so that rows that come or go between two requests
neither hide nor repeat others.
"""

import base64
from typing import Any, Generic, TypeVar

from django.http import HttpRequest
from ninja import Schema
from pydantic import Field, TypeAdapter

from hi.api.errors import ApiProblem

DEFAULT_LIMIT = 100
MAX_LIMIT = 500

Position = TypeVar("Position")


class PageQuery(Schema):
    limit: int = Field(DEFAULT_LIMIT, ge=1, le=MAX_LIMIT)
    after: str = Field("", max_length=4000, description="the `next` of the page before")


def refuse_unknown(request: HttpRequest, query: Schema) -> None:
    """Raise ApiProblem for a parameter that the list does not know: with a misspelt `after`, a client that follows
    the pages would read the first one for ever."""
    known = type(query).model_fields
    for name in request.GET:
        if name not in known:
            name = name[:40]
            raise ApiProblem(
                422, f"{name}: there is no such parameter.", field=name, hint=f"There is {', '.join(known)}."
            )


class Cursor(Generic[Position]):
    """Opaque text for a place in one list's order, and back."""

    def __init__(self, kind: Any) -> None:
        self._adapter: TypeAdapter[Position] = TypeAdapter(kind)

    def encode(self, position: Position | None) -> str | None:
        if position is None:
            return None
        return base64.urlsafe_b64encode(self._adapter.dump_json(position)).decode().rstrip("=")

    def decode(self, text: str) -> Position | None:
        """Raises ApiProblem for what no page has given out; None for an empty text, the first page."""
        if not text:
            return None
        try:
            padded = text + "=" * (-len(text) % 4)
            return self._adapter.validate_json(base64.b64decode(padded, altchars=b"-_", validate=True), strict=True)
        except ValueError as err:
            raise ApiProblem(
                400,
                "This is not a place in this list.",
                field="after",
                hint="Pass the `next` of the page before as it is, or leave `after` out to begin anew.",
            ) from err
