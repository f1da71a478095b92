"""One child process: started in a session of its own, its output drained, ended with everything it started."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hi.runtime.forked import CAN_FORK, Forked
from hi.runtime.restarts import RestartPolicy
from hi.utils.own_process import die_with_parent


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """What to start."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    # Written by the child once it does its work; empty for one that needs no telling.
    ready_file: Path | None = None
    # What the child gets when the supervisor is killed. Only a server that must flush deserves better than KILL,
    # which alone is certain.
    orphan_signal: signal.Signals = signal.SIGKILL
    # For what the others need in order to end well.
    stops_last: bool = False
    # `argv` is `python -m` of one of hi's modules, which a copy of this process can run.
    is_hi: bool = False


def start_process(spec: ChildSpec, cwd: Path, streams: tuple[int, int, int]) -> subprocess.Popen[bytes] | Forked:
    """In a session of its own: away from the terminal's Ctrl-C, and a group that can be ended as a whole. `streams` are
    the descriptors that become its standard ones. Raises OSError when it can't be run."""
    if spec.is_hi and CAN_FORK:
        environment, orphaned = {**os.environ, **spec.env}, die_with_parent(spec.orphan_signal)
        return Forked(spec.argv, cwd, environment, streams, orphaned)
    return start_alone(spec, cwd, streams)


def start_alone(spec: ChildSpec, cwd: Path, streams: tuple[int, int, int]) -> subprocess.Popen[bytes]:
    """The same, as a program that loads everything itself."""
    return subprocess.Popen(  # nosec B603 - hi's own commands (`processes.py`), without a shell
        list(spec.argv),
        cwd=cwd,
        env={**os.environ, **spec.env},
        stdin=streams[0],
        stdout=streams[1],
        stderr=streams[2],
        start_new_session=True,
        preexec_fn=die_with_parent(spec.orphan_signal),
    )


class Child:
    """A running or waiting child. Start it from the main thread: Linux ties the death signal to the starting thread."""

    def __init__(self, spec: ChildSpec, policy: RestartPolicy | None = None) -> None:
        self.spec = spec
        self.policy = policy or RestartPolicy()
        self.process: subprocess.Popen[bytes] | Forked | None = None
        # What it says is read from here.
        self.output: int | None = None
        self.started_at = 0.0
        self.restart_at: float | None = None
        self.last_line = ""
        self._partial = b""

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def running(self) -> bool:
        return self.process is not None

    def start(self, cwd: Path) -> int:
        """Start it and return the file descriptor to read its output from. Raises OSError when it can't be run."""
        if self.spec.ready_file:
            self.spec.ready_file.unlink(missing_ok=True)
        self.output, theirs = os.pipe()
        nothing = os.open(os.devnull, os.O_RDONLY)
        try:
            self.process = start_process(self.spec, cwd, (nothing, theirs, theirs))
        finally:
            os.close(theirs)
            os.close(nothing)
        self.started_at = time.monotonic()
        self.restart_at = None
        self.last_line = ""
        self._partial = b""
        os.set_blocking(self.output, False)
        return self.output

    def read_lines(self) -> list[str] | None:
        """Whole lines that came in; None at the end of the output."""
        if self.output is None:
            return None
        try:
            data = os.read(self.output, 65536)
        except BlockingIOError:
            return []
        *whole, self._partial = (self._partial + data).split(b"\n")
        if not data:
            whole, self._partial = ([self._partial] if self._partial else []), b""
        # A child that never ends its line must not fill our memory.
        if len(self._partial) > 65536:
            whole, self._partial = [*whole, self._partial], b""
        lines = [line.decode("utf-8", "replace").rstrip() for line in whole]
        self.last_line = next((line for line in reversed(lines) if line), self.last_line)
        return lines if data or lines else None

    def exit_code(self) -> int | None:
        """None while it runs. Once it ended, whatever it left in its group is ended too."""
        if self.process is None:
            return None
        code = self.process.poll()
        if code is not None:
            self.signal_group(signal.SIGKILL)
        return code

    def close(self) -> None:
        """Forget the ended process."""
        if self.output is not None:
            os.close(self.output)
        self.process = self.output = None

    def signal_leader(self, number: signal.Signals) -> None:
        if self.process is not None:
            # Popen.send_signal polls first, so a reused process id is never hit.
            self.process.send_signal(number)

    def signal_group(self, number: signal.Signals) -> None:
        if self.process is not None:
            # macOS answers "not permitted" for a group of zombies.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    @property
    def ready(self) -> bool:
        return self.running and (self.spec.ready_file is None or self.spec.ready_file.exists())
