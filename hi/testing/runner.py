"""Runs a simulated server in a thread or in a process of its own, and lets any thread give it orders."""

import argparse
import asyncio
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Generic, Self, TypeVar

from hi.testing.core import ServerCore
from hi.testing.server import Server

C = TypeVar("C", bound=ServerCore)
T = TypeVar("T")

CALL_SECONDS = 10.0


class Runner(Generic[C]):
    """Whatever it is told from another thread has taken effect when the call returns."""

    def __init__(self, core: C, server: Server, port: int = 0) -> None:
        self.core = core
        self.server = server
        self._wanted_port = port
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._restart: asyncio.Task[None] | None = None

    @classmethod
    @contextmanager
    def running(cls, **options: Any) -> Iterator[Self]:
        """Serves in a thread of its own for the length of the block; options as the constructor's."""
        simulator, ready, failures = cls(**options), threading.Event(), list[OSError]()

        def run() -> None:
            try:
                asyncio.run(simulator.serve(ready.set))
            except OSError as err:
                failures.append(err)
            finally:
                ready.set()

        thread = threading.Thread(target=run, name="simulated home", daemon=True)
        thread.start()
        ready.wait()
        try:
            if failures:
                raise failures[0]
            yield simulator
        finally:
            simulator.stop()
            thread.join(CALL_SECONDS)
        if failures:
            raise failures[0]

    async def serve(self, on_ready: Callable[[], None] | None = None) -> None:
        """Serves until `stop`; raises OSError if the port is taken."""
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        await self.server.open(self._wanted_port)
        living = asyncio.create_task(self._live())
        try:
            if on_ready:
                on_ready()
            await self._stop.wait()
        finally:
            living.cancel()
            self._cancel_restart()
            await self.server.close()

    def stop(self) -> None:
        """Ends `serve` from any thread; harmless when it has ended."""
        if self._loop and self._stop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop.set)

    async def _live(self) -> None:
        """What happens in the house by itself."""

    # What a test looks at

    @property
    def port(self) -> int:
        return self.server.port

    @property
    def logins(self) -> int:
        return self.core.logins

    @property
    def failed_logins(self) -> int:
        return self.core.failed_logins

    @property
    def requests(self) -> int:
        return self.core.requests

    @property
    def paths(self) -> Counter[str]:
        """Requests by path, upgrades included."""
        return self._call(lambda: Counter(self.core.paths))

    @property
    def methods(self) -> Counter[str]:
        """Requests by method."""
        return self._call(lambda: Counter(self.core.methods))

    def wait_for(self, condition: Callable[[], bool], seconds: float = 5.0) -> None:
        """Returns as soon as the condition holds; raises TimeoutError if it never does."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError("the simulated home never got there")
            time.sleep(0.002)

    # Orders

    def _call(self, function: Callable[[], T]) -> T:
        """Runs a function in the server's loop, from whatever thread."""
        if self._loop is None or self._loop.is_closed() or self._is_in_loop():
            return function()

        async def call() -> T:
            return function()

        return self._wait_for_loop(call())

    def _wait_for_loop(self, coroutine: Coroutine[Any, Any, T]) -> T:
        if self._loop is None:
            coroutine.close()
            raise RuntimeError("the simulated server is not running")
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(CALL_SECONDS)

    def _is_in_loop(self) -> bool:
        try:
            return asyncio.get_running_loop() is self._loop
        except RuntimeError:  # this thread runs none
            return False

    def _begin_restart(self, come_back: Coroutine[Any, Any, None]) -> None:
        def begin() -> None:
            self._restart = asyncio.get_running_loop().create_task(come_back)

        self._call(begin)

    def _cancel_restart(self) -> None:
        if self._restart is not None:
            self._restart.cancel()


def process_options(package: str, what: str, port: int, rate: float, rate_help: str) -> argparse.ArgumentParser:
    """The options that every simulator's process has."""
    parser = argparse.ArgumentParser(prog=f"python -m {package}", description=what)
    parser.add_argument("--port", type=int, default=port, help=f"0 for any (default {port})")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default this machine's alone)")
    parser.add_argument("--rate", type=float, default=rate, help=f"{rate_help} (default {rate:g})")
    parser.add_argument("--seed", type=int, default=0, help="of what happens; the home is always the same (default 0)")
    return parser


def run_process(simulators: Sequence[Runner[Any]], what: str, port: int | str, say_ready: Callable[[], None]) -> int:
    """Serves them all until SIGTERM or SIGINT; the result is the process's."""
    waiting = list(simulators)

    def one_is_ready() -> None:
        waiting.pop()
        if not waiting:
            say_ready()

    async def serve() -> None:
        for signal_number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(signal_number, stop)
        await asyncio.gather(*(simulator.serve(one_is_ready) for simulator in simulators))

    def stop() -> None:
        for simulator in simulators:
            simulator.stop()

    try:
        asyncio.run(serve())
    except OSError as err:
        print(f"{what} cannot listen on port {port}: {err.strerror}.", file=sys.stderr)
        return 1
    return 0
