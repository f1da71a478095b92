"""The demo home's life: what changes when. Proposes changes and leaves applying them to the caller."""

import heapq
import random
import time
from dataclasses import replace
from itertools import accumulate, count

from hi.testing.hass.behaviours import BEHAVIOURS, Behaviour
from hi.testing.hass.home_model import Home
from hi.testing.hass.model import State
from hi.testing.hass.world import Change, World

_TRIES = 60


class Life:
    """Lets about `rate` values a second change, as in a house where people live.

    `step(now)` depends on nothing but the home, the seed and the times it was called with.
    """

    def __init__(self, home: Home, rate: float = 2.0, seed: int = 0, utc_offset: float | None = None) -> None:
        offset = float(time.localtime().tm_gmtoff) if utc_offset is None else utc_offset
        self.home = home
        self.rate = rate
        self._world = World(home, random.Random(seed), offset)
        self._last: float | None = None
        self._credit = 0.0
        self._later: list[tuple[float, int, Change]] = []
        self._numbers = count()
        self._known: list[str] = []
        self._weights: list[float] = []
        self._homes_size = -1

    def step(self, now: float) -> list[Change]:
        """What changes up to `now`; at a rate of 1 or more no two seconds pass without a visible change."""
        elapsed = 0.0 if self._last is None else min(5.0, max(0.0, now - self._last))
        self._last = self._world.now = now
        if self.rate <= 0:
            return []
        self._credit += elapsed * self.rate
        changes: dict[str, Change] = {}
        while self._later and self._later[0][0] <= now:
            change = heapq.heappop(self._later)[2]
            self._take(change, changes)
        while self._credit >= 1 and self._move(changes):
            pass
        # A burst is paid for later, but never with a silence of two seconds.
        self._credit = max(-min(1.0, self.rate / 2), min(self._credit, 2 * self.rate))
        return list(changes.values())

    def _move(self, changes: dict[str, Change]) -> bool:
        """Lets one thing do something visible; False if nothing could."""
        self._refresh()
        for _ in range(_TRIES if self._known else 0):
            entity_id = self._world.random.choices(self._known, cum_weights=self._weights)[0]
            state = self.home.states.get(entity_id)
            if state is None or entity_id in changes or state.state in ("unavailable", "unknown"):
                continue
            proposed = _behaviour(self.home, state)[1](self._world, state)
            visible = False
            for change in proposed:
                visible |= self._take(change, changes)
            if visible:
                return True
        return False

    def _take(self, change: Change, changes: dict[str, Change]) -> bool:
        """Takes a change now or puts it off; True if it shows now."""
        if change.after > 0:
            due = replace(change, after=0.0)
            heapq.heappush(self._later, (self._world.now + change.after, next(self._numbers), due))
            return False
        before = self.home.states.get(change.entity_id)
        if before is None or change.entity_id in changes or before.state == "unavailable":
            return False
        changes[change.entity_id] = change
        shows = before.state != change.state
        self._credit -= 1.0 if shows else 0.0
        return shows

    def _refresh(self) -> None:
        if len(self.home.states) == self._homes_size:
            return
        self._homes_size = len(self.home.states)
        moving = [(entity_id, _behaviour(self.home, state)[0]) for entity_id, state in self.home.states.items()]
        self._known = [entity_id for entity_id, weight in moving if weight]
        self._weights = list(accumulate(weight for _, weight in moving if weight))


def _still(world: World, state: State) -> list[Change]:
    return []


def _behaviour(home: Home, state: State) -> tuple[float, Behaviour]:
    life = home.lives.get(state.entity_id)
    if life:
        return BEHAVIOURS.get(life, (0.0, _still))
    return BEHAVIOURS.get(state.kind) or BEHAVIOURS.get(state.domain) or (0.0, _still)


def apply(home: Home, changes: list[Change], by_user: bool = False) -> None:
    """Writes changes to the home; what is gone or unavailable by now stays as it is."""
    for change in changes:
        state = home.states.get(change.entity_id)
        if state is None or state.state == "unavailable":
            continue
        merged = {**state.attributes, **change.attributes}
        # A player at rest has no title; a lamp that is off still has a brightness, which is null.
        kept = {key: value for key, value in merged.items() if value is not None or not key.startswith("media_")}
        home.set_state(change.entity_id, change.state, kept, by_user)
