"""HassClient: REST for tests of the connection, short WebSocket sessions for everything that exists and for calls.

Home Assistant's registries can be read over its WebSocket only, and only there a service that fails says why: REST
answers "500 Server got itself in trouble". A token is sent only to what has introduced itself as a Home Assistant,
and never again once it was refused: after a few bad ones the server bans the address.
"""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from itertools import count
from typing import Any, Self
from urllib.parse import urlsplit

from websockets.exceptions import InvalidMessage, InvalidStatus

from hi.integration import exceptions
from hi.integration.client import ApiClient
from hi.integration.connection_errors import too_slow_error
from hi.integration.core.decode import read_mapping
from hi.integration.reach import KNOWN, begins_to_answer, speaks_tls
from hi.integration.tls import Trust
from hi.integration.websocket import WebSocketTalk, open_websocket, websocket_error
from hi.services.hass.wire import HassConfig, HassHome, HassState

ANSWER_SECONDS = 10.0
FETCH_SECONDS = 30.0
SOCKET_PATH = "/api/websocket"
USUAL_PORT = 8123
TOKEN_FIELD = "token"
API_RUNNING = "API running."
NEW_TOKEN_HINT = (
    "Make a new one in Home Assistant: your profile, Security, Long-lived access tokens. Then enter it here."
)
BANNED_HINT = (
    "After failed sign-ins Home Assistant bans an address, a good token included: remove the line with this machine "
    "from ip_bans.yaml there and restart it. Otherwise a proxy in between refuses."
)

# What `fetch_home` asks for, by the name that paths in error messages begin with.
COMMANDS = {
    "config": "get_config",
    "states": "get_states",
    "entity_registry": "config/entity_registry/list",
    "device_registry": "config/device_registry/list",
    "area_registry": "config/area_registry/list",
    "floor_registry": "config/floor_registry/list",
    "label_registry": "config/label_registry/list",
    "user": "auth/current_user",
}
OPTIONAL_COMMANDS: Mapping[str, Any] = {"floor_registry": [], "label_registry": [], "user": {}}  # old ones have none


class HassClient:
    """One Home Assistant. `url` has no trailing slash. Raises only IntegrationErrors, and none holds the token."""

    def __init__(
        self,
        url: str,
        token: str,
        trust: Trust = KNOWN,
        *,
        answer_seconds: float = ANSWER_SECONDS,
        fetch_seconds: float = FETCH_SECONDS,
    ) -> None:
        self.url = url
        self._trust = trust
        self._token = check_token(token)
        self._answer_seconds = answer_seconds
        self._fetch_seconds = fetch_seconds
        self._api = self._open_api({"Authorization": f"Bearer {self._token}"})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._api.close()

    def fetch_version(self) -> str:
        """The version with which the server introduces itself, before any sign-in."""
        try:
            with self._connect() as talk:
                return read_greeting(self.url, talk.receive(self._answer_seconds))
        except exceptions.IntegrationError as err:
            self._explain(err)
            raise

    def _explain(self, err: exceptions.IntegrationError) -> None:
        """Raise a better reason why there was no WebSocket, if a look without the token finds one."""
        if isinstance(err, exceptions.AccessDeniedError):
            with suppress(exceptions.AuthenticationError, exceptions.ConnectionError), self._open_api() as plain:
                try:
                    plain.get_json("/api/websocket")
                except exceptions.ProtocolError:  # no ban: only the WebSocket is refused, as by servers that have none
                    raise no_home_assistant(self.url, 403) from err
        elif isinstance(err.__cause__, TimeoutError):
            if begins_to_answer(self.url, self._trust):
                raise too_slow_error(self.url, self._answer_seconds) from err
        elif self.url.startswith("http:") and speaks_tls(self.url, seconds=min(self._answer_seconds, 2.0)):
            raise exceptions.ConnectionError(
                f"{urlsplit(self.url).netloc} speaks https only.", hint="Begin the address with https:// instead."
            ) from err

    def sign_in(self) -> None:
        """One request with the token. Raises AuthenticationError (field "token") or AccessDeniedError."""
        answer = self._get("/api/")
        if not isinstance(answer, Mapping) or answer.get("message") != API_RUNNING:
            raise exceptions.ProtocolError(f"{self.url}/api/ is not a Home Assistant's.", hint="Check the address.")

    def fetch_config(self) -> HassConfig:
        return HassConfig.from_wire(self._get("/api/config"))

    def fetch_home(self) -> HassHome:
        """Everything that exists, as one session sees it. Raises rather than leave a list out."""
        deadline = time.monotonic() + self._fetch_seconds
        results: dict[str, Any] = {}
        with self.open_session() as session:
            # All at once: answered one right after the other, they describe the same moment.
            names = {session.send(kind): name for name, kind in COMMANDS.items()}
            while len(results) < len(names):
                for message in session.receive(deadline):
                    name = names.get(message.get("id", 0), "")
                    if name:
                        results[name] = read_result(self.url, message, COMMANDS[name], OPTIONAL_COMMANDS.get(name))
        config, user = HassConfig.from_wire(results.pop("config")), results.pop("user")
        for name, rows in results.items():
            if not isinstance(rows, list):
                raise exceptions.ProtocolError(f"{self.url} answered {COMMANDS[name]} with no list.")
        return HassHome(config, is_admin=user.get("is_admin") if isinstance(user, Mapping) else None, **results)

    def _open_api(self, headers: Mapping[str, str] | None = None) -> ApiClient:
        # One attempt: a person waits, and a token that may be wrong is not repeated.
        wait = self._answer_seconds
        return ApiClient(
            self.url, self._trust, headers=headers, retries=0, read_seconds=wait, deadline_seconds=2 * wait
        )

    def _get(self, path: str) -> Any:
        try:
            return self._api.get_json(path)
        except exceptions.AccessDeniedError as err:
            raise access_denied(self.url) from err
        except exceptions.AuthenticationError as err:
            raise token_refused(self.url) from err

    @contextmanager
    def open_session(self) -> Iterator["HassSession"]:
        """A session that is signed in."""
        with self._connect() as talk:
            read_greeting(self.url, talk.receive(self._answer_seconds))
            talk.send(auth_message(self._token))
            check_sign_in(self.url, talk.receive(self._answer_seconds))
            yield HassSession(self.url, talk, self._answer_seconds)

    def _connect(self) -> AbstractContextManager[WebSocketTalk]:
        return open_websocket(
            self.url, SOCKET_PATH, self._trust, seconds=self._answer_seconds, translate=translate_error
        )


class HassSession:
    """One WebSocket that is signed in. `seconds` is how long the answer to one question may take."""

    def __init__(self, url: str, talk: WebSocketTalk, seconds: float) -> None:
        self.url = url
        self._talk = talk
        self._seconds = seconds
        self._ids = count(1)

    def send(self, kind: str, **fields: Any) -> int:
        """Send a command and return the id that its answers carry."""
        number = next(self._ids)
        self._talk.send({"id": number, "type": kind, **fields})
        return number

    def receive(self, deadline: float) -> list[Mapping[str, Any]]:
        return as_messages(self._talk.receive(deadline - time.monotonic()))

    def fetch_state(self, entity_id: str) -> HassState | None:
        """The entity as it is now, with all its attributes; None if there is none of that name."""
        kind = "subscribe_entities"
        number = self.send(kind, entity_ids=[entity_id])
        read_result(self.url, self.wait(number, "result", self._seconds), kind)
        event = read_mapping(self.wait(number, "event", self._seconds).get("event"), kind)
        row = read_mapping(event.get("a") or {}, f"{kind}.a").get(entity_id)
        if row is None:
            return None
        return replace(HassState.from_short(entity_id, row), attributes=read_mapping(row.get("a"), f"{entity_id}.a"))

    def wait(self, number: int, kind: str, seconds: float) -> Mapping[str, Any]:
        """The next answer of this kind to the command of that id."""
        deadline = time.monotonic() + seconds
        while True:
            for message in self.receive(deadline):
                if message.get("id") == number and message.get("type") == kind:
                    return message


def check_token(token: str) -> str:
    """The token, if it can be one: anything else would end as a broken header. Raises ConfigurationError."""
    if not re.fullmatch(r"[A-Za-z0-9._~+/=-]+", token):
        raise exceptions.ConfigurationError(
            "The token has characters that no token has.",
            field=TOKEN_FIELD,
            hint="Copy the whole token, without quotes and without the word Bearer.",
        )
    return token


def auth_message(token: str) -> dict[str, str]:
    return {"type": "auth", "access_token": token}


def as_messages(frame: Any) -> list[Mapping[str, Any]]:
    """The messages of a frame: one, or with coalescing a list."""
    return [message for message in (frame if isinstance(frame, list) else [frame]) if isinstance(message, Mapping)]


def read_greeting(url: str, message: Any) -> str:
    """The version in the first message of a server. Raises ProtocolError if that is no Home Assistant."""
    if not isinstance(message, Mapping) or message.get("type") != "auth_required":
        raise exceptions.ProtocolError(
            f"{url} opens a WebSocket, but it is not that of a Home Assistant.", hint="Check the address and the port."
        )
    version = message.get("ha_version")
    return version[:40] if isinstance(version, str) else ""


def check_sign_in(url: str, message: Any) -> None:
    """Raises AuthenticationError if the server says that it refuses the token."""
    kind = read_mapping(message, "auth").get("type")
    if kind == "auth_invalid":
        raise token_refused(url)
    if kind != "auth_ok":
        raise exceptions.ProtocolError(f"{url} answered the sign-in with {str(kind)[:40]!r}.")


def read_result(url: str, message: Mapping[str, Any], command: str, default: Any = None) -> Any:
    """What a command answered. A command that the server does not have answers `default`, if there is one."""
    if message.get("success") is True:
        return message.get("result")
    error = message.get("error")
    code = str(error.get("code"))[:40] if isinstance(error, Mapping) else "no reason"
    if code == "unknown_command" and default is not None:
        return default
    if code == "unauthorized":
        raise exceptions.AccessDeniedError(
            f"{url} does not let this token's user do {command}.",
            hint="Use a token of an administrator.",
            field=TOKEN_FIELD,
        )
    if code == "unknown_command":
        raise exceptions.ProtocolError(f"{url} does not know {command}.", hint="Update Home Assistant: it is too old.")
    raise exceptions.ProtocolError(f"{url} refused {command} ({code}).")


def token_refused(url: str) -> exceptions.AuthenticationError:
    return exceptions.AuthenticationError(f"{url} refused the token.", hint=NEW_TOKEN_HINT, field=TOKEN_FIELD)


def access_denied(url: str) -> exceptions.AccessDeniedError:
    return exceptions.AccessDeniedError(f"{url} refuses this machine (403).", hint=BANNED_HINT)


def still_starting(url: str, seconds: float) -> exceptions.ConnectionError:
    return exceptions.ConnectionError(
        f"{url} is still starting after {seconds:g} seconds.",
        hint="Look at Home Assistant's log; hi tries again by itself.",
    )


def translate_error(url: str, err: Exception, seconds: float) -> exceptions.IntegrationError:
    """An error of the socket or of `websockets` as one of ours."""
    if isinstance(err, InvalidStatus):
        return _status_error(url, err.response.status_code, err.response.headers.get("Content-Type", ""))
    if isinstance(err, InvalidMessage) and "HTTP/1.0" in str(err.__cause__):
        return _web_page(url)  # a server of pages: no Home Assistant speaks that
    return websocket_error(url, err, seconds)


def _status_error(url: str, status: int, content_type: str) -> exceptions.IntegrationError:
    if status == 403:
        return access_denied(url)
    if status >= 500 or status == 429:
        return exceptions.ConnectionError(
            f"{url} answered with an error of its own ({status}).",
            hint="Look at the server's log.",
        )
    if 300 <= status < 400:
        return exceptions.ProtocolError(
            f"{url} sends elsewhere ({status}).", hint="Enter the address that the browser shows in the end."
        )
    if status in (400, 426):
        return exceptions.ProtocolError(
            f"{url} answers, but lets no WebSocket through ({status}).",
            hint="Let the proxy in front of Home Assistant pass WebSockets on, or enter Home Assistant's own address.",
        )
    if status == 200 or "html" in content_type:
        return _web_page(url)
    return no_home_assistant(url, status)


def _web_page(url: str) -> exceptions.ProtocolError:
    return exceptions.ProtocolError(
        f"{url} answered with a web page instead of a Home Assistant.",
        hint=f"Something else listens at this address: check it, and the port, which is usually {USUAL_PORT}.",
    )


def no_home_assistant(url: str, status: int) -> exceptions.ProtocolError:
    return exceptions.ProtocolError(
        f"There is no Home Assistant at {url} ({status}).",
        hint=f"Check the address and the port: it is usually {USUAL_PORT}.",
    )
