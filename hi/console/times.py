"""Times as a person says them. Everything in the home's own zone; `now` is a parameter so that tests need no clock."""

from datetime import datetime, timedelta

from django.utils import timezone

DAY = 86_400


def ago(moment: datetime, now: datetime) -> str:
    """How long a moment has passed. `static/console/console.js` says the same words while a page stays open."""
    seconds = (now - moment).total_seconds()
    if seconds < 5:
        return "just now"
    if seconds < 7 * DAY:
        return f"{_length(seconds)} ago"
    return clock(moment, now)


def until(moment: datetime, now: datetime) -> str:
    seconds = (moment - now).total_seconds()
    if seconds < 1:
        return "now"
    if seconds < 7 * DAY:
        return f"in {_length(seconds)}"
    return clock(moment, now)


def clock(moment: datetime, now: datetime) -> str:
    """07:42 today, yesterday 07:42, 3 Nov 07:42, 3 Nov 2024."""
    here, today = timezone.localtime(moment), timezone.localtime(now).date()
    time = f"{here:%H:%M}"
    if here.date() == today:
        return time
    if here.date() == today - timedelta(days=1):
        return f"yesterday {time}"
    if here.date() == today + timedelta(days=1):
        return f"tomorrow {time}"
    day = f"{here.day} {here:%b}"
    return f"{day} {time}" if here.year == today.year else f"{day} {here.year}"


def full(moment: datetime) -> str:
    here = timezone.localtime(moment)
    return f"{here:%A}, {here.day} {here:%B %Y}, {here:%H:%M:%S}"


def took(seconds: float) -> str:
    """How long something took: 12 ms, 0.21 s, 14 s, 2 min 5 s."""
    if seconds < 0.1:
        return f"{max(0, round(seconds * 1000))} ms"
    if seconds < 10:
        return f"{seconds:.2f}".rstrip("0").rstrip(".") + " s"
    return span(round(seconds))


def span(seconds: int) -> str:
    """A duration in its two biggest units: 45 s, 10 min, 1 h 30 min, 2 days."""
    parts = []
    for size, word in ((DAY, "day"), (3600, "h"), (60, "min"), (1, "s")):
        number, seconds = divmod(seconds, size)
        if number:
            parts.append(f"{number} {word}" + ("s" if word == "day" and number > 1 else ""))
        elif parts:
            break
    return " ".join(parts[:2]) or "0 s"


def _length(seconds: float) -> str:
    if seconds < 60:
        return f"{int(seconds)} s"
    if seconds < 3600:
        return f"{int(seconds // 60)} min"
    if seconds < DAY:
        return f"{int(seconds // 3600)} h"
    days = int(seconds // DAY)
    return f"{days} day" if days == 1 else f"{days} days"
