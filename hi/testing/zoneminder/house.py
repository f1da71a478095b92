"""The simulated house: monitors, events and run states, and what happens to them. No I/O."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from hi.testing.zoneminder.clock import Clock
from hi.testing.zoneminder.columns import CHOICES, CHOICES_OF_1_38, FUNCTIONS, MONITOR, MONITOR_OF_1_38, UPGRADES, Row

IDLE, PREALARM, ALARM, ALERT, TAPE = range(5)
FRAMES_PER_SECOND = 5
CONTINUOUS = "Continuous"


@dataclass(slots=True)
class Monitor:
    id: int
    columns: Row
    alarm: int = IDLE
    has_run: bool = False
    starting_until: float = 0.0
    """By the monotonic clock: its capture restarts until then."""

    @property
    def name(self) -> str:
        return str(self.columns["Name"])


@dataclass(slots=True)
class Event:
    id: int
    monitor_id: int
    cause: str
    notes: str
    began_at: datetime
    ended_at: datetime | None = None
    name: str = "New Event"
    columns: Row = field(default_factory=dict)
    """What it has been given by hand."""


@dataclass(slots=True)
class RunState:
    id: int
    name: str
    definition: str
    """Such as `1:Modect:1,2:None:1`: monitor, function, enabled."""


class House:
    """Not thread-safe: a running server owns it, and its controls are the way in from other threads."""

    def __init__(self, clock: Clock, version: str, restart_seconds: float = 0.5, numbers_by_time: bool = False) -> None:
        self.clock = clock
        self.version = version
        self.restart_seconds = restart_seconds
        self.monitors: dict[int, Monitor] = {}
        self.events: dict[int, Event] = {}
        self.run_states: list[RunState] = [RunState(1, "default", "")]
        self.active_state = "default"
        self.is_running = True
        self.load = (0.42, 0.31, 0.27)
        self.disk_gigabytes = 27.766075134277
        self.numbers_by_time = numbers_by_time
        self._last_monitor = self._last_event = 0

    # Versions

    @property
    def is_1_38(self) -> bool:
        return tuple(int(part) for part in self.version.split(".")[:2]) >= (1, 37)

    @property
    def known_columns(self) -> Row:
        return {**MONITOR, **MONITOR_OF_1_38} if self.is_1_38 else MONITOR

    @property
    def choices(self) -> dict[str, tuple[str, ...]]:
        return CHOICES_OF_1_38 if self.is_1_38 else CHOICES

    def set_version(self, version: str) -> None:
        """An upgrade makes of functions what they meant."""
        was_1_38, self.version = self.is_1_38, version
        if self.is_1_38 and not was_1_38:
            for monitor in self.monitors.values():
                monitor.columns |= _upgraded(monitor.columns["Function"])

    # Monitors

    def add_monitor(self, name: str, **columns: Any) -> int:
        self._last_monitor += 1
        function = str(columns.get("Function", MONITOR["Function"]))
        modes = _upgraded(function) if self.is_1_38 else {}
        monitor = Monitor(self._last_monitor, {"Function": function, **modes, **columns, "Name": name})
        self.monitors[monitor.id] = monitor
        monitor.has_run = self.captures(monitor)
        return monitor.id

    def remove_monitor(self, monitor_id: int) -> None:
        """Its events go with it."""
        del self.monitors[monitor_id]
        self.events = {key: event for key, event in self.events.items() if event.monitor_id != monitor_id}

    def update_monitor(self, monitor_id: int, columns: Row) -> None:
        """Whatever is written restarts its capture, and ends what it records."""
        self.monitors[monitor_id].columns |= columns
        self.restart_capture(monitor_id)

    def restart_capture(self, monitor_id: int, seconds: float | None = None) -> None:
        monitor = self.monitors[monitor_id]
        self.end_open_events(monitor_id)
        monitor.starting_until = time.monotonic() + (self.restart_seconds if seconds is None else seconds)
        monitor.has_run = monitor.has_run or self.captures(monitor)

    def captures(self, monitor: Monitor) -> bool:
        """What a camera is told to do. 1.38 looks at its three modes alone (from the published source)."""
        return self._column(monitor, "Capturing" if self.is_1_38 else "Function") != "None"

    def handles_alarms(self, monitor: Monitor) -> bool:
        if not self.is_1_38:
            return self._column(monitor, "Function") != "Monitor"
        return (self._column(monitor, "Analysing"), self._column(monitor, "Recording")) != ("None", "None")

    def sees_motion(self, monitor: Monitor) -> bool:
        if not self.is_live(monitor) or self._column(monitor, "Enabled") == "0":
            return False
        if self.is_1_38:
            return self._column(monitor, "Analysing") != "None"
        return self._column(monitor, "Function") in ("Modect", "Mocord")

    def is_live(self, monitor: Monitor) -> bool:
        return self.is_running and self.captures(monitor) and time.monotonic() >= monitor.starting_until

    def _column(self, monitor: Monitor, name: str) -> str:
        return str(monitor.columns.get(name, self.known_columns[name]))

    # Events

    def begin_event(self, monitor_id: int, cause: str = "Motion", notes: str = "Motion: All") -> int:
        """Begins now, and puts the monitor in alarm; what is recorded always is none."""
        self.monitors[monitor_id].alarm = TAPE if cause == CONTINUOUS else ALARM
        return self._store(monitor_id, cause, notes, self.clock.now()).id

    def end_event(self, event_id: int) -> None:
        event = self.events[event_id]
        if event.ended_at is None:
            self._close(event, self.clock.now())
        if event.monitor_id in self.monitors and not any(self.open_events(event.monitor_id)):
            self.monitors[event.monitor_id].alarm = IDLE

    def end_open_events(self, monitor_id: int) -> None:
        for event in tuple(self.open_events(monitor_id)):
            self.end_event(event.id)
        self.monitors[monitor_id].alarm = IDLE

    def add_event(
        self, monitor_id: int, began_at: datetime, ended_at: datetime | None, cause: str, notes: str, **columns: Any
    ) -> int:
        """One that is over, or that nobody will end; the monitor does not notice."""
        event = self._store(monitor_id, cause, notes, self.clock.aware(began_at))
        if ended_at is not None:
            self._close(event, self.clock.aware(ended_at))
        event.columns |= columns
        return event.id

    def open_events(self, monitor_id: int) -> Iterator[Event]:
        return (e for e in self.events.values() if e.monitor_id == monitor_id and e.ended_at is None)

    def _store(self, monitor_id: int, cause: str, notes: str, began_at: datetime) -> Event:
        earliest = int(began_at.timestamp()) if self.numbers_by_time else 0
        self._last_event = max(self._last_event + 1, earliest)
        event = Event(self._last_event, self.monitors[monitor_id].id, cause, notes, began_at)
        self.events[event.id] = event
        return event

    def _close(self, event: Event, ended_at: datetime) -> None:
        event.ended_at = ended_at
        event.name = f"Event-{event.id}"

    # Alarms from outside

    def force_alarm(self, monitor_id: int) -> tuple[int, int, int]:
        """Returns the alarm state and the event before, and the event now."""
        before = self.monitors[monitor_id].alarm
        running = next((event.id for event in self.open_events(monitor_id)), 0)
        if running:
            self.monitors[monitor_id].alarm = ALARM
        return before, running, running or self.begin_event(monitor_id, "Forced Web", "Forced Web: ")

    def cancel_alarm(self, monitor_id: int, later: Callable[[Callable[[], None]], None]) -> None:
        """The event goes on a little, as it does after motion."""
        monitor = self.monitors[monitor_id]
        monitor.alarm = ALERT if monitor.alarm == ALARM else monitor.alarm
        for event in tuple(self.open_events(monitor_id)):
            later(partial(self._end_if_there, event.id))

    def _end_if_there(self, event_id: int) -> None:
        if event_id in self.events:
            self.end_event(event_id)

    # Run states

    def change_state(self, name: str, seconds: float = 0.0) -> bool:
        """A state's name, or start, stop or restart; of any other nothing comes."""
        state = next((state for state in self.run_states if state.name == name), None)
        if state is not None:
            self.active_state = name
            for part in filter(None, state.definition.split(",")):
                self._apply(*part.split(":"))
        elif name not in ("start", "restart", "stop"):
            return False
        self.is_running = name != "stop"
        for monitor_id in self.monitors:
            self.restart_capture(monitor_id, seconds)
        return True

    def _apply(self, monitor_id: str, function: str, enabled: str) -> None:
        if (monitor := self.monitors.get(int(monitor_id))) and function in FUNCTIONS:
            modes = _upgraded(function) if self.is_1_38 else {}
            monitor.columns |= {"Function": function, "Enabled": int(enabled), **modes}


def _upgraded(function: str) -> Row:
    return dict(zip(("Capturing", "Analysing", "Recording"), UPGRADES[function], strict=True))
