"""The real Home Assistant that the tests of this folder talk to."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.e2e.hub import free_port

LAUNCHER = Path(__file__).parent / "home-assistant"


@dataclass(frozen=True)
class Server:
    url: str
    token: str
    log: Path | None = None

    def refused_logins(self) -> int | None:
        """How many the server has logged; None for a server whose log is elsewhere."""
        return self.log.read_text(errors="replace").count("invalid authentication") if self.log else None

    def request(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = requests.request(method, f"{self.url}/api/{path}", json=body, headers=headers, timeout=20)
        answer.raise_for_status()
        return answer.json()

    def states(self) -> dict[str, dict[str, Any]]:
        return {state["entity_id"]: state for state in self.request("GET", "states")}

    def call(self, domain: str, service: str, **data: Any) -> None:
        self.request("POST", f"services/{domain}/{service}", data)


@contextmanager
def running_server() -> Iterator[Server]:
    if url := os.environ.get("HI_REAL_HA_URL"):
        yield Server(url.rstrip("/"), os.environ["HI_REAL_HA_TOKEN"])
        return
    with tempfile.TemporaryDirectory(prefix="hi-real-") as config:
        port = str(free_port())
        done = subprocess.run(
            [sys.executable, str(LAUNCHER / "start"), port, "--config", config],
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        started = json.loads(done.stdout)
        try:
            yield Server(started["url"], started["token"], Path(started["log"]))
        finally:
            subprocess.run([str(LAUNCHER / "stop"), str(started["pid"])], check=False, timeout=60)
