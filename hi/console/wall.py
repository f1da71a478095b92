"""How it went, drawn: 30 days as bars, 24 hours as a strip, each with its words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hi.console import times
from hi.integration.daily import Day, Gap, History, Hours, Level

# A strip is drawn a unit a minute; what lasts less than this would not be seen.
SEEN = 6.0


@dataclass(frozen=True, slots=True)
class Bar:
    level: str
    words: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `x`, so many minutes wide."""

    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Strip:
    """24 hours in minutes: where it is known how it went, the gaps, the syncs that went wrong."""

    known: Stretch
    gaps: tuple[Stretch, ...]
    failed: tuple[float, ...]
    partial: tuple[float, ...]
    words: str
    is_calm: bool


@dataclass(frozen=True, slots=True)
class Wall:
    bars: tuple[Bar, ...]
    strip: Strip
    words: str


@dataclass(frozen=True, slots=True)
class GapRow:
    gap: Gap
    lasted: str


def build_wall(history: History) -> Wall:
    today = history.days[-1].date
    return Wall(
        bars=tuple(Bar(day.level, say_day(day, today)) for day in history.days),
        strip=build_strip(history.hours),
        words=_say_days(history.days),
    )


def say_day(day: Day, today: date) -> str:
    """23 November: down 14 min, 1 failed sync."""
    name = _("Today") if day.date == today else date_format(day.date, "j F")
    if day.level is Level.NONE:
        return _("%(day)s: nothing known") % {"day": name}
    told = [_("down %(span)s") % {"span": _span(day.down)}] if day.down else []
    if day.failed:
        told.append(ngettext("%(n)s failed sync", "%(n)s failed syncs", day.failed) % {"n": f"{day.failed:,}"})
    if day.partial:
        told.append(ngettext("%(n)s partial sync", "%(n)s partial syncs", day.partial) % {"n": f"{day.partial:,}"})
    if not told:
        told = [_("up")]
        if day.syncs:
            told.append(ngettext("%(n)s sync", "%(n)s syncs", day.syncs) % {"n": f"{day.syncs:,}"})
    return f"{name}: {', '.join(told)}"


def build_strip(hours: Hours) -> Strip:
    def place(moment: datetime) -> float:
        return min(1440, max(0, round((moment - hours.since).total_seconds() / 60)))

    def stretch(begin: datetime, end: datetime) -> Stretch:
        x = place(begin)
        width = max(SEEN, round(place(end) - x, 1))
        return Stretch(min(x, 1440 - width), width)

    return Strip(
        known=Stretch(place(hours.known_from), 1440 - place(hours.known_from)),
        gaps=tuple(stretch(gap.began_at, gap.ended_at or hours.until) for gap in hours.gaps),
        failed=tuple(sorted({place(at) for at in hours.failed_at})),
        partial=tuple(sorted({place(at) for at in hours.partial_at})),
        words=_say_hours(hours),
        is_calm=not (hours.gaps or hours.failed_at or hours.partial_at),
    )


def list_gap_rows(hours: Hours) -> list[GapRow]:
    """The gaps of the last 24 hours, the newest first."""
    return [GapRow(gap, _span((gap.ended_at or hours.until) - gap.began_at)) for gap in reversed(hours.gaps)]


def _span(length: timedelta) -> str:
    """45 s, 14 min: the seconds of minutes tell nobody anything."""
    seconds = max(1, round(length.total_seconds()))
    return times.span(seconds if seconds < 60 else round(seconds / 60) * 60)


def _say_days(days: Iterable[Day]) -> str:
    counts = {level: sum(day.level is level for day in days) for level in Level}
    words = {Level.UP: _("up"), Level.SHAKY: _("shaky"), Level.DOWN: _("down"), Level.NONE: _("not known")}
    told = ", ".join(f"{counts[level]} {word}" for level, word in words.items() if counts[level])
    return _("The last 30 days: %(told)s") % {"told": told}


def _say_hours(hours: Hours) -> str:
    told = []
    if hours.gaps:
        span = _span(hours.down)
        told.append(
            ngettext("not live for %(span)s", "not live for %(span)s, %(n)s times", len(hours.gaps))
            % {"span": span, "n": len(hours.gaps)}
        )
    wrong = len(hours.failed_at) + len(hours.partial_at)
    if wrong:
        told.append(_("%(wrong)s of %(n)s syncs failed or partial") % {"wrong": f"{wrong:,}", "n": f"{hours.syncs:,}"})
    elif hours.syncs:
        told.append(ngettext("%(n)s sync, all well", "%(n)s syncs, all well", hours.syncs) % {"n": f"{hours.syncs:,}"})
    if not told:
        told = [_("no gap") if hours.known_from < hours.until else _("nothing known")]
    return "; ".join(told)


def hour_marks(hours: Hours) -> list[datetime]:
    """Five moments, evenly spaced, for the axis of a large strip."""
    return [hours.since + timedelta(hours=6 * step) for step in range(5)]
