"""A line of a number's last changes, as points for an SVG. Nothing is drawn where there was no value."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from hi.entity.models import StateHistory

WIDTH, HEIGHT, MARGIN = 600.0, 96.0, 4.0
SPAN = timedelta(hours=24)
MINIMUM_POINTS = 3


@dataclass(frozen=True, slots=True)
class Chart:
    """`lines` holds one string of points for each stretch without a gap."""

    lines: tuple[str, ...]
    lowest: float
    highest: float
    begin: datetime


def build_chart(changes: Iterable[StateHistory], now: datetime) -> Chart | None:
    """The changes of one state within the last 24 hours, in any order; None where there is too little to draw."""
    points = sorted((change.source_changed_at, _number(change)) for change in changes if _is_recent(change, now))
    numbers = [number for _at, number in points if number is not None]
    if len(numbers) < MINIMUM_POINTS:
        return None
    begin = points[0][0]
    # Up to the whole minute: the same facts look the same for a while, and need not be sent again.
    now = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    lowest, highest = min(numbers), max(numbers)
    seconds = max((now - begin).total_seconds(), 1.0)
    reach = highest - lowest or 1.0

    def place(at: datetime, number: float) -> tuple[float, float]:
        x = (at - begin).total_seconds() / seconds * WIDTH
        return x, HEIGHT - MARGIN - (number - lowest) / reach * (HEIGHT - 2 * MARGIN)

    stretches: list[list[str]] = [[]]
    following = [at for at, _number in points[1:]] + [now]
    for (at, number), end in zip(points, following, strict=True):
        if number is None:
            stretches.append([])
            continue
        # A value holds until the next one: a step, not a slope.
        stretches[-1] += [f"{x:.1f},{y:.1f}" for x, y in (place(at, number), place(end, number))]
    return Chart(tuple(" ".join(stretch) for stretch in stretches if stretch), lowest, highest, begin)


def _is_recent(change: StateHistory, now: datetime) -> bool:
    return now - SPAN <= change.source_changed_at <= now


def _number(change: StateHistory) -> float | None:
    try:
        return float(change.value) if change.value is not None else None
    except ValueError:
        return None
