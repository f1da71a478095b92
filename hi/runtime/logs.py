"""The children's output: a file each, kept small, and what matters on the terminal."""

import contextlib
import os
import re
import sys
from pathlib import Path
from typing import TextIO

from hi.utils.log_format import dump_fields, load_fields
from hi.utils.redact import LINE_END, redact
from hi.utils.trace import SHORT

MAX_BYTES = 5_000_000
KEEP = 3
ALARMING = ("WARNING", "ERROR", "CRITICAL")
_ALARMING_LINE = re.compile(rf"^\S+ \S+ ({'|'.join(ALARMING)}) ")


class LogFile:
    """Appends lines; at 5 MB the file becomes `.1`, the older ones move up, the fourth goes."""

    def __init__(self, path: Path, max_bytes: int = MAX_BYTES) -> None:
        self.path = path
        self.max_bytes = max_bytes
        self._file: TextIO | None = None

    def write(self, line: str) -> None:
        # A full disk must not take the home down with it: the line is lost, hi runs on.
        with contextlib.suppress(OSError):
            if self._file is None:
                self._file = open(self.path, "a", encoding="utf-8", buffering=1, opener=_private)  # noqa: SIM115
            if self._file.tell() + len(line) > self.max_bytes:
                self._rotate()
            self._file.write(line + "\n")

    def _rotate(self) -> None:
        assert self._file is not None
        self._file.close()
        for number in range(KEEP, 0, -1):
            older = self.path.with_name(f"{self.path.name}.{number}")
            newer = self.path.with_name(f"{self.path.name}.{number - 1}") if number > 1 else self.path
            if newer.exists():
                newer.replace(older)
        self._file = open(self.path, "a", encoding="utf-8", buffering=1, opener=_private)  # noqa: SIM115

    def close(self) -> None:
        if self._file:
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None


class Output:
    """Where lines go: all to the child's file, warnings and errors to the terminal as well."""

    def __init__(self, folder: Path, terminal: TextIO | None = None) -> None:
        self.folder = folder
        self.terminal = terminal or sys.stdout
        self._files: dict[str, LogFile] = {}

    def child_line(self, name: str, line: str) -> None:
        fields = load_fields(line)
        line = redact(line) if fields is None else dump_fields(fields)
        self._files.setdefault(name, LogFile(self.folder / f"{name}.log")).write(line)
        if alarm := _alarm(line):
            self._print(f"{name:>9} | {alarm}")

    def say(self, text: str) -> None:
        """Our own word, on the terminal and in `supervisor.log`."""
        for line in text.splitlines():
            # The block holds a sign-in link: on the terminal only.
            self._files.setdefault("supervisor", LogFile(self.folder / "supervisor.log")).write(redact(line))
        self._print(text)

    def show(self, text: str) -> None:
        """For the terminal alone."""
        self._print(text)

    def _print(self, text: str) -> None:
        # The terminal may be gone (closed window, broken pipe); that is no reason to stop.
        with contextlib.suppress(OSError, ValueError):
            print(text, file=self.terminal, flush=True)

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def close(self) -> None:
        for file in self._files.values():
            file.close()


def _alarm(line: str) -> str:
    """What a person at the terminal shall see of the line; empty for a calm one."""
    fields = load_fields(line)
    if fields is None:
        # A traceback follows as further parts of the line; the file has it whole.
        return line.partition(LINE_END)[0] if _ALARMING_LINE.search(line) else ""
    if fields.get("level") not in ALARMING:
        return ""
    message = fields.get("message", "").partition("\n")[0]
    trace = f" [{fields['trace'][:SHORT]}]" if "trace" in fields else ""
    return f"{fields.get('time', '')} {fields['level']}{trace} {fields.get('logger', '')}: {message}"


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
