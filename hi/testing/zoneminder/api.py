"""The API: which call is meant, who asks, and the answer.

https://zoneminder.readthedocs.io/en/latest/api.html
"""

from typing import Any
from urllib.parse import unquote

from hi.testing.http import Answer, Request, json_answer
from hi.testing.zoneminder import events, host, monitors
from hi.testing.zoneminder.accounts import User
from hi.testing.zoneminder.call import Action, Call
from hi.testing.zoneminder.core import Core
from hi.testing.zoneminder.errors import API_JSON, PHP_HTML, ApiError, unknown_controller

API_PATH = "/zm/api/"

ACTIONS: dict[str, dict[str, Action]] = {
    "host": host.HOST,
    "states": host.STATES,
    "storage": {"index": host.storage},
    "zones": {"index": host.zones, "forMonitor": host.zones},
    "monitors": monitors.MONITORS,
    "events": events.EVENTS,
}


def answer(core: Core, request: Request) -> Answer:
    if core.faults.database_down:
        return Answer(200, b"", PHP_HTML)
    parts = [unquote(part) for part in request.path.removeprefix(API_PATH).removesuffix(".json").split("/")]
    actions = ACTIONS.get(parts[0])
    if actions is None:
        return unknown_controller(request)
    name, args = _action(actions, request.method, parts[1:])
    try:
        if (parts[0], name) in (("host", "login"), ("host", "logout")):
            return json_answer(_login(core, request) if name == "login" else {"result": "ok"}, 200, API_JSON)
        named = tuple((key, value) for key, colon, value in (arg.partition(":") for arg in args) if colon)
        user = _user(core, request)
        if name not in actions:
            return unknown_controller(request)
        call = Call(core, request, user, tuple(arg for arg in args if ":" not in arg), named)
        told = actions[name](call)
    except ApiError as err:
        return err.to_answer(request)
    return told if isinstance(told, Answer) else json_answer(told, 200, API_JSON)


def _action(actions: dict[str, Action], method: str, parts: list[str]) -> tuple[str, list[str]]:
    """`monitors/1` is view, edit or delete by the method, `monitors` is index or add."""
    if parts and parts[0] in actions:
        return parts[0], parts[1:]
    if parts and parts[0].isdigit():
        return {"GET": "view", "DELETE": "delete"}.get(method, "edit"), parts
    if not parts:
        return ("add" if method == "POST" and "add" in actions else "index"), []
    return parts[0], parts[1:]


def _user(core: Core, request: Request) -> User | None:
    """Who asks, by a token in the address or a form; a header says nothing."""
    accounts, given = core.accounts, request.query | request.form
    if not accounts.use_api:
        raise ApiError(401, "API Disabled")
    if not accounts.use_auth:
        return None
    if given.get("token"):
        user = accounts.check(given["token"], "access", core.house.clock.now())
    elif accounts.use_legacy and given.get("user") and given.get("pass"):
        user = accounts.sign_in(given["user"], given["pass"])
    else:
        raise ApiError(401, "Not Authenticated")
    return _with_api(user)


def _login(core: Core, request: Request) -> dict[str, Any]:
    accounts, given = core.accounts, request.query | request.form
    version = host.version(core)
    if not accounts.use_api:
        raise ApiError(401, "API Disabled")
    if not accounts.use_auth:
        if not given.get("user"):
            raise ApiError(401, "No identity provided")
        names = [f"{kind}_token{end}" for kind in ("access", "refresh") for end in ("", "_expires")]
        return dict.fromkeys([*names, "credentials", "append_password"]) | version
    now, token = core.house.clock.now(), given.get("token")
    try:
        if token:
            user = accounts.check(token, "refresh", now)
        elif given.get("user") and given.get("pass"):
            user = accounts.sign_in(given["user"], given["pass"])
        else:
            raise ApiError(401, "Not Authenticated")
        issued = accounts.issue(_with_api(user), now, with_refresh=not token)
    except ApiError:
        core.failed_logins += 1
        raise
    core.logins += not token
    core.refreshes += bool(token)
    return issued | version


def _with_api(user: User) -> User:
    if not user.api_enabled:
        raise ApiError(401, f"API disabled for: {user.name}")
    return user
