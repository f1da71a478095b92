"""What every connection of a simulated server shares, whatever it serves."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from hi.testing.faults import Faults


def _open_gate() -> asyncio.Event:
    gate = asyncio.Event()
    gate.set()
    return gate


@dataclass(slots=True, kw_only=True)
class ServerCore:
    """The state of one simulated server; belongs to the event loop that serves it."""

    url: str = ""
    faults: Faults = field(default_factory=Faults)
    flow: asyncio.Event = field(default_factory=_open_gate)
    """Cleared while the server is stalled: connections are accepted, nothing is answered."""
    requests: int = 0
    paths: Counter[str] = field(default_factory=Counter)
    methods: Counter[str] = field(default_factory=Counter)
    logins: int = 0
    failed_logins: int = 0
