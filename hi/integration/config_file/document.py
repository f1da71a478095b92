"""What a file says, as plain data. What it does not say is ABSENT, and stays as it is; None is "as the source says"."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from hi.integration.config_file.references import Reference

VERSION = 1


class Absent(Enum):
    ABSENT = "absent"


ABSENT = Absent.ABSENT


@dataclass(frozen=True, slots=True)
class PlaceRef:
    """One of people's own by its name, or a source's by the integration's label and its key there."""

    key: str
    integration: str = ""
    line: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return f"{self.integration}: {self.key}" if self.integration else self.key


@dataclass(frozen=True, slots=True)
class Setting:
    value: str | Reference
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class IntegrationEntry:
    """`mirror`: the selection as it is stored; empty for everything."""

    kind: str | Absent = ABSENT
    settings: Mapping[str, Setting] = field(default_factory=dict)
    state: str | Absent = ABSENT
    sync_seconds: int | Absent = ABSENT
    when_deactivated: str | Absent = ABSENT
    new_things: str | Absent = ABSENT
    mirror: Mapping[str, list[str]] | Absent = ABSENT
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class PlaceEntry:
    """`kind` only of people's own, `name` only of a source's."""

    name: str | Absent | None = ABSENT
    kind: str | Absent = ABSENT
    inside: PlaceRef | Absent | None = ABSENT
    position: int | Absent | None = ABSENT
    called: str = field(default="", compare=False)  # what its source calls it; a remark in the file
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class StateEntry:
    name: str | Absent | None = ABSENT
    place: PlaceRef | Absent | None = ABSENT
    called: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class ThingEntry:
    name: str | Absent | None = ABSENT
    kind: str | Absent | None = ABSENT
    place: PlaceRef | Absent | None = ABSENT
    notes: str | Absent = ABSENT
    facts: Mapping[str, str] = field(default_factory=dict)  # an empty one takes the fact away
    states: Mapping[str, StateEntry] = field(default_factory=dict)
    called: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Document:
    """`own_places` by name; what is mirrored by the integration's label and the source's key."""

    integrations: Mapping[str, IntegrationEntry] = field(default_factory=dict)
    own_places: Mapping[str, PlaceEntry] = field(default_factory=dict)
    mirrored_places: Mapping[str, Mapping[str, PlaceEntry]] = field(default_factory=dict)
    things: Mapping[str, Mapping[str, ThingEntry]] = field(default_factory=dict)
