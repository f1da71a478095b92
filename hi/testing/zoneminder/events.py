"""Calls about events: lists by filter and page, and single ones."""

import math
from typing import Any

from hi.testing.http import Answer
from hi.testing.zoneminder.call import Action, Call
from hi.testing.zoneminder.columns import EVENT, Row
from hi.testing.zoneminder.errors import API_JSON, ApiError
from hi.testing.zoneminder.event_filters import matcher
from hi.testing.zoneminder.house import Event
from hi.testing.zoneminder.rows import event_columns, event_row, event_view

PAGE_LIMIT = 100
_RENAMED = ("StartTime", "EndTime")


def _index(call: Call) -> Any:
    """At most a hundred a page, the oldest first; a page past the end is missing."""
    call.require("events", "View", "Insufficient Privileges")
    is_wanted = matcher(call.named)
    rows = [
        (event_columns(call.house, event), event)
        for event in call.house.events.values()
        if call.may_see(event.monitor_id)
    ]
    found = [(row, event) for row, event in rows if is_wanted(row)]
    query = call.request.query
    order, key = _order(query)
    found.sort(key=lambda pair: (pair[0][key] is not None, pair[0][key]), reverse=order.endswith("desc"))
    page, limit = _number(query, "page", 1), min(PAGE_LIMIT, _number(query, "limit", PAGE_LIMIT))
    pages = math.ceil(len(found) / limit)
    if page > max(1, pages):
        raise ApiError(404, "Not Found")
    shown = [event_row(call.house, event) for _, event in found[(page - 1) * limit : page * limit]]
    return {
        "events": call.core.told("events", shown),
        "pagination": _pagination(query, len(shown), len(found), page, pages, limit),
    }


def _order(query: dict[str, str]) -> tuple[str, str]:
    """The column and the direction as the answer names them, and the column."""
    sort = query.get("sort", "")
    known = sort in EVENT or sort in _RENAMED
    direction = query.get("direction", "asc").lower() if known else "asc"
    name = sort if sort in _RENAMED else f"Event.{sort}"
    return f"{name if known else 'Event.StartDateTime'} {direction}", sort if known else "StartDateTime"


def _number(query: dict[str, str], name: str, default: int) -> int:
    given = query.get(name, "")
    return max(1, int(given)) if given.isdigit() else default


def _pagination(query: dict[str, str], current: int, count: int, page: int, pages: int, limit: int) -> Row:
    name, _, direction = _order(query)[0].partition(" ")
    options: Row = {"order": {name: direction}}
    options |= {"limit": limit} if limit != PAGE_LIMIT else {}
    options |= {"page": page} if page != 1 else {}
    options |= {key: query[key] for key in ("sort", "direction") if key in query}
    return {
        "page": page,
        "current": current,
        "count": count,
        "prevPage": page > 1,
        "nextPage": page < pages,
        "pageCount": pages,
        "order": {name: direction},
        "limit": limit,
        "options": options,
        "paramType": "querystring",
        "queryScope": None,
    }


def _event(call: Call) -> Event:
    number = call.args[0] if call.args else ""
    found = call.house.events.get(int(number)) if number.isdigit() else None
    if found is None:
        raise ApiError(404, "Invalid event")
    return found


def _view(call: Call) -> Any:
    call.require("events", "View", "Insufficient Privileges")
    event = _event(call)
    if not call.may_see(event.monitor_id):
        return {"event": []}
    shown = call.core.told("event", [event_view(call.core, event, call.request.query.get("noframes") != "true")])
    return {"event": shown[0] if shown else []}


def _edit(call: Call) -> Any:
    call.require("events", "Edit")
    _event(call).columns |= call.fields("Event")
    return {"message": "Saved"}


def _delete(call: Call) -> Answer:
    call.require("events", "Edit")
    del call.house.events[_event(call).id]
    return Answer(200, b"", API_JSON)


EVENTS: dict[str, Action] = {"index": _index, "view": _view, "edit": _edit, "delete": _delete}
