"""The whole of hi as `make run` starts it: a data folder and ports of its own, seen from outside."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from tests import nursery

ROOT = Path(__file__).parents[2]


def free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


class Hi:
    """A hi of its own: data folder, ports, and the processes that carry its folder in their environment."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.port, self.flower_port, self.demo_port, self.cameras_port = free_ports(4)
        self.environment = {
            "PATH": os.environ["PATH"],
            "HI_DATA_DIR": str(data_dir),
            "HI_PORT": str(self.port),
            "HI_FLOWER_PORT": str(self.flower_port),
            "HI_DEMO_PORT": str(self.demo_port),
            "HI_DEMO_CAMERAS_PORT": str(self.cameras_port),
        }
        self.process: subprocess.Popen[str] | None = None
        self.log = data_dir.with_suffix(".terminal")

    def kill(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def start(self, *words: str) -> None:
        self.kill()
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "hi.runtime", *words],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )

    @property
    def terminal(self) -> str:
        return self.log.read_text()

    def log_of(self, name: str) -> str:
        """What a process has written; empty before it has."""
        log = self.data_dir / "logs" / f"{name}.log"
        return log.read_text() if log.exists() else ""

    def wait_for(self, condition: Callable[[], object], seconds: float = 60) -> None:
        assert self.process
        deadline = time.monotonic() + seconds
        while not condition():
            assert self.process.poll() is None, f"hi ended early:\n{self.terminal}"
            assert time.monotonic() < deadline, f"hi took too long:\n{self.terminal}"
            time.sleep(0.05)

    def start_and_wait(self, *words: str) -> float:
        began = time.monotonic()
        self.start(*words)
        self.wait_for(lambda: "Ctrl-C stops everything" in self.terminal)
        return time.monotonic() - began

    def end(self, number: signal.Signals) -> int:
        assert self.process
        self.process.send_signal(number)
        return self.process.wait(10)

    def processes(self) -> dict[int, str]:
        """All processes of this hi, however they are related, with their names and command lines."""
        marker = f"HI_DATA_DIR={self.data_dir}".encode()
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_text().replace("\0", " ")
                name = (folder / "comm").read_text().strip()
                marked = marker in (folder / "environ").read_bytes().split(b"\0")
            except OSError:
                continue
            # The Redis server writes its title over its environment, and the title names the socket. A zombie has no
            # command line.
            if words.strip() and (marked or f"unixsocket:{self.data_dir}/" in words):
                found[int(folder.name)] = f"{name} {words}"
        return found

    def run(self, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """`python words…`, which begin with `-m`."""
        return nursery.run(words, self.environment | environment, seconds=60)

    def get(self, path: str, port: int | None = None) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port or self.port}{path}", timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as err:
            with err:
                return err.code
