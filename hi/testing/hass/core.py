"""What every connection of the simulated server shares: the home, who may enter, the faults in force, the counters."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from hi.testing.core import ServerCore
from hi.testing.faults import Faults
from hi.testing.hass.home_model import Home
from hi.testing.hass.model import Row
from hi.testing.hass.rows import HA_VERSION, server_config


@dataclass(slots=True)
class HassFaults(Faults):
    refused_commands: dict[str, tuple[str, str]] = field(default_factory=dict)
    """WebSocket commands answered with an error: type to (code, message)."""
    failing_services: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Services that fail, "domain.service" to (code, message)."""
    service_seconds: float = 0.0
    """How long a service lets its caller wait for the answer."""
    answers_lost: bool = False
    """Do what a service is called for, then break the line instead of answering."""
    without_effect: bool = False
    """Say that a service has done it, and do nothing."""
    token_refused: bool = False
    banned: bool = False


@dataclass(slots=True)
class Core(ServerCore):
    """The state of one simulated server; belongs to the event loop that serves it."""

    home: Home
    token: str
    ban_after: int | None = None
    max_pending: int = 4096
    auth_seconds: float = 10.0
    close_seconds: float = 10.0
    linger_seconds: float = 0.0
    pace: float = 1.0
    """How much longer than a second a second of what takes time is: covers, locks, alarm panels."""
    version: str = HA_VERSION
    faults: HassFaults = field(default_factory=HassFaults, kw_only=True)
    connections: int = 0
    overflows: int = 0
    commands: Counter[str] = field(default_factory=Counter)
    calls: list[Row] = field(default_factory=list)
    """Every call of a service that has come in, in order."""
    answers: int = 0
    """How many of them have been answered over a WebSocket."""
    moving: dict[str, list[asyncio.TimerHandle]] = field(default_factory=dict)
    """What entities will still do, by `entity_id`."""

    def check_token(self, token: object) -> bool:
        """Counts the login; enough wrong ones ban the client's address."""
        if token == self.token and not self.faults.token_refused:
            self.logins += 1
            return True
        self.failed_logins += 1
        if self.ban_after is not None and self.failed_logins >= self.ban_after:
            self.faults.banned = True
        return False

    def config(self) -> Row:
        components = sorted({entity_id.partition(".")[0] for entity_id in self.home.states})
        return server_config(self.home.name, self.version, self.url, self.home.core_state, components)
