"""When to start a crashed child again, and when to stop trying. Pure: the caller brings the time."""

from collections import deque


class RestartPolicy:
    """Delays of 1, 2, 4 … 30 s between restarts; None after the fifth crash within a minute."""

    def __init__(
        self,
        first_seconds: float = 1.0,
        cap_seconds: float = 30.0,
        max_crashes: int = 5,
        window_seconds: float = 60.0,
    ) -> None:
        self.first_seconds = first_seconds
        self.cap_seconds = cap_seconds
        self.max_crashes = max_crashes
        self.window_seconds = window_seconds
        self._crashes: deque[float] = deque(maxlen=max_crashes)
        self._delay = first_seconds

    def next_delay(self, started_at: float, crashed_at: float) -> float | None:
        """Seconds to wait before starting again; None to give up."""
        if crashed_at - started_at > self.window_seconds:
            # It worked for a while, so this is news and not the old trouble.
            self._delay = self.first_seconds
            self._crashes.clear()
        self._crashes.append(crashed_at)
        if len(self._crashes) == self.max_crashes and crashed_at - self._crashes[0] <= self.window_seconds:
            return None
        delay, self._delay = self._delay, min(self._delay * 2, self.cap_seconds)
        return delay
