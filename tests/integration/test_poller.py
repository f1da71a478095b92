"""Poller: what is asked for again and again, as the events that a listener yields."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from hi.entity.enums import Quality
from hi.integration import exceptions
from hi.integration.core.values import RecordedEvent, StateValue
from hi.integration.listener import Changes, ListenerEvent, Recorded, Snapshot, StructureChanged
from hi.integration.poller import Poll, Poller, Reading

pytestmark = pytest.mark.pure
NOON = datetime(2026, 10, 25, 12, tzinfo=UTC)
NEVER = 3600.0


def value(address: str, word: str, seconds: int = 0, *, is_dated: bool = True) -> StateValue:
    return StateValue(address, word, "", Quality.GOOD, NOON + timedelta(seconds=seconds), is_dated)


class Scripted(Poller):
    """Answers what was written down for each kind of question; the last answer for ever."""

    server_id = "here"

    def __init__(self, *scripts: Sequence[Reading | Exception], seconds: float = 0.0, watched: float = 0.0) -> None:
        super().__init__({})
        self.scripts = [list(script) for script in scripts]
        self.rhythm = seconds, watched
        self.asked = [0 for _script in scripts]
        self.is_open = False

    @contextmanager
    def open(self) -> Iterator[Sequence[Poll]]:
        self.is_open = True
        try:
            yield [Poll(partial(self._answer, number), *self.rhythm) for number in range(len(self.scripts))]
        finally:
            self.is_open = False

    def _answer(self, number: int) -> Reading:
        self.asked[number] += 1
        script = self.scripts[number]
        answer = script.pop(0) if len(script) > 1 else script[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


async def take(poller: Poller, count: int) -> list[ListenerEvent]:
    taken: list[ListenerEvent] = []
    stream = poller.stream()
    try:
        async with asyncio.timeout(5):
            async for event in stream:
                taken.append(event)
                if len(taken) == count:
                    return taken
    finally:
        await stream.aclose()
    return taken


def run(poller: Poller, count: int) -> list[ListenerEvent]:
    return asyncio.run(take(poller, count))


def test_the_first_round_asks_everything_and_is_one_snapshot() -> None:
    poller = Scripted([Reading((value("a", "on"),))], [Reading((value("b", "off"),))])
    assert run(poller, 1) == [Snapshot((value("a", "on"), value("b", "off")), "here")]


def test_then_only_what_is_new_is_told() -> None:
    same, other = Reading((value("a", "on"), value("b", "x"))), Reading((value("a", "off", 5), value("b", "x")))
    _snapshot, changes = run(Scripted([same, same, other]), 2)
    assert changes == Changes((value("a", "off", 5),))


def test_what_is_not_dated_is_news_only_with_another_value() -> None:
    def load(word: str, seconds: int) -> Reading:
        return Reading((value("load", word, seconds, is_dated=False),))

    _snapshot, changes = run(Scripted([load("1", 0), load("1", 10), load("2", 20)]), 2)
    assert changes == Changes((value("load", "2", 20, is_dated=False),))


def test_what_an_answer_lacks_is_unavailable_until_it_is_back() -> None:
    both, one = Reading((value("a", "on"), value("b", "on"))), Reading((value("a", "on"),))
    _snapshot, gone, back = run(Scripted([both, one, one, both]), 3)
    assert isinstance(gone, Changes)
    assert [(item.address, item.value, item.quality) for item in gone.values] == [("b", None, Quality.UNAVAILABLE)]
    assert back == Changes((value("b", "on"),))


def test_what_happened_before_is_past_and_what_happens_then_is_not() -> None:
    event = RecordedEvent("7", "m", NOON, None)
    first = Reading((value("m", "clear", 9),), (value("m", "detected"), value("m", "clear", 9)), (event,), {"last": 7})
    later = Reading((value("m", "detected", 20),), (value("m", "detected", 20),), (), {"last": 8})
    snapshot, past, recorded = run(Scripted([first, later]), 3)
    assert snapshot == Snapshot((value("m", "clear", 9),), "here")
    assert past == Recorded(first.happened, (event,), {"last": 7}, is_past=True)
    assert recorded == Recorded(later.happened, (), {"last": 8})


def test_what_happened_is_not_told_as_a_change_again() -> None:
    first = Reading((value("m", "clear"),), cursor={})
    later = Reading((value("m", "clear", 9),), (value("m", "detected", 5), value("m", "clear", 9)), (), {"last": 8})
    events = run(Scripted([first, later, Reading((value("m", "clear", 9),), cursor={"last": 9})]), 4)
    assert [type(event) for event in events] == [Snapshot, Recorded, Recorded, Recorded]


def test_another_shape_asks_for_a_sync() -> None:
    one, two = Reading((value("a", "on"),), shape=("Hall",)), Reading((value("a", "on"),), shape=("Hall", "Yard"))
    assert run(Scripted([one, one, two]), 2)[1] == StructureChanged()


def test_another_server_at_the_same_address_ends_it_before_it_tells_anything() -> None:
    class Moved(Scripted):
        def _answer(self, number: int) -> Reading:
            self.server_id = "there" if self.asked[number] else "here"
            return super()._answer(number)

    poller = Moved([Reading((value("a", "on"),)), Reading((value("a", "off", 5),))])
    with pytest.raises(exceptions.ConnectionError, match="Another server"):
        run(poller, 2)


def test_an_error_ends_it_and_the_conversation_too() -> None:
    poller = Scripted([Reading((value("a", "on"),)), exceptions.ConnectionError("The line is cut.")])

    async def until_the_end() -> None:
        with pytest.raises(exceptions.ConnectionError, match="cut"):
            await take(poller, 99)
        await asyncio.sleep(0.05)

    asyncio.run(until_the_end())
    assert not poller.is_open


def test_it_is_asked_more_often_while_somebody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hi.integration.poller.LOOK_SECONDS", 0.02)
    poller = Scripted([Reading((value("a", "on"),))], seconds=NEVER, watched=0.01)

    async def look_for_a_while() -> list[int]:
        asked: list[int] = []
        stream = poller.stream()
        await anext(stream)
        waiting: asyncio.Task[Any] = asyncio.ensure_future(anext(stream))
        for is_watched in (False, True, False):
            poller.is_watched = is_watched
            await asyncio.sleep(0.1)
            asked.append(poller.asked[0])
        waiting.cancel()
        await asyncio.wait({waiting})
        await stream.aclose()
        return asked

    first, second, third = asyncio.run(look_for_a_while())
    assert first == 1
    assert second > 2
    assert third <= second + 1


def test_what_the_service_does_not_let_us_have_is_left_out_and_the_rest_is_told() -> None:
    refused = exceptions.MissingRightsError("You may not have b.")
    poller = Scripted([Reading((value("a", "on"),))], [refused, Reading((value("b", "on"),))])
    snapshot, changes = run(poller, 2)
    assert snapshot == Snapshot((value("a", "on"),), "here")
    assert changes == Changes((value("b", "on"),))
