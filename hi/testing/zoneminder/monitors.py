"""Calls about monitors: what they are, what they shall do, and alarms."""

from typing import Any

from hi.testing.zoneminder.call import Action, Call
from hi.testing.zoneminder.columns import Row
from hi.testing.zoneminder.errors import ApiError
from hi.testing.zoneminder.house import Monitor
from hi.testing.zoneminder.rows import monitor_row

_STATE_NAMES = ("Idle", "Prealarm", "Alarm", "Alert", "Tape")
_NAME_NEEDED = "Monitor Name must be specified for creation"


def _index(call: Call) -> Any:
    call.require("monitors", "View", "Insufficient Privileges")
    seen = [monitor for monitor in call.house.monitors.values() if call.may_see(monitor.id)]
    return {"monitors": call.core.told("monitors", [monitor_row(call.core, monitor) for monitor in seen])}


def _view(call: Call) -> Any:
    """One that the user may not see is no error, but an empty list."""
    call.require("monitors", "View", "Insufficient Privileges")
    monitor = call.monitor(call.args[0])
    if not call.may_see(monitor.id):
        return {"monitor": []}
    shown = call.core.told("monitor", [monitor_row(call.core, monitor)])
    return {"monitor": shown[0] if shown else []}


def _edit(call: Call) -> Any:
    """A value that is not allowed is told in the message alone."""
    monitor = call.monitor(call.args[0])
    call.require("monitors", "Edit")
    written = call.fields("Monitor")
    wrong = {
        name: f"Please choose one of the following values : {', '.join(call.house.choices[name])}"
        for name, value in written.items()
        if name in call.house.choices and value not in call.house.choices[name]
    }
    if wrong or not written:
        return {"message": f"Error {_printed(wrong)}"}
    call.house.update_monitor(monitor.id, _typed(call, written))
    return {"message": "Saved"}


def _printed(wrong: dict[str, str]) -> str:
    """As PHP's print_r does, every message twice."""
    fields = "".join(
        f"    [{name}] => Array\n        (\n            [0] => {why}\n            [1] => {why}\n        )\n\n"
        for name, why in wrong.items()
    )
    return f"Array\n(\n{fields})\n"


def _typed(call: Call, written: Row) -> Row:
    known = call.house.known_columns
    return {
        name: int(value) if type(known[name]) is int and str(value).isdigit() else value
        for name, value in written.items()
        if name in known
    }


def _add(call: Call) -> Any:
    call.require("system", "Edit")
    written = _typed(call, call.fields("Monitor"))
    if not written.get("Name"):
        return {"message": {"Name": [_NAME_NEEDED, _NAME_NEEDED]}}
    call.house.add_monitor(written.pop("Name"), **written)
    return {"message": "Saved"}


def _delete(call: Call) -> Any:
    call.require("system", "Edit")
    monitor = call.monitor(call.args[0])
    call.house.remove_monitor(monitor.id)
    return {"status": "ok", "statustext": f"Can't find process with command of 'zmc -m {monitor.id}'\n"}


def _alarm(call: Call) -> Any:
    """Nobody needs a right for it but to see monitors. What failed is 200, too."""
    named = dict(call.named)
    monitor, command = call.monitor(named.get("id", "")), named.get("command", "").lower()
    if command not in ("on", "off", "status"):
        raise ApiError(400, "Invalid command")
    title = f"Monitor {monitor.id}({monitor.name})"
    if not call.house.is_live(monitor):
        return {"status": "false", "code": 255, "error": "" if command == "status" else title}
    if command == "status":
        return {"status": monitor.alarm, "output": monitor.alarm}
    if not call.house.handles_alarms(monitor):
        words = "A Monitor in monitor mode cannot handle alarms.  Please use NoDect"
        return {"status": words, "output": f"{title}\n{words}"}
    if command == "off":
        call.house.cancel_alarm(monitor.id, call.core.after_alert)
        words = "Cancelling forced alarm on/off"
        return {"status": words, "output": f"{title}\n{words}"}
    state, before, event = call.house.force_alarm(monitor.id)
    words = f"Alarmed event id: {event}"
    forced = f"Forcing alarm on current state: {_STATE_NAMES[state]}, event {before}"
    return {"status": words, "output": f"{title}\n{forced}\n{words}"}


def _daemon_status(call: Call) -> Any:
    named = dict(call.named)
    monitor, daemon = call.monitor(named.get("id", "")), named.get("daemon", "")
    if not call.house.captures(monitor):
        return {"status": False, "statustext": "Monitor function is set to None"}
    return _running(call, monitor, daemon)


def _running(call: Call, monitor: Monitor, daemon: str) -> Any:
    name = f"'{daemon} -m {monitor.id}'"
    if daemon != "zmc" or not call.house.is_live(monitor):
        return {"status": False, "statustext": f"{name} not running"}
    since = call.house.clock.local(call.house.clock.now())
    return {"status": True, "statustext": f"{name} running since {since:%y/%m/%d %H:%M:%S}, pid = {23000 + monitor.id}"}


MONITORS: dict[str, Action] = {
    "index": _index,
    "view": _view,
    "edit": _edit,
    "add": _add,
    "delete": _delete,
    "alarm": _alarm,
    "daemonStatus": _daemon_status,
}
