"""Ctrl-C while somebody waits."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def heard_between_looks() -> Iterator[Callable[[], None]]:
    """Yields what raises KeyboardInterrupt if Ctrl-C has been pressed, to be called between two looks at a row.

    In the midst of a look it may come where Python cannot raise it, as in a callback of the database, and be lost.
    Pressed twice, it does not wait for that.
    """
    is_pressed = False

    def note(_number: int, _frame: FrameType | None) -> None:
        nonlocal is_pressed
        if is_pressed:
            raise KeyboardInterrupt
        is_pressed = True

    def check() -> None:
        if is_pressed:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, note)
    try:
        yield check
    finally:
        signal.signal(signal.SIGINT, before)
