"""What a stretch of work costs: the processor's time that this thread takes, and what it waits for the database. How
busy the machine is with other things is left out as far as it can be; `wall_seconds` is what the clock says.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

# Django's settings choose the database when they are loaded, so each is measured in a process of its own.
DATABASES: dict[str, dict[str, str]] = {"sqlite": {}, "postgresql": {"HI_TEST_POSTGRES": "1"}}


@dataclass(slots=True)
class Cost:
    seconds: float = 0.0
    wall_seconds: float = 0.0
    database_seconds: float = 0.0
    statements: int = 0


def pace() -> float:
    """Seconds of the processor for a piece of work that is always the same: how fast this machine is just now. What
    else its host does changes that by half within minutes."""
    begin = time.thread_time()
    words = [f"{number:x}" for number in range(4000)]
    counted = {word: len(word) for word in words}
    sorted(counted, key=lambda word: (counted[word], word))
    return time.thread_time() - begin


@contextmanager
def watch() -> Iterator[Cost]:
    """A statement's time includes fetching its rows as far as Django does so at once."""
    from django.db import connections

    cost = Cost()

    def run(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        begin, working = time.perf_counter(), time.thread_time()
        try:
            return execute(sql, params, many, context)
        finally:
            passed = time.perf_counter() - begin
            cost.database_seconds += passed
            cost.seconds += max(0.0, passed - (time.thread_time() - working))  # what it waited
            cost.statements += 1

    with ExitStack() as stack:
        for connection in {id(connections[alias]): connections[alias] for alias in connections}.values():
            stack.enter_context(connection.execute_wrapper(run))
        begin, working = time.perf_counter(), time.thread_time()
        yield cost
        cost.wall_seconds = time.perf_counter() - begin
        cost.seconds += time.thread_time() - working
