"""The REST side as plain functions: a request in, an answer out.

https://developers.home-assistant.io/docs/api/rest
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson

from hi.testing.hass import cameras
from hi.testing.hass.core import Core
from hi.testing.hass.service_calls import call_service
from hi.testing.http import Answer, Request, json_answer, plain

WEBSOCKET_PATH = "/api/websocket"


def answer(core: Core, request: Request) -> Answer:
    is_state = request.path.startswith("/api/states/")
    is_service = request.path.startswith("/api/services/") and request.path.count("/") == 4
    is_camera = request.path.startswith((cameras.PICTURE_PATH, cameras.STREAM_PATH))
    if request.path not in _PAGES and not is_state and not is_service and not is_camera:
        return plain(404)
    if request.method not in (("POST",) if is_service else ("GET", "HEAD")):
        return plain(405)
    if is_camera:
        return cameras.answer(core, request)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if not core.check_token(token if scheme == "Bearer" else None):
        return plain(401)
    if is_service:
        return _call(core, request)
    if not is_state:
        return json_answer(_PAGES[request.path](core), compressible=True)
    state = core.home.states.get(request.path.removeprefix("/api/states/").lower())
    if state is None:
        return json_answer({"message": "Entity not found."}, 404, compressible=True)
    return json_answer(state.to_wire())


def _call(core: Core, request: Request) -> Answer:
    """A service that refuses gives no reason here: that is the WebSocket's."""
    domain, service = request.path.split("/")[3:]
    try:
        data = orjson.loads(request.body or b"{}")
    except orjson.JSONDecodeError:
        data = None
    if not isinstance(data, dict):
        return json_answer({"message": "Data should be valid JSON."}, 400, compressible=True)
    outcome = call_service(core, domain, service, data)
    if outcome.error is None:
        answered = json_answer([state.to_wire() for state in outcome.changed], compressible=True)
    elif outcome.error[0] in ("not_found", "invalid_format"):
        answered = plain(400)
    else:
        answered = Answer(500, b"500 Internal Server Error\n\nServer got itself in trouble")
    return replace(answered, delay=outcome.delay, is_lost=outcome.is_lost)


_PAGES: dict[str, Callable[[Core], Any]] = {
    "/api/": lambda core: {"message": "API running."},
    "/api/config": lambda core: core.config(),
    "/api/core/state": lambda core: {
        "state": core.home.core_state,
        "recorder_state": {"migration_in_progress": False, "migration_is_live": False},
    },
    "/simulated/calls": lambda core: core.calls,
    "/api/states": lambda core: core.faults.shown("get_states", [s.to_wire() for s in core.home.states.values()]),
}
