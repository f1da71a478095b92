"""The course of a number, small enough for the corner of a tile."""

import math
from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from hi.entity.recent_numbers import list_recent_numbers

WIDTH, HEIGHT, MARGIN = 56.0, 20.0, 1.5
MINIMUM_POINTS = 4


def draw_lines(state_ids: Iterable[int]) -> dict[int, str]:
    """State id -> the points of its line, of those that have enough of them. One statement."""
    recent = list_recent_numbers(state_ids, timezone.now())
    lines = {state_id: draw_line(numbers) for state_id, numbers in recent.items()}
    return {state_id: line for state_id, line in lines.items() if line}


def draw_line(numbers: list[tuple[datetime, float]]) -> str:
    """From change to change; empty for what has too few of them or never changes."""
    numbers = [(at, number) for at, number in numbers if math.isfinite(number)]
    if len(numbers) < MINIMUM_POINTS:
        return ""
    values = [number for _at, number in numbers]
    lowest, reach = min(values), max(values) - min(values)
    begin, seconds = numbers[0][0], (numbers[-1][0] - numbers[0][0]).total_seconds()
    if not reach or not seconds:
        return ""
    return " ".join(
        f"{(at - begin).total_seconds() / seconds * WIDTH:.1f},"
        f"{HEIGHT - MARGIN - (number - lowest) / reach * (HEIGHT - 2 * MARGIN):.1f}"
        for at, number in numbers
    )
