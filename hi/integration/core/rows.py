"""Lists of a service, read item by item: one that cannot be decoded spoils no other, and is not taken for removed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from hi.integration.core.decode import MAX_KEY
from hi.integration.core.specs import Quarantined
from hi.integration.enums import ItemKind
from hi.integration.exceptions import DataValidationError

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class BadRow:
    """An item that could not be decoded, with whatever says which one it is."""

    row: object
    path: str
    message: str

    def read_key(self, name: str) -> str:
        """The item's key, if at least that can be read; else empty."""
        value = self.row.get(name) if isinstance(self.row, Mapping) else None
        return value if isinstance(value, str) and len(value) <= MAX_KEY else ""


@dataclass(frozen=True, slots=True)
class Table(Generic[Row]):
    """The items of one list by their key, in the order of the list; `paths` says where each was."""

    rows: Mapping[str, Row]
    paths: Mapping[str, str]
    bad: tuple[BadRow, ...]
    key_name: str

    @property
    def keys(self) -> frozenset[str]:
        """Of all that is listed, decoded or not."""
        return frozenset(self.rows).union(bad.read_key(self.key_name) for bad in self.bad)


def read_table(rows: Sequence[Any], path: str, from_wire: Callable[[object, str], Row], key_name: str) -> Table[Row]:
    """`from_wire` decodes one item and knows its path; `key_name` is the key's field, there and in what it returns."""
    table: dict[str, Row] = {}
    paths: dict[str, str] = {}
    bad: list[BadRow] = []
    for index, row in enumerate(rows):
        where = f"{path}[{index}]"
        try:
            decoded = from_wire(row, where)
        except DataValidationError as err:
            bad.append(BadRow(row, err.path or where, str(err).removeprefix(f"{err.path}: ")))
        else:
            key = getattr(decoded, key_name)
            table[key], paths[key] = decoded, where
    return Table(table, paths, tuple(bad), key_name)


@dataclass(slots=True)
class Doubts:
    """What a reading leaves open: items that are set aside, and why the whole may not be all (see `Structure`)."""

    quarantined: list[Quarantined] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    def tell(self) -> dict[str, Any]:
        """As fields of the structure."""
        reason = "; ".join(dict.fromkeys(self.reasons))
        return {"complete": not reason, "incomplete_reason": reason, "quarantined": tuple(self.quarantined)}

    def protect(
        self, bad_rows: Sequence[BadRow], kind: ItemKind, key_name: str, key_of: Callable[[str], str] = str
    ) -> None:
        """Quarantine what could not be decoded, under the keys that `key_of` makes of its own ones. Where not even its
        own can be read, any key could be meant."""
        for bad in bad_rows:
            if key := bad.read_key(key_name):
                self.quarantined.append(Quarantined(kind, key_of(key), bad.path, bad.message))
            else:
                self.reasons.append(f"{bad.path} cannot be told from its neighbours")
