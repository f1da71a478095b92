"""What stands several times in a document is written once: the answers of a system repeat each other."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import orjson

MARK = "$part"
# Shorter ones are not worth it.
LEAST_BYTES = 500


def share_parts(data: Any) -> tuple[Any, list[Any]]:
    """The document with a reference for each part that it holds more than once, and those parts."""
    seen: Counter[bytes] = Counter()

    def count(text: bytes, part: Any) -> Any:
        seen[text] += 1
        return part

    _walk(data, count)
    places: dict[bytes, int] = {}
    parts: list[Any] = []

    def refer(text: bytes, part: Any) -> Any:
        if seen[text] < 2:
            return part
        if text not in places:
            places[text] = len(parts)
            parts.append(part)
        return {MARK: places[text]}

    return _walk(data, refer), parts


def restore_parts(data: Any, parts: list[Any]) -> Any:
    if isinstance(data, dict):
        if data.keys() == {MARK}:
            return parts[data[MARK]]
        return {key: restore_parts(value, parts) for key, value in data.items()}
    return [restore_parts(value, parts) for value in data] if isinstance(data, list) else data


def _walk(data: Any, visit: Callable[[bytes, Any], Any]) -> Any:
    """Each part that is long enough, the outer ones first; within one that is replaced nothing is looked at."""
    if not isinstance(data, dict | list):
        return data
    text = orjson.dumps(data)
    if len(text) < LEAST_BYTES:
        return data
    visited = visit(text, data)
    if visited is not data:
        return visited
    if isinstance(data, list):
        return [_walk(value, visit) for value in data]
    return {key: _walk(value, visit) for key, value in data.items()}
