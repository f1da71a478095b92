"""HassListener: Home Assistant's values as it pushes them. HassPoller: as it answers, while it does not.

`subscribe_entities` answers with every entity at once and then with differences only, a seventh of the bytes of
`state_changed`. Home Assistant cuts off a client that lets 4,096 messages wait, and ends a connection with a frame that
leaves TCP open for 10 seconds more."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from hi.entity.enums import Quality
from hi.integration import exceptions
from hi.integration.client_poller import ClientPoller
from hi.integration.core.decode import read_lenient_list, read_lenient_mapping, read_list
from hi.integration.core.rows import read_table
from hi.integration.latest import Latest
from hi.integration.live_websocket import LiveTalk, WebSocketListener
from hi.integration.poller import Poll, Reading
from hi.services.hass import client
from hi.services.hass.aspects import KEPT, convert_state
from hi.services.hass.converter import find_server_id, read_devices
from hi.services.hass.wire import RUNNING, UNAVAILABLE, VALUE_ATTRIBUTES, HassConfig, HassState

logger = logging.getLogger(__name__)


class HassListener(WebSocketListener):
    product = client.HOME_ASSISTANT
    path = client.SOCKET_PATH

    async def begin(self, talk: LiveTalk) -> "_LiveHome":
        client.read_greeting(self.url, await talk.receive(self.answer_seconds))
        await talk.send({"type": "auth", "access_token": self.config["token"]})
        client.check_sign_in(self.url, await talk.receive(self.answer_seconds))
        # An old server answers that it does not know this, and works without.
        await talk.ask(type="supported_features", features={"coalesce_messages": 1})
        config = await self.wait_until_ready(lambda: self._find_config(talk))
        devices = await self._fetch(talk, "device_registry")
        server_id = find_server_id(read_devices(devices), is_ready=not config.not_ready)
        events = [f"{name}_registry_updated" for name in client.REGISTRIES]
        registries = {await talk.ask(type="subscribe_events", event_type=event) for event in events}
        # Events may come before the answer to the command that caused them.
        subscription = await talk.ask(type="subscribe_entities")
        return _LiveHome(self.url, server_id, config.temperature_unit, subscription, registries)

    async def _find_config(self, talk: LiveTalk) -> HassConfig | None:
        config = HassConfig.from_wire(await self._fetch(talk, "config"), "config")
        return config if config.state == RUNNING else None

    async def _fetch(self, talk: LiveTalk, name: str) -> Any:
        command = client.COMMANDS[name]
        return client.read_result(self.url, await talk.fetch(self.answer_seconds, type=command), command)


class HassPoller(ClientPoller[client.HassClient]):
    """The same values by REST, while nothing is pushed."""

    client_class = client.HassClient

    def begin(self, rest: client.HassClient) -> Sequence[Poll]:
        config = rest.fetch_config()
        if config.not_ready:
            raise exceptions.ConnectionError(f"{config.not_ready}.")
        return [Poll(partial(_read_states, rest, config.temperature_unit), 10, 10)]


def _read_states(rest: client.HassClient, degrees: str) -> Reading:
    rows = read_list(rest.get_json("/api/states"), "states")
    states = read_table(rows, "states", HassState.from_wire, "entity_id").rows.values()
    return Reading(tuple(value for state in states for value in convert_state(state, degrees)))


class _LiveHome(Latest):
    """What the subscriptions have told so far."""

    def __init__(self, url: str, server_id: str, degrees: str, subscription: int, registries: set[int]) -> None:
        super().__init__()
        self._url, self._server_id, self._degrees = url, server_id, degrees
        self._subscription, self._registries = subscription, registries
        self._states: dict[str, HassState] = {}
        # The latest that the server gave: by its own clock never after what follows, as this machine's could be.
        self._source_time = datetime.fromtimestamp(0, UTC)

    def take(self, message: Mapping[str, Any]) -> None:
        number, kind = message.get("id"), message.get("type")
        if number == self._subscription and kind == "event":
            self._take_entities(read_lenient_mapping(message.get("event")))
        elif number == self._subscription and kind == "result":
            client.read_result(self._url, message, "subscribe_entities")
        elif number in self._registries and kind == "event":
            self.structure_changed = True
        elif number in self._registries and message.get("success") is False:
            logger.info("%s does not tell all changes of its registries; a scheduled sync finds them", self._url)

    def _take_entities(self, event: Mapping[str, Any]) -> None:
        """`a` added, `c` changed, `r` removed; the first event holds everything under `a`."""
        for entity_id, row in read_lenient_mapping(event.get("a")).items():
            self.structure_changed |= self.has_all and entity_id not in self._states
            self._keep(entity_id, partial(HassState.from_short, entity_id, row))
        if not self.has_all:
            self.complete(self._server_id)
        for entity_id, diff in read_lenient_mapping(event.get("c")).items():
            if (state := self._states.get(entity_id)) is not None:
                self._keep(entity_id, partial(state.changed_by, diff))
        for entity_id in read_lenient_list(event.get("r")):
            if self._states.pop(entity_id, None) is not None:
                self.drop(entity_id, Quality.UNAVAILABLE, self._source_time)
                self.structure_changed = True

    def _keep(self, entity_id: str, read: Callable[[frozenset[str]], HassState]) -> None:
        """What cannot be read has no known value until the next snapshot: later differences have no base."""
        try:
            state = self._states[entity_id] = read(KEPT.get(entity_id.partition(".")[0], VALUE_ATTRIBUTES))
        except exceptions.DataValidationError as err:
            self._states.pop(entity_id, None)
            self.lose(entity_id, err, self._source_time)
            return
        self._source_time = max(self._source_time, state.updated_at)
        missing = Quality.UNAVAILABLE if state.state == UNAVAILABLE else Quality.UNKNOWN
        self.put(entity_id, convert_state(state, self._degrees), state.updated_at, missing=missing)
