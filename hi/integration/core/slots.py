"""A schedule's slots: moments one interval apart, counted in UTC from the epoch.

Counted and not remembered, so that restarts, another process, daylight saving and a clock that is set make no
difference to when they are.
"""

from datetime import UTC, datetime, timedelta

# Multiples of it never fall into step, so neighbours in a list are spread over the interval however many they are.
GOLDEN = 0.6180339887498949


def slot_at(moment: datetime, interval_seconds: int, number: int) -> datetime:
    """The slot that `moment` lies in: when it began. `number` (an instance's id) decides the phase, so that not
    everything happens in the same second."""
    phase = int(number * GOLDEN % 1 * interval_seconds)
    second = int(moment.timestamp()) - phase
    return datetime.fromtimestamp(second - second % interval_seconds + phase, UTC)


def slots_between(earlier: datetime, later: datetime, interval_seconds: int) -> int:
    """How many slots lie between two, neither counted; none where the clock was set back."""
    return max(0, int((later - earlier) / timedelta(seconds=interval_seconds)) - 1)
