"""Telling ZoneMinder: which run state, how a monitor works, and an alarm by hand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hi.integration import exceptions
from hi.integration.commander import Commander, Order, PreparedOrder
from hi.integration.core.decode import clean_text, read_mapping
from hi.services.zoneminder.client import ZmClient
from hi.services.zoneminder.converter import COLUMNS, FORCE_ALARM, SERVER
from hi.services.zoneminder.poller import fetch_run_states

# A change of the run state is answered when all has restarted: after 6 seconds where little runs.
ANSWER_SECONDS, RESTART_SECONDS = 60.0, 120


@dataclass(frozen=True, slots=True)
class Call:
    """A request, and what tells whether the answer of 200 was a success: raises OrderRefusedError."""

    path: str
    judge: Callable[[Mapping[str, object]], None]
    method: str = "POST"
    form: Mapping[str, str] = field(default_factory=dict)


class ZmCommander(Commander):
    def __init__(self, config: Mapping[str, str]) -> None:
        super().__init__(config)
        self._client = ZmClient(config, deadline_seconds=ANSWER_SECONDS, read_seconds=ANSWER_SECONDS, retries=0)

    def close(self) -> None:
        self._client.close()

    def prepare(self, order: Order) -> PreparedOrder:
        thing, _, aspect = order.address.partition(".")
        if thing == SERVER:
            return self._prepare_run_state(order.value)
        if not self._client.ask(f"monitors/{thing}", may_miss=True):
            raise exceptions.OrderRefusedError("ZoneMinder has no such monitor any more.")
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
            call.judge(read_mapping(self._client.ask(call.path, call.method, call.form or None), "answer"))
        except exceptions.MissingRightsError as err:
            raise exceptions.OrderRefusedError(str(err), hint=err.hint) from err

    def _prepare_run_state(self, name: str) -> PreparedOrder:
        """An unknown one would be answered as if it had been set."""
        states = fetch_run_states(self._client)
        if states is None or name not in states.names:
            raise exceptions.OrderRefusedError(f"ZoneMinder has no run state {name}.", hint="Sync, and choose again.")
        return PreparedOrder((name,), seconds=RESTART_SECONDS, call=Call(f"states/change/{name}", _accept))


def _accept(_answer: Mapping[str, object]) -> None:
    """It says nothing; the state that follows does."""


def _judge_saved(answer: Mapping[str, object]) -> None:
    if answer.get("message") != "Saved":
        told = clean_text(" ".join(str(answer.get("message")).split()), 200)
        raise exceptions.OrderRefusedError(f"ZoneMinder did not save it: {told}")


def _judge_alarm(answer: Mapping[str, object]) -> None:
    """A failure is the text "false"."""
    if answer.get("status") in ("false", False, None):
        raise exceptions.OrderRefusedError(
            "ZoneMinder did not do it: the monitor does not run, or does not look for motion.",
            hint="Let it capture and analyse, and try again.",
        )
