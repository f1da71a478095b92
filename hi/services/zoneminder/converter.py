"""What ZoneMinder has, in hi's words: which things, and how they are."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from hi.entity.enums import ControlType, EntityStateType, EntityType, Quality, StateCategory
from hi.integration.core.rows import Doubts, Table
from hi.integration.core.specs import ControllerSpec, EntitySpec, SensorSpec, StateSpec, Structure
from hi.integration.core.values import StateValue
from hi.integration.enums import ItemKind
from hi.services.zoneminder.wire import FUNCTION, MODES, ZmMonitor, ZmRunStates

SERVER = "server"
monitor_key = "monitor.{}".format
FORCE_ALARM, END_ALARM = "force", "end"
T, C = EntityStateType, StateCategory
# What calls people, or blinds a camera.
guarded = partial(ControllerSpec, asks_first=True)
FORCE = guarded(ControlType.ACTION, options=(FORCE_ALARM, END_ALARM))
# aspect -> what it is called, what it is, why it exists, and how it is set.
Aspect = tuple[str, EntityStateType, StateCategory, ControllerSpec | None]
MONITOR: Mapping[str, Aspect] = {
    "video": ("Picture", T.VIDEO, C.PURPOSE, None),
    "motion": ("Motion", T.DETECTION, C.PURPOSE, None),
    "alarm": ("Alarm", T.STATUS, C.PURPOSE, FORCE),
    "enabled": ("Enabled", T.ON_OFF, C.CONFIGURATION, guarded(ControlType.TOGGLE)),
    "fps": ("Frames per second", T.NUMBER, C.DIAGNOSTIC, None),
    "events": ("Events", T.NUMBER, C.DIAGNOSTIC, None),
    "events_today": ("Events of the last day", T.NUMBER, C.DIAGNOSTIC, None),
}
COLUMNS: Mapping[str, Aspect] = {
    column.lower(): (
        column,
        T.CHOICE,
        C.CONFIGURATION,
        guarded(ControlType.CHOICE, options=words),
    )
    for column, words in {**FUNCTION, **MODES}.items()
}
SERVER_ASPECTS: Mapping[str, Aspect] = {
    "daemon": ("Running", T.CONNECTIVITY, C.PURPOSE, None),
    "version": ("Version", T.TEXT, C.DIAGNOSTIC, None),
    "load": ("Load", T.NUMBER, C.DIAGNOSTIC, None),
    "disk": ("Disk used", T.NUMBER, C.DIAGNOSTIC, None),
}
PRIMARY = ("video", "daemon")
STOPPED = {"NotRunning": "off"}
UNITS = {"disk": "%", "fps": "fps"}
TOTALS = {"events": "total_increasing"}


def convert_structure(
    server_id: str, version: str, states: ZmRunStates | None, monitors: Table[ZmMonitor]
) -> Structure:
    doubts = Doubts()
    doubts.protect(monitors.bad, ItemKind.ENTITY, "id", monitor_key)
    things = (_convert_server(version, states), *map(_convert_monitor, monitors.rows.values()))
    return Structure(things, source_version=version, server_id=server_id, **doubts.tell())


def _convert_server(version: str, states: ZmRunStates | None) -> EntitySpec:
    """A user who may not see its run states has none."""
    aspects = dict(SERVER_ASPECTS)
    if states is not None:
        control = guarded(ControlType.CHOICE, options=states.names)
        aspects["run_state"] = ("Run state", T.CHOICE, C.PURPOSE, control)
    specs = tuple(_state(SERVER, SERVER, aspect, *row) for aspect, row in aspects.items())
    return EntitySpec(SERVER, "ZoneMinder", EntityType.SERVICE, details={"version": version}, states=specs)


def _convert_monitor(monitor: ZmMonitor) -> EntitySpec:
    key = monitor_key(monitor.id)
    aspects = {**MONITOR, **{column.lower(): COLUMNS[column.lower()] for column in monitor.modes}}
    specs = tuple(_state(key, monitor.id, aspect, *row) for aspect, row in aspects.items())
    return EntitySpec(key, monitor.name, EntityType.CAMERA, states=specs)


def _state(
    thing: str,
    prefix: str,
    aspect: str,
    name: str,
    kind: EntityStateType,
    category: StateCategory,
    controller: ControllerSpec | None,
) -> StateSpec:
    return StateSpec(
        f"{thing}.{aspect}",
        f"{prefix}.{aspect}",
        aspect,
        name,
        kind,
        is_primary=aspect in PRIMARY,
        category=category,
        family=aspect,
        sensor=SensorSpec(state_class=TOTALS.get(aspect, "")),
        controller=controller,
    )


def convert_monitor_values(monitor: ZmMonitor, now: datetime) -> list[StateValue]:
    records = monitor.modes.get("Recording") == "Always" or monitor.modes.get("Function") in ("Record", "Mocord")
    words = {
        "video": ("recording" if records else "streaming") if monitor.is_capturing else STOPPED.get(monitor.status),
        "enabled": "on" if monitor.enabled else "off",
        "fps": _say(monitor.fps, 0 if (monitor.fps or 0) >= 2 else 1),
        "events": _say(monitor.events),
        "events_today": _say(monitor.events_today),
        **{column.lower(): word for column, word in monitor.modes.items()},
    }
    return [value_of(f"{monitor.id}.{aspect}", word, now) for aspect, word in words.items()]


def convert_server_value(aspect: str, value: str | float | None, now: datetime) -> StateValue:
    return value_of(f"{SERVER}.{aspect}", value if isinstance(value, str) else _say(value, 1), now)


def value_of(address: str, word: str | None, now: datetime) -> StateValue:
    """As it is now: ZoneMinder does not say since when."""
    unit = UNITS.get(address.partition(".")[2], "")
    quality = Quality.UNKNOWN if word is None else Quality.GOOD
    return StateValue(address, word, "" if word is None else unit, quality, now, is_dated=False)


def _say(number: float | None, digits: int = 0) -> str | None:
    return None if number is None else f"{round(number, digits):g}"
