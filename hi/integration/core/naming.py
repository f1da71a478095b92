"""Names and aspects of states, made of what a service has to offer."""

import re
from collections.abc import Collection, Iterable

MAX_ASPECT = 60


def slug(text: str) -> str:
    """Small letters, digits and underscores; empty where nothing of it is left."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:MAX_ASPECT].strip("_")


def words(text: str) -> str:
    """A slug as people write it: "carbon_dioxide" is Carbon dioxide."""
    text = text.replace("_", " ").strip()
    return text[:1].upper() + text[1:]


def choose_aspect(candidates: Iterable[str], taken: Collection[str]) -> str:
    """The first that is free within the thing; else the last one with a number."""
    last = ""
    for last in filter(None, candidates):
        if last not in taken:
            return last
    number = 2
    while f"{last}_{number}" in taken:
        number += 1
    return f"{last}_{number}"
