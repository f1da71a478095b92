"""One process of a hub under test, with the interface that pytest-celery's nodes expect of a container."""

import os
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from hi.runtime.child import ChildSpec, start_alone
from tests.nursery import Copy, Nursery

ROOT = Path(__file__).parents[2]
Found = TypeVar("Found")


class Process(ABC):
    def __init__(self, spec: ChildSpec, is_ready: Callable[[], bool]) -> None:
        self.spec = spec
        self.name = self.id = spec.name
        self.celeryconfig: dict[str, Any] = {"url": spec.env.get("REDIS_URL", ""), "host_url": "", "vhost": "0"}
        self._is_ready = is_ready

    @property
    @abstractmethod
    def pid(self) -> int:
        """As this machine counts, whatever the process itself is told."""

    @property
    @abstractmethod
    def address(self) -> str:
        """`host:pid`, as the process itself sees them."""

    @property
    @abstractmethod
    def status(self) -> str: ...

    @abstractmethod
    def start(self) -> None:
        """Start it, for the first time or again, without waiting for it."""

    @abstractmethod
    def logs(self) -> str: ...

    @abstractmethod
    def send(self, number: int) -> None: ...

    @abstractmethod
    def wait(self, seconds: float) -> None:
        """Until it has ended."""

    @abstractmethod
    def teardown(self) -> None:
        """End it if it runs."""

    def ready(self) -> bool:
        wait_until(lambda: self._is_ready() or self._died(), f"{self.name} is ready", seconds=180)
        return True

    def kill(self, signal: str | int = "SIGKILL") -> None:
        number = _signal(signal)
        self.send(number)
        if number in (9, 15):
            self.wait(15)

    def reload(self) -> None:  # noqa: B027 - nothing is cached here
        pass

    def restart(self, timeout: int = 15) -> None:
        self.teardown()
        self.start()
        self.ready()

    def forget_readiness(self) -> None:
        if self.spec.ready_file:
            self.spec.ready_file.unlink(missing_ok=True)

    def _died(self) -> bool:
        if self.status == "exited":
            raise AssertionError(f"{self.name} ended:\n{self.logs()[-3000:]}")
        return False


class LocalProcess(Process):
    def __init__(
        self, spec: ChildSpec, log: Path, is_ready: Callable[[], bool], find_nursery: Callable[[], Nursery | None]
    ) -> None:
        """It starts as a copy from the nursery, if there is one for it."""
        super().__init__(spec, is_ready)
        self._log = log
        self._find_nursery = find_nursery
        # From its next start on it loads everything itself, as in a container.
        self.is_alone = False
        self._process: subprocess.Popen[bytes] | Copy | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def address(self) -> str:
        return f"{socket.gethostname()}:{self.pid}"

    @property
    def status(self) -> str:
        return "running" if self._process is not None and self._process.poll() is None else "exited"

    def start(self) -> None:
        self.forget_readiness()
        nursery = None if self.is_alone else self._find_nursery()
        with self._log.open("ab") as log, open(os.devnull) as nothing:
            streams = (nothing.fileno(), log.fileno(), log.fileno())
            if nursery:
                self._process = nursery.start(self.spec.argv[1:], {**os.environ, **self.spec.env}, streams)
                return
            self._process = start_alone(replace(self.spec, orphan_signal=signal.SIGKILL), ROOT, streams)

    def logs(self) -> str:
        return self._log.read_text(errors="replace")

    def send(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def wait(self, seconds: float) -> None:
        assert self._process is not None
        self._process.wait(seconds)

    def teardown(self) -> None:
        if self._process is None:
            return
        if self.status == "running":
            self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
        self._process = None


def _signal(given: str | int) -> int:
    return int(signal.Signals[given]) if isinstance(given, str) else given


def wait_until(
    look: Callable[[], Found], what: str, seconds: float = 15, explain: Callable[[], str] = lambda: ""
) -> Found:
    """Look until something is found. Real processes take real time; a test that passes never waits it out. What takes
    longer is looked at less often: a look is a request, and work for the hub."""
    began = time.monotonic()
    ends_at = began + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > ends_at:
            raise AssertionError(f"waited {seconds:g} s until {what}. {explain()}")
        time.sleep(min(max(0.1, (time.monotonic() - began) / 10), 0.5))
