"""A source's own log of events: when each was, in UTC, up to which it was read, and what moved where.

For sources that number their events and write times in their own zone without saying so. In the hour that comes twice a
year the order of the numbers tells which one is meant; and an event that was not there yet when we last looked began
after that.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hi.entity.enums import Quality
from hi.integration.core.values import RecordedEvent, StateValue
from hi.integration.exceptions import ProtocolError

# An event may begin with pictures from before its cause, and clocks of two machines differ: by less than this.
SLACK = timedelta(minutes=10)
# What was measured and what the clock said may differ so far; by more, where the clock was set meanwhile.
NEAR = timedelta(seconds=3)
# An event that goes on so long after the next one of its address began was left open, as by a source that crashed.
LEFT_OPEN = timedelta(minutes=5)
MAX_TITLE = 120


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event as the source tells it. `number` only grows. `address`: the state that says `detected` meanwhile, if
    something caused it (`is_detection`); else it is a piece of what is recorded all the time. Of one address hardly
    ever two go on at once. Times are naive, in the source's zone; `ended` is None while it goes on, `seconds` how long
    it was by the source's own measure."""

    number: int
    address: str
    started: datetime
    ended: datetime | None
    seconds: float
    title: str
    is_detection: bool


@dataclass(frozen=True, slots=True)
class OpenEvent:
    """`next_began`: when the one after it of the same address did, if there is one."""

    address: str
    began: datetime
    is_detection: bool
    title: str
    next_began: datetime | None

    @classmethod
    def load(cls, address: str, began: str, is_detection: bool, title: str, next_began: str | None = None) -> Self:
        return cls(address, _load(began), is_detection, title, _load(next_began) if next_began else None)

    def detects(self, at: datetime) -> bool:
        """Whether it is why something is detected then. Once the next one has begun, that one tells."""
        return self.is_detection and (self.next_began is None or at < self.next_began)

    def dump(self) -> list[Any]:
        next_began = self.next_began and self.next_began.isoformat()
        return [self.address, self.began.isoformat(), self.is_detection, self.title, next_began]


# What comes of one moment, in this order. An event that was left open tells nothing once the next one does.
ENDS, BEGINS, WAS_LEFT = range(3)
# When, which of these, and of which event.
Edge = tuple[datetime, int, int, OpenEvent]


@dataclass(slots=True)
class EventLog:
    """`last`: the number up to which it was read, `read_at` when, `last_began` when that one began. `is_new`: nothing
    was read yet, or what was counts no more. `open`: those that go on. `latest`: what each state said last."""

    last: int = 0
    read_at: datetime | None = None
    last_began: datetime | None = None
    open: dict[int, OpenEvent] = field(default_factory=dict)
    latest: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    is_new: bool = True

    @classmethod
    def load(cls, saved: Mapping[str, Any]) -> Self:
        """Where that cannot be read, as if nothing had been."""
        try:
            return cls._load(saved) if saved else cls()
        except (KeyError, TypeError, ValueError):
            return cls()

    @classmethod
    def _load(cls, saved: Mapping[str, Any]) -> Self:
        return cls(
            saved["last"],
            saved["read_at"] and _load(saved["read_at"]),
            saved["last_began"] and _load(saved["last_began"]),
            {int(number): OpenEvent.load(*one) for number, one in saved["open"].items()},
            {address: (word, _load(at)) for address, (word, at) in saved["latest"].items()},
            is_new=False,
        )

    def dump(self) -> dict[str, Any]:
        return {
            "last": self.last,
            "read_at": self.read_at and self.read_at.isoformat(),
            "last_began": self.last_began and self.last_began.isoformat(),
            "open": {str(number): one.dump() for number, one in self.open.items()},
            "latest": {address: [word, at.isoformat()] for address, (word, at) in self.latest.items()},
        }

    def notice_newest(self, newest: LoggedEvent | None, zone: tzinfo) -> None:
        """The event of the greatest number that the source shows now. A smaller one than was read, and yet of something
        later: it counts anew, as after it was set up anew. A smaller one alone was left when others were deleted, or
        may not be seen; and none at all tells nothing."""
        if newest is None or newest.number >= self.last or self.last_began is None:
            return
        if _read_twice(newest.started, zone)[0] > self.last_began:
            self.last, self.last_began, self.is_new = 0, None, True
            # Others may have their numbers now.
            self.open = {-number: one for number, one in self.open.items()}

    def read(self, address: str, now: datetime) -> StateValue:
        """What the state says. Where nothing was ever detected it is clear, and nobody knows since when."""
        if address not in self.latest:
            return StateValue(address, "clear", "", Quality.GOOD, now, is_dated=False)
        word, at = self.latest[address]
        return StateValue(address, word, "", Quality.GOOD, at)

    def advance(
        self, events: Sequence[LoggedEvent], zone: tzinfo, now: datetime
    ) -> tuple[tuple[StateValue, ...], tuple[RecordedEvent, ...]]:
        """Take in, in the order of their numbers, events that are new and those that were open; one of these that is
        not among them was deleted. Returns what moved, and what was recorded."""
        edges: list[Edge] = []
        recorded = []
        for number in self.open.keys() - {event.number for event in events}:
            gone = self.open[number]
            last_seen = max(gone.began, self.read_at or now)  # the same, if this is read once more
            recorded.append(RecordedEvent(str(abs(number)), gone.address, gone.began, last_seen, gone.title))
            edges.append((last_seen, ENDS, number, gone))
        placed = [(event, self._begin(event, zone)) for event in events]
        following = _follow(placed)
        for event, began in placed:
            known = self.open.get(event.number)
            next_began = (known and known.next_began) or following[event.number]
            ended, how = _find_end(event, began, zone), ENDS
            if ended is None and next_began is not None and next_began + LEFT_OPEN < now:
                ended, how = max(began, next_began), WAS_LEFT
            one = OpenEvent(event.address, began, event.is_detection, event.title[:MAX_TITLE], next_began)
            recorded.append(RecordedEvent(str(event.number), event.address, began, ended, one.title))
            if known:
                self.open[event.number] = one
            elif ended != began:  # of no length: nothing has moved
                edges.append((began, BEGINS, event.number, one))
            if ended is not None:
                edges.append((ended, how, event.number, one))
        self.read_at, self.is_new = now, False
        return tuple(self._move(edges)), tuple(recorded)

    def list_open(self, at_once: int) -> Iterable[list[int]]:
        """The numbers of those that go on, so many at once."""
        numbers = sorted(self.open)
        return (numbers[start : start + at_once] for start in range(0, len(numbers), at_once))

    def _begin(self, event: LoggedEvent, zone: tzinfo) -> datetime:
        known = self.open.get(event.number)
        began = known.began if known else self._place(event, zone)
        if event.number > self.last:
            self.last, self.last_began = event.number, began
        return began

    def _place(self, event: LoggedEvent, zone: tzinfo) -> datetime:
        """The later moment only where that explains what the earlier does not: a clock that is wrong by more than the
        hour explains nothing."""
        early, late = _read_twice(event.started, zone)
        known = (moment - SLACK for moment in (self.last_began, self.read_at) if moment is not None)
        return late if any(early < moment <= late for moment in known) else early

    def _move(self, edges: list[Edge]) -> Iterable[StateValue]:
        """A state says `detected` as long as any of its events goes on that something caused."""
        for at, what, number, one in sorted(edges, key=lambda edge: edge[:3]):
            if what == BEGINS:
                self.open[number] = one
            elif self.open.pop(number, None) is None:
                continue
            others = (other for other in self.open.values() if other.address == one.address)
            word = "detected" if any(other.detects(at) for other in others) else "clear"
            if what == WAS_LEFT and word == "detected":
                continue  # what follows has told already how that went on
            if self.latest.get(one.address, ("clear",))[0] != word:
                self.latest[one.address] = word, at
                yield StateValue(one.address, word, "", Quality.GOOD, at)


def find_zone(name: str, hint: str) -> tzinfo:
    """The zone that a source says it is in; `hint`: how to set it there. Raises ProtocolError."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as err:
        raise ProtocolError(f"Its time zone “{name}” is not known here.", hint=hint) from err


def _follow(placed: Sequence[tuple[LoggedEvent, datetime]]) -> dict[int, datetime | None]:
    """When after each event the next one of its address began."""
    latest: dict[str, datetime] = {}
    following = {}
    for event, began in reversed(placed):
        following[event.number] = latest.get(event.address)
        latest[event.address] = began
    return following


def _read_twice(local: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """What it can mean: in the hour that comes twice two moments, else one."""
    early, late = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return early, late


def _find_end(event: LoggedEvent, began: datetime, zone: tzinfo) -> datetime | None:
    """By its measure, which is finer and knows of no hour that comes twice, unless the clock says otherwise."""
    if event.ended is None:
        return None
    measured, told = began + timedelta(seconds=event.seconds), _read_twice(event.ended, zone)
    if any(abs(measured - one) <= NEAR for one in told):
        return measured
    return max(began, min(told, key=lambda one: abs(measured - one)))


def _load(text: str) -> datetime:
    return datetime.fromisoformat(text)
