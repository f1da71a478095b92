"""Names and aspects of states, made of what a service has to offer."""

import re
from collections.abc import Collection, Iterable

MAX_ASPECT = 60
ABBREVIATIONS = {"aqi": "AQI", "ph": "pH", "pm1": "PM1", "pm10": "PM10", "pm25": "PM2.5", "pm4": "PM4"}


def slug(text: str) -> str:
    """Small letters, digits and underscores; empty where nothing of it is left."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:MAX_ASPECT].strip("_")


def words(text: str) -> str:
    """A slug as people write it: "carbon_dioxide" is Carbon dioxide."""
    spaced = text.replace("_", " ").strip()
    return ABBREVIATIONS.get(text) or spaced[:1].upper() + spaced[1:]


def without_thing(name: str, thing_name: str) -> str:
    """A state's name without its thing's, which some put before it."""
    rest = name.removeprefix(thing_name) if thing_name else name
    return rest.lstrip(" -:") if rest != name and rest[:1] in " -:" else name


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


def choose_aspects(states: Iterable[Iterable[str]]) -> list[str]:
    """One for each state of a thing, from the candidates of each; earlier ones choose first."""
    taken: dict[str, None] = {}
    for candidates in states:
        taken[choose_aspect(candidates, taken)] = None
    return list(taken)
