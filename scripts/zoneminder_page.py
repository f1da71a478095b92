"""Writes the tables of docs/zoneminder.md anew, from what the integration is made of.

python -m scripts.zoneminder_page
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from hi.integration.core.specs import ControllerSpec
from hi.services.zoneminder.converter import COLUMNS, MONITOR, SERVER_ASPECTS, UNITS
from hi.services.zoneminder.poller import RHYTHM
from scripts.tables import code, fill_page, table

PAGE = Path(__file__).resolve().parent.parent / "docs" / "zoneminder.md"
# By the names of the questions.
ASKED = {
    "monitors": "monitors: how they work, frames, counts of events",
    "events": "events that are new, or were open",
    "alarms": "each monitor's alarm state",
    "server": "version, run state, daemon, load",
    "disk": "how full the disk is",
}
RUN_STATE = ("run_state", "Run state", "choice", "", "one of those there; asks first")


def main() -> None:
    fill_page(PAGE, build_tables())


def build_tables() -> Mapping[str, list[str]]:
    rhythm = ((ASKED[name], f"{idle} s", f"{watched} s") for name, (idle, watched) in RHYTHM.items())
    return {
        "states": table(("of", "state", "what it is", "unit", "set to"), _state_rows()),
        "rhythm": table(("asked for", "at leisure", "while somebody looks"), rhythm),
    }


def _state_rows() -> Iterable[Iterable[str]]:
    for thing, aspects in {"server": SERVER_ASPECTS, "monitor": MONITOR, "monitor, by version": COLUMNS}.items():
        for aspect, (name, state_type, _category, control) in aspects.items():
            yield thing, name, str(state_type), UNITS.get(aspect, ""), _say(control)
    yield "server", *RUN_STATE[1:]


def _say(control: ControllerSpec | None) -> str:
    if control is None:
        return ""
    choices = code(control.options) if control.options else "on, off"
    return choices + ("; asks first" if control.asks_first else "")


if __name__ == "__main__":
    main()
