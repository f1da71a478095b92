"""YAML as lines and texts. No value is ever made of it here: a name that reads `off` or `1.10` stays what was typed.

Nothing that YAML could do besides is accepted: no anchors, no tags, no second document. Size and depth have an end.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import yaml

MAX_BYTES = 4_000_000
MAX_NODES = 400_000
MAX_DEPTH = 12
NULLS = ("", "~", "null", "Null", "NULL")
# The one in C where it was built: ten times as fast.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a file, and where: line (0: none) and path."""

    line: int
    path: tuple[str, ...]
    message: str
    hint: str = ""

    def __str__(self) -> str:
        where = " › ".join(self.path)
        return f"{where}: {self.message}" if where else self.message


class FileError(Exception):
    """The file cannot be applied; nothing was."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = sorted(problems, key=lambda problem: problem.line)


@dataclass(frozen=True, slots=True)
class Text:
    line: int
    text: str
    is_plain: bool  # written without quotes

    @property
    def is_null(self) -> bool:
        return self.is_plain and self.text in NULLS


@dataclass(frozen=True, slots=True)
class Items:
    line: int
    items: tuple["Text | Items | Pairs", ...]


@dataclass(frozen=True, slots=True)
class Pairs:
    line: int
    pairs: Mapping[str, "Text | Items | Pairs"]
    lines: Mapping[str, int]  # of the keys


Node = Text | Items | Pairs


def parse(content: bytes) -> Node:
    """Raises FileError."""
    if len(content) > MAX_BYTES:
        raise FileError([Problem(0, (), f"The file is larger than {MAX_BYTES // 1_000_000} MB.")])
    try:
        events = _Events(yaml.parse(content.decode("utf-8-sig"), Loader=_LOADER))
        return events.read_document()
    except UnicodeDecodeError as err:
        line = content[: err.start].count(b"\n") + 1
        raise FileError([Problem(line, (), "This is not UTF-8.")]) from None
    except yaml.MarkedYAMLError as err:
        line = err.problem_mark.line + 1 if err.problem_mark else 0
        raise FileError([Problem(line, (), f"This is not YAML: {err.problem}.")]) from None
    except yaml.YAMLError:
        raise FileError([Problem(0, (), "There is a character in it that YAML does not allow.")]) from None


class _Events:
    """A walk over what the parser says, once."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._count = 0

    def read_document(self) -> Node:
        self._next()  # the stream begins
        event = self._next()
        if isinstance(event, yaml.StreamEndEvent):
            raise FileError([Problem(0, (), "The file is empty.")])
        found = self._read(self._next(), 0)
        self._next()  # the document ends
        event = self._next()
        if not isinstance(event, yaml.StreamEndEvent):
            raise _refuse(event, "There is a second document; one is all.")
        return found

    def _next(self) -> Any:
        self._count += 1
        event = next(self._events)
        if self._count > MAX_NODES:
            raise _refuse(event, f"There is more in it than {MAX_NODES:,} texts.")
        return event

    def _read(self, event: Any, depth: int) -> Node:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _refuse(event, "Anchors and aliases (& and *) are not taken: write it out.")
        if getattr(event, "tag", None):
            raise _refuse(event, "Tags (with !) are not taken: write the text alone.")
        if depth > MAX_DEPTH:
            raise _refuse(event, "This is nested too deeply.")
        line = event.start_mark.line + 1
        if isinstance(event, yaml.ScalarEvent):
            return Text(line, event.value, is_plain=event.implicit[0])
        if isinstance(event, yaml.SequenceStartEvent):
            items = []
            while not isinstance(event := self._next(), yaml.SequenceEndEvent):
                items.append(self._read(event, depth + 1))
            return Items(line, tuple(items))
        return self._read_pairs(line, depth)

    def _read_pairs(self, line: int, depth: int) -> Pairs:
        pairs: dict[str, Node] = {}
        lines: dict[str, int] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._read(event, depth + 1)
            if not isinstance(key, Text):
                raise _refuse(event, "Only a text can stand before the colon.")
            if key.text in pairs:
                raise _refuse(event, f"“{key.text[:60]}” stands here already, in line {lines[key.text]}.")
            lines[key.text] = key.line
            value = self._read(self._next(), depth + 1)
            # What is written below its key begins with the key.
            pairs[key.text] = value if isinstance(value, Text) else replace(value, line=key.line)
        return Pairs(line, pairs, lines)


def _refuse(event: Any, message: str) -> FileError:
    return FileError([Problem(event.start_mark.line + 1, (), message)])
