"""The ZoneMinder integration: what it asks for, how it is tested, what reads it, and what tells it."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import ClassVar

from hi.integration import exceptions
from hi.integration.commander import Order, PreparedOrder, SessionCommander, refusal
from hi.integration.core.decode import read_lenient_mapping, read_mapping
from hi.integration.core.settings import SettingSpec, SettingType
from hi.integration.core.specs import Structure
from hi.integration.integration_gateway import IntegrationGateway
from hi.integration.synchronizer import EntitySynchronizer, Tell
from hi.services.zoneminder.cameras import ZmCameras
from hi.services.zoneminder.client import ZONEMINDER, ZmClient
from hi.services.zoneminder.converter import COLUMNS, FORCE_ALARM, SERVER, convert_structure
from hi.services.zoneminder.poller import ZmPoller, fetch_run_states, fetch_version, read_zone
from hi.services.zoneminder.wire import read_monitors
from hi.utils.singleton import Singleton

# A change of the run state is answered when all has restarted: after 6 seconds where little runs.
ANSWER_SECONDS, RESTART_SECONDS = 30.0, 120


class ZmSynchronizer(EntitySynchronizer):
    def fetch(self, tell: Tell) -> Structure:
        tell(0, 1, "Reading the monitors of ZoneMinder.")
        with ZmClient(self.configuration) as client:
            monitors, states = read_monitors(client.ask("monitors")), fetch_run_states(client)
            return convert_structure(client.server_id, fetch_version(client), states, monitors)


@dataclass(frozen=True, slots=True)
class Call:
    """A request, and what tells whether the answer of 200 was a success: raises OrderRefusedError."""

    path: str
    judge: Callable[[Mapping[str, object]], None]
    method: str = "POST"
    form: Mapping[str, str] = field(default_factory=dict)


class ZmCommander(SessionCommander[ZmClient]):
    def open_session(self) -> AbstractContextManager[ZmClient]:
        return ZmClient(self.config, answer_seconds=ANSWER_SECONDS)

    def prepare(self, order: Order) -> PreparedOrder:
        thing, _, aspect = order.address.partition(".")
        if thing == SERVER:
            return self._prepare_run_state(order.value)
        # Of one that this user may not see: an empty list, and 200.
        if not read_lenient_mapping(self.session.ask(f"monitors/{thing}", may_miss=True)).get("monitor"):
            raise ZONEMINDER.lacks(f"monitor {thing}")
        if aspect == "alarm":
            is_on = order.value == FORCE_ALARM
            call = Call(f"monitors/alarm/id:{thing}/command:{'on' if is_on else 'off'}", _judge_alarm, "GET")
            return PreparedOrder(("alarm", "alert", "tape") if is_on else ("idle", "alert"), call=call)
        column = COLUMNS[aspect][0] if aspect in COLUMNS else "Enabled"
        value = order.value if aspect in COLUMNS else str(int(order.value == "on"))
        call = Call(f"monitors/{thing}", _judge_saved, "PUT", {f"Monitor[{column}]": value})
        return PreparedOrder((order.value,), call=call)

    def send(self, prepared: PreparedOrder) -> None:
        call: Call = prepared.call
        try:
            call.judge(read_mapping(self.session.ask(call.path, call.method, call.form or None), "answer"))
        except exceptions.MissingRightsError as err:
            raise exceptions.OrderRefusedError(str(err), hint=err.hint) from err

    def _prepare_run_state(self, name: str) -> PreparedOrder:
        """An unknown one would be answered as if it had been set; a known one is answered with nothing that tells."""
        states = fetch_run_states(self.session)
        if states is None or name not in states.names:
            raise ZONEMINDER.lacks(f"run state {name}")
        call = Call(f"states/change/{name}", lambda _answer: None)
        return PreparedOrder((name,), seconds=RESTART_SECONDS, call=call)


def _judge_saved(answer: Mapping[str, object]) -> None:
    if answer.get("message") != "Saved":
        raise refusal(f"ZoneMinder did not save it: {' '.join(str(answer.get('message')).split())}")


def _judge_alarm(answer: Mapping[str, object]) -> None:
    said = str(answer.get("status"))
    if said.startswith(("Alarmed", "Forcing", "Cancelling")):
        return
    reason = "the monitor does not run" if said.lower() in ("false", "none") else " ".join(said.split())
    raise exceptions.OrderRefusedError(
        f"ZoneMinder did not do it: {reason}.", hint="Let the monitor capture and look for motion, and try again."
    )


def _say_monitors(client: ZmClient) -> str:
    """Raises MissingRightsError for a user who may not see monitors or events."""
    monitors = read_monitors(client.ask("monitors"))
    if not monitors.rows and not monitors.bad:
        raise exceptions.MissingRightsError(
            "This user sees no monitor.", hint="In ZoneMinder: Options, Users: View for Monitors and Events."
        )
    client.list_events(direction="desc")
    found = f"{len(monitors.rows)} monitors" + (f", {len(monitors.bad)} that cannot be read" if monitors.bad else "")
    return found if fetch_run_states(client) else f"{found}; the user may not see or set the run state"


class ZoneMinderGateway(Singleton, IntegrationGateway):
    synchronizer_class = ZmSynchronizer
    poller_class = ZmPoller
    commander_class = ZmCommander
    camera_source_class = ZmCameras
    client_class = ZmClient
    checks: ClassVar = {
        "Sign in": ZmClient.sign_in,
        "Version": fetch_version,
        "Time": lambda client: f"its events are in the time of {read_zone(client)}",
        "Read": _say_monitors,
    }
    settings = (
        SettingSpec(
            "url",
            "Address",
            SettingType.URL,
            help="As you open ZoneMinder in the browser, with what follows the host.",
            placeholder="http://zoneminder.local/zm",
        ),
        SettingSpec("user", "User", required=False, help="Empty where ZoneMinder asks nobody for a password."),
        SettingSpec(ZONEMINDER.credential, "Password", SettingType.SECRET, required=False),
    )
