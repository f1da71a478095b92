"""How long to wait between attempts."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# Clocks of two machines differ.
CLOCK_TOLERANCE = timedelta(seconds=2)
# A server may ask to be left alone for a day; by then somebody has mended it.
MAX_RETRY_AFTER_SECONDS = 600.0


def delays(
    jitter: Callable[[float, float], float], *, first_seconds: float = 0.5, cap_seconds: float = 20.0
) -> Iterator[float]:
    """Yield waits in seconds for ever: doubling up to the cap, each drawn between half of it and the whole.

    `jitter(low, high)` draws a number between the two (`random.uniform`); a home full of hubs must not come back to
    a restarted server in the same instant.
    """
    wait = first_seconds
    while True:
        yield jitter(wait / 2, wait)
        wait = min(wait * 2, cap_seconds)


def full_jitter(
    jitter: Callable[[float, float], float], tries: int, *, first_seconds: float, cap_seconds: float
) -> float:
    """Seconds to wait after the `tries`-th failure (from 1): anything up to a limit that doubles each time."""
    return jitter(0, min(cap_seconds, first_seconds * 2**tries))


def read_retry_after(text: str) -> float:
    """How long a server wants to be left alone: seconds, or a date; anything else says nothing."""
    try:
        seconds = float(text) if text.isdecimal() else (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return 0.0
    return min(max(seconds, 0.0), MAX_RETRY_AFTER_SECONDS)
