"""The pool that jobs run in: threads, since they wait for the network most of the time."""

from typing import Any

from celery.concurrency.thread import TaskPool
from celery.worker import state


class ThreadPool(TaskPool):
    def terminate_job(self, pid: Any, signal: Any = None) -> None:
        """Asked for when a worker ends before its work. A thread cannot be ended from outside; its job goes back to
        the queue (`Keeper.give_back`), after which the thread can write nothing."""

    def on_stop(self) -> None:
        """Wait for what is at work, unless the worker has been told to leave now."""
        self.executor.shutdown(wait=not state.should_terminate, cancel_futures=True)
