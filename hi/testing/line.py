"""A line to a server that can be made to fail: a TCP proxy that carries, or answers in the server's stead.

::

    with Line.running(server.port) as line:
        line.answer(429, headers={"Retry-After": "30"})
        ...  # what asks line.url is asked to wait
        line.heal()

It knows no protocol while it carries, so WebSockets pass like all else.
"""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from http import HTTPStatus

CHUNK = 65536
CALL_SECONDS = 10.0
DRIP_SECONDS = 0.02
LINGER_SECONDS = 5.0
# Closing with this sends a reset, as a pulled cable's router does, not a polite end.
RESET = struct.pack("ii", 1, 0)
PAGE = b"<!DOCTYPE html><html><head><title>Welcome</title></head><body><h1>Please sign in</h1></body></html>"

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Line:
    """Serves in a thread of its own. Every control has taken effect when it returns, and ends the one before; `heal`
    ends all. Those that answer reset what is open first, so that it comes again and is answered.

    - **The line itself**: `cut` `refuse` `stall` `drip`
    - **Answers** to whatever is asked: `answer` `html` `empty` `truncate` `garbage` `huge`
    - **Counters**: `connections` (made so far) `open` (now) `answered` (in the server's stead)
    """

    def __init__(self, target_port: int) -> None:
        self.target_port = target_port
        self.port = 0
        self.connections = 0
        self.answered = 0
        self._talk: Talk = self._carry_on
        self._piece = CHUNK
        self._near: set[asyncio.StreamWriter] = set()
        self._far: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._held: socket.socket | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def open(self) -> int:
        return len(self._near)

    def cut(self) -> None:
        """Reset every connection; new ones are served."""
        self._call(self._reset_all)

    def refuse(self) -> None:
        """Reset every connection, and listen no more. The port stays taken, so that nobody else gets it."""
        self._call(self._go_deaf)

    def stall(self) -> None:
        """Go on accepting, and carry nothing either way: half-open."""
        self._call(self._flow.clear)

    def drip(self) -> None:
        """Carry the server's words a byte at a time."""
        self._call(self._drip)

    def answer(self, status: int, *, headers: Mapping[str, str] | None = None, body: bytes = b"") -> None:
        """With that status, whatever is asked."""
        lines = {"Content-Type": "text/plain", "Content-Length": str(len(body)), **(headers or {})}
        self.say(_head(status, lines) + body)

    def html(self) -> None:
        """As another program at this address: a page to sign in, with 200."""
        self.answer(200, headers={"Content-Type": "text/html"}, body=PAGE)

    def empty(self) -> None:
        """200, and nothing."""
        self.answer(200, headers={"Content-Type": "application/json"})

    def truncate(self) -> None:
        """Less than the answer's head says."""
        self.say(_head(200, {"Content-Type": "application/json", "Content-Length": "4096"}) + b'{"cut": "')

    def garbage(self) -> None:
        """What is not HTTP at all."""
        self.say(bytes(range(256)) * 8)

    def huge(self) -> None:
        """An answer that never ends, as fast as it is taken."""
        self.say(_head(200, {"Content-Type": "application/json"}) + b"[", then=b" " * CHUNK)

    def say(self, answer: bytes, *, then: bytes = b"") -> None:
        """These bytes to whoever asks; and `then` for as long as somebody listens."""

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            self.answered += 1
            writer.write(answer)
            await writer.drain()
            while then:
                writer.write(then)
                await writer.drain()
            writer.write_eof()
            async with asyncio.timeout(LINGER_SECONDS):  # or what is left unread would reset the answer on its way
                while await reader.read(CHUNK):
                    pass

        def begin() -> None:
            self._forget()
            self._talk = talk
            self._reset_all()

        self._call(begin)

    def heal(self) -> None:
        self._call(self._forget)
        self._call(self._listen)

    @classmethod
    @contextlib.contextmanager
    def running(cls, target_port: int) -> Iterator["Line"]:
        line, ready = cls(target_port), threading.Event()
        thread = threading.Thread(target=lambda: asyncio.run(line._serve(ready)), name="line", daemon=True)
        thread.start()
        if not ready.wait(CALL_SECONDS):
            raise RuntimeError("the line did not start")
        try:
            yield line
        finally:
            line._call(line._stop.set)
            thread.join(CALL_SECONDS)

    async def _serve(self, ready: threading.Event) -> None:
        self._loop, self._stop, self._flow = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
        self._flow.set()
        await self._listen()
        ready.set()
        await self._stop.wait()
        self._go_deaf()
        if self._held is not None:
            self._held.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _forget(self) -> None:
        """The fault that there was. What it answers in the server's stead ends with it."""
        if self._talk != self._carry_on:
            self._reset_all()
        self._talk, self._piece = self._carry_on, CHUNK
        self._flow.set()

    async def _listen(self) -> None:
        if self._server is None:
            held, self._held = self._held or _bound_socket(self.port), None
            self._server = await asyncio.start_server(self._accept, sock=held)
            self.port = held.getsockname()[1]

    def _go_deaf(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server, self._held = None, _bound_socket(self.port)
        self._reset_all()

    def _drip(self) -> None:
        self._piece = 1

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._near.add(writer)
        task = asyncio.create_task(self._connect(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # The server itself refuses, or who asks has gone: then so does the line.
        with contextlib.suppress(OSError, EOFError, TimeoutError, asyncio.LimitOverrunError):
            try:
                await self._talk(reader, writer)
            finally:
                self._reset(writer)

    async def _carry_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far = await asyncio.open_connection("127.0.0.1", self.target_port)
        self._far.add(far)
        there = asyncio.create_task(self._carry(reader, far, is_answer=False))
        back = asyncio.create_task(self._carry(far_reader, writer, is_answer=True))
        try:
            await asyncio.wait((there, back), return_when=asyncio.FIRST_COMPLETED)
            if there.done():  # who has asked all may still listen
                await asyncio.wait((back,), timeout=LINGER_SECONDS)
            if back.done() and back.exception() is None:
                writer.close()
                await writer.wait_closed()
        finally:
            for way in (there, back):
                way.cancel()
            await asyncio.gather(there, back, return_exceptions=True)
            self._reset(far)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_answer: bool) -> None:
        while data := await reader.read(self._piece if is_answer else CHUNK):
            await self._flow.wait()
            if is_answer and self._piece < CHUNK:
                await asyncio.sleep(DRIP_SECONDS)
            writer.write(data)
            await writer.drain()
        writer.write_eof()

    def _reset_all(self) -> None:
        for writer in (*self._near, *self._far):
            self._reset(writer)

    def _reset(self, writer: asyncio.StreamWriter) -> None:
        self._near.discard(writer)
        self._far.discard(writer)
        if not writer.transport.is_closing() and (raw := writer.get_extra_info("socket")) is not None:
            with contextlib.suppress(OSError):
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        writer.transport.abort()

    def _call(self, function: Callable[[], object]) -> None:
        async def call() -> None:
            result = function()
            if asyncio.iscoroutine(result):
                await result

        asyncio.run_coroutine_threadsafe(call(), self._loop).result(CALL_SECONDS)


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    phrase = HTTPStatus(status).phrase if status in {*HTTPStatus} else "Unknown"
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode()


def _bound_socket(port: int) -> socket.socket:
    # Named as TCP, or asyncio would let Nagle hold back what a real server sends at once.
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(("127.0.0.1", port))
    except OSError:
        bound.close()
        raise
    return bound
