"""Controls of the simulated server that restart it, or break what only it has."""

import asyncio

from hi.testing.controls import FaultControls
from hi.testing.hass.core import Core
from hi.testing.server import Server


class ServerControls(FaultControls[Core]):
    """Faults and restarts. Every method may be called from any thread and has taken effect when it returns."""

    def __init__(self, core: Core, server: Server, port: int = 0) -> None:
        super().__init__(core, server, port)
        self.home = core.home
        self._clock = core.home.clock

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

        self._begin_restart(come_back())

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
        self._wait_for_loop(self._open(entities, core_state))

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

    # What only this server has

    def close_connections(self) -> None:
        """Closes every WebSocket with 1000, as the real server does for many reasons."""
        self._call(self.server.close_connections)

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

    def skew_clock(self, seconds: float) -> None:
        """Until healed the server's clock is wrong by so much."""
        self._call(lambda: setattr(self.home, "clock", lambda: self._clock() + seconds))

    def set_version(self, version: str) -> None:
        """The same home under another version, as far as it says so."""
        self._call(lambda: setattr(self.core, "version", version))

    def heal(self) -> None:
        """Ends every fault, a stall and a ban included. A server that is down stays down."""
        super().heal()
        self.core.failed_logins = 0
        self.skew_clock(0.0)
