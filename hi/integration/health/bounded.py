"""Asking what may never answer."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

Answer = TypeVar("Answer")
# A database that hangs keeps the threads that ask it; more than these it never gets.
_threads = threading.BoundedSemaphore(8)


def ask(action: Callable[[], Answer]) -> Future[Answer]:
    """Begin `action` on a thread that nobody has to wait for. `result(seconds)` raises TimeoutError."""
    future: Future[Answer] = Future()
    if not _threads.acquire(blocking=False):
        future.set_exception(TimeoutError("earlier questions are still unanswered"))
        return future

    def work() -> None:
        try:
            future.set_result(action())
        except BaseException as err:  # noqa: BLE001 - handed to who asked
            future.set_exception(err)
        finally:
            _threads.release()

    threading.Thread(target=work, name="health", daemon=True).start()
    return future
