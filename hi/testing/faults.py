"""How a simulated server misbehaves now."""

from dataclasses import dataclass, field, replace
from typing import Any

from hi.testing.http import HTML, Answer, Request, plain

Row = dict[str, Any]

SIGN_IN_PAGE = b"<!DOCTYPE html><html><head><title>Welcome</title></head><body><h1>Please sign in</h1></body></html>"
HUGE_BYTES = 33 * 1024 * 1024
REPEATED_ROWS = 2


@dataclass(slots=True)
class Failure:
    status: int
    retry_after: str | None = None
    times: int | None = None
    """How often it still happens; None is until healed."""


@dataclass(slots=True)
class Faults:
    """A fresh one behaves. A path is a part of the request's path, "" is in all; a kind is what a list is of."""

    failing: dict[str, Failure] = field(default_factory=dict)
    """Paths answered with a status."""
    html: str | None = None
    """The path answered by a page, as a router's sign-in page or another service on the port would."""
    empty: str | None = None
    """The path answered by 200 and nothing."""
    truncated: str | None = None
    """The path whose answers are cut in half, and whether they say so in their length."""
    truncated_honestly: bool = False
    huge: str | None = None
    """The path whose answers go on with blanks for longer than anybody wants to read."""
    drip_seconds: float = 0.0
    """Send one byte at a time, this far apart."""
    rows: int | None = None
    """How many rows a list has at most, and which kinds that touches (none named: all lists)."""
    partial_kinds: frozenset[str] = frozenset()
    nothing: frozenset[str] | None = None
    """Kinds whose lists are empty; here and below, none named is all, and None is no fault."""
    undecodable: frozenset[str] | None = None
    """Kinds whose lists have nonsense for their last row."""
    duplicates: frozenset[str] | None = None
    """Kinds whose lists repeat their first rows."""

    def stop(self, request: Request) -> Answer | None:
        """The answer of a server that does not get as far as looking at the request."""
        if self.html is not None and self.html in request.path:
            return Answer(200, SIGN_IN_PAGE, HTML)
        for path, failure in tuple(self.failing.items()):
            if path not in request.path:
                continue
            if failure.times is not None:
                failure.times -= 1
                if failure.times <= 0:
                    del self.failing[path]
            wait = failure.retry_after
            return plain(failure.status, () if wait is None else (("Retry-After", wait),))
        return None

    def spoil(self, request: Request, answered: Answer) -> Answer:
        """The answer as it gets on the line."""
        if self.empty is not None and self.empty in request.path:
            return replace(answered, status=200, body=b"", stream=None)
        if self.truncated is not None and self.truncated in request.path:
            half = answered.body[: len(answered.body) // 2]
            return replace(answered, body=half, claimed=None if self.truncated_honestly else len(answered.body))
        if self.huge is not None and self.huge in request.path:
            return replace(answered, body=answered.body.ljust(HUGE_BYTES))
        return answered

    def shown(self, kind: str, rows: list[Row]) -> list[Row]:
        """A list as it is told."""
        if _touches(self.nothing, kind):
            return []
        if self.rows is not None and _touches(self.partial_kinds, kind):
            rows = rows[: self.rows]
        if _touches(self.duplicates, kind):
            rows = [*rows, *rows[:REPEATED_ROWS]]
        if _touches(self.undecodable, kind) and rows:
            rows = [*rows[:-1], dict.fromkeys(rows[-1], "nonsense")]
        return rows


def _touches(kinds: frozenset[str] | None, kind: str) -> bool:
    return kinds is not None and (not kinds or kind in kinds)
