"""What `docker compose` starts, as a project of its own beside whatever else runs here."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests

from tests.e2e.container_hub import IMAGE
from tests.e2e.hub import free_port

ROOT = Path(__file__).parents[2]
SCALED = ("--scale", "worker=2", "--scale", "listener=2")
UP_SECONDS = 240


class Composed:
    def __init__(self) -> None:
        self.project = f"hi-test-{uuid4().hex[:8]}"
        self.port = free_port()
        self.environment = {
            **os.environ,
            "COMPOSE_PROJECT_NAME": self.project,
            "COMPOSE_PROFILES": "demo",
            "HI_IMAGE": IMAGE,
            "HI_PORT": str(self.port),
            "HI_FLOWER_PORT": str(free_port()),
            "HI_TIME_ZONE": "UTC",
            "HI_LEASE_SECONDS": "4",
        }
        self.session = requests.Session()
        self.session.trust_env = False

    def up(self) -> None:
        self.compose("up", "--wait", "--no-build", *SCALED, seconds=UP_SECONDS)
        token = self.compose("exec", "-T", "web", "python", "manage.py", "token", "tests", "--scope", "operate").strip()
        self.session.headers["Authorization"] = f"Bearer {token}"

    def down(self) -> None:
        self.compose("down", "--volumes", "--timeout", "5", seconds=120)

    def compose(self, *words: str, seconds: float = 60) -> str:
        done = subprocess.run(
            ["docker", "compose", *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=seconds,
        )
        assert done.returncode == 0, f"docker compose {words[0]}: {done.stderr[-2000:]}"
        return done.stdout

    def docker(self, *words: str, seconds: float = 60) -> str:
        done = subprocess.run(["docker", *words], capture_output=True, text=True, timeout=seconds, check=True)
        return done.stdout

    def containers(self, service: str = "", *, all_: bool = False) -> list[dict[str, Any]]:
        """As `docker inspect` tells them; `all_`: those that have ended too."""
        wanted = [*(["--all"] if all_ else []), "--quiet", *([service] if service else [])]
        ids = self.compose("ps", *wanted).split()
        found: list[dict[str, Any]] = json.loads(self.docker("inspect", *ids)) if ids else []
        return found

    def logs(self, service: str = "") -> str:
        return self.compose("logs", "--no-color", *([service] if service else []))

    def get(self, path: str) -> Any:
        answer = self.session.get(self._address(path), timeout=10)
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, body: dict[str, object] | None = None) -> Any:
        answer = self.session.post(self._address(path), json=body, timeout=10)
        assert answer.status_code == 202, answer.text
        return answer.json()

    def look(self, path: str) -> requests.Response:
        """Without a token, as a browser does that was given a link."""
        answer = requests.get(self._address(path), timeout=10)
        answer.raise_for_status()
        return answer

    def demo(self, integration_type: str = "hass") -> Any:
        """One of the two systems of the demo, as the API tells it."""
        found = {one["integration_type"]: one for one in self.get("/api/v1/integrations")["items"]}
        return found[integration_type]

    def _address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


def service_of(container: dict[str, Any]) -> str:
    return str(container["Config"]["Labels"]["com.docker.compose.service"])
