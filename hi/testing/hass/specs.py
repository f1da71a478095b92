"""What one device or one entity of a simulated home is made of: tables of kinds, and short ways to name them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hi.testing.hass.lights import light_attributes
from hi.testing.hass.model import Row


@dataclass(frozen=True, slots=True)
class EntitySpec:
    """An entity before it has a home. Without a `name` it is its device's main one."""

    domain: str
    name: str | None
    state: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    category: str | None = None
    life: str = ""
    disabled: bool = False
    fields: Mapping[str, Any] = field(default_factory=dict)
    """Further fields of the registry row."""

    def but(self, **changes: Any) -> "EntitySpec":
        return replace(self, **changes)


@dataclass(frozen=True, slots=True)
class DeviceSpec:
    """A device and what it shows; `platform` names the integration that brings it."""

    name: str
    area: str | None
    platform: str
    maker: str | None
    model: str | None
    entities: tuple[EntitySpec, ...]
    fields: Mapping[str, Any] = field(default_factory=dict)


# kind: (device class, unit, state class, usual name, entity category)
SENSORS: dict[str, tuple[str | None, str | None, str | None, str, str | None]] = {
    "temperature": ("temperature", "°C", "measurement", "Temperature", None),
    "humidity": ("humidity", "%", "measurement", "Humidity", None),
    "pressure": ("pressure", "hPa", "measurement", "Pressure", None),
    "water_pressure": ("pressure", "bar", "measurement", "Water pressure", None),
    "co2": ("carbon_dioxide", "ppm", "measurement", "Carbon dioxide", None),
    "pm25": ("pm25", "\u00b5g/m³", "measurement", "PM2.5", None),
    "voc": ("volatile_organic_compounds", "\u03bcg/m³", "measurement", "VOC", None),
    "illuminance": ("illuminance", "lx", "measurement", "Illuminance", None),
    "power": ("power", "W", "measurement", "Power", None),
    "energy": ("energy", "kWh", "total_increasing", "Energy", None),
    "gas": ("gas", "m³", "total_increasing", "Gas", None),
    "water": ("water", "m³", "total_increasing", "Water", None),
    "voltage": ("voltage", "V", "measurement", "Voltage", "diagnostic"),
    "current": ("current", "A", "measurement", "Current", None),
    "wind": ("wind_speed", "km/h", "measurement", "Wind speed", None),
    "rain": ("precipitation", "mm", "total_increasing", "Rain today", None),
    "battery": ("battery", "%", "measurement", "Battery", "diagnostic"),
    "signal": ("signal_strength", "dBm", "measurement", "Signal strength", "diagnostic"),
    "timestamp": ("timestamp", None, None, "Last seen", None),
    "duration": ("duration", "min", None, "Time remaining", None),
    "enum": ("enum", None, None, "Status", None),
    "data_rate": ("data_rate", "Mbit/s", "measurement", "Download", None),
    "text": (None, None, None, "Status", None),
}

# device class: (usual name, entity category)
BINARY_SENSORS: dict[str, tuple[str | None, str | None]] = {
    "motion": ("Motion", None),
    "door": (None, None),
    "window": (None, None),
    "occupancy": ("Occupancy", None),
    "smoke": ("Smoke", None),
    "moisture": (None, None),
    "connectivity": ("Connectivity", "diagnostic"),
    "heat": ("Flame", None),
    "problem": ("Problem", "diagnostic"),
    "running": ("Running", None),
    "plug": ("Plug", None),
    "tamper": ("Tamper", "diagnostic"),
    "battery_charging": ("Charging", "diagnostic"),
}


def sensor(
    kind: str, value: object, name: str | None = "", options: tuple[str, ...] = (), life: str = ""
) -> EntitySpec:
    """A sensor by its kind; without a name it gets the usual one, with None it is the device's main entity."""
    device_class, unit, state_class, usual, category = SENSORS[kind]
    attributes: Row = {"state_class": state_class, "options": list(options) or None}
    attributes |= {"unit_of_measurement": unit, "device_class": device_class}
    present = {key: value for key, value in attributes.items() if value is not None}
    return EntitySpec("sensor", usual if name == "" else name, str(value), present, category, life)


def binary(device_class: str, name: str | None = "", on: bool = False, life: str = "") -> EntitySpec:
    usual, category = BINARY_SENSORS[device_class]
    shown = usual if name == "" else name
    return EntitySpec("binary_sensor", shown, "on" if on else "off", {"device_class": device_class}, category, life)


def light(kind: str = "color_temp", on: bool = False, name: str | None = None) -> EntitySpec:
    return EntitySpec("light", name, "on" if on else "off", light_attributes(kind, on))


def switch(
    name: str | None = None, on: bool = False, device_class: str = "", category: str | None = None
) -> EntitySpec:
    attributes = {"device_class": device_class} if device_class else {}
    return EntitySpec("switch", name, "on" if on else "off", attributes, category)


def climate(current: float, target: float, heating: bool = False, presets: tuple[str, ...] = ()) -> EntitySpec:
    attributes: Row = {"hvac_modes": ["heat", "off"], "min_temp": 7.0, "max_temp": 35.0}
    attributes |= {"preset_modes": list(presets)} if presets else {}
    attributes |= {"current_temperature": current, "temperature": target}
    attributes |= {"hvac_action": "heating" if heating else "idle"}
    attributes |= {"preset_mode": presets[0]} if presets else {}
    return EntitySpec("climate", None, "heat", attributes | {"supported_features": 401 if presets else 385})


def cover(position: int | None, device_class: str = "", tilt: int | None = None) -> EntitySpec:
    attributes: Row = {} if position is None else {"current_position": position}
    attributes |= {} if tilt is None else {"current_tilt_position": tilt}
    attributes |= {"device_class": device_class} if device_class else {}
    features = 3 if position is None else 15 if tilt is None else 255
    return EntitySpec("cover", None, "open" if position else "closed", attributes | {"supported_features": features})


def fan(percentage: int | None = None, presets: tuple[str, ...] = ("auto", "smart", "sleep", "on")) -> EntitySpec:
    attributes: Row = {"preset_modes": list(presets), "direction": "forward", "oscillating": False}
    attributes |= {"percentage": percentage, "percentage_step": 100 / 3, "preset_mode": None, "supported_features": 55}
    return EntitySpec("fan", None, "on" if percentage else "off", attributes)


def lock(locked: bool = True) -> EntitySpec:
    return EntitySpec("lock", None, "locked" if locked else "unlocked", {"supported_features": 0})


def media_player(state: str = "idle", sources: tuple[str, ...] = (), device_class: str = "") -> EntitySpec:
    attributes: Row = {"source_list": list(sources)} if sources else {}
    attributes |= {"volume_level": 0.35, "is_volume_muted": False}
    attributes |= {"source": sources[0]} if sources else {}
    attributes |= {"device_class": device_class} if device_class else {}
    return EntitySpec("media_player", None, state, attributes | {"supported_features": 121265 if sources else 119695})


def camera(streaming: bool = False) -> EntitySpec:
    # The picture's address needs the entity's id: the builder adds it.
    attributes: Row = {"frontend_stream_type": "hls"} if streaming else {}
    attributes |= {"supported_features": 3 if streaming else 1}
    return EntitySpec("camera", None, "streaming" if streaming else "idle", attributes)


def button(name: str, device_class: str = "", category: str | None = None) -> EntitySpec:
    return EntitySpec("button", name, "unknown", {"device_class": device_class} if device_class else {}, category)


def number(name: str, value: float, low: float, high: float, step: float, unit: str = "") -> EntitySpec:
    attributes: Row = {"min": low, "max": high, "step": step, "mode": "auto"}
    attributes |= {"unit_of_measurement": unit} if unit else {}
    return EntitySpec("number", name, str(value), attributes, "config")


def select(name: str, *options: str) -> EntitySpec:
    return EntitySpec("select", name, options[0], {"options": list(options)}, "config")


def update(title: str, installed: str, latest: str) -> EntitySpec:
    attributes: Row = {"auto_update": False, "display_precision": 0, "installed_version": installed}
    attributes |= {"in_progress": False, "latest_version": latest, "release_summary": None, "release_url": None}
    attributes |= {"skipped_version": None, "title": title, "update_percentage": None, "device_class": "firmware"}
    state = "on" if installed != latest else "off"
    return EntitySpec("update", "Firmware", state, attributes | {"supported_features": 11}, "config")


def battery(level: int) -> EntitySpec:
    return sensor("battery", level)


def signal(level: int) -> EntitySpec:
    return sensor("signal", level)


def other(domain: str, name: str | None, state: str, life: str = "", **attributes: Any) -> EntitySpec:
    """An entity of any further domain, its attributes as they come."""
    return EntitySpec(domain, name, state, attributes, None, life)
