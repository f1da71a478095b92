"""What the demo command needs to know of the demo home and its cameras: how to start them, and how to connect."""

import sys
from dataclasses import dataclass, field

TOKEN_VARIABLE = "HI_DEMO_TOKEN"
"""Where both simulators read the secret that lets hi in: the environment, since everybody can read a process's
arguments."""

CAMERAS_VARIABLE = "HI_DEMO_CAMERAS"
"""Where the cameras' simulator reads its account from where it runs alone: `user:password`."""

CAMERAS_USER = "demo"


@dataclass(frozen=True, slots=True)
class DemoHome:
    """A connection that the demo makes."""

    integration_type: str
    label: str
    settings: dict[str, str] = field(repr=False)


def demo_homes(host: str, port: int, cameras_port: int, token: str) -> list[DemoHome]:
    cameras = {"url": f"http://{host}:{cameras_port}/zm", "user": CAMERAS_USER, "password": token}
    return [
        DemoHome("hass", "Demo home", {"url": f"http://{host}:{port}", "token": token}),
        DemoHome("zoneminder", "Demo cameras", cameras),
    ]


def demo_command(port: int, cameras_port: int) -> list[str]:
    """The arguments of the process that is both; give it the secret in `TOKEN_VARIABLE`."""
    return [sys.executable, "-m", "hi.testing.demo_house", "--port", str(port), "--cameras-port", str(cameras_port)]
