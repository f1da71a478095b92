"""What the services of the simulated home do: a table from a service to its fields and to what follows.

Fields and refusals are worded as a real server words them; see ws-err-service-*.json and ws-err-unsupported-by-entity.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hi.testing.hass import lights
from hi.testing.hass.model import Row, State, isoformat
from hi.testing.hass.world import Change

ALARM_CODE = "1234"
"""What disarms an alarm panel that asks for a code."""
TRAVEL_SECONDS = 6.0
"""How long a cover moves, a lock turns and an alarm panel lets people leave, before `Core.pace` shortens it."""


class RefusedError(Exception):
    """A service does not do it: `code` and `message` as on the wire."""

    def __init__(self, message: str, code: str = "service_validation_error") -> None:
        prefix = "Validation error: " if code == "service_validation_error" else ""
        super().__init__(prefix + message)
        self.code = code


Act = Callable[[State, Row, float], list[Change]]
"""From an entity, the call's data and the time to what changes."""
Check = Callable[[Any], str]
"""From a field's value to what is wrong with it; empty if nothing is."""


@dataclass(frozen=True, slots=True)
class Service:
    act: Act
    fields: Mapping[str, Check] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    needs: int = 0


def check_data(service: Service, data: Mapping[str, Any]) -> None:
    """Raises RefusedError for data that the service's schema does not take."""
    for name, value in data.items():
        if name != "entity_id" and name not in service.fields:
            raise RefusedError(f"extra keys not allowed @ data['{name}']", "invalid_format")
        if name != "entity_id" and (problem := service.fields[name](value)):
            raise RefusedError(f"{problem} for dictionary value @ data['{name}']", "invalid_format")
    for name in service.required:
        if name not in data:
            raise RefusedError(f"required key not provided @ data['{name}']", "invalid_format")


# Fields


def number(low: float | None = None, high: float | None = None, kind: str = "float") -> Check:
    def check(value: Any) -> str:
        try:
            given = float(value)
        except (TypeError, ValueError):
            return f"expected {kind}"
        if low is not None and given < low:
            return f"value must be at least {low:g}"
        return f"value must be at most {high:g}" if high is not None and given > high else ""

    return check


def words(value: Any) -> str:
    return "" if isinstance(value, str) else "value should be a string"


def flag(value: Any) -> str:
    return "" if isinstance(value, bool) or value in ("on", "off") else f"invalid boolean value {value}"


def color(value: Any) -> str:
    if not isinstance(value, list) or len(value) != 2:
        return "invalid value"
    return number(0, 360)(value[0]) or number(0, 100)(value[1])


def moment(parse: Callable[[str], Any]) -> Check:
    def check(value: Any) -> str:
        try:
            parse(value)
        except (TypeError, ValueError):
            return f"Invalid {parse.__qualname__.partition('.')[0]} specified: {value}"
        return ""

    return check


# What follows


def nothing(state: State, data: Row, now: float) -> list[Change]:
    return []


def becomes(word: str, **attributes: Any) -> Act:
    return lambda state, data, now: [Change(state.entity_id, word, attributes)]


def stamps(state: State, data: Row, now: float) -> list[Change]:
    return [Change(state.entity_id, isoformat(now))]


def ran(state: State, data: Row, now: float) -> list[Change]:
    return [Change(state.entity_id, state.state, {"last_triggered": isoformat(now)})]


def passes(word: str, end: str, **attributes: Any) -> Act:
    """Is on its way for a while, then there."""

    def act(state: State, data: Row, now: float) -> list[Change]:
        there = Change(state.entity_id, end, attributes, after=TRAVEL_SECONDS)
        return [Change(state.entity_id, word), there] if state.state != end else []

    return act


def keeps(name: str, attribute: str = "", options: str = "", low: str = "", high: str = "") -> Act:
    """Puts a field into an attribute; `options`, `low` and `high` are the attributes that bound it."""

    def act(state: State, data: Row, now: float) -> list[Change]:
        value = data.get(name)
        if value is None:
            return []
        if options and value not in state.attributes.get(options, ()):
            valid = ", ".join(state.attributes.get(options) or ())
            raise RefusedError(f"{name.replace('_', ' ').capitalize()} {value} is not valid. Valid ones are: {valid}")
        _check_range(state, name, value, low, high)
        return [Change(state.entity_id, state.state, {attribute or name: value})]

    return act


def says(name: str, options: str = "", low: str = "", high: str = "") -> Act:
    """Puts a field into the state."""

    def act(state: State, data: Row, now: float) -> list[Change]:
        value = data[name]
        if options and value not in state.attributes.get(options, ()):
            valid = ", ".join(state.attributes.get(options) or ())
            raise RefusedError(
                f"Option {value} is not valid for entity {state.entity_id}, valid options are: {valid}"
                if name == "option"
                else f"{name} {value} is not valid. Valid ones are: {valid}"
            )
        _check_range(state, "Value", len(value) if isinstance(value, str) else value, low, high)
        return [Change(state.entity_id, str(value))]

    return act


def _check_range(state: State, name: str, value: Any, low: str, high: str) -> None:
    least, most = state.attributes.get(low), state.attributes.get(high)
    if (least is not None and float(value) < least) or (most is not None and float(value) > most):
        if name == "Value":
            raise RefusedError(f"Value {value} for {state.entity_id} is outside valid range {least} - {most}")
        raise RefusedError(f"Provided {name} {value} is not valid. Accepted range is {least} to {most}")


def light_on(state: State, data: Row, now: float) -> list[Change]:
    level = data.get("brightness", round(255 * data["brightness_pct"] / 100) if "brightness_pct" in data else None)
    if level == 0:
        return light_off(state, data, now)
    attributes: Row = dict(state.attributes)
    if state.state != "on":
        attributes = lights.switched(attributes, True)
    if level is not None and "brightness" in attributes:
        attributes["brightness"] = level
    if "hs_color" in data:
        attributes = lights.colored(attributes, [float(part) for part in data["hs_color"]])
    if "color_temp_kelvin" in data:
        attributes = lights.warmed(attributes, int(data["color_temp_kelvin"]))
    if "effect" in data:
        attributes["effect"] = data["effect"]
    return [Change(state.entity_id, "on", attributes)]


def light_off(state: State, data: Row, now: float) -> list[Change]:
    return [Change(state.entity_id, "off", lights.switched(state.attributes, False))]


def travel(attribute: str, goal: int | None = None, name: str = "position") -> Act:
    """A cover or valve on its way to a place; one that knows no place only opens and closes."""

    def act(state: State, data: Row, now: float) -> list[Change]:
        target = data[name] if goal is None else goal
        present = state.attributes.get(attribute)
        if present is None:
            present = 100 if state.state == "open" else 0
        if target == present:
            return []
        there = {attribute: target} if attribute in state.attributes else {}
        return [
            Change(state.entity_id, "opening" if target > present else "closing"),
            Change(state.entity_id, "open" if target else "closed", there, after=TRAVEL_SECONDS),
        ]

    return act


def halt(state: State, data: Row, now: float) -> list[Change]:
    rests = {"opening": "open", "closing": "open"}.get(state.state, state.state)
    return [Change(state.entity_id, rests)]


def fan_speed(state: State, data: Row, now: float) -> list[Change]:
    speed = data["percentage"]
    step = state.attributes.get("percentage_step") or 1.0
    taken = min(100, int(-(-speed // step) * step))
    return [Change(state.entity_id, "on" if speed else "off", {"percentage": taken, "preset_mode": None})]


def fan_preset(state: State, data: Row, now: float) -> list[Change]:
    keeps("preset_mode", options="preset_modes")(state, data, now)
    return [Change(state.entity_id, "on", {"preset_mode": data["preset_mode"], "percentage": None})]


def target_temperature(state: State, data: Row, now: float) -> list[Change]:
    for name in data.keys() - {"entity_id"}:
        _check_range(state, "temperature", data[name], "min_temp", "max_temp")
    targets = {name: value for name, value in data.items() if name != "entity_id"}
    return [Change(state.entity_id, state.state, targets)]


def remote_on(state: State, data: Row, now: float) -> list[Change]:
    chosen = keeps("activity", "current_activity", options="activity_list")(state, data, now)
    return [Change(state.entity_id, "on", chosen[0].attributes if chosen else {})]


def arms(state_word: str) -> Act:
    return guarded(passes("arming", state_word) if state_word != "disarmed" else becomes("disarmed"), state_word)


def guarded(act: Act, state_word: str) -> Act:
    """With the code that the panel asks for."""

    def checked(state: State, data: Row, now: float) -> list[Change]:
        is_free = state_word != "disarmed" and state.attributes.get("code_arm_required") is False
        if state.attributes.get("code_format") and not is_free and data.get("code") != ALARM_CODE:
            raise RefusedError("Invalid alarm code provided")
        return act(state, data, now)

    return checked


def helper_moment(state: State, data: Row, now: float) -> list[Change]:
    name = {(True, True): "datetime", (True, False): "date"}.get(
        (state.attributes.get("has_date") is True, state.attributes.get("has_time") is True), "time"
    )
    if name not in data:
        raise RefusedError(f"Only the {name} can be set here")
    return [Change(state.entity_id, str(data[name]))]
