"""From a document to YAML that people read: what a source calls something stands beside its key."""

from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from hi.integration.config_file.document import (
    ABSENT,
    VERSION,
    Document,
    IntegrationEntry,
    PlaceEntry,
    PlaceRef,
    StateEntry,
    ThingEntry,
)
from hi.integration.config_file.reading import EVERYTHING, UNITS
from hi.integration.config_file.references import Reference

WIDTH = 110
MAX_REMARK = 80
HEAD = (
    "# This hub as a file: `python manage.py hub apply FILE` makes another one, or this one again, as it says.",
    "# What it leaves out stays as it is. Secrets are not in it: set the variables, or write {file: /path} instead.",
)


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as they are read."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def check_simple_key(self) -> bool:
        """Every key stands before its colon on one line, however long; else it would begin with a question mark."""
        return isinstance(self.event, yaml.ScalarEvent) or super().check_simple_key()


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    lines = "|" if "\n" in text and not any(line != line.rstrip() for line in text.split("\n")) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=lines)


_Dumper.add_representer(str, _represent_text)


def write_document(document: Document) -> str:
    lines = [*HEAD, f"hi: {VERSION}"]
    lines += _section("integrations", 0, _entries(document.integrations, _integration, 1))
    own = _section("own", 1, _entries(document.own_places, _place, 2))
    mirrored = _section("mirrored", 1, _nested(document.mirrored_places, _place, 2))
    lines += _section("places", 0, [*own, *mirrored])
    lines += _section("things", 0, _nested(document.things, _thing, 1))
    return "\n".join(lines) + "\n"


def say_span(seconds: int) -> str:
    """600 -> 10 min: the biggest unit that has no rest."""
    unit = next(unit for unit, size in reversed(UNITS.items()) if seconds % size == 0)
    return f"{seconds // UNITS[unit]} {unit}"


def _section(name: str, depth: int, lines: list[str]) -> list[str]:
    """Nothing where it would be empty. A blank line parts the big ones."""
    if not lines:
        return []
    return [*([""] if depth == 0 else []), f"{'  ' * depth}{name}:", *lines]


def _nested(entries: Mapping[str, Mapping[str, Any]], build: Any, depth: int) -> list[str]:
    lines = []
    for label, inner in entries.items():
        lines += [_dump_key(label, depth), *_entries(inner, build, depth + 1)]
    return lines


def _entries(entries: Mapping[str, Any], build: Any, depth: int) -> list[str]:
    lines: list[str] = []
    for key, entry in entries.items():
        lines += _dump(key, build(entry), depth, getattr(entry, "called", ""))
    return lines


def _dump_key(key: str, depth: int) -> str:
    (line,) = _dump(key, {}, depth)
    return line.removesuffix(" {}")


def _dump(key: str, value: Any, depth: int, remark: str = "") -> list[str]:
    """One pair. The remark stands behind the key, where no value can follow on its line."""
    states = value.pop("states", None) if isinstance(value, dict) else None
    text = yaml.dump({key: value or {}}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)
    first, *others = text.rstrip("\n").split("\n")
    if states:
        if not value:
            first = first.removesuffix(" {}")
        others.append("  states:")
        for state_key, (entry, called) in states.items():
            others += _dump(state_key, entry, 2, called)
    if remark and others:
        first += f"  # {_clean(remark)}"
    return [f"{'  ' * depth}{line}" if line else "" for line in (first, *others)]


def _clean(remark: str) -> str:
    return " ".join("".join(one if one.isprintable() else " " for one in remark).split())[:MAX_REMARK]


def _integration(entry: IntegrationEntry) -> dict[str, Any]:
    told = {
        "kind": entry.kind,
        "settings": {
            key: {one.value.source: one.value.name} if isinstance(one.value, Reference) else one.value
            for key, one in entry.settings.items()
        }
        or ABSENT,
        "state": entry.state,
        "sync_every": ABSENT if entry.sync_seconds is ABSENT else say_span(entry.sync_seconds),
        "when_deactivated": entry.when_deactivated,
        "new_things": entry.new_things,
        "mirror": entry.mirror or EVERYTHING,
    }
    return _without_absent(told.items())


def _place(entry: PlaceEntry) -> dict[str, Any]:
    told = {"name": entry.name, "kind": entry.kind, "inside": _place_ref(entry.inside), "position": entry.position}
    return _without_absent(told.items())


def _thing(entry: ThingEntry) -> dict[str, Any]:
    told = {
        "name": entry.name,
        "kind": entry.kind,
        "place": _place_ref(entry.place),
        "notes": entry.notes,
        "facts": dict(entry.facts) or ABSENT,
        "states": {key: (_state(state), state.called) for key, state in entry.states.items()} or ABSENT,
    }
    return _without_absent(told.items())


def _state(entry: StateEntry) -> dict[str, Any]:
    return _without_absent({"name": entry.name, "place": _place_ref(entry.place)}.items())


def _place_ref(ref: Any) -> Any:
    if not isinstance(ref, PlaceRef):
        return ref
    return {"integration": ref.integration, "key": ref.key} if ref.integration else ref.key


def _without_absent(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value for name, value in pairs if value is not ABSENT}
