"""The server that plays a cassette back: see `cassette.py`."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar
from urllib.parse import unquote

import orjson

from hi.testing.core import ServerCore
from hi.testing.http import TEXT, Answer, Request
from hi.testing.runner import Runner
from hi.testing.server import Server
from hi.testing.websocket import WebSocketConnection
from hi.utils.disguise import read_key

Key = str
T = TypeVar("T")


def key_of(method: str, path: str, query: Mapping[str, str]) -> Key:
    told = "&".join(f"{name}={value}" for name, value in sorted(query.items()) if not read_key(name).is_secret)
    return f"{method} {path}" + (f"?{told}" if told else "")


def key_of_message(message: Any) -> Key:
    """What it says, without its id and without secrets."""
    if not isinstance(message, dict):
        return orjson.dumps(message).decode()
    told = {name: value for name, value in message.items() if name != "id" and not read_key(name).is_secret}
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode()


@dataclass(frozen=True, slots=True)
class Exchange:
    """An answer over HTTP; without a status it is a line that broke."""

    status: int
    content_type: str | None
    body: bytes
    retry_after: float = 0.0
    seconds: float = 0.0

    def answer(self, pace: float) -> Answer:
        headers = (("Retry-After", f"{self.retry_after:g}"),) if self.retry_after else ()
        is_lost, delay = not self.status, self.seconds * pace
        return Answer(self.status, self.body, self.content_type, headers=headers, delay=delay, is_lost=is_lost)


@dataclass(frozen=True, slots=True)
class Told:
    """A message of the server, or None for hanging up: so long after the one that it answers, after the client's others
    with these keys, and before what has a greater `order`."""

    content: Any
    seconds: float
    after: Counter[Key]
    order: int

    def write(self, number: Any) -> bytes:
        if isinstance(self.content, bytes):
            return self.content
        has_id = number is not None and isinstance(self.content, dict) and "id" in self.content
        return orjson.dumps({**self.content, "id": number} if has_id else self.content)


@dataclass(eq=False)
class Reply:
    """All that was told in answer to a message of the client's, or at the opening."""

    key: Key
    at: float
    told: list[Told] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Opening:
    """What a conversation began with, or how it was refused."""

    reply: Reply
    refusal: Exchange | None = None


@dataclass
class Waiting:
    """What of a reply has not been told yet. `before`: what the client had said by then."""

    number: Any
    told: list[Told]
    before: Counter[Key]
    at: float

    def take(self, heard: Counter[Key]) -> Iterator[Told]:
        """Those before which the client has said all that it had said when they were recorded."""
        while self.told and heard - self.before >= self.told[0].after:
            yield self.told.pop(0)


@dataclass
class Reel:
    """What was recorded: exchanges and replies by their keys, how conversations began by their paths."""

    exchanges: dict[Key, list[Exchange]] = field(default_factory=dict)
    openings: dict[str, list[Opening]] = field(default_factory=dict)
    replies: dict[Key, list[Reply]] = field(default_factory=dict)


@dataclass(slots=True)
class ReplayCore(ServerCore):
    reel: Reel
    pace: float = 0.0
    played: Counter[Key] = field(default_factory=Counter)
    """How often each was asked for."""
    unheard_of: list[Key] = field(default_factory=list)

    def next_of(self, key: Key, recorded_by_key: Mapping[Key, list[T]]) -> T | None:
        """In their order, the last one for ever; None for what was never asked for."""
        recorded = recorded_by_key.get(key)
        if not recorded:
            self.unheard_of.append(key)
            return None
        self.played[key] += 1
        return recorded[min(self.played[key], len(recorded)) - 1]


class ReplayConnection(WebSocketConnection):
    def __init__(self, core: ReplayCore, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super().__init__(core, reader, writer)
        self.core = core
        self._opening: Opening | None = None
        self._heard: Counter[Key] = Counter()
        self._waiting: list[Waiting] = []
        self._timers: list[asyncio.TimerHandle] = []

    def answer(self, request: Request) -> Answer:
        key = key_of(request.method, unquote(request.path), request.query)
        exchange: Exchange | None = self.core.next_of(key, self.core.reel.exchanges)
        if exchange is None:
            return Answer(404, f"{key} was not asked for when this was recorded.".encode(), TEXT)
        return exchange.answer(self.core.pace)

    def has_websocket(self, path: str) -> bool:
        return path in self.core.reel.openings

    def stopped(self, request: Request) -> Answer | None:
        """An opening that was refused is refused again."""
        if "upgrade" not in request.headers or not self.has_websocket(request.path):
            return super().stopped(request)
        self._opening = self.core.next_of(request.path, self.core.reel.openings)
        refusal = self._opening.refusal if self._opening else None
        return refusal.answer(self.core.pace) if refusal else super().stopped(request)

    def open(self, request: Request) -> None:
        if self._opening:
            self._tell(None, self._opening.reply)

    def receive(self, message: str | bytes) -> None:
        said = orjson.loads(message)
        key = key_of_message(said)
        self._heard[key] += 1
        reply = self.core.next_of(key, self.core.reel.replies)
        if reply is None:
            self.close()
            return
        self._tell(said.get("id") if isinstance(said, dict) else None, reply)

    def finish(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._waiting.clear()

    def _tell(self, number: Any, reply: Reply) -> None:
        loop = asyncio.get_running_loop()
        self._waiting.append(Waiting(number, list(reply.told), Counter(self._heard), loop.time()))
        ready = [(told, one) for one in self._waiting for told in one.take(self._heard)]
        for told, one in sorted(ready, key=lambda pair: pair[0].order):
            wait = told.seconds * self.core.pace - (loop.time() - one.at)
            if self.core.pace and wait > 0:
                self._timers.append(loop.call_later(wait, self._send, told, one.number))
            else:
                self._send(told, one.number)

    def _send(self, told: Told, number: Any) -> None:
        if told.content is None:
            self.close()
        else:
            self.send(told.write(number))


class ReplayServer(Runner[ReplayCore]):
    """`settings`: what a person enters to reach it."""

    def __init__(self, reel: Reel, pace: float = 0.0) -> None:
        core = ReplayCore(reel, pace=pace)
        super().__init__(core, Server(core, partial(ReplayConnection, core)))
        self.settings: dict[str, str] = {}

    @property
    def unheard_of(self) -> list[str]:
        """What was asked for that was never asked for while it was recorded."""
        return self._call(lambda: list(self.core.unheard_of))
