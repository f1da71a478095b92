"""What ZoneMinder answers. Numbers come as such or as texts, by its PHP's version; decimals always as texts.

https://zoneminder.readthedocs.io/en/stable/api.html; 1.36 as captured, 1.38 from its published source.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hi.integration.core import decode, wire
from hi.integration.core.event_log import LoggedEvent
from hi.integration.core.rows import Table, read_table
from hi.integration.exceptions import DataValidationError

# What drives a monitor. From 1.37 on these are three, and `Function`, which stays in the row, drives nothing (source).
FUNCTION = {"Function": ("None", "Monitor", "Modect", "Record", "Mocord", "Nodect")}
MODES = {
    "Capturing": ("None", "Ondemand", "Always"),
    "Analysing": ("None", "Always"),
    "Recording": ("None", "OnMotion", "Always"),
}
ALARM_STATES = ("idle", "prealarm", "alarm", "alert", "tape")
PARTS = ("Monitor_Status", "Event_Summary", "Monitor")


def _modes(row: Mapping[str, Any], _name: str, path: str) -> dict[str, str]:
    return {column: decode.read_text(row, column, path) for column in (MODES if "Capturing" in row else FUNCTION)}


@dataclass(frozen=True, slots=True)
class ZmMonitor(wire.Payload):
    """A row of `monitors.json`; it also holds the camera's address, user and password, of which nothing is ever read.
    `modes`: by column. Numbers are None if it never ran."""

    id: str = wire.key()
    name: str = wire.text("Name")
    modes: Mapping[str, str] = wire.read_by(_modes)
    enabled: bool = wire.loose_flag("Enabled")
    fps: float | None = wire.loose_number("CaptureFPS")
    events: float | None = wire.loose_number("TotalEvents")
    events_today: float | None = wire.loose_number("DayEvents")
    status: str = wire.lenient_text("Status")

    @property
    def is_capturing(self) -> bool:
        return self.status in ("Connected", "Running")


@dataclass(frozen=True, slots=True)
class ZmRunStates:  # of `states.json`
    names: tuple[str, ...]
    active: str | None

    @classmethod
    def from_wire(cls, answer: object) -> "ZmRunStates":
        rows = decode.read_list(decode.read_mapping(answer, "answer").get("states"), "states")
        states = [decode.read_mapping(decode.read_mapping(row, "states").get("State"), "states") for row in rows]
        names = [decode.read_text(state, "Name", "states") for state in states]
        active = (name for name, one in zip(names, states, strict=True) if decode.read_loose_flag(one.get("IsActive")))
        return cls(tuple(names), next(active, None))


def read_monitors(answer: object) -> Table[ZmMonitor]:
    """By id. Raises DataValidationError where the list itself cannot be read."""
    rows = map(_flatten, decode.read_list(decode.read_mapping(answer, "answer").get("monitors"), "monitors"))
    there = [row for row in rows if not decode.read_loose_flag(row.get("Deleted"))]
    return read_table(there, "monitors", ZmMonitor.from_wire, "id")


def _flatten(row: object) -> dict[str, Any]:
    """The three objects of a row as one, with its id as a text."""
    parts = (decode.read_lenient_mapping(decode.read_lenient_mapping(row).get(name)) for name in PARTS)
    flat = {key: value for part in parts for key, value in part.items()}
    number = decode.read_loose_number(flat.get("Id"))
    return flat if number is None else {**flat, "id": f"{number:g}"}


def read_events(rows: Iterable[object]) -> list[LoggedEvent]:
    """By id, each once. One that cannot be read is left out: nothing else depends on it."""
    events: dict[int, LoggedEvent] = {}
    for row in rows:
        try:
            event = _read_event(decode.read_lenient_mapping(decode.read_lenient_mapping(row).get("Event")))
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
        title=(decode.read_lenient_text(data, "Notes") or cause).strip(": "),
        is_detection=not cause.startswith("Continuous"),
    )


def motion_address(monitor_id: int | str) -> str:
    return f"{monitor_id}.motion"


def read_version(answer: object) -> str:
    version = decode.read_lenient_text(decode.read_lenient_mapping(answer), "version", max_length=20)
    if not version[:1].isdigit():
        raise DataValidationError("this is no ZoneMinder's version", path="version")
    return version
