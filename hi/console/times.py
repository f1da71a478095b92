"""Times as a person says them. Everything in the home's own zone; `now` is a parameter so that tests need no clock."""

from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

DAY = 86_400
UNITS = (
    (DAY, ngettext_lazy("%(n)s day", "%(n)s days", "n")),
    (3600, gettext_lazy("%(n)s h")),
    (60, gettext_lazy("%(n)s min")),
    (1, gettext_lazy("%(n)s s")),
)
MOST_DAYS = 7


def ago(moment: datetime, now: datetime) -> str:
    """How long a moment has passed. `static/console/console.js` says the same words while a page stays open."""
    seconds = (now - moment).total_seconds()
    if seconds < 5:
        return _("just now")
    if seconds < MOST_DAYS * DAY:
        return _("%(length)s ago") % {"length": _length(seconds)}
    return clock(moment, now)


def until(moment: datetime, now: datetime) -> str:
    seconds = (moment - now).total_seconds()
    if seconds < 1:
        return _("now")
    if seconds < MOST_DAYS * DAY:
        return _("in %(length)s") % {"length": _length(seconds)}
    return clock(moment, now)


def clock(moment: datetime, now: datetime) -> str:
    """07:42 today, yesterday 07:42, 3 Nov 07:42, 3 Nov 2024."""
    here, today = timezone.localtime(moment), timezone.localtime(now).date()
    time = f"{here:%H:%M}"
    if here.date() == today:
        return time
    if here.date() == today - timedelta(days=1):
        return _("yesterday %(time)s") % {"time": time}
    if here.date() == today + timedelta(days=1):
        return _("tomorrow %(time)s") % {"time": time}
    day = format_date(here, "j M")
    return f"{day} {time}" if here.year == today.year else f"{day} {here.year}"


def day(date: date, now: datetime) -> str:
    """Today, Yesterday, Tuesday, 3 November, 3 November 2024."""
    today = timezone.localdate(now)
    if date == today:
        return _("Today")
    if date == today - timedelta(days=1):
        return _("Yesterday")
    return format_date(date, "l, j F" if date.year == today.year else "j F Y")


def full(moment: datetime) -> str:
    return format_date(timezone.localtime(moment), "l, j F Y, H:i:s")


def took(seconds: float) -> str:
    """How long something took: 12 ms, 0.21 s, 14 s, 2 min 5 s."""
    if seconds < 0.1:
        return _("%(n)s ms") % {"n": max(0, round(seconds * 1000))}
    if seconds < 10:
        return _("%(n)s s") % {"n": f"{seconds:.2f}".rstrip("0").rstrip(".")}
    return span(round(seconds))


def span(seconds: int) -> str:
    """A duration in its two biggest units: 45 s, 10 min, 1 h 30 min, 2 days."""
    parts = []
    for size, words in UNITS:
        number, seconds = divmod(seconds, size)
        if number:
            parts.append(words % {"n": number})
        elif parts:
            break
    return " ".join(parts[:2]) or _("%(n)s s") % {"n": 0}


def _length(seconds: float) -> str:
    size, words = next((unit for unit in UNITS if seconds >= unit[0]), UNITS[-1])
    return words % {"n": int(seconds // size)}


def list_age_words() -> dict[str, str | list[str]]:
    """What the browser makes ages of; the days one by one, since it knows no language's plural forms."""
    _days, hours, minutes, seconds = (str(words % {"n": "%(n)s"}) if size < DAY else "" for size, words in UNITS)
    return {
        "just_now": _("just now"),
        "ago": _("%(length)s ago"),
        "now": _("now"),
        "in": _("in %(length)s"),
        "seconds": seconds,
        "minutes": minutes,
        "hours": hours,
        "days": [UNITS[0][1] % {"n": number} for number in range(1, MOST_DAYS + 1)],
    }
