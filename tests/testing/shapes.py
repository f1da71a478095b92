"""Compares messages by their shape: which keys, which types, and nothing of the values."""

import json
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).parents[1] / "fixtures"


def captured(name: str, service: str = "hass") -> Any:
    """An exchange as a real server was seen to have it."""
    return json.loads((FIXTURES / service / f"{name}.json").read_text())


def same_shape(ours: Any, theirs: Any, path: str = "$", free: tuple[str, ...] = ()) -> None:
    """Raises AssertionError where `ours` differs in keys or types.

    A null stands for any type, on either side. In a list each of our items must look like one of theirs. Below the
    keys in `free` (attributes, for example, which differ by what an entity can do) only the type is compared.
    """
    if ours is None or theirs is None:
        return
    assert _type(ours) == _type(theirs), f"{path}: {ours!r} is no {_type(theirs)}"
    if isinstance(ours, dict):
        assert set(ours) == set(theirs), f"{path}: keys {sorted(set(ours) ^ set(theirs))} are on one side only"
        for key, value in ours.items():
            if key in free:
                assert value is None or theirs[key] is None or _type(value) == _type(theirs[key]), f"{path}.{key}"
            else:
                same_shape(value, theirs[key], f"{path}.{key}", free)
    elif isinstance(ours, list) and theirs:
        for number, item in enumerate(ours):
            _like_one_of(item, theirs, f"{path}[{number}]", free)


def same_shapes(ours: list[Any], theirs: list[Any], free: tuple[str, ...] = ()) -> None:
    """The same for a run of messages: as many, in the same order."""
    kinds = [[message_kind(message) for message in side] for side in (ours, theirs)]
    assert kinds[0] == kinds[1]
    for number, (our, their) in enumerate(zip(ours, theirs, strict=True)):
        same_shape(our, their, f"${number}", free)


def message_kind(message: dict[str, Any]) -> str:
    """`result`, an event's type and action, or the keys of a short event."""
    event = message.get("event")
    if event is None:
        return str(message["type"])
    if "event_type" not in event:
        return "".join(sorted(event))
    return " ".join(filter(None, (event["event_type"], event["data"].get("action"))))


def _like_one_of(item: Any, examples: list[Any], path: str, free: tuple[str, ...]) -> None:
    problems = []
    for example in examples:
        try:
            same_shape(item, example, path, free)
        except AssertionError as err:
            problems.append(err)
        else:
            return
    raise problems[0]


def _type(value: Any) -> str:
    return "number" if type(value) in (int, float) else type(value).__name__
