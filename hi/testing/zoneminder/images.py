"""Pictures and streams, which the real server's zms and index.php make."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from functools import partial

from hi.testing.http import Answer, Request
from hi.testing.pictures import picture
from hi.testing.zoneminder.core import Core
from hi.testing.zoneminder.errors import PHP_HTML, ApiError
from hi.testing.zoneminder.house import ALARM, ALERT, FRAMES_PER_SECOND, Event, Monitor
from hi.testing.zoneminder.rows import monitor_columns

ZMS_PATH = "/zm/cgi-bin/nph-zms"
MAX_FRAMES_PER_SECOND = 30.0
KEEP_ALIVE_SECONDS = 5.0

_LIVE_TYPE = "multipart/x-mixed-replace; boundary=ZoneMinderFrame"
_REPLAY_TYPE = "multipart/x-mixed-replace;boundary=ZoneMinderFrame"
# The program writes its own head, and the web server takes that for the body.
_REFUSED = Answer(403, b"Status: 403\r\nContent-Type: text/html\r\n", content_type=None)
_FRAME = b"--ZoneMinderFrame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n%s\r\n"


def zms(core: Core, request: Request) -> Answer:
    query = request.query
    if query.get("source") == "event":
        event = core.house.events.get(int(_number(query, "event", 0)))
        monitor = core.house.monitors.get(event.monitor_id) if event else None
    else:
        event, monitor = None, core.house.monitors.get(int(_number(query, "monitor", 0)))
    if not _may_look(core, query, monitor):
        return _REFUSED
    scale = _number(query, "scale", 100.0) / 100
    if monitor is None:
        return _placeholder(640, 480)
    if event is None and query.get("mode") == "single":
        if not core.house.is_live(monitor):
            return _placeholder(*_size(core, monitor, scale))
        return Answer(200, _seen(core, monitor, scale), "image/jpeg")
    pause = 1 / max(0.1, min(MAX_FRAMES_PER_SECOND, _number(query, "maxfps", FRAMES_PER_SECOND)))
    if event is None:
        return Answer(200, content_type=_LIVE_TYPE, stream=partial(_live, core, monitor, scale, pause))
    rate = _number(query, "rate", 100.0) / 100
    return Answer(200, content_type=_REPLAY_TYPE, stream=partial(_replay, core, event, scale, pause, rate))


def view_image(core: Core, request: Request) -> Answer:
    """`index.php?view=image&eid=…`: the picture of an event."""
    query = request.query
    event = core.house.events.get(int(_number(query, "eid", 0)))
    monitor = core.house.monitors.get(event.monitor_id) if event else None
    if not _may_look(core, query, monitor):
        return Answer(403, b"", PHP_HTML)
    if event is None or monitor is None:
        return Answer(404, b"", PHP_HTML)
    width, _ = _size(core, monitor, 1.0)
    return Answer(200, _event_picture(core, event, 1.0, _number(query, "width", width) / width), "image/jpeg")


def _may_look(core: Core, query: dict[str, str], monitor: Monitor | None) -> bool:
    if not core.accounts.use_auth:
        return True
    try:
        user = core.accounts.check(query.get("token", ""), "access", core.house.clock.now())
    except ApiError:
        return False
    return monitor is None or user.may_see(monitor.id)


def _number(query: dict[str, str], name: str, default: float) -> float:
    try:
        return float(query[name])
    except (KeyError, ValueError):
        return default


def _placeholder(width: int, height: int) -> Answer:
    """What there is to see of no camera, without a word on what it is."""
    body = picture("no camera", datetime(2000, 1, 1, 12), width, height, text="NO IMAGE")
    return Answer(200, body, content_type=None, until_end=True)


def _size(core: Core, monitor: Monitor, scale: float) -> tuple[int, int]:
    columns = monitor_columns(core, monitor)
    return max(8, round(columns["Width"] * scale)), max(8, round(columns["Height"] * scale))


def _seen(core: Core, monitor: Monitor, scale: float) -> bytes:
    now = core.house.clock.local(core.house.clock.now())
    text = f"{monitor.name} - {now:%y/%m/%d %H:%M:%S}"
    return picture(monitor.name, now, *_size(core, monitor, scale), text=text, motion=monitor.alarm in (ALARM, ALERT))


def _event_picture(core: Core, event: Event, seconds: float, scale: float) -> bytes:
    monitor = core.house.monitors[event.monitor_id]
    moment = core.house.clock.local(event.began_at + timedelta(seconds=seconds))
    text = f"{monitor.name} - {moment:%y/%m/%d %H:%M:%S}"
    return picture(monitor.name, moment, *_size(core, monitor, scale), text=text, motion=True)


async def _live(core: Core, monitor: Monitor, scale: float, pause: float) -> AsyncGenerator[bytes, None]:
    """While its capture is away the stream goes on with what was seen last."""
    body = _placeholder(*_size(core, monitor, scale)).body
    while core.house.monitors.get(monitor.id) is monitor:
        if core.house.is_live(monitor):
            body = _seen(core, monitor, scale)
        yield _frame(body, b"X-Timestamp: %.6f\r\n" % core.house.clock.now().timestamp())
        await asyncio.sleep(pause)


async def _replay(core: Core, event: Event, scale: float, pause: float, rate: float) -> AsyncGenerator[bytes, None]:
    """At the end it is paused, and sends the last picture again and again (src/zm_eventstream.cpp)."""
    seconds = 0.0
    while event.id in core.house.events:
        length = ((event.ended_at or core.house.clock.now()) - event.began_at).total_seconds()
        yield _frame(_event_picture(core, event, min(seconds, length), scale))
        await asyncio.sleep(pause if seconds < length else KEEP_ALIVE_SECONDS)
        seconds += pause * rate


def _frame(jpeg: bytes, extra: bytes = b"") -> bytes:
    return _FRAME % (len(jpeg), extra) + jpeg + b"\r\n\r\n"
