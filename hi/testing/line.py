"""A line to a server that can be made to fail: a TCP proxy that carries, or answers in the server's stead.

::

    with Line.running(target_port=server.port) as line:
        line.answer(429, headers={"Retry-After": "30"})
        ...  # what asks line.url is asked to wait
        line.heal()

It knows no protocol while it carries, so WebSockets pass like all else.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from hi.testing.connection import HttpConnection
from hi.testing.core import ServerCore
from hi.testing.faults import SIGN_IN_PAGE
from hi.testing.http import HTML, JSON, TEXT, Answer
from hi.testing.runner import Runner
from hi.testing.server import LOOPBACK, Server

CHUNK = 65536
DRIP_SECONDS = 0.02
LINGER_SECONDS = 5.0
BLANKS = b" " * CHUNK


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said to whoever asks, in the server's stead; `then` goes on for as long as somebody listens."""

    said: bytes
    then: bytes = b""


@dataclass(slots=True, kw_only=True)
class LineCore(ServerCore):
    """How the line is now."""

    target_port: int
    connections: int = 0
    answered: int = 0
    reply: Reply | None = None
    drip_seconds: float = 0.0


class Line(Runner[LineCore]):
    """Serves in a thread of its own. Every control has taken effect when it returns, and ends the one before; `heal`
    ends all. Those that answer reset what is open first, so that it comes again and is answered.

    - **The line itself**: `cut` `refuse` `stall` `drip`
    - **Answers** to whatever is asked: `answer` `html` `empty` `truncate` `garbage` `huge`
    - **Counters**: `connections` (made so far) `open` (now) `answered` (in the server's stead)
    """

    def __init__(self, target_port: int) -> None:
        core = LineCore(target_port=target_port)
        super().__init__(core, Server(core, partial(_Connection, core)))

    @property
    def url(self) -> str:
        return self.core.url

    @property
    def connections(self) -> int:
        return self.core.connections

    @property
    def answered(self) -> int:
        return self.core.answered

    @property
    def open(self) -> int:
        return len(self.server.connections)

    def cut(self) -> None:
        """Reset every connection; new ones are served."""
        self._call(self.server.abort_connections)

    def refuse(self) -> None:
        """Reset every connection, and listen no more."""
        self.heal()
        self._call(self.server.refuse)
        self.cut()

    def stall(self) -> None:
        """Go on accepting, and carry nothing either way: half-open."""
        self.heal()
        self._call(self.core.flow.clear)

    def drip(self) -> None:
        """Carry the server's words a byte at a time."""
        self.heal()
        self.core.drip_seconds = DRIP_SECONDS

    def answer(self, status: int, *, headers: Mapping[str, str] | None = None, body: bytes = b"") -> None:
        """With that status, whatever is asked."""
        self._say(Answer(status, body, TEXT, headers=tuple((headers or {}).items())))

    def html(self) -> None:
        """As another program at this address: a page to sign in, with 200."""
        self._say(Answer(200, SIGN_IN_PAGE, HTML))

    def empty(self) -> None:
        """200, and nothing."""
        self._say(Answer(200, b"", JSON))

    def truncate(self) -> None:
        """Less than the answer's head says."""
        self._say(Answer(200, b'{"cut": "', JSON, claimed=4096))

    def garbage(self) -> None:
        """What is not HTTP at all."""
        self._reply(Reply(bytes(range(256)) * 8))

    def huge(self) -> None:
        """An answer that never ends, as fast as it is taken."""
        self._say(Answer(200, b"[", JSON, until_end=True), then=BLANKS)

    def heal(self) -> None:
        self._reply(None)
        self._call(self.core.flow.set)
        self.core.drip_seconds = 0.0
        if not self.server.is_listening:
            self._wait_for_loop(self.server.open(self.server.port))

    def _say(self, answer: Answer, then: bytes = b"") -> None:
        self.heal()
        self._reply(Reply(answer.encode(), then))

    def _reply(self, reply: Reply | None) -> None:
        def change() -> None:
            if self.core.reply != reply:
                self.core.reply = reply
                self.server.abort_connections()

        self._call(change)


class _Connection(HttpConnection):
    """One client, and the server behind the line."""

    def __init__(self, core: LineCore, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super().__init__(core, reader, writer)
        self._core = core
        self._far: asyncio.StreamWriter | None = None
        core.connections += 1

    def finish(self) -> None:
        if self._far is not None:
            self._far.transport.abort()

    async def run(self) -> None:
        """What ends badly is reset, as a pulled cable's router does; a polite end is passed on."""
        is_polite = False
        try:
            with suppress(OSError, EOFError, TimeoutError, asyncio.LimitOverrunError):
                reply = self._core.reply
                is_polite = await (self._carry_both_ways() if reply is None else self._say(reply))
        finally:
            if is_polite:
                self.close()
            else:
                self.abort()

    async def _say(self, reply: Reply) -> bool:
        await self._reader.readuntil(b"\r\n\r\n")
        self._core.answered += 1
        self._writer.write(reply.said)
        await self._writer.drain()
        while reply.then:
            self._writer.write(reply.then)
            await self._writer.drain()
        self._writer.write_eof()
        async with asyncio.timeout(LINGER_SECONDS):  # or what is left unread would reset the answer on its way
            while await self._reader.read(CHUNK):
                pass
        return True

    async def _carry_both_ways(self) -> bool:
        far_reader, self._far = await asyncio.open_connection(LOOPBACK, self._core.target_port)
        there = asyncio.create_task(self._carry(self._reader, self._far))
        back = asyncio.create_task(self._carry(far_reader, self._writer, is_answer=True))
        try:
            await asyncio.wait((there, back), return_when=asyncio.FIRST_COMPLETED)
            if there.done():  # who has asked all may still listen
                await asyncio.wait((back,), timeout=LINGER_SECONDS)
            return back.done() and back.exception() is None
        finally:
            for way in (there, back):
                way.cancel()
            await asyncio.gather(there, back, return_exceptions=True)

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_answer: bool = False
    ) -> None:
        while data := await reader.read(1 if is_answer and self._core.drip_seconds else CHUNK):
            await self._core.flow.wait()
            if is_answer:
                await asyncio.sleep(self._core.drip_seconds)
            writer.write(data)
            await writer.drain()
        writer.write_eof()
