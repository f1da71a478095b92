"""Figures, and what the limits say about them."""

import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """What a figure may be: at least, or at most, `bound`."""

    figure: str
    bound: float
    words: str
    at_least: bool = False

    def holds(self, figures: Mapping[str, object]) -> bool:
        value = figures[self.figure]
        assert isinstance(value, int | float)
        return value >= self.bound if self.at_least else value <= self.bound

    def complaint(self, figures: Mapping[str, object]) -> str:
        asked = "at least" if self.at_least else "at most"
        return f"{self.words} is {figures[self.figure]}; it must be {asked} {self.bound:g}."


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that is not below `percent` of them."""
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def tell(figures: Mapping[str, object]) -> None:
    print(json.dumps(figures), flush=True)


def broken(figures: Mapping[str, object], limits: Sequence[Limit], about: str) -> bool:
    """Say on standard error which limits do not hold; whether there are any."""
    complaints = [limit.complaint(figures) for limit in limits if not limit.holds(figures)]
    for complaint in complaints:
        print(f"{about}: {complaint}", file=sys.stderr)
    return bool(complaints)
