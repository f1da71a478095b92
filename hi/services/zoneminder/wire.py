"""What ZoneMinder answers. Numbers come as such or as texts, by its PHP's version; decimals always as texts.

https://zoneminder.readthedocs.io/en/stable/api.html; 1.36 as captured, 1.38 from its published source.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hi.integration.core import decode
from hi.integration.core.event_log import LoggedEvent
from hi.integration.exceptions import DataValidationError

# What drives a monitor. From 1.37 on these are three, and `Function`, which stays in the row, drives nothing (source).
FUNCTION = {"Function": ("None", "Monitor", "Modect", "Record", "Mocord", "Nodect")}
MODES = {
    "Capturing": ("None", "Ondemand", "Always"),
    "Analysing": ("None", "Always"),
    "Recording": ("None", "OnMotion", "Always"),
}
ALARM_STATES = ("idle", "prealarm", "alarm", "alert", "tape")
CONTINUOUS = "Continuous"


@dataclass(frozen=True, slots=True)
class ZmMonitor:
    """A row of `monitors.json`; it also holds the camera's address, user and password, of which nothing is ever read.
    `modes`: by column. Numbers are None if it never ran."""

    id: int
    name: str
    modes: Mapping[str, str]
    enabled: bool
    is_capturing: bool
    fps: float | None
    events: float | None
    events_today: float | None

    @classmethod
    def from_wire(cls, row: object, path: str) -> "ZmMonitor":
        row = decode.read_mapping(row, path)
        path = f"{path}.Monitor"
        data = decode.read_mapping(row.get("Monitor"), path)
        status, summary = (_part(row, name) for name in ("Monitor_Status", "Event_Summary"))
        columns = MODES if "Capturing" in data else FUNCTION
        return cls(
            decode.read_loose_whole(data, "Id", path),
            decode.read_text(data, "Name", path),
            {column: decode.read_text(data, column, path) for column in columns},
            decode.read_loose_flag(data.get("Enabled")),
            decode.read_lenient_text(status, "Status") in ("Connected", "Running"),
            decode.read_loose_number(status.get("CaptureFPS")),
            decode.read_loose_number(summary.get("TotalEvents")),
            decode.read_loose_number(summary.get("DayEvents")),
        )


@dataclass(frozen=True, slots=True)
class ZmRunStates:
    """`states.json`: what the server can be told to be, and what it is."""

    names: tuple[str, ...]
    active: str | None

    @classmethod
    def from_wire(cls, answer: object) -> "ZmRunStates":
        rows = decode.read_list(decode.read_mapping(answer, "answer").get("states"), "states")
        states = [decode.read_mapping(decode.read_mapping(row, "states").get("State"), "states.State") for row in rows]
        active = (
            decode.read_text(state, "Name", "states")
            for state in states
            if decode.read_loose_flag(state.get("IsActive"))
        )
        return cls(tuple(decode.read_text(state, "Name", "states") for state in states), next(active, None))


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A monitor that cannot be read, by its id if it has one."""

    id: str
    path: str
    message: str


def read_monitors(answer: object) -> tuple[list[ZmMonitor], list[Unreadable]]:
    """Each once. Raises DataValidationError where the list itself cannot be read."""
    monitors: dict[int, ZmMonitor] = {}
    unreadable = []
    for number, row in enumerate(decode.read_list(decode.read_mapping(answer, "answer").get("monitors"), "monitors")):
        data = _part(row, "Monitor")
        if decode.read_loose_flag(data.get("Deleted")):
            continue
        try:
            monitor = ZmMonitor.from_wire(row, f"monitors.{number}")
            monitors[monitor.id] = monitor
        except DataValidationError as err:
            key = decode.read_loose_number(data.get("Id"))
            unreadable.append(Unreadable("" if key is None else f"{key:g}", err.path, str(err)))
    return list(monitors.values()), unreadable


def read_events(rows: Iterable[object]) -> list[LoggedEvent]:
    """By id, each once. One that cannot be read is left out: nothing else depends on it."""
    events: dict[int, LoggedEvent] = {}
    for row in rows:
        try:
            event = _read_event(decode.read_mapping(_part(row, "Event"), "event"))
        except DataValidationError:
            continue
        events[event.number] = event
    return [events[key] for key in sorted(events)]


def _read_event(data: Mapping[str, Any]) -> LoggedEvent:
    cause, ended = decode.read_lenient_text(data, "Cause"), data.get("EndDateTime")
    return LoggedEvent(
        number=decode.read_loose_whole(data, "Id", "event"),
        address=motion_address(decode.read_loose_whole(data, "MonitorId", "event")),
        started=decode.read_local_time(data.get("StartDateTime"), "event.StartDateTime"),
        ended=decode.read_local_time(ended, "event.EndDateTime") if ended else None,
        seconds=decode.read_loose_number(data.get("Length")) or 0.0,
        title=decode.read_lenient_text(data, "Notes") or cause,
        is_detection=not cause.startswith(CONTINUOUS),
    )


def motion_address(monitor_id: int) -> str:
    return f"{monitor_id}.motion"


def read_version(answer: object) -> str:
    version = decode.read_mapping(answer, "answer").get("version")
    if not isinstance(version, str) or not version[:1].isdigit():
        raise DataValidationError("this is no ZoneMinder's version", path="version")
    return decode.clean_text(version, 20)


def _part(row: object, key: str) -> Mapping[str, Any]:
    part = row.get(key) if isinstance(row, Mapping) else None
    return part if isinstance(part, Mapping) else {}
