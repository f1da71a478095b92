"""Motion now and then, as in front of the cameras of a house where people live."""

import random
from datetime import UTC, datetime, timedelta

from hi.testing.zoneminder.house import ALERT, House

_ALERT_SECONDS = 2.0
_DAY = 86400.0
_CAUSES = {"door": "Motion: All, Porch", "drive": "Motion: All, Street"}


class Life:
    """Lets about `rate` motions a minute begin; `step(now)` does what is due, by any clock that goes on evenly."""

    def __init__(self, house: House, rate: float, seed: int) -> None:
        self.house = house
        self.rate = rate
        self._random = random.Random(seed)
        self._next: float | None = None
        self._ends: dict[int, float] = {}

    def step(self, now: float) -> None:
        if self.rate <= 0:
            return
        if self._next is None:
            self._next = now + self._random.expovariate(self.rate / 60)
        self._end(now)
        while self._next <= now:
            self._next += self._random.expovariate(self.rate / 60)
            self._begin(now)

    def _begin(self, now: float) -> None:
        quiet = [m for m in self.house.monitors.values() if self.house.sees_motion(m) and not m.alarm]
        if quiet:
            monitor = self._random.choice(quiet)
            event = self.house.begin_event(monitor.id, "Motion", motion_notes(monitor.name))
            self._ends[event] = now + self._random.uniform(6.0, 15.0)

    def _end(self, now: float) -> None:
        for event_id, ends in tuple(self._ends.items()):
            event = self.house.events.get(event_id)
            if event is None or event.ended_at or now >= ends:
                del self._ends[event_id]
                if event is not None:
                    self.house.end_event(event_id)
            elif now >= ends - _ALERT_SECONDS:
                self.house.monitors[event.monitor_id].alarm = ALERT


def motion_notes(name: str) -> str:
    return next((notes for part, notes in _CAUSES.items() if part in name.casefold()), "Motion: All")


def add_yesterday(house: House, seed: int, events: int = 40) -> None:
    """What the last day has seen, one in each part of it: whenever it is asked for, the same."""
    watched = [monitor for monitor in house.monitors.values() if house.sees_motion(monitor)]
    if not watched or not events:
        return
    part = _DAY / events
    newest = int(house.clock.now().timestamp() // part)
    for number in range(newest - events, newest):
        dice = random.Random(f"{seed} {number}")
        monitor, lasts = dice.choice(watched), dice.uniform(6, min(40, part / 2))
        began_at = datetime.fromtimestamp(part * number + dice.uniform(0, part - lasts), UTC)
        ended_at = began_at + timedelta(seconds=lasts)
        house.add_event(monitor.id, began_at, ended_at, "Motion", motion_notes(monitor.name))
