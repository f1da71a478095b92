"""Controls of the simulated server that break the line, the answers or the server itself."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from hi.testing.hass.core import Core, Faults
from hi.testing.hass.server import Server

T = TypeVar("T")

CALL_SECONDS = 10.0


class ServerControls:
    """Faults and restarts. Every method may be called from any thread and has taken effect when it returns."""

    def __init__(self, core: Core, server: Server) -> None:
        self.core = core
        self.home = core.home
        self.server = server
        self._loop: asyncio.AbstractEventLoop | None = None
        self._restart: asyncio.Task[None] | None = None

    def _call(self, function: Callable[[], T]) -> T:
        """Runs a function in the server's loop, from whatever thread."""
        if self._loop is None or self._loop.is_closed() or self._is_in_loop():
            return function()

        async def call() -> T:
            return function()

        return asyncio.run_coroutine_threadsafe(call(), self._loop).result(CALL_SECONDS)

    def _is_in_loop(self) -> bool:
        try:
            return asyncio.get_running_loop() is self._loop
        except RuntimeError:  # this thread runs none
            return False

    # Restart: all by the clock, or one step at a time

    def restart(self, down_seconds: float = 0.1, starting_seconds: float = 0.1, linger_seconds: float = 0.0) -> None:
        """Begins a restart as `homeassistant.restart` does it, and returns at once.

        Close frames go out now (TCP stays open for `linger_seconds`; 10 on a real server), connections are refused for
        `down_seconds` (10 to 20), then half of `starting_seconds` is NOT_RUNNING and half STARTING, then RUNNING.
        """
        self.go_down(linger_seconds)

        async def come_back() -> None:
            await asyncio.sleep(down_seconds)
            await self._open()
            await asyncio.sleep(starting_seconds / 2)
            self.home.set_core_state("STARTING")
            await asyncio.sleep(starting_seconds / 2)
            self._finish_starting()

        def begin() -> None:
            self._restart = asyncio.get_running_loop().create_task(come_back())

        self._call(begin)

    def go_down(self, linger_seconds: float = 0.0) -> None:
        """Closes every connection with 1000 and refuses new ones until `come_up`."""

        def down() -> None:
            self._cancel_restart()
            self.core.linger_seconds = linger_seconds
            self.home.core_state = "NOT_RUNNING"
            self.server.close_connections()
            self.server.refuse()

        self._call(down)

    def come_up(self, entities: int = 6, core_state: str = "NOT_RUNNING") -> None:
        """Listens again on the same port, with the registries but only the first `entities` states."""
        if self._loop is None:
            raise RuntimeError("the simulated server is not running")
        self.home.core_state = core_state
        asyncio.run_coroutine_threadsafe(self._open(entities, core_state), self._loop).result(CALL_SECONDS)

    def finish_starting(self) -> None:
        """Brings the rest of the states and says RUNNING."""
        self._call(self._finish_starting)

    async def _open(self, entities: int = 6, core_state: str = "NOT_RUNNING") -> None:
        self.core.linger_seconds = 0.0
        self.home.unload(entities)
        self.home.core_state = core_state
        await self.server.open(self.server.port)

    def _finish_starting(self) -> None:
        self.home.load()
        self.home.set_core_state("RUNNING")

    def _cancel_restart(self) -> None:
        if self._restart is not None:
            self._restart.cancel()

    # The line

    def cut(self) -> None:
        """Drops every connection without a close frame, as a dead process or a pulled cable with a reset does."""
        self._call(self.server.abort_connections)

    def close_connections(self) -> None:
        """Closes every WebSocket with 1000, as the real server does for many reasons."""
        self._call(self.server.close_connections)

    def stall(self) -> None:
        """Goes on accepting connections but answers nothing, not even pings: a half-open line, a frozen process."""
        self._call(self.core.flow.clear)

    def unstall(self) -> None:
        """Answers what came in meanwhile, and what comes."""
        self._call(self.core.flow.set)

    def drip(self, seconds: float = 0.02) -> None:
        """Sends everything one byte at a time, this far apart."""
        self._set_fault(drip_seconds=seconds)

    # The answers

    def fail(self, status: int = 500) -> None:
        """Answers every request and every upgrade with this status; open WebSockets stay."""
        self._set_fault(status=status)

    def answer_html(self) -> None:
        """Answers every request and every upgrade with 200 and a page."""
        self._set_fault(html=True)

    def partial(self, rows: int, *commands: str) -> None:
        """Cuts lists to their first rows: those of the commands named, or `get_states` and every registry."""
        self._set_fault(rows=rows, partial_commands=frozenset(commands))

    def refuse_command(self, command: str, code: str = "unauthorized", message: str = "Unauthorized") -> None:
        """Answers a WebSocket command with an error, as for a user without the rights."""
        refused = {**self.core.faults.refused_commands, command: (code, message)}
        self._set_fault(refused_commands=refused)

    def fail_service(self, service: str, message: str, code: str = "home_assistant_error") -> None:
        """Lets a service, "light.turn_on" for example, fail with this reason."""
        self._set_fault(failing_services={**self.core.faults.failing_services, service: (code, message)})

    def slow_services(self, seconds: float) -> None:
        """Does what services are called for at once, and answers so much later."""
        self._set_fault(service_seconds=seconds)

    def lose_answers(self) -> None:
        """Does what services are called for, then drops the line instead of answering."""
        self._set_fault(answers_lost=True)

    def ignore_services(self) -> None:
        """Says that services have done what they are called for, and does nothing."""
        self._set_fault(without_effect=True)

    def refuse_token(self) -> None:
        """Refuses new logins with the token; who is in stays in."""
        self._set_fault(token_refused=True)

    def revoke_token(self) -> None:
        """Refuses new logins and closes every WebSocket with 1000."""
        self.refuse_token()
        self.close_connections()

    def ban(self) -> None:
        """Answers 403 to everything, a good token included, as after too many bad logins; who is in stays in."""
        self._set_fault(banned=True)

    def heal(self) -> None:
        """Ends every fault, a stall and a ban included. A server that is down stays down."""

        def forget() -> None:
            self.core.faults = Faults()
            self.core.failed_logins = 0
            self.core.flow.set()

        self._call(forget)

    def _set_fault(self, **fields: object) -> None:
        def change() -> None:
            for name, value in fields.items():
                setattr(self.core.faults, name, value)

        self._call(change)
