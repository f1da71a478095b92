"""HassClient: REST for tests of the connection, short WebSocket sessions for everything that exists and for calls.

Home Assistant's registries can be read over its WebSocket only, and only there a service that fails says why: REST
answers "500 Server got itself in trouble". A token is sent only to what has introduced itself as a Home Assistant,
and never again once it was refused: after a few bad ones the server bans the address.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from hi.integration import exceptions
from hi.integration.core.decode import read_lenient_mapping, read_lenient_text, read_mapping
from hi.integration.product import Product
from hi.integration.service_client import ServiceClient
from hi.integration.websocket import Message, WebSocketTalk
from hi.services.hass.wire import HassConfig, HassHome, HassState

SOCKET_PATH = "/api/websocket"
HOME_ASSISTANT = Product(
    "Home Assistant",
    8123,
    credential="token",
    is_bearer=True,
    refused_hint="Make a new one in Home Assistant: your profile, Security, Long-lived access tokens. Then enter it"
    " here.",
    rights_hint="Use a token of an administrator.",
    denied_hint="After failed sign-ins Home Assistant bans an address, a good token included: remove the line with this"
    " machine from ip_bans.yaml there and restart it. Otherwise a proxy in between refuses.",
)
REGISTRIES = ("entity", "device", "area", "floor", "label")
# What `fetch_home` asks for, by the name that paths in error messages begin with; and what an old server has none of.
COMMANDS = {
    "config": "get_config",
    "states": "get_states",
    **{f"{name}_registry": f"config/{name}_registry/list" for name in REGISTRIES},
    "user": "auth/current_user",
}
OPTIONAL: Mapping[str, Any] = {"floor_registry": [], "label_registry": [], "user": {}}


class HassClient(ServiceClient):
    product = HOME_ASSISTANT

    def fetch_version(self) -> str:
        """The version with which the server introduces itself, before any sign-in."""
        with self.explained(SOCKET_PATH), self.open_websocket(SOCKET_PATH) as talk:
            return read_greeting(self.url, talk.receive(self.answer_seconds))

    def sign_in(self) -> str:
        """One request with the token. Raises AuthenticationError (field "token") or AccessDeniedError."""
        if read_lenient_mapping(self.get_json("/api/")).get("message") != "API running.":
            raise exceptions.ProtocolError(f"{self.url}/api/ is not a Home Assistant's.", hint="Check the address.")
        return "the token is accepted"

    def fetch_config(self) -> HassConfig:
        return HassConfig.from_wire(self.get_json("/api/config"), "config")

    def fetch_home(self) -> HassHome:
        """Everything that exists, as one session sees it. Raises rather than leave a list out."""
        with self.open_session() as talk:
            # All at once: answered one right after the other, they describe the same moment.
            answers = talk.ask_all({name: {"type": command} for name, command in COMMANDS.items()}, self.fetch_seconds)
        found = {name: read_result(self.url, answers[name], COMMANDS[name], OPTIONAL.get(name)) for name in COMMANDS}
        config, user = HassConfig.from_wire(found.pop("config"), "config"), read_lenient_mapping(found.pop("user"))
        for name, rows in found.items():
            if not isinstance(rows, list):
                raise exceptions.ProtocolError(f"{self.url} answered {COMMANDS[name]} with no list.")
        return HassHome(config, is_admin=user.get("is_admin"), **found)

    @contextmanager
    def open_session(self) -> Iterator[WebSocketTalk]:
        """A WebSocket that is signed in."""
        with self.open_websocket(SOCKET_PATH) as talk:
            read_greeting(self.url, talk.receive(self.answer_seconds))
            talk.send({"type": "auth", "access_token": self.config["token"]})
            check_sign_in(self.url, talk.receive(self.answer_seconds))
            yield talk


def fetch_state(talk: WebSocketTalk, entity_id: str, seconds: float) -> HassState | None:
    """The entity as it is now, with all its attributes; None if there is none of that name."""
    kind = "subscribe_entities"
    number = talk.ask(type=kind, entity_ids=[entity_id])
    read_result(talk.url, talk.wait(seconds, id=number, type="result"), kind)
    event = read_mapping(talk.wait(seconds, id=number, type="event").get("event"), kind)
    row = read_mapping(event.get("a") or {}, f"{kind}.a").get(entity_id)
    if row is None:
        return None
    return replace(HassState.from_short(entity_id, row), attributes=read_mapping(row.get("a"), f"{entity_id}.a"))


def read_greeting(url: str, message: Any) -> str:
    """The version in the first message of a server. Raises ProtocolError if that is no Home Assistant."""
    greeting = read_lenient_mapping(message)
    if greeting.get("type") != "auth_required":
        raise HOME_ASSISTANT.stranger(url)
    return read_lenient_text(greeting, "ha_version", max_length=40)


def check_sign_in(url: str, message: Any) -> None:
    """Raises AuthenticationError if the server says that it refuses the token."""
    kind = read_mapping(message, "auth").get("type")
    if kind == "auth_invalid":
        raise HOME_ASSISTANT.refused(url)
    if kind != "auth_ok":
        raise exceptions.ProtocolError(f"{url} answered the sign-in with {str(kind)[:40]!r}.")


def read_result(url: str, message: Message, command: str, default: Any = None) -> Any:
    """What a command answered. A command that the server does not have answers `default`, if there is one."""
    if message.get("success") is True:
        return message.get("result")
    code = str(read_lenient_mapping(message.get("error")).get("code", "no reason"))[:40]
    if code == "unauthorized":
        raise HOME_ASSISTANT.forbids(url, command)
    if code != "unknown_command":
        raise exceptions.ProtocolError(f"{url} refused {command} ({code}).")
    if default is None:
        raise HOME_ASSISTANT.too_old(url, command)
    return default
