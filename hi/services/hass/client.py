"""HassClient: REST for tests of the connection, short WebSocket sessions for everything that exists and for calls.

Home Assistant's registries can be read over its WebSocket only, and only there a service that fails says why: REST
answers "500 Server got itself in trouble". A token is sent only to what has introduced itself as a Home Assistant,
and never again once it was refused: after a few bad ones the server bans the address.
"""

import logging
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import count
from typing import Any, Self
from urllib.parse import urlsplit

import orjson
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, reconnect

from hi.integration import exceptions
from hi.integration.client import ApiClient
from hi.integration.connection_errors import too_slow_error
from hi.integration.core.decode import read_mapping
from hi.integration.reach import begins_to_answer, connect, speaks_tls, tls_context
from hi.services.hass.calls import Call
from hi.services.hass.errors import (
    TOKEN_FIELD,
    access_denied,
    call_refused,
    no_home_assistant,
    token_refused,
    translate_error,
)
from hi.services.hass.wire import HassConfig, HassHome, HassState
from hi.utils import trace

logger = logging.getLogger(__name__)
ANSWER_SECONDS = 10.0
FETCH_SECONDS = 30.0
CLOSE_SECONDS = 2.0
# 5,000 entities are 2 MiB; the library's default of 1 MiB ends the connection.
MAX_MESSAGE_BYTES = 64 * 1024 * 1024
API_RUNNING = "API running."
# What `fetch_home` asks for, by the name that paths in error messages begin with.
COMMANDS = {
    "config": "get_config",
    "states": "get_states",
    "entity_registry": "config/entity_registry/list",
    "device_registry": "config/device_registry/list",
    "area_registry": "config/area_registry/list",
    "floor_registry": "config/floor_registry/list",
    "user": "auth/current_user",
}
# Floors came with 2024.4; who we are only decorates.
OPTIONAL_COMMANDS: Mapping[str, Any] = {"floor_registry": [], "user": {}}


class _Connect(reconnect):
    """Follows no redirect: it could lead the token to another server."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class HassClient:
    """One Home Assistant. `url` has no trailing slash. Raises only IntegrationErrors, and none holds the token."""

    def __init__(
        self, url: str, token: str, *, answer_seconds: float = ANSWER_SECONDS, fetch_seconds: float = FETCH_SECONDS
    ) -> None:
        self.url = url
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
        deadline = time.monotonic() + self._answer_seconds
        try:
            with self._connect() as socket:
                return read_greeting(self.url, _receive(self.url, socket, deadline - time.monotonic()))
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
            if begins_to_answer(self.url):
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
        return ApiClient(self.url, headers=headers, retries=0, read_seconds=wait, deadline_seconds=2 * wait)

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
        with self._connect() as socket:
            read_greeting(self.url, _receive(self.url, socket, self._answer_seconds))
            socket.send(auth_message(self._token))
            check_sign_in(self.url, _receive(self.url, socket, self._answer_seconds))
            yield HassSession(self.url, socket, self._answer_seconds)

    @contextmanager
    def _connect(self) -> Iterator[ClientConnection]:
        try:
            with _Connect(
                websocket_url(self.url),
                sock=connect(self.url, self._answer_seconds),
                ssl=tls_context() if self.url.startswith("https:") else None,
                compression=None,
                additional_headers=trace.headers(),
                open_timeout=self._answer_seconds,
                close_timeout=CLOSE_SECONDS,
                ping_interval=None,
                max_size=MAX_MESSAGE_BYTES,
            ) as socket:
                logger.info("connected to %s", websocket_url(self.url))
                yield socket
        except (WebSocketException, OSError) as err:
            raise translate_error(self.url, err, self._answer_seconds) from err


class HassSession:
    """One WebSocket that is signed in. `seconds` is how long the answer to one question may take."""

    def __init__(self, url: str, socket: ClientConnection, seconds: float) -> None:
        self._url = url
        self._socket = socket
        self._seconds = seconds
        self._ids = count(1)

    def send(self, kind: str, **fields: Any) -> int:
        """Send a command and return the id that its answers carry."""
        number = next(self._ids)
        try:
            self._socket.send(orjson.dumps({"id": number, "type": kind, **fields}).decode())
        except (WebSocketException, OSError) as err:
            raise translate_error(self._url, err, self._seconds) from err
        return number

    def receive(self, deadline: float) -> list[Mapping[str, Any]]:
        return as_messages(_receive(self._url, self._socket, deadline - time.monotonic()))

    def fetch_state(self, entity_id: str) -> HassState | None:
        """The entity as it is now, with all its attributes; None if there is none of that name."""
        kind = "subscribe_entities"
        number = self.send(kind, entity_ids=[entity_id])
        read_result(self._url, self._wait(number, "result"), kind)
        event = read_mapping(self._wait(number, "event").get("event"), kind)
        row = read_mapping(event.get("a") or {}, f"{kind}.a").get(entity_id)
        if row is None:
            return None
        return replace(HassState.from_short(entity_id, row), attributes=read_mapping(row.get("a"), f"{entity_id}.a"))

    def call_service(self, call: Call) -> None:
        """Send the call once. Raises OrderRefusedError with the service's own reason, and ConnectionError if nobody
        can know whether it was carried out."""
        number = self.send("call_service", domain=call.domain, service=call.service, service_data=call.data)
        try:
            answer = self._wait(number, "result")
        except exceptions.ConnectionError as err:
            if call.lasts and isinstance(err.__cause__, TimeoutError):
                return  # a call that is refused is so at once
            raise
        if answer.get("success") is not True:
            raise call_refused(answer.get("error"), secret=str(call.data.get("code", "")))

    def _wait(self, number: int, kind: str) -> Mapping[str, Any]:
        deadline = time.monotonic() + self._seconds
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


def websocket_url(url: str) -> str:
    return f"ws{url.removeprefix('http')}/api/websocket"


def auth_message(token: str) -> str:
    return orjson.dumps({"type": "auth", "access_token": token}).decode()


def _receive(url: str, socket: ClientConnection, seconds: float) -> Any:
    try:
        frame = socket.recv(timeout=max(seconds, 0.0))
    except TimeoutError as err:
        raise exceptions.ConnectionError(
            f"{url} did not finish its answer in time.",
            hint="The server or the network is overloaded.",
        ) from err
    except (WebSocketException, OSError) as err:
        raise translate_error(url, err, seconds) from err
    return decode_frame(url, frame)


def as_messages(frame: Any) -> list[Mapping[str, Any]]:
    """The messages of a frame: one, or with coalescing a list."""
    return [message for message in (frame if isinstance(frame, list) else [frame]) if isinstance(message, Mapping)]


def decode_frame(url: str, frame: str | bytes) -> Any:
    try:
        return orjson.loads(frame)
    except orjson.JSONDecodeError as err:
        raise exceptions.ProtocolError(f"{url} sent something that is not JSON.") from err


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
