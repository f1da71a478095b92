"""Calls about the server: its version, load and disk, its run states, and the zones of its monitors."""

from dataclasses import replace
from typing import Any

from hi.testing.http import Answer, json_answer
from hi.testing.zoneminder.call import Action, Call
from hi.testing.zoneminder.core import Core
from hi.testing.zoneminder.errors import API_JSON, ApiError
from hi.testing.zoneminder.rows import zone_row

API_VERSION = "2.0"
NOT_ALLOWED = "Insufficient Privileges"


def version(core: Core) -> dict[str, Any]:
    return {"version": core.house.version, "apiversion": API_VERSION}


def _disk(call: Call) -> Any:
    """By monitor and in all, and in gigabytes, whatever the call is named."""
    usage = {
        monitor.name: {"space": "0.0002288818359375", "color": monitor.columns.get("WebColour", "#3a6ea5")}
        for monitor in call.house.monitors.values()
    }
    return {"usage": usage | {"Total": {"space": f"{call.house.disk_gigabytes:.14g}", "color": "#F7464A"}}}


def _control_daemon(call: Call) -> Any:
    raise ApiError(401, "Insufficient privileges")


def _states(call: Call) -> Any:
    call.require("system", "View", NOT_ALLOWED)
    rows = [
        {
            "State": {
                "Id": state.id,
                "Name": state.name,
                "Definition": state.definition,
                "IsActive": int(state.name == call.house.active_state),
            }
        }
        for state in call.house.run_states
    ]
    return {"states": call.core.told("states", rows)}


def _change_state(call: Call) -> Answer:
    """Lasts as long as the restart of everything does, and says the same whatever came of it."""
    call.require("system", "View", NOT_ALLOWED)
    call.require("system", "Edit")
    seconds = call.core.change_seconds
    is_known = call.house.change_state(call.args[0] if call.args else "", seconds)
    return replace(json_answer({"blah": ""}, 200, API_JSON), delay=seconds if is_known else 0.0)


def storage(call: Call) -> Any:
    call.require("system", "View", NOT_ALLOWED)
    row = {"Id": 1, "Path": "/var/cache/zoneminder/events", "Name": "Default", "Type": "local", "Url": None}
    row |= {"DiskSpace": None, "Scheme": "Medium", "ServerId": 0, "DoDelete": True, "Enabled": True}
    return {"storage": call.core.told("storage", [{"Storage": row}])}


def zones(call: Call) -> Any:
    wanted = [call.monitor(call.args[0])] if call.args else list(call.house.monitors.values())
    return {"zones": call.core.told("zones", [zone_row(one) for one in wanted if call.may_see(one.id)])}


HOST: dict[str, Action] = {
    "getVersion": lambda call: version(call.core),
    "getLoad": lambda call: {"load": list(call.house.load)},
    "getDiskPercent": _disk,
    "getTimeZone": lambda call: {"tz": call.house.clock.zone.key},
    "daemonCheck": lambda call: {"result": int(call.house.is_running)},
    "daemonControl": _control_daemon,
    "login": lambda call: None,
    "logout": lambda call: None,
}
STATES: dict[str, Action] = {"index": _states, "change": _change_state}
