"""HassListener: Home Assistant's values as it pushes them.

`subscribe_entities` answers with every entity at once and then with differences only, a seventh of the bytes of
`state_changed`. One task drains the socket, for Home Assistant cuts off a client that lets 4,096 messages wait."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import WebSocketException

from hi.entity.enums import Quality
from hi.integration import exceptions
from hi.integration.core.values import StateValue
from hi.integration.listener import Changes, Listener, ListenerEvent, Snapshot, StructureChanged
from hi.integration.reach import connect_async, tls_context
from hi.integration.websocket import MAX_MESSAGE_BYTES, Connect, decode_frame
from hi.services.hass.client import (
    ANSWER_SECONDS,
    as_messages,
    auth_message,
    check_sign_in,
    check_token,
    read_greeting,
    read_result,
    still_starting,
    too_much_came,
    translate_error,
    websocket_url,
)
from hi.services.hass.features import ATTRIBUTES, convert_state
from hi.services.hass.naming import read_server_id
from hi.services.hass.wire import RUNNING, UNAVAILABLE, VALUE_ATTRIBUTES, HassConfig, HassState
from hi.utils import trace

logger = logging.getLogger(__name__)

# Home Assistant pauses up to 2 seconds in a large home; below 5 a pause looks like an end.
PING_SECONDS = 10.0
CLOSE_SECONDS = 1.0
START_SECONDS = 600.0
POLL_SECONDS = 1.0
BUFFER_FRAMES = 10_000

REGISTRY_EVENTS = tuple(f"{name}_registry_updated" for name in ("entity", "device", "area", "floor", "label"))


class _Connection(ClientConnection):
    """Home Assistant ends a connection with a frame, and leaves TCP open for 10 seconds more."""

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.protocol.close_expected():
            self.transport.close()


class HassListener(Listener):
    """Live values of one Home Assistant. The keywords are limits that tests shorten."""

    def __init__(
        self,
        config: Mapping[str, str],
        *,
        answer_seconds: float = ANSWER_SECONDS,
        ping_seconds: float = PING_SECONDS,
        start_seconds: float = START_SECONDS,
        poll_seconds: float = POLL_SECONDS,
        buffer_frames: int = BUFFER_FRAMES,
    ) -> None:
        super().__init__(config)
        self._url = config["url"]
        self._answer_seconds = answer_seconds
        self._ping_seconds = ping_seconds
        self._start_seconds = start_seconds
        self._poll_seconds = poll_seconds
        self._buffer_frames = buffer_frames

    async def stream(self) -> AsyncGenerator[ListenerEvent, None]:
        token = check_token(self.config["token"])
        # Reading the authorities takes a tenth of a second, which other listeners on this loop shall not wait.
        context = await asyncio.to_thread(tls_context) if self._url.startswith("https:") else None
        try:
            async with Connect(
                websocket_url(self._url),
                sock=await connect_async(self._url, self._answer_seconds),
                ssl=context,
                compression=None,
                additional_headers=trace.headers(),
                create_connection=_Connection,
                open_timeout=self._answer_seconds,
                close_timeout=CLOSE_SECONDS,
                ping_interval=self._ping_seconds,
                ping_timeout=self._ping_seconds,
                max_size=MAX_MESSAGE_BYTES,
            ) as socket:
                async with asyncio.timeout(self._answer_seconds):
                    read_greeting(self._url, decode_frame(self._url, await socket.recv()))
                    await socket.send(orjson.dumps(auth_message(token)).decode())
                    check_sign_in(self._url, decode_frame(self._url, await socket.recv()))
                talk = _Talk(self._url, socket, self._buffer_frames)
                try:
                    async with aclosing(self._events(talk)) as events:
                        async for event in events:
                            yield event
                finally:
                    await talk.stop()
        except (WebSocketException, OSError) as err:
            raise translate_error(self._url, err, self._answer_seconds) from err

    async def _events(self, talk: "_Talk") -> AsyncGenerator[ListenerEvent, None]:
        # An old server answers that it does not know this, and works without.
        await talk.send("supported_features", features={"coalesce_messages": 1})
        config = await self._wait_until_running(talk)
        async with asyncio.timeout(self._answer_seconds):
            devices = await talk.ask("config/device_registry/list")
        server_id = read_server_id(devices, is_ready=not config.not_ready)
        registries = [await talk.send("subscribe_events", event_type=name) for name in REGISTRY_EVENTS]
        home = _LiveHome(self._url, server_id, registries, config.temperature_unit)
        # Events may come before the answer to the command that caused them.
        home.subscription = await talk.send("subscribe_entities")
        while True:
            for message in await talk.take():
                home.take(message)
            for event in home.report():
                yield event

    async def _wait_until_running(self, talk: "_Talk") -> HassConfig:
        """Until then only some of the entities exist, so nothing may be concluded."""
        deadline = time.monotonic() + self._start_seconds
        while True:
            async with asyncio.timeout(self._answer_seconds):
                config = HassConfig.from_wire(await talk.ask("get_config"))
            if config.state == RUNNING:
                return config
            if time.monotonic() > deadline:
                raise still_starting(self._url, self._start_seconds)
            await asyncio.sleep(self._poll_seconds)


class _Talk:
    """A signed-in connection: commands out, and all that comes in, decoded by a task of its own."""

    def __init__(self, url: str, socket: ClientConnection, limit: int) -> None:
        self._url = url
        self._socket = socket
        self._limit = limit
        self._last_id = 0
        self._frames: deque[Any] = deque()
        self._news = asyncio.Event()
        self._end: Exception | None = None
        self._reader = asyncio.create_task(self._drain())

    async def stop(self) -> None:
        self._reader.cancel()
        await asyncio.wait({self._reader})

    async def send(self, command: str, **fields: Any) -> int:
        """Send a command; returns the id that its answers carry."""
        self._last_id += 1
        await self._socket.send(orjson.dumps({"id": self._last_id, "type": command, **fields}).decode())
        return self._last_id

    async def ask(self, command: str) -> Any:
        """A command's result. Only before any subscription: whatever else comes meanwhile is dropped."""
        number = await self.send(command)
        while True:
            for message in await self.take():
                if message.get("id") == number:
                    return read_result(self._url, message, command)

    async def take(self) -> list[Mapping[str, Any]]:
        """All messages that have come, at least one frame. What came before the end is given out before it."""
        while not self._frames:
            if self._end is not None:
                raise self._end
            self._news.clear()
            await self._news.wait()
        messages = [message for frame in self._frames for message in as_messages(frame)]
        self._frames.clear()
        return messages

    async def _drain(self) -> None:
        try:
            while True:
                frame = decode_frame(self._url, await self._socket.recv())
                if len(self._frames) >= self._limit:
                    self._frames.clear()
                    raise too_much_came(self._url)
                self._frames.append(frame)
                self._news.set()
        except Exception as err:  # noqa: BLE001 - passed on: whoever takes next raises it
            self._end = err
        finally:
            self._news.set()


class _LiveHome:
    """What a subscription has told so far, by entity_id, and what of it was not reported yet."""

    def __init__(self, url: str, server_id: str, registry_subscriptions: list[int], temperature_unit: str) -> None:
        self.subscription = 0
        self._url = url
        self._server_id = server_id
        self._temperature_unit = temperature_unit
        self._registry_subscriptions = frozenset(registry_subscriptions)
        self._states: dict[str, HassState] = {}
        # What each was last reported with: the state itself first, then its features.
        self._values: dict[str, list[StateValue]] = {}
        self._unreadable: set[str] = set()
        self._source_time = datetime.fromtimestamp(0, UTC)
        self._has_all = False
        self._snapshot: Snapshot | None = None
        self._changes: list[StateValue] = []
        self._structure_changed = False

    def take(self, message: Mapping[str, Any]) -> None:
        number, kind = message.get("id"), message.get("type")
        if number == self.subscription and kind == "event":
            self._take_entities(_mapping(message.get("event")))
        elif number == self.subscription and kind == "result":
            read_result(self._url, message, "subscribe_entities")
        elif number in self._registry_subscriptions and kind == "event":
            self._structure_changed = True
        elif number in self._registry_subscriptions and message.get("success") is False:
            logger.info("%s does not tell all changes of its registries; a scheduled sync finds them", self._url)

    def report(self) -> list[ListenerEvent]:
        """What is new since the last call. Nothing before the first frame with everything."""
        if not self._has_all:
            return []
        events: list[ListenerEvent] = []
        if self._snapshot is not None:
            events.append(self._snapshot)
        if self._changes:
            events.append(Changes(tuple(self._changes)))
        if self._structure_changed:
            events.append(StructureChanged())
        self._snapshot, self._changes, self._structure_changed = None, [], False
        return events

    def _take_entities(self, event: Mapping[str, Any]) -> None:
        """`a` added, `c` changed, `r` removed; the first event holds everything under `a`."""
        for entity_id, row in _mapping(event.get("a")).items():
            self._structure_changed |= self._has_all and entity_id not in self._states
            try:
                kept = ATTRIBUTES.get(entity_id.partition(".")[0], VALUE_ATTRIBUTES)
                self._put(HassState.from_short(entity_id, row, kept))
            except exceptions.DataValidationError as err:
                self._lose(entity_id, err)
        if not self._has_all:
            self._has_all = True
            self._snapshot, self._changes = Snapshot(tuple(self._changes), self._server_id), []
        for entity_id, diff in _mapping(event.get("c")).items():
            state = self._states.get(entity_id)
            try:
                if state is not None:
                    self._put(state.changed_by(diff, ATTRIBUTES.get(state.domain, VALUE_ATTRIBUTES)))
            except exceptions.DataValidationError as err:
                self._lose(entity_id, err)
        removed = event.get("r")
        for entity_id in removed if isinstance(removed, list) else []:
            if self._states.pop(entity_id, None) is not None:
                self._drop(entity_id, Quality.UNAVAILABLE)
                self._structure_changed = True

    def _put(self, state: HassState) -> None:
        """Keep the state; report what it says anew. A feature has no time of its own, so only another value is news."""
        self._states[state.entity_id] = state
        self._source_time = max(self._source_time, state.updated_at)
        values = convert_state(state, self._temperature_unit)
        before = self._values.get(state.entity_id, [])
        self._values[state.entity_id] = values
        if not before or values[0] != before[0]:
            self._changes.append(values[0])
        if len(values) > 1 or len(before) > 1:
            self._report_features(state, values[1:], {value.address: value for value in before[1:]})

    def _report_features(self, state: HassState, values: list[StateValue], before: dict[str, StateValue]) -> None:
        for value in values:
            last = before.pop(value.address, None)
            if last is None or _says_otherwise(value, last):
                self._changes.append(value)
        for address, value in before.items():  # shown no more, while its entity is
            quality = Quality.UNAVAILABLE if state.state == UNAVAILABLE else Quality.UNKNOWN
            self._changes.append(StateValue(address, None, value.unit, quality, state.updated_at))

    def _lose(self, entity_id: str, err: exceptions.DataValidationError) -> None:
        """What cannot be read has no known value until the next snapshot: later differences have no base."""
        if entity_id not in self._unreadable:
            self._unreadable.add(entity_id)
            logger.warning("a state of %s cannot be read: %s", self._url, err)
        if self._states.pop(entity_id, None) is not None:
            self._drop(entity_id, Quality.UNKNOWN)

    def _drop(self, entity_id: str, quality: Quality) -> None:
        """The latest time the server gave: by its own clock never after what follows, as this machine's could be."""
        for value in self._values.pop(entity_id):
            self._changes.append(StateValue(value.address, None, value.unit, quality, self._source_time))


def _says_otherwise(value: StateValue, last: StateValue) -> bool:
    return (value.value, value.unit, value.quality) != (last.value, last.unit, last.quality)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
