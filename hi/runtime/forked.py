"""Processes of hi as copies of this one, which has loaded hi already.

All of them load the same libraries, models and tasks. Copied from one parent, they hold that in memory once, and a
worker starts in a fifth of the time. On Linux only: system libraries of macOS do not survive a fork.
"""

import atexit
import ctypes
import gc
import os
import runpy
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import NoReturn

CAN_FORK = sys.platform == "linux"
# Beside the models, which Django loads: what workers, beat and web load before they work.
MODULES = (
    "celery.apps.beat",
    "celery.apps.worker",
    "kombu.transport.redis",
    "uvicorn",
    "hi.tasks.beat",
    "hi.tasks.consumer",
    "hi.tasks.listening",
    "hi.tasks.pool",
)


def load(environment: Mapping[str, str]) -> None:
    """Load hi, once, with the environment that all processes have. Raises ImproperlyConfigured."""
    if not CAN_FORK:
        return
    os.environ.update(environment)
    gc.disable()
    import django

    from hi.celery import app

    django.setup()
    app.loader.import_default_modules()
    for name in MODULES:
        import_module(name)
    # A collector that looked at all this would write to it, and what a copy writes to it holds for itself.
    gc.freeze()
    gc.enable()
    assert threading.active_count() == 1, "a copy would wait for ever for what another thread holds"


class Forked:
    """`python -m module words…`, run by a copy of this process: as much of `subprocess.Popen` as a child needs."""

    def __init__(
        self,
        argv: Sequence[str],
        cwd: Path,
        env: Mapping[str, str],
        streams: tuple[int, int, int],
        arrange: Callable[[], None] | None,
    ) -> None:
        """`streams` are the descriptors that become its standard ones; `arrange` is called in the copy, before anything
        else."""
        self.returncode: int | None = None
        # What is not written yet would be written twice.
        sys.stdout.flush()
        sys.stderr.flush()
        # What arrives before the copy has handlers of its own waits, rather than being taken for the parent's.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        try:
            self.pid = os.fork()
            if self.pid == 0:
                _become(argv, cwd, env, streams, arrange)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def poll(self) -> int | None:
        return self._wait(os.WNOHANG)

    def wait(self) -> int | None:
        return self._wait(0)

    def send_signal(self, number: signal.Signals) -> None:
        # Once it is waited for, its id may be another's.
        if self.poll() is None:
            os.kill(self.pid, number)

    def _wait(self, options: int) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, options)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode


def _become(
    argv: Sequence[str],
    cwd: Path,
    env: Mapping[str, str],
    streams: tuple[int, int, int],
    arrange: Callable[[], None] | None,
) -> NoReturn:
    """Run as the copy. It never goes back to what the parent was doing: that would end what is the parent's."""
    code = 1
    try:
        # What the parent does at its end is the parent's.
        atexit._clear()
        if arrange is not None:
            arrange()
        os.setsid()
        _let_go(streams)
        os.chdir(cwd)
        os.environ.clear()
        os.environ.update(env)
        code = _run(*argv[2:])
    except BaseException:  # noqa: BLE001 - whatever it is, it must not get to what the parent was doing
        traceback.print_exc()
    # As at the end of any Python: what is still open is closed, a database among it.
    ctypes.pythonapi.Py_Exit(code)
    raise AssertionError("it has ended")


def _let_go(streams: tuple[int, int, int]) -> None:
    """Of the parent's terminal, files, sockets and signals."""
    # Each is copied out of the way first: one of them may have the number that another one gets.
    for number, descriptor in enumerate([os.dup(stream) for stream in streams]):
        os.dup2(descriptor, number)
    for name in os.listdir("/proc/self/fd"):
        with suppress(OSError):
            if int(name) > 2:
                os.close(int(name))
    for name, number in (("stdout", 1), ("stderr", 2)):
        # Half a character in what a source says must not end whoever tells it.
        stream = open(number, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals():
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _run(module: str, *words: str) -> int:
    """The exit code, as `python -m` would give it."""
    sys.argv = [module, *words]
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    return 0
