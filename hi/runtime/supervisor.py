"""Starts children in order, restarts those that crash, ends all of them together.

One thread and one loop: signals, output and deaths arrive through one selector, so nothing races with anything.
"""

import selectors
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

from hi.runtime.child import Child, ChildSpec
from hi.runtime.logs import Output
from hi.runtime.refusal import Refusal
from hi.runtime.restarts import RestartPolicy

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# Together below the 5 s in which Ctrl-C must have ended everything.
STOP_SECONDS = 3.3
LAST_STOP_SECONDS = 1.0
SAME_REQUEST_SECONDS = 0.3


class Stopped(Exception):
    """Somebody asked to stop while we were waiting for something."""


class Supervisor:
    def __init__(self, cwd: Path, output: Output, make_policy: Callable[[], RestartPolicy] = RestartPolicy) -> None:
        self.cwd = cwd
        self.output = output
        self.make_policy = make_policy
        self.children: list[Child] = []
        self.stop_requests = 0
        self._last_request = float("-inf")
        self._selector = selectors.DefaultSelector()
        self._wake_read, self._wake_write = socket.socketpair()
        self._old_handlers: dict[signal.Signals, Any] = {}

    def __enter__(self) -> "Supervisor":
        for end in (self._wake_read, self._wake_write):
            end.setblocking(False)
        self._selector.register(self._wake_read, selectors.EVENT_READ, None)
        signal.set_wakeup_fd(self._wake_write.fileno(), warn_on_full_buffer=False)
        for number in STOP_SIGNALS:
            self._old_handlers[number] = signal.signal(number, self._request_stop)
        # A handler, even an empty one, is what makes the death of a child wake the selector.
        self._old_handlers[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda number, frame: None)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        signal.set_wakeup_fd(-1)
        for number, handler in self._old_handlers.items():
            signal.signal(number, handler)
        self._selector.close()
        self._wake_read.close()
        self._wake_write.close()

    def _request_stop(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        # One Ctrl-C may arrive twice: from the terminal, and passed on by a parent.
        if now - self._last_request > SAME_REQUEST_SECONDS:
            self.stop_requests += 1
        self._last_request = now

    def start(self, spec: ChildSpec) -> Child:
        """Start a child that is to live as long as we do."""
        child = Child(spec, self.make_policy())
        self._launch(child)
        self.children.append(child)
        return child

    def run_once(self, spec: ChildSpec) -> tuple[int, list[str]]:
        """Run a step to its end: (exit code, its lines). Raises Stopped when asked to stop meanwhile."""
        child = Child(spec)
        lines: list[str] = []
        self._launch(child)
        try:
            while child.exit_code() is None:
                self._wait(child, lines, 0.2)
                if self.stop_requests:
                    raise Stopped
            self._drain(child, lines)
            return child.exit_code() or 0, lines
        finally:
            child.signal_group(signal.SIGKILL)
            if child.process:
                child.process.wait()
            self._forget(child)

    def tick(self, seconds: float = 0.2) -> None:
        """Handle what happens within that time. Raises Stopped when asked to stop, Refusal after giving up."""
        self._wait(None, None, seconds)
        if self.stop_requests:
            raise Stopped
        now = time.monotonic()
        for child in self.children:
            code = child.exit_code()
            if code is not None:
                self._handle_crash(child, code, now)
            elif child.restart_at is not None and now >= child.restart_at:
                self._launch(child)

    def _handle_crash(self, child: Child, code: int, now: float) -> None:
        self._drain(child, None)
        self._forget(child)
        how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        why = f": {child.last_line}" if child.last_line and code > 0 else ""
        delay = child.policy.next_delay(child.started_at, now)
        if delay is None:
            raise Refusal(
                f"{child.name} crashed {child.policy.max_crashes} times within {child.policy.window_seconds:g} s"
                f" ({how}{why}): giving up; its log is {self.output.path(child.name)}."
            )
        self.output.say(f"{child.name} {how}{why}; starting it again in {delay:g} s.")
        child.restart_at = now + delay

    def stop(self) -> None:
        """End every child, together, then what they depend on."""
        for last, seconds in ((False, STOP_SECONDS), (True, LAST_STOP_SECONDS)):
            self._stop_group([child for child in self.children if child.spec.stops_last is last], seconds)
        self.children = []

    def _stop_group(self, children: list[Child], seconds: float) -> None:
        children = [child for child in children if child.running]
        for child in children:
            child.signal_leader(signal.SIGTERM)
        deadline = time.monotonic() + seconds
        requests = self.stop_requests
        while any(child.exit_code() is None for child in children):
            # Asked again: the person does not want to wait.
            if time.monotonic() > deadline or self.stop_requests > requests:
                for child in children:
                    child.signal_group(signal.SIGKILL)
            self._wait(None, None, 0.05)
        for child in children:
            self._drain(child, None)
            self._forget(child)

    def _launch(self, child: Child) -> None:
        try:
            descriptor = child.start(self.cwd)
        except OSError as err:
            raise Refusal(f"{child.name} can't be started: {child.spec.argv[0]}: {err.strerror}.") from err
        self._selector.register(descriptor, selectors.EVENT_READ, child)

    def _wait(self, step: Child | None, lines: list[str] | None, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            if key.data is None:
                self._swallow_wakeups()
            elif self._pump(key.data, lines if key.data is step else None) is False:
                self._selector.unregister(key.fd)

    def _swallow_wakeups(self) -> None:
        with suppress(BlockingIOError):
            while self._wake_read.recv(4096):
                pass

    def _pump(self, child: Child, lines: list[str] | None) -> bool:
        found = child.read_lines()
        for line in found or ():
            self.output.child_line(child.name, line)
            if lines is not None:
                lines.append(line)
        return found is not None

    def _drain(self, child: Child, lines: list[str] | None) -> None:
        """What an ended child had still written; a grandchild that holds the pipe open can't keep us waiting."""
        while child.output is not None:
            with selectors.DefaultSelector() as peek:
                peek.register(child.output, selectors.EVENT_READ)
                if not peek.select(0) or not self._pump(child, lines):
                    return

    def _forget(self, child: Child) -> None:
        if child.output is not None and child.output in self._selector.get_map():
            self._selector.unregister(child.output)
        child.close()
