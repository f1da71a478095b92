"""One WebSocket session as messages in and messages out, without I/O.

https://developers.home-assistant.io/docs/api/websocket
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from hi.testing.hass import frames
from hi.testing.hass.core import Core
from hi.testing.hass.model import Event, Row
from hi.testing.hass.service_calls import Outcome, call_service, result_row

Listener = Callable[[Event], Row | None]


class InvalidFormatError(Exception):
    """A message does not have the fields its type asks for."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a command beside `id` and `type`."""

    valid: Callable[[Any], bool]
    expected: str
    required: bool = False


def _is_entity_ids(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) and "." in one for one in value)


def _check(message: Mapping[str, Any], fields: Mapping[str, Field]) -> None:
    extra = [key for key in message if key not in {"id", "type", *fields}]
    if extra and not fields:
        raise InvalidFormatError(f"extra keys not allowed. Got {dict(message)!r}")
    if extra:
        raise InvalidFormatError(f"extra keys not allowed @ data['{extra[0]}']. Got {message[extra[0]]!r}")
    for name, field in fields.items():
        if name not in message and field.required:
            raise InvalidFormatError(f"required key not provided @ data['{name}']. Got None")
        if name in message and not field.valid(message[name]):
            raise InvalidFormatError(f"{field.expected} for dictionary value @ data['{name}']. Got {message[name]!r}")


class Session:
    """Answers one client. `send` takes an encoded message, `close` ends the connection once all is sent, `abort` at
    once."""

    def __init__(
        self, core: Core, send: Callable[[bytes], None], close: Callable[[], None], abort: Callable[[], None]
    ) -> None:
        self.core = core
        self.authenticated = False
        self.coalesce = False
        self.subscriptions: dict[int, Listener] = {}
        self._send = send
        self._close = close
        self._abort = abort
        self._last_id = 0

    def start(self) -> None:
        self._send(frames.encode({"type": "auth_required", "ha_version": self.core.version}))

    def finish(self) -> None:
        self.subscriptions.clear()
        if self._on_event in self.core.home.listeners:
            self.core.home.listeners.remove(self._on_event)

    def receive(self, data: str | bytes) -> None:
        try:
            # A binary frame says nothing a session understands, and ends it as text that is not JSON does.
            message = orjson.loads(data) if isinstance(data, str) else None
        except orjson.JSONDecodeError:
            message = None
        if message is None:
            self._close()
        elif not self.authenticated:
            self._authenticate(message)
        else:
            for one in message if isinstance(message, list) else [message]:
                self._command(one)

    def _authenticate(self, message: Any) -> None:
        if problem := _auth_problem(message):
            self._refuse(f"Auth message incorrectly formatted: {problem}")
        elif self.core.check_token(message["access_token"]):
            self.authenticated = True
            self.core.home.listeners.append(self._on_event)
            self._send(frames.encode({"type": "auth_ok", "ha_version": self.core.version}))
        else:
            self._refuse("Invalid access token or password")

    def _refuse(self, reason: str) -> None:
        self._send(frames.encode({"type": "auth_invalid", "message": reason}))
        self._close()

    def _command(self, message: Any) -> None:
        is_object = isinstance(message, dict)
        number, kind = (message.get("id"), message.get("type")) if is_object else (0, None)
        if type(number) is not int or number < 1 or not isinstance(kind, str):
            self._send(frames.error(number, "invalid_format", "Message incorrectly formatted."))
            return
        if number <= self._last_id:
            self._send(frames.error(number, "id_reuse", "Identifier values have to increase."))
            return
        self._last_id = number
        self.core.commands[kind] += 1
        if refused := self.core.faults.refused_commands.get(kind):
            self._send(frames.error(number, *refused))
        elif kind not in COMMANDS:
            self._send(frames.error(number, "unknown_command", "Unknown command."))
        else:
            command, fields = COMMANDS[kind]
            try:
                _check(message, fields)
            except InvalidFormatError as err:
                self._send(frames.error(number, "invalid_format", str(err)))
            else:
                command(self, number, message)

    def _on_event(self, event: Event) -> None:
        for number, listener in tuple(self.subscriptions.items()):
            if (body := listener(event)) is not None:
                self._send(frames.event(number, body))

    def ping(self, number: int, message: Row) -> None:
        self._send(frames.encode({"id": number, "type": "pong"}))

    def supported_features(self, number: int, message: Row) -> None:
        self.coalesce = bool(message["features"].get("coalesce_messages"))
        self._send(frames.result(number))

    def get_config(self, number: int, message: Row) -> None:
        self._send(frames.result(number, self.core.config()))

    def send_list(self, number: int, message: Row) -> None:
        command = message["type"]
        rows = LISTS[command](self.core)
        self._send(frames.result(number, self.core.faults.shown(command, rows)))

    def subscribe_events(self, number: int, message: Row) -> None:
        wanted = message.get("event_type", "*")

        def listener(event: Event) -> Row | None:
            return event.to_wire() if wanted in ("*", event.event_type) else None

        self.subscriptions[number] = listener
        self._send(frames.result(number))

    def subscribe_entities(self, number: int, message: Row) -> None:
        wanted = frozenset(message.get("entity_ids") or ())

        def listener(event: Event) -> Row | None:
            if event.event_type != "state_changed" or (wanted and event.entity_id not in wanted):
                return None
            return frames.short_change(event)

        self.subscriptions[number] = listener
        self._send(frames.result(number))
        states = (state for state in self.core.home.states.values() if not wanted or state.entity_id in wanted)
        first = {"a": {state.entity_id: frames.short_state(state) for state in states}}
        self._send(frames.encode({"id": number, "type": "event", "event": first}))

    def call_service(self, number: int, message: Row) -> None:
        data = {**message.get("service_data", {}), **message.get("target", {})}
        outcome = call_service(self.core, message["domain"], message["service"], data)
        if outcome.is_lost:
            self._abort()
        elif outcome.delay:
            asyncio.get_running_loop().call_later(outcome.delay, self._tell_outcome, number, outcome)
        else:
            self._tell_outcome(number, outcome)

    def _tell_outcome(self, number: int, outcome: Outcome) -> None:
        self.core.answers += 1
        if outcome.error:
            self._send(frames.error(number, *outcome.error))
        else:
            self._send(frames.result(number, result_row(self.core, outcome)))

    def unsubscribe_events(self, number: int, message: Row) -> None:
        if self.subscriptions.pop(message["subscription"], None) is None:
            self._send(frames.error(number, "not_found", "Subscription not found."))
        else:
            self._send(frames.result(number))


def _auth_problem(message: Any) -> str:
    if not isinstance(message, dict):
        return "expected a dictionary"
    problems = [
        f"extra keys not allowed @ data['{key}']. Got {value!r}"
        for key, value in message.items()
        if key not in ("type", "access_token")
    ]
    if message.get("type") != "auth":
        problems.append(f"not a valid value for dictionary value @ data['type']. Got {message.get('type')!r}")
    elif not problems and not isinstance(message.get("access_token"), str):
        problems.append("required key not provided @ data['access_token']. Got None")
    return "\n".join(problems)


LISTS: dict[str, Callable[[Core], list[Row]]] = {
    "get_states": lambda core: [state.to_wire() for state in core.home.states.values()],
    "config/entity_registry/list": lambda core: list(core.home.entities.values()),
    "config/device_registry/list": lambda core: list(core.home.devices.values()),
    "config/area_registry/list": lambda core: list(core.home.areas.values()),
    "config/floor_registry/list": lambda core: list(core.home.floors.values()),
    "config/label_registry/list": lambda core: list(core.home.labels.values()),
}

_TEXT = Field(lambda value: isinstance(value, str), "expected str")
_ENTITY_IDS = Field(_is_entity_ids, "expected a list of entity ids")
_NUMBER = Field(lambda value: type(value) is int, "expected int", required=True)
_NAME = Field(lambda value: isinstance(value, str), "expected str", required=True)
_DATA = Field(lambda value: isinstance(value, dict), "expected a dictionary")
_FEATURES = Field(lambda value: isinstance(value, dict), "expected a dictionary", required=True)

COMMANDS: dict[str, tuple[Callable[[Session, int, Row], None], Mapping[str, Field]]] = {
    "ping": (Session.ping, {}),
    "supported_features": (Session.supported_features, {"features": _FEATURES}),
    "get_config": (Session.get_config, {}),
    "subscribe_events": (Session.subscribe_events, {"event_type": _TEXT}),
    "subscribe_entities": (Session.subscribe_entities, {"entity_ids": _ENTITY_IDS}),
    "call_service": (
        Session.call_service,
        {"domain": _NAME, "service": _NAME, "service_data": _DATA, "target": _DATA},
    ),
    "unsubscribe_events": (Session.unsubscribe_events, {"subscription": _NUMBER}),
    **{command: (Session.send_list, {}) for command in LISTS},
}
