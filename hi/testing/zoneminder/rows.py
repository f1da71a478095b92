"""Rows of the database as the API tells them."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from hi.testing.zoneminder.columns import EVENT, EVENT_OF_1_38, NO_STORAGE, ZONE, Row
from hi.testing.zoneminder.core import Core
from hi.testing.zoneminder.house import FRAMES_PER_SECOND, Event, House, Monitor

_STATUS = ("MonitorId", "Status", "CaptureFPS", "AnalysisFPS", "CaptureBandwidth")
_SPANS = {"Hour": timedelta(hours=1), "Day": timedelta(days=1), "Week": timedelta(days=7), "Month": timedelta(days=30)}
_SCORE = 19


def monitor_columns(core: Core, monitor: Monitor) -> Row:
    known = core.house.known_columns
    camera = f"rtsp://camera:{core.camera_secret}@192.0.2.{monitor.id % 250}:554/stream"
    own = {"Id": monitor.id, "Path": camera, "User": "camera", "Pass": core.camera_secret}
    return {**known, **own, **{name: value for name, value in monitor.columns.items() if name in known}}


def monitor_row(core: Core, monitor: Monitor) -> Row:
    return {
        "Monitor": monitor_columns(core, monitor),
        "Monitor_Status": _monitor_status(core.house, monitor),
        "Event_Summary": _event_summary(core.house, monitor),
    }


def _monitor_status(house: House, monitor: Monitor) -> Row:
    names = (*_STATUS, "UpdatedOn") if house.is_1_38 else _STATUS
    if not monitor.has_run:
        return dict.fromkeys(names)
    live = house.is_live(monitor)
    analysed = "5.00" if house.sees_motion(monitor) else "0.00"
    values = (
        monitor.id,
        "Connected" if live else "NotRunning",
        "5.00",
        analysed,
        185,
        house.clock.text(house.clock.now()),
    )
    return dict(zip(names, values, strict=False))


def _event_summary(house: House, monitor: Monitor) -> Row:
    began = [event.began_at for event in house.events.values() if event.monitor_id == monitor.id]
    is_empty = not began and not monitor.has_run
    row: Row = {"MonitorId": None if is_empty else monitor.id}
    row |= {"TotalEvents": None if is_empty else len(began), "TotalEventDiskSpace": None}
    for name, span in _SPANS.items():
        since = house.clock.now() - span
        row[f"{name}Events"] = None if is_empty else sum(moment >= since for moment in began)
        row[f"{name}EventDiskSpace"] = None if is_empty else 0
    return row | {"ArchivedEvents": None, "ArchivedEventDiskSpace": None}


def event_columns(house: House, event: Event) -> Row:
    seconds = ((event.ended_at or house.clock.now()) - event.began_at).total_seconds()
    frames = max(0, round(seconds * FRAMES_PER_SECOND))
    started, ended = house.clock.text(event.began_at), event.ended_at and house.clock.text(event.ended_at)
    monitor = house.monitors.get(event.monitor_id)
    row = {
        **EVENT,
        **(EVENT_OF_1_38 if house.is_1_38 else {}),
        "Id": event.id,
        "MonitorId": event.monitor_id,
        "Name": event.name,
        "Cause": event.cause,
        "Notes": event.notes,
        "StartDateTime": started,
        "EndDateTime": ended,
        "Width": monitor.columns.get("Width", 640) if monitor else 640,
        "Height": monitor.columns.get("Height", 480) if monitor else 480,
        "Length": f"{seconds:.2f}",
        "Frames": frames,
        "AlarmFrames": max(0, frames - 10),
        "TotScore": max(0, frames - 10) * _SCORE,
        "AvgScore": _SCORE,
        "MaxScore": 31,
        "DiskSpace": 100_000 + event.id if ended else None,
        "StartTime": started,
        "EndTime": ended,
    }
    return row | event.columns


def event_row(house: House, event: Event) -> Row:
    row = event_columns(house, event)
    row |= {"MaxScoreFrameId": 2 * event.id if event.ended_at else None, "FileSystemPath": _folder(row)}
    return {"Event": row}


def event_view(core: Core, event: Event, with_frames: bool) -> Row:
    """One event with its neighbours, its monitor and its frames."""
    house = core.house
    row = event_columns(house, event)
    same = [other.id for other in house.events.values() if other.monitor_id == event.monitor_id]
    neighbours = {
        "Next": _next(house.events, event.id),
        "Prev": _previous(house.events, event.id),
        "NextOfMonitor": _next(same, event.id),
        "PrevOfMonitor": _previous(same, event.id),
    }
    files = {"fileExists": 0, "fileSize": 4096, "FileSystemPath": _folder(row)}
    view: Row = {"Event": row | neighbours | files | {"MaxScoreFrameId": 2, "AlarmFrameId": 2}}
    view |= {"Monitor": monitor_columns(core, house.monitors[event.monitor_id]), "Storage": NO_STORAGE, "Group": []}
    return view | ({"Frame": [_frame(house, event, number) for number in range(row["Frames"])]} if with_frames else {})


def _frame(house: House, event: Event, number: int) -> Row:
    seconds = number / FRAMES_PER_SECOND
    moment = house.clock.text(event.began_at + timedelta(seconds=seconds))
    row: Row = {"Id": event.id * 1000 + number, "EventId": event.id, "FrameId": number + 1}
    row |= {"Type": "Alarm" if number else "Normal", "TimeStamp": moment, "Delta": f"{seconds:.2f}"}
    return row | {"Score": _SCORE if number else 0}


def zone_row(monitor: Monitor) -> Row:
    return {"Zone": ZONE | {"Id": monitor.id, "MonitorId": monitor.id}}


def _folder(row: Row) -> str:
    return f"/var/cache/zoneminder/events/{row['MonitorId']}/{row['StartDateTime'][:10]}/{row['Id']}"


def _next(ids: Iterable[int], event_id: int) -> Any:
    return min((number for number in ids if number > event_id), default=None)


def _previous(ids: Iterable[int], event_id: int) -> Any:
    return max((number for number in ids if number < event_id), default=None)
