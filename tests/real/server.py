"""The real Home Assistant that the tests of this folder talk to."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from websockets.sync.client import ClientConnection, connect

from tests.e2e.hub import free_port

LAUNCHER = Path(__file__).parent / "home-assistant"
# Of the launcher's own integration hi_synth, beside those of the demo.
SYNTHETIC = 5000


class Talk:
    """A signed-in WebSocket to the server, of which hi knows nothing."""

    def __init__(self, socket: ClientConnection, token: str) -> None:
        self._socket = socket
        self._last_id = 0
        assert self._receive()["type"] == "auth_required"
        self._socket.send(json.dumps({"type": "auth", "access_token": token}))
        assert self._receive()["type"] == "auth_ok"

    def ask(self, kind: str, **fields: Any) -> Any:
        return self.ask_all([(kind, fields)])[0]

    def ask_all(self, commands: Sequence[tuple[str, dict[str, Any]]]) -> list[Any]:
        """Send all, then read the answers; each must be a success."""
        numbers = []
        for kind, fields in commands:
            self._last_id += 1
            numbers.append(self._last_id)
            self._socket.send(json.dumps({"id": self._last_id, "type": kind, **fields}))
        answers: dict[int, Any] = {}
        while len(answers) < len(numbers):
            message = self._receive()
            if message.get("type") == "result":
                assert message["success"], message
                answers[message["id"]] = message["result"]
        return [answers[number] for number in numbers]

    def _receive(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self._socket.recv(60))
        return message


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

    @contextmanager
    def talk(self) -> Iterator[Talk]:
        address = f"ws{self.url.removeprefix('http')}/api/websocket"
        with connect(address, max_size=None, compression=None, proxy=None) as socket:
            yield Talk(socket, self.token)

    def has(self, component: str) -> bool:
        return component in self.request("GET", "config")["components"]

    def call(self, domain: str, service: str, **data: Any) -> None:
        self.request("POST", f"services/{domain}/{service}", data)

    def restart(self) -> None:
        """It goes down some time after this."""
        with suppress(requests.RequestException):  # it often ends before it answers
            self.call("homeassistant", "restart")


@contextmanager
def running_server() -> Iterator[Server]:
    if url := os.environ.get("HI_REAL_HA_URL"):
        yield Server(url.rstrip("/"), os.environ["HI_REAL_HA_TOKEN"])
        return
    with tempfile.TemporaryDirectory(prefix="hi-real-") as config:
        port = str(free_port())
        done = subprocess.run(
            [sys.executable, str(LAUNCHER / "start"), port, "--config", config, "--entities", str(SYNTHETIC)],
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
