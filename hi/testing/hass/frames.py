"""Messages of the WebSocket as bytes: results, errors, events and the short form of `subscribe_entities`."""

from typing import Any

import orjson

from hi.testing.hass.model import Context, Event, Row, State


def encode(message: Any) -> bytes:
    return orjson.dumps(message)


def result(message_id: int, value: Any = None) -> bytes:
    return encode({"id": message_id, "type": "result", "success": True, "result": value})


def error(message_id: Any, code: str, message: str) -> bytes:
    return encode({"id": message_id, "type": "result", "success": False, "error": {"code": code, "message": message}})


def event(message_id: int, body: Row) -> bytes:
    return encode({"type": "event", "event": body, "id": message_id})


def _short_context(context: Context) -> Any:
    return context.to_wire() if context.user_id else context.id


def short_state(state: State) -> Row:
    short: Row = {"s": state.state, "a": dict(state.attributes), "c": _short_context(state.context)}
    short["lc"] = state.last_changed
    if state.last_updated != state.last_changed:
        short["lu"] = state.last_updated
    return short


def short_change(changed: Event) -> Row:
    """A `state_changed` as `subscribe_entities` tells it: `a` added, `r` removed, `c` changed."""
    old, new = changed.old_state, changed.new_state
    if new is None:
        return {"r": [changed.entity_id]}
    if old is None:
        return {"a": {changed.entity_id: short_state(new)}}
    return {"c": {changed.entity_id: _difference(old, new)}}


def _difference(old: State, new: State) -> Row:
    plus: Row = {}
    if old.state != new.state:
        plus["s"] = new.state
    if old.last_changed != new.last_changed:
        plus["lc"] = new.last_changed
    elif old.last_updated != new.last_updated:
        plus["lu"] = new.last_updated
    if old.context.user_id != new.context.user_id:
        plus["c"] = {"user_id": new.context.user_id, "id": new.context.id}
    elif old.context.id != new.context.id:
        plus["c"] = new.context.id
    nothing = object()
    attributes = {key: value for key, value in new.attributes.items() if old.attributes.get(key, nothing) != value}
    if attributes:
        plus["a"] = attributes
    difference: Row = {"+": plus}
    if gone := [key for key in old.attributes if key not in new.attributes]:
        difference["-"] = {"a": gone}
    return difference
