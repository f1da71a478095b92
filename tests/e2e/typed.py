"""A command in a terminal of a certain width: what a person sees of it, and keys that are pressed meanwhile."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from types import TracebackType

from tests.e2e.process import ROOT

ROWS = 40
STEERING = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Typed:
    """`shown` is everything that was written so far, colours and all."""

    def __init__(self, environment: Mapping[str, str], *words: str, columns: int = 80) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))
        kept = {name: value for name, value in environment.items() if name not in ("COLUMNS", "NO_COLOR")}
        self._process = subprocess.Popen(
            [sys.executable, "manage.py", "hub", *words],
            cwd=ROOT,
            env={**kept, "TERM": "xterm-256color"},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            # So that Ctrl-C reaches it as from a keyboard.
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # type: ignore[func-returns-value]
        )
        os.close(slave)
        self.shown = ""

    def __enter__(self) -> "Typed":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait(10)
        os.close(self._master)

    def press(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def wait_for(self, text: str, seconds: float = 30) -> None:
        self._read(seconds, until=text)
        assert text in STEERING.sub("", self.shown), self.shown

    def wait(self, seconds: float = 60) -> int:
        """Its exit code."""
        self._read(seconds)
        return self._process.wait(seconds)

    def screen(self) -> list[str]:
        """The lines that stand there now."""
        lines, at = [""], 0
        for token in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|\r|\n|[^\x1b\r\n]+", self.shown):
            if token == "\n":
                at += 1
                lines += [""] * (at + 1 - len(lines))
            elif token.endswith("F") and token.startswith("\x1b"):
                at -= int(token[2:-1])
            elif token == "\x1b[J":
                lines = [*lines[:at], ""]
            elif token != "\r" and not token.startswith("\x1b"):
                lines[at] += token
        return lines

    def _read(self, seconds: float, until: str | None = None) -> None:
        ends_at = time.monotonic() + seconds
        while time.monotonic() < ends_at:
            if until is not None and until in STEERING.sub("", self.shown):
                return
            if not select.select([self._master], [], [], 0.1)[0]:
                if self._process.poll() is not None:
                    return
                continue
            try:
                more = os.read(self._master, 65536)
            except OSError:  # the other end is closed
                return
            if not more:
                return
            self.shown += more.decode(errors="replace")
