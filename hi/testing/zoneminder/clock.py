"""The server's own clock and time zone: what it writes is local time without an offset, as MySQL keeps it."""

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

TEXT = "%Y-%m-%d %H:%M:%S"


class Clock:
    def __init__(self, zone: str) -> None:
        self.zone = ZoneInfo(zone)
        self.skew_seconds = 0.0
        """How far it is ahead of what it was set to."""
        self._set_to = datetime.now(UTC)
        self._since: float | None = time.monotonic()

    def now(self) -> datetime:
        elapsed = 0.0 if self._since is None else time.monotonic() - self._since
        return self._set_to + timedelta(seconds=elapsed + self.skew_seconds)

    def set(self, moment: datetime, running: bool = True) -> None:
        self._set_to = self.aware(moment)
        self._since = time.monotonic() if running else None

    def advance(self, seconds: float) -> None:
        self._set_to += timedelta(seconds=seconds)

    def aware(self, moment: datetime) -> datetime:
        """A moment without an offset is the server's local time, the first one where there are two."""
        return (moment if moment.tzinfo else moment.replace(tzinfo=self.zone)).astimezone(UTC)

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone).replace(tzinfo=None)

    def text(self, moment: datetime) -> str:
        """The hour that comes twice in autumn reads the same both times."""
        return self.local(moment).strftime(TEXT)
