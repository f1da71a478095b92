"""What a process tells the kernel about itself."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15
# Loaded before any fork: between fork and exec nothing may be imported or allocated much.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """For `preexec_fn`: the child gets that signal once the thread that starts it is gone. None but on Linux."""
    if _libc is None:
        return None
    parent = os.getpid()
    prctl = _libc.prctl

    def arrange() -> None:
        prctl(_PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:
            os._exit(1)

    return arrange


def call_this_process(name: str) -> None:
    """What `top`, `ps -o comm` and `pgrep` show, cut off after 15 bytes. Nothing but on Linux."""
    if _libc is not None:
        _libc.prctl(_PR_SET_NAME, name.encode())
