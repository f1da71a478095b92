"""Looking again at a system in which something moves, until it settles."""

import time
from collections.abc import Callable, Set
from typing import Any, TypeVar

SECONDS, LOOKS = 0.5, 6
Found = TypeVar("Found")


def look_until_settled(
    look: Callable[[], Found], find_moving: Callable[[Found], Set[Any]], wait: Callable[[float], object] = time.sleep
) -> tuple[Found, bool]:
    """What `look` found while nothing moved, and whether it came to that. What is found moving alike twice in a row
    does not move: it is so."""
    found = look()
    before: Set[Any] = frozenset()
    for _look in range(LOOKS):
        moving = find_moving(found)
        if not moving or moving == before:
            return found, True
        wait(SECONDS)
        found, before = look(), moving
    return found, False
