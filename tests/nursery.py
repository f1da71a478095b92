"""Starts Python programs as copies of a process that has loaded the libraries which all of them need.

The tests start some hundred programs, and loading libraries is most of what each of them would do. Of hi itself a
program loads everything anew, with the environment that it is given: only what is the same for all is there already.
The processes of one hub are copies of one that has loaded hi too, as `make run` starts them.
"""

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path

from hi.runtime import forked
from hi.utils.own_process import die_with_parent

ROOT = Path(__file__).parents[1]
# None of them reads settings when it is loaded.
LIBRARIES = (
    "celery.apps.beat",
    "celery.apps.worker",
    "cryptography.fernet",
    "cryptography.x509",
    "django.contrib.staticfiles.storage",
    "django.core.management",
    "django.db.migrations.executor",
    "django.db.models",
    "django.forms",
    "django.template.loader",
    "django.test.client",
    "django.views.generic",
    "kombu.transport.redis",
    "pybreaker",
    "pydantic",
    "redis",
    "requests",
    "uvicorn",
    "websockets",
    "yaml",
)


class Nursery:
    """What its copies start from; it ends when we do. With a `hub`'s environment it loads hi."""

    def __init__(self, hub: Mapping[str, str] | None = None) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="hi-nursery-")
        self._socket = Path(self._folder.name) / "socket"
        words = ("-m", "tests.nursery", str(self._socket))
        if hub is None:
            self._process: subprocess.Popen[bytes] | Copy = subprocess.Popen(
                [sys.executable, *words],
                cwd=ROOT,
                # Read when Celery's libraries are loaded, and the same in all that hi starts.
                env=os.environ | {"REMAP_SIGTERM": "SIGQUIT"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                preexec_fn=die_with_parent(signal.SIGKILL),
            )
            assert self._process.stdout
            self._process.stdout.readline()
        else:
            read, write = os.pipe()
            self._process = libraries().start([*words, "hi"], hub, (0, write, 2))
            os.close(write)
            with open(read, "rb") as said:
                said.readline()

    def start(
        self, words: Sequence[str], env: Mapping[str, str], streams: tuple[int, int, int], cwd: Path = ROOT
    ) -> "Copy":
        """`python words…`, which begin with `-m`."""
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(str(self._socket))
        socket.send_fds(connection, [b"!"], streams)
        connection.sendall(json.dumps([list(words), dict(env), str(cwd)]).encode() + b"\n")
        return Copy(connection)

    def close(self) -> None:
        self._process.kill()
        self._process.wait(10)
        if isinstance(self._process, subprocess.Popen) and self._process.stdout:
            self._process.stdout.close()
        self._folder.cleanup()


class Copy:
    """A program that runs, with the interface of `subprocess.Popen`."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._told = connection.makefile("r")
        self.pid = int(self._told.readline())
        self.returncode: int | None = None

    def poll(self) -> int | None:
        return self._look(0)

    def wait(self, seconds: float | None = None) -> int:
        code = self._look(seconds)
        if code is None:
            raise subprocess.TimeoutExpired(f"process {self.pid}", seconds or 0)
        return code

    def _look(self, seconds: float | None) -> int | None:
        if self.returncode is None and select.select([self._connection], [], [], seconds)[0]:
            self.returncode = int(self._told.readline())
            self._told.close()
            self._connection.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


@cache
def libraries() -> Nursery:
    """The one of this run of tests."""
    nursery = Nursery()
    atexit.register(nursery.close)
    return nursery


def run(
    words: Sequence[str], env: Mapping[str, str], seconds: float = 120, cwd: Path = ROOT
) -> "subprocess.CompletedProcess[str]":
    """As `subprocess.run` of `python words…`, which begin with `-m`; `-m manage` is manage.py."""
    if not forked.CAN_FORK:
        command = [sys.executable, *words]
        return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=seconds)
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err, open(os.devnull) as nothing:
        process = libraries().start(words, env, (nothing.fileno(), out.fileno(), err.fileno()), cwd)
        try:
            code = process.wait(seconds)
        finally:
            process.kill()
        for file in (out, err):
            file.seek(0)
        return subprocess.CompletedProcess(list(words), code, out.read(), err.read())


def main() -> None:
    path, *more = sys.argv[1:]
    if more:
        forked.load(os.environ)
    else:
        for name in LIBRARIES:
            import_module(name)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(64)
        print("ready", flush=True)
        # The kernel forgets those that have ended.
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        while True:
            connection, _ = listener.accept()
            arrange = die_with_parent(signal.SIGKILL)
            if os.fork() == 0:
                if arrange:
                    arrange()
                listener.close()
                _tend(connection)
                os._exit(0)
            connection.close()


def _tend(connection: socket.socket) -> None:
    """One copy: tell its process id, and how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _, streams, _, _ = socket.recv_fds(connection, 1, 3)
    words, environment, folder = json.loads(connection.makefile("rb").readline())
    arrange = die_with_parent(signal.SIGKILL)
    process = forked.Forked(
        ["python", *words], Path(folder), environment, (streams[0], streams[1], streams[2]), arrange
    )
    for stream in streams:
        os.close(stream)
    connection.sendall(f"{process.pid}\n".encode())
    connection.sendall(f"{process.wait()}\n".encode())


if __name__ == "__main__":
    main()
