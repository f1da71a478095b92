"""The Home Assistant integration: what it asks for, how it is tested, what reads it."""

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import ClassVar

from hi.integration import configuration, exceptions
from hi.integration.commander import Commander, Order, PreparedOrder
from hi.integration.core.decode import clean_text
from hi.integration.core.settings import SettingSpec, SettingType
from hi.integration.core.specs import Structure
from hi.integration.integration_gateway import ConnectionStep, IntegrationGateway
from hi.integration.models import IntegrationInstance
from hi.integration.reach import REACH_SECONDS, check_tls, reach
from hi.integration.synchronizer import EntitySynchronizer, Tell
from hi.integration.tls import Trust
from hi.services.hass.calls import Call, build_call
from hi.services.hass.client import ANSWER_SECONDS, USUAL_PORT, HassClient, HassSession, check_token
from hi.services.hass.converter import convert_home
from hi.services.hass.listener import HassListener
from hi.services.hass.wire import UNAVAILABLE, HassHome, is_entity_id
from hi.utils.redact import MASK, redact
from hi.utils.singleton import Singleton

MAX_REASON = 300
# A large home pauses for 2 seconds at times; an order that waits longer than 10 comes too late.
LOOK_SECONDS = 5.0
CALL_SECONDS = 10.0
SETTLE_SECONDS = 0.5
SETTLE_LOOKS = 6


class HassSynchronizer(EntitySynchronizer):
    def fetch(self, tell: Tell) -> Structure:
        tell(0, 2, "Reading the registries and states of Home Assistant.")
        with open_client(self.configuration) as client:
            home = fetch_settled(client)
        tell(1, 2, f"Sorting {len(home.states)} states of {len(home.device_registry)} devices.")
        return convert_home(home)


def open_client(config: Mapping[str, str], **limits: float) -> HassClient:
    return HassClient(config["url"], config["token"], Trust.of(config), **limits)


def fetch_settled(client: HassClient, wait: Callable[[float], object] = time.sleep) -> HassHome:
    """The home while nothing moves. An entity that is being renamed is for a moment still there under its old name, or
    nowhere; its row has the new one already. What has a row and no state is looked at again: what stays so is so."""
    home, before = client.fetch_home(), None
    for _look in range(SETTLE_LOOKS):
        stateless = _find_stateless(home)
        if not stateless or stateless == before:
            return home
        wait(SETTLE_SECONDS)
        home, before = client.fetch_home(), stateless
    return replace(home, is_settled=False)


def _find_stateless(home: HassHome) -> set[str]:
    """Enabled entities without a state; one whose integration is not loaded has one, as unavailable."""
    enabled = (row for row in home.entity_registry if isinstance(row, Mapping) and not row.get("disabled_by"))
    return _read_ids(enabled) - _read_ids(row for row in home.states if isinstance(row, Mapping))


def _read_ids(rows: Iterable[Mapping[str, object]]) -> set[str]:
    return {entity_id for row in rows if is_entity_id(entity_id := row.get("entity_id"))}


class HassCommander(Commander):
    """`prepare` signs in and looks, so that the call itself is one frame: what goes wrong before it is known not to
    have been sent."""

    def __init__(
        self, config: Mapping[str, str], *, look_seconds: float = LOOK_SECONDS, call_seconds: float = CALL_SECONDS
    ) -> None:
        super().__init__(config)
        self._look_seconds = look_seconds
        self._call_seconds = call_seconds
        self._exits = ExitStack()
        self._session: HassSession | None = None

    def close(self) -> None:
        self._session = None
        self._exits.close()

    def prepare(self, order: Order) -> PreparedOrder:
        entity_id = order.address.partition("#")[0]
        state = self._open().fetch_state(entity_id)
        # A service called on what does not exist succeeds.
        if state is None:
            raise exceptions.OrderRefusedError(
                f"Home Assistant has no {entity_id}.", hint="It was removed or renamed there, or is not started yet."
            )
        if state.state == UNAVAILABLE:
            raise exceptions.OrderRefusedError(
                f"Home Assistant cannot reach {entity_id} now.", hint="Check the device, and its integration there."
            )
        call = build_call(order.address, order.value, state.attributes, order.code)
        return PreparedOrder(call.expected, call.tolerance, call.denied_by, call.seconds, call)

    def send(self, prepared: PreparedOrder) -> None:
        call: Call = prepared.call
        session = self._open()
        number = session.send("call_service", domain=call.domain, service=call.service, service_data=call.data)
        try:
            answer = session.wait(number, "result", self._call_seconds)
        except exceptions.ConnectionError as err:
            if call.lasts and isinstance(err.__cause__, TimeoutError):
                return  # a call that is refused is so at once
            raise
        if answer.get("success") is not True:
            raise _refused(answer.get("error"), code=str(call.data.get("code", "")))

    def _open(self) -> HassSession:
        if self._session is None:
            client = self._exits.enter_context(open_client(self.config, answer_seconds=self._look_seconds))
            self._session = self._exits.enter_context(client.open_session())
        return self._session


def _refused(error: object, *, code: str) -> exceptions.OrderRefusedError:
    """The service's own reason, without the code that was sent along."""
    told = error if isinstance(error, Mapping) else {}
    if told.get("code") == "unauthorized":
        return exceptions.OrderRefusedError(
            "Home Assistant does not let this token's user set that.", hint="Use a token of an administrator."
        )
    reason = told.get("message")
    reason = reason.removeprefix("Validation error: ").strip() if isinstance(reason, str) else ""
    reason = reason.replace(code, MASK) if code else reason
    return exceptions.OrderRefusedError(redact(clean_text(reason, MAX_REASON)) or "Home Assistant gave no reason.")


class HassGateway(Singleton, IntegrationGateway):
    # How long each step of the connection test waits.
    reach_seconds: ClassVar[float] = REACH_SECONDS
    answer_seconds: ClassVar[float] = ANSWER_SECONDS
    settings = (
        SettingSpec(
            "url",
            "Address",
            SettingType.URL,
            help="As you open Home Assistant in the browser. hi leaves out what follows the port.",
            has_path=False,
            placeholder=f"http://homeassistant.local:{USUAL_PORT}",
        ),
        SettingSpec(
            "token",
            "Long-lived access token",
            SettingType.SECRET,
            help="In Home Assistant: click your name, open Security, and create one under Long-lived access tokens.",
        ),
    )

    def build_synchronizer(self, instance: IntegrationInstance) -> HassSynchronizer:
        return HassSynchronizer(instance)

    def build_listener(self, instance: IntegrationInstance) -> HassListener:
        return HassListener(configuration.read_configuration(instance))

    def build_commander(self, instance: IntegrationInstance) -> HassCommander:
        return HassCommander(configuration.read_configuration(instance))

    def validate_configuration(self, instance: IntegrationInstance) -> None:
        super().validate_configuration(instance)
        check_token(configuration.read_configuration(instance)["token"])

    def connection_steps(self, config: Mapping[str, str]) -> Iterable[ConnectionStep]:
        url = config["url"]
        yield "Reach", partial(reach, url, usual_port=USUAL_PORT, seconds=self.reach_seconds)
        if url.startswith("https:"):
            yield "Encrypt", partial(check_tls, url, Trust.of(config), seconds=self.reach_seconds)
        for name, step in {"Answer": _answer, "Sign in": _sign_in, "Version": _version, "Read": _read}.items():
            yield name, partial(self._run, step, config)

    def _run(self, step: Callable[[HassClient], str], config: Mapping[str, str]) -> str:
        with open_client(config, answer_seconds=self.answer_seconds) as client:
            return step(client)


def _answer(client: HassClient) -> str:
    return f"a Home Assistant answers, version {client.fetch_version() or 'unknown'}"


def _sign_in(client: HassClient) -> str:
    client.sign_in()
    return "the token is accepted"


def _version(client: HassClient) -> str:
    config = client.fetch_config()
    readiness = f"{config.not_ready}; hi waits for it" if config.not_ready else "it is running"
    return f"{config.version}, called {config.location_name or 'nothing'}; {readiness}"


def _read(client: HassClient) -> str:
    home = client.fetch_home()
    found = f"{len(home.states)} states of {len(home.device_registry)} devices in {len(home.area_registry)} areas"
    if home.is_admin is False:
        return f"{found}; the token's user is no administrator, so some commands may be refused later"
    return found
