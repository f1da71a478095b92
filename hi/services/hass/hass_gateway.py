"""The Home Assistant integration: what it asks for, how it is tested, what reads it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import ClassVar

from hi.integration import exceptions
from hi.integration.client_cameras import ClientCameras
from hi.integration.commander import Order, PreparedOrder, SessionCommander, refusal
from hi.integration.core.aspects import find_item
from hi.integration.core.controls import Call
from hi.integration.core.decode import read_lenient_mapping
from hi.integration.core.settings import SettingSpec, SettingType
from hi.integration.core.settling import look_until_settled
from hi.integration.core.specs import Structure
from hi.integration.integration_gateway import IntegrationGateway
from hi.integration.synchronizer import EntitySynchronizer, Tell
from hi.integration.websocket import WebSocketTalk
from hi.services.hass.aspects import build_order
from hi.services.hass.client import HOME_ASSISTANT, HassClient, fetch_state
from hi.services.hass.converter import convert_home
from hi.services.hass.listener import HassListener, HassPoller
from hi.services.hass.wire import UNAVAILABLE, HassHome, is_entity_id
from hi.utils.singleton import Singleton


class HassSynchronizer(EntitySynchronizer):
    def fetch(self, tell: Tell) -> Structure:
        tell(0, 2, "Reading the registries and states of Home Assistant.")
        with HassClient(self.configuration) as client:
            home = fetch_settled(client)
        tell(1, 2, f"Sorting {len(home.states)} states of {len(home.device_registry)} devices.")
        return convert_home(home)


def fetch_settled(client: HassClient, wait: Callable[[float], object] = time.sleep) -> HassHome:
    """The home while nothing moves. An entity that is being renamed is for a moment still there under its old name, or
    nowhere; its row has the new one already. So what has a row and no state is looked at again."""
    home, is_settled = look_until_settled(client.fetch_home, _find_stateless, wait)
    return replace(home, is_settled=is_settled)


def _find_stateless(home: HassHome) -> set[str]:
    """Enabled entities without a state; one whose integration is not loaded has one, as unavailable."""
    entries, states = (map(read_lenient_mapping, rows) for rows in (home.entity_registry, home.states))
    enabled = [row.get("entity_id") for row in entries if not row.get("disabled_by")]
    return set(filter(is_entity_id, enabled)) - set(filter(is_entity_id, (row.get("entity_id") for row in states)))


class HassCameras(ClientCameras[HassClient]):
    client_class = HassClient

    def snapshot(self, address: str, width: int) -> bytes:
        # It scales where it is told both, and to no less than either.
        height = width * 9 // 16
        return self.client.fetch_picture(f"/api/camera_proxy/{find_item(address)}", width=width, height=height)

    def stream(self, address: str, width: int) -> Iterator[bytes]:
        """As wide as the camera sends it."""
        return self.read_stream(f"/api/camera_proxy_stream/{find_item(address)}")


class HassCommander(SessionCommander[WebSocketTalk]):
    """`prepare` signs in and looks, so that the call itself is one frame: what goes wrong before it is known not to
    have been sent."""

    @contextmanager
    def open_session(self) -> Iterator[WebSocketTalk]:
        with HassClient(self.config, answer_seconds=self.look_seconds) as client, client.open_session() as talk:
            yield talk

    def prepare(self, order: Order) -> PreparedOrder:
        entity_id = find_item(order.address)
        state = fetch_state(self.session, entity_id, self.look_seconds)
        if state is None:  # a service called on what does not exist succeeds
            raise HOME_ASSISTANT.lacks(entity_id)
        if state.state == UNAVAILABLE:
            raise HOME_ASSISTANT.cannot_reach(entity_id)
        return build_order(order, state.attributes)

    def send(self, prepared: PreparedOrder) -> None:
        call: Call = prepared.call
        domain, _, service = call.action.partition(".")
        number = self.session.ask(type="call_service", domain=domain, service=service, service_data=call.data)
        try:
            answer = self.session.wait(self.call_seconds, id=number, type="result")
        except exceptions.ConnectionError as err:
            if call.lasts and isinstance(err.__cause__, TimeoutError):
                return  # a call that is refused is so at once
            raise
        error = read_lenient_mapping(answer.get("error"))
        if error.get("code") == "unauthorized":
            raise HOME_ASSISTANT.forbids_setting()
        if answer.get("success") is not True:
            reason = str(error.get("message") or "").removeprefix("Validation error: ").strip()
            raise refusal(reason or "Home Assistant gave no reason.", str(call.data.get("code", "")))


def _say_version(client: HassClient) -> str:
    config = client.fetch_config()
    readiness = f"{config.not_ready}; hi waits for it" if config.not_ready else "it is running"
    return f"{config.version}, called {config.location_name or 'nothing'}; {readiness}"


def _say_size(client: HassClient) -> str:
    home = client.fetch_home()
    rights = "; the token's user is no administrator, so some commands may be refused later"
    found = f"{len(home.states)} states of {len(home.device_registry)} devices in {len(home.area_registry)} areas"
    return f"{found}{rights}" if home.is_admin is False else found


class HassGateway(Singleton, IntegrationGateway):
    synchronizer_class = HassSynchronizer
    listener_class = HassListener
    poller_class = HassPoller
    commander_class = HassCommander
    camera_source_class = HassCameras
    client_class = HassClient
    checks: ClassVar = {
        "Answer": lambda client: f"a Home Assistant answers, version {client.fetch_version() or 'unknown'}",
        "Sign in": HassClient.sign_in,
        "Version": _say_version,
        "Read": _say_size,
    }
    settings = (
        SettingSpec(
            "url",
            "Address",
            SettingType.URL,
            help="As you open Home Assistant in the browser. hi leaves out what follows the port.",
            has_path=False,
            placeholder=f"http://homeassistant.local:{HOME_ASSISTANT.usual_port}",
        ),
        SettingSpec(
            HOME_ASSISTANT.credential,
            "Long-lived access token",
            SettingType.SECRET,
            help="In Home Assistant: click your name, open Security, and create one under Long-lived access tokens.",
            is_token=True,
        ),
    )
