"""Telling ZoneMinder: which run state, how a monitor works, and an alarm by hand."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from hi.integration import exceptions
from hi.integration.commander import Order, PreparedOrder, SessionCommander, refusal
from hi.integration.core.decode import read_mapping
from hi.services.zoneminder.client import ZONEMINDER, ZmClient
from hi.services.zoneminder.converter import COLUMNS, FORCE_ALARM, SERVER
from hi.services.zoneminder.poller import fetch_run_states

# A change of the run state is answered when all has restarted: after 6 seconds where little runs.
ANSWER_SECONDS, RESTART_SECONDS = 30.0, 120


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
        if not self.session.ask(f"monitors/{thing}", may_miss=True):
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
    if answer.get("status") in ("false", False, None):
        raise exceptions.OrderRefusedError(
            "ZoneMinder did not do it: the monitor does not run, or does not look for motion.",
            hint="Let it capture and analyse, and try again.",
        )
