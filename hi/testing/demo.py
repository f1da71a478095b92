"""What the demo command needs to know of the demo home and its cameras: how to start them, and how to connect."""

import sys
from dataclasses import dataclass, field

TOKEN_VARIABLE = "HI_DEMO_TOKEN"
"""Where the simulator reads its token: the environment, since everybody can read a process's arguments."""

CAMERAS_VARIABLE = "HI_DEMO_CAMERAS"
"""Where the cameras' simulator reads its account from: `user:password`."""


@dataclass(frozen=True, slots=True)
class DemoHome:
    """The connection that the demo makes."""

    integration_type: str
    label: str
    settings: dict[str, str] = field(repr=False)


def demo_home(host: str, port: int, token: str) -> DemoHome:
    return DemoHome("hass", "Demo home", {"url": f"http://{host}:{port}", "token": token})


def simulator_command(port: int, rate: float = 2.0) -> list[str]:
    """The arguments of the process; give it the token in `TOKEN_VARIABLE`."""
    return [sys.executable, "-m", "hi.testing.hass", "--port", str(port), "--rate", f"{rate:g}"]


def cameras_command(port: int, rate: float = 2.0) -> list[str]:
    """The same for the cameras; give it the account in `CAMERAS_VARIABLE`."""
    return [sys.executable, "-m", "hi.testing.zoneminder", "--port", str(port), "--rate", f"{rate:g}"]
