"""From lines and texts to a document. Every mistake is found in one go, each with its line, its path, and what is
allowed. Of settings no value is ever told again: somebody may have typed a secret there."""

import difflib
import re
from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

from hi.entity.enums import EntityType, LocationKind
from hi.integration.config_file.document import (
    ABSENT,
    VERSION,
    Absent,
    Document,
    IntegrationEntry,
    PlaceEntry,
    PlaceRef,
    Setting,
    StateEntry,
    ThingEntry,
)
from hi.integration.config_file.nodes import FileError, Items, Node, Pairs, Problem, Text, parse
from hi.integration.config_file.references import MAX_PATH, VARIABLE, Reference
from hi.integration.enums import DesiredState, NewThings, RemovalPolicy

STATES = tuple(state.lower() for state in DesiredState)
EVERYTHING = "everything"
UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86_400}
_SPAN = re.compile(r"(\d{1,9}) ?(s|min|h|d)")
MOST_TOLD = 12
Path = tuple[str, ...]
Entry = TypeVar("Entry")


def read_document(content: bytes) -> Document:
    """Raises FileError with all that is wrong."""
    reader = _Reader()
    document = reader.read(parse(content))
    if reader.problems:
        raise FileError(reader.problems)
    return document


class _Reader:
    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def read(self, root: Node) -> Document:
        top = self._pairs(root, (), ("hi", "integrations", "places", "things"))
        version = self._text(top["hi"], ("hi",)) if "hi" in top else ""
        if version != str(VERSION):
            line = top["hi"].line if "hi" in top else root.line
            self._refuse(line, ("hi",), f"The file must say which format it has: `hi: {VERSION}`.")
        places = self._section(top, "places", ("own", "mirrored"))
        return Document(
            integrations=self._each(top.get("integrations"), ("integrations",), self._integration),
            own_places=self._each(places.get("own"), ("places", "own"), self._own_place),
            mirrored_places=self._of_each(places.get("mirrored"), ("places", "mirrored"), self._mirrored_place),
            things=self._of_each(top.get("things"), ("things",), self._thing),
        )

    # Entries.

    def _integration(self, node: Node, path: Path) -> IntegrationEntry:
        known = ("kind", "settings", "state", "sync_every", "when_deactivated", "new_things", "mirror")
        given = self._pairs(node, path, known)
        return IntegrationEntry(
            kind=self._maybe(given, "kind", path, self._text),
            settings=self._each(given.get("settings"), (*path, "settings"), self._setting),
            state=self._maybe(given, "state", path, self._one_of(STATES)),
            sync_seconds=self._maybe(given, "sync_every", path, self._span),
            when_deactivated=self._maybe(given, "when_deactivated", path, self._one_of(list(RemovalPolicy))),
            new_things=self._maybe(given, "new_things", path, self._one_of(list(NewThings))),
            mirror=self._maybe(given, "mirror", path, self._mirror),
            line=node.line,
        )

    def _setting(self, node: Node, path: Path) -> Setting:
        if isinstance(node, Text):
            return Setting("" if node.is_null else node.text, node.line)
        given = self._pairs(node, path, ("env", "file"))
        if len(given) != 1:
            if set(given) <= {"env", "file"}:
                self._refuse(node.line, path, "Say where it is: {env: NAME} or {file: /path}.")
            return Setting("", node.line)
        ((source, where),) = given.items()
        name = self._text(where, (*path, source))
        if source == "env" and not VARIABLE.fullmatch(name):
            self._refuse(where.line, (*path, source), "A variable has letters, digits and _, such as HI_TOKEN.")
        if source == "file" and not (name.startswith("/") and len(name) <= MAX_PATH and name.isprintable()):
            self._refuse(where.line, (*path, source), "Give the whole path, from / on.")
        return Setting(Reference(source, name), node.line)

    def _own_place(self, node: Node, path: Path) -> PlaceEntry:
        given = self._pairs(node, path, ("kind", "inside", "position"))
        return PlaceEntry(
            kind=self._maybe(given, "kind", path, self._one_of(list(LocationKind))),
            inside=self._maybe(given, "inside", path, self._place),
            position=self._maybe(given, "position", path, self._number),
            line=node.line,
        )

    def _mirrored_place(self, node: Node, path: Path) -> PlaceEntry:
        given = self._pairs(node, path, ("name", "inside", "position"))
        return PlaceEntry(
            name=self._maybe(given, "name", path, self._name),
            inside=self._maybe(given, "inside", path, self._place),
            position=self._maybe(given, "position", path, self._number),
            line=node.line,
        )

    def _thing(self, node: Node, path: Path) -> ThingEntry:
        given = self._pairs(node, path, ("name", "kind", "place", "notes", "facts", "states"))
        return ThingEntry(
            name=self._maybe(given, "name", path, self._name),
            kind=self._maybe(given, "kind", path, self._or_null(self._one_of(list(EntityType)))),
            place=self._maybe(given, "place", path, self._place),
            notes=self._maybe(given, "notes", path, self._or_empty),
            facts=self._each(given.get("facts"), (*path, "facts"), self._or_empty),
            states=self._each(given.get("states"), (*path, "states"), self._state),
            line=node.line,
        )

    def _state(self, node: Node, path: Path) -> StateEntry:
        given = self._pairs(node, path, ("name", "place"))
        return StateEntry(
            name=self._maybe(given, "name", path, self._name),
            place=self._maybe(given, "place", path, self._place),
            line=node.line,
        )

    # Values.

    def _place(self, node: Node, path: Path) -> PlaceRef | None:
        if isinstance(node, Text):
            return None if node.is_null else PlaceRef(node.text, line=node.line)
        given = self._pairs(node, path, ("integration", "key"))
        if set(given) != {"integration", "key"}:
            self._refuse(node.line, path, "Name one of your own, or {integration: LABEL, key: KEY} for a source's.")
            return None
        integration, key = (self._text(given[name], (*path, name)) for name in ("integration", "key"))
        return PlaceRef(key, integration, node.line)

    def _mirror(self, node: Node, path: Path) -> dict[str, list[str]]:
        if isinstance(node, Text):
            if node.text != EVERYTHING:
                hint = "{areas: […], families: […], things: […]}"
                self._refuse(node.line, path, f"Write `{EVERYTHING}`, or what of it: {hint}.")
            return {}
        given = self._pairs(node, path, ("areas", "families", "things"))
        lists = {name: self._texts(one, (*path, name)) for name, one in given.items()}
        return {name: keys for name, keys in lists.items() if keys}

    def _texts(self, node: Node, path: Path) -> list[str]:
        if not isinstance(node, Items):
            self._refuse(node.line, path, "Write a list: [one, another].")
            return []
        return [self._text(one, (*path, str(number))) for number, one in enumerate(node.items, 1)]

    def _span(self, node: Node, path: Path) -> int:
        text = self._text(node, path)
        found = _SPAN.fullmatch(text)
        if found is None:
            self._refuse(node.line, path, f"“{text[:40]}” is no length of time. Write 90 s, 10 min, 2 h or 1 d.")
            return 0
        return int(found[1]) * UNITS[found[2]]

    def _number(self, node: Node, path: Path) -> int | None:
        if isinstance(node, Text) and node.is_null:
            return None
        text = self._text(node, path)
        if not re.fullmatch(r"-?\d{1,6}", text):
            self._refuse(node.line, path, f"“{text[:40]}” is no whole number.")
            return None
        return int(text)

    def _name(self, node: Node, path: Path) -> str | None:
        return self._or_null(self._text)(node, path)

    def _or_empty(self, node: Node, path: Path) -> str:
        return self._or_null(self._text)(node, path) or ""

    def _text(self, node: Node, path: Path) -> str:
        if isinstance(node, Text):
            return node.text
        self._refuse(node.line, path, "Write a text here.")
        return ""

    def _or_null(self, read: Callable[[Node, Path], Entry]) -> Callable[[Node, Path], Entry | None]:
        return lambda node, path: None if isinstance(node, Text) and node.is_null else read(node, path)

    def _one_of(self, allowed: Collection[str]) -> Callable[[Node, Path], str]:
        def read(node: Node, path: Path) -> str:
            text = self._text(node, path)
            if text not in allowed:
                self._refuse(node.line, path, f"“{text[:40]}” is not known here. {say_allowed(text, allowed)}")
            return text

        return read

    def _maybe(
        self, given: Mapping[str, Node], name: str, path: Path, read: Callable[[Node, Path], Entry]
    ) -> Entry | Absent:
        return read(given[name], (*path, name)) if name in given else ABSENT

    # Pairs.

    def _section(self, top: Mapping[str, Node], name: str, allowed: Collection[str]) -> Mapping[str, Node]:
        return self._pairs(top[name], (name,), allowed) if name in top else {}

    def _pairs(self, node: Node, path: Path, allowed: Collection[str] | None = None) -> Mapping[str, Node]:
        """Without what is not known here, which is told."""
        if isinstance(node, Text) and node.is_null:
            return {}
        if not isinstance(node, Pairs):
            known = f": {', '.join(allowed)}" if allowed else ""
            self._refuse(node.line, path, f"Write pairs of `name: value` here{known}.")
            return {}
        if allowed is None:
            return node.pairs
        for name in node.pairs:
            if name not in allowed:
                self._refuse(node.lines[name], path, f"There is no “{name[:60]}” here. {say_allowed(name, allowed)}")
        return {name: one for name, one in node.pairs.items() if name in allowed}

    def _each(self, node: Node | None, path: Path, read: Callable[[Node, Path], Entry]) -> dict[str, Entry]:
        if node is None:
            return {}
        return {name: read(one, (*path, name)) for name, one in self._pairs(node, path).items()}

    def _of_each(
        self, node: Node | None, path: Path, read: Callable[[Node, Path], Entry]
    ) -> dict[str, dict[str, Entry]]:
        return self._each(node, path, lambda inner, inner_path: self._each(inner, inner_path, read))

    def _refuse(self, line: int, path: Path, message: str) -> None:
        self.problems.append(Problem(line, path, message))


def say_allowed(given: str, allowed: Collection[str]) -> str:
    """What could have been meant, and what else there is."""
    near = difflib.get_close_matches(given, list(allowed), 1)
    told = ", ".join(list(allowed)[:MOST_TOLD]) + (", …" if len(allowed) > MOST_TOLD else "")
    return (f"Do you mean {near[0]}? " if near else "") + f"Allowed: {told}."
