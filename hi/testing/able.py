"""Which tests of the conformance suite a far end is able to pass. As a plugin of pytest: only those are collected."""

from typing import Any


def find_reason(item: Any) -> str:
    """Why this test would be skipped, in the words of its far end; empty if it would not."""
    cannot = getattr(getattr(getattr(item, "cls", None), "simulator", None), "cannot", {})
    needed = (name for marker in item.iter_markers("needs") for name in marker.args)
    return next((f"{name}: {cannot[name]}" for name in needed if name in cannot), "")


def pytest_collection_modifyitems(items: list[Any]) -> None:
    items[:] = [item for item in items if not find_reason(item)]
