"""A thing's attributes as states of their own, by a table: each row says what one of them is, how it is read, and how
it is set. What is listed has a value, and what has a value is listed.

An aspect is named by its item: address and key are the item's with `#name` behind them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from hi.entity.enums import ControlType, EntityStateType, Quality, StateCategory
from hi.integration.core import readings
from hi.integration.core.controls import Control, same
from hi.integration.core.naming import choose_aspect
from hi.integration.core.specs import SensorSpec, StateSpec
from hi.integration.core.values import StateValue

MAX_NAME = 255
NO_UNITS: Mapping[EntityStateType, str] = {}


@dataclass(frozen=True, slots=True)
class Aspect:
    """One attribute as a state. It exists where the item is able to have it (one of `bits`), and never by the moment's
    value: a light that is off keeps its brightness, unknown until it is on. `if_seen`: where a service says that only
    by giving the attribute a value, one is enough. With neither, every item has it.

    `attribute` is called like the aspect where it is not given; `unit_from` is the attribute that names the unit."""

    name: str
    label: str
    state_type: EntityStateType
    read: readings.Read = readings.number
    unit: str = ""
    control: Control | None = None
    bits: int = 0
    if_seen: bool = False
    attribute: str = ""
    unit_from: str = ""
    category: StateCategory = StateCategory.PURPOSE

    @property
    def source(self) -> str:
        return self.attribute or self.name

    def is_sure(self, bits: int) -> bool:
        """Whether an item that is able to do this has it, whatever it shows now."""
        return bits & self.bits > 0 or not (self.bits or self.if_seen)

    def get_unit(self, attributes: Mapping[str, Any], units: Mapping[EntityStateType, str]) -> str:
        named = readings.text(attributes.get(self.unit_from)) if self.unit_from else ""
        return readings.unit(named or "") if self.unit_from else self.unit or units.get(self.state_type, "")


class Aspects:
    """All that one kind of item may have, in their order."""

    def __init__(self, *aspects: Aspect) -> None:
        self._aspects = aspects
        self._mask = reduce(or_, (one.bits for one in aspects), 0)
        self._possible: dict[int, list[tuple[Aspect, str, bool]]] = {}

    def __iter__(self) -> Iterator[Aspect]:
        return iter(self._aspects)

    @property
    def attributes(self) -> frozenset[str]:
        """All that their values are read with."""
        return frozenset(name for one in self for name in (one.source, one.unit_from) if name)

    def find(self, attributes: Mapping[str, Any], bits: int = 0) -> list[Aspect]:
        """Those that this item has."""
        return [one for one, _value in self._read(attributes, bits)]

    def find_control(self, name: str, attributes: Mapping[str, Any], bits: int = 0) -> Control | None:
        """How this item's aspect of that name is set."""
        return next((one.control for one in self.find(attributes, bits) if one.name == name), None)

    def find_unseen(self, attributes: Mapping[str, Any], bits: int = 0) -> list[Aspect]:
        """Those that it may have shown before, and does not now (see `Structure.kept`)."""
        found = self.find(attributes, bits)
        return [one for one in self if one.if_seen and one not in found]

    def convert(
        self,
        address: str,
        attributes: Mapping[str, Any],
        bits: int,
        at: datetime,
        quality: Quality,
        units: Mapping[EntityStateType, str] = NO_UNITS,
    ) -> Iterator[StateValue]:
        """What the item says beside its own state. What has a value is of that quality, and of one that is unavailable
        nothing has. `units` are those of state types where neither aspect nor item names one. `at` is when any of it
        was said, and of no single one."""
        is_gone = quality is Quality.UNAVAILABLE
        for one, value in self._read(attributes, bits):
            known = quality if is_gone or value is not None else Quality.UNKNOWN
            unit = one.get_unit(attributes, units)
            yield StateValue(join(address, one.name), None if is_gone else value, unit, known, at, is_dated=False)

    def build(
        self, main: StateSpec, thing_name: str, attributes: Mapping[str, Any], bits: int, taken: set[str]
    ) -> Iterator[StateSpec]:
        """The states beside the item's own, with the same place, family and sight. `taken` are the aspects that its
        thing has already; each becomes another one."""
        for one in self.find(attributes, bits):
            taken.add(aspect := choose_aspect((one.name, f"{main.aspect}_{one.name}"), taken))
            yield replace(
                main,
                key=join(main.key, one.name),
                address=join(main.address, one.name),
                aspect=aspect,
                name=_name(one.label, main.name, thing_name),
                state_type=one.state_type,
                is_primary=False,
                category=one.category if main.category is StateCategory.PURPOSE else main.category,
                sensor=SensorSpec(),
                controller=one.control.build(attributes, bits) if one.control else None,
                former_keys=tuple(join(key, one.name) for key in main.former_keys),
            )

    def _read(self, attributes: Mapping[str, Any], bits: int) -> Iterator[tuple[Aspect, str | None]]:
        bits &= self._mask
        if bits not in self._possible:
            self._possible[bits] = self._sort(bits)
        for one, source, is_sure in self._possible[bits]:
            value = one.read(attributes.get(source))
            if is_sure or value is not None:
                yield one, value

    def _sort(self, bits: int) -> list[tuple[Aspect, str, bool]]:
        """What an item with these can have, where that is read, and whether it has it for sure. Remembered, since it is
        asked at every change, and of few kinds."""
        sure = ((one, one.is_sure(bits)) for one in self)
        return [(one, one.source, is_sure) for one, is_sure in sure if is_sure or one.if_seen]


def group(*rows: tuple[str, Aspect]) -> dict[str, Aspects]:
    """A table of a kind and an aspect in each row, by the kinds."""
    kinds: dict[str, list[Aspect]] = {}
    for kind, aspect in rows:
        kinds.setdefault(kind, []).append(aspect)
    return {kind: Aspects(*aspects) for kind, aspects in kinds.items()}


def choice(name: str, label: str, bits: int, options: str, action: str, **more: Any) -> Aspect:
    """One of the options that an attribute lists, set by an action that takes it under the aspect's name."""
    control = Control(ControlType.CHOICE, action, same(name), options=options, needs=bits)
    return Aspect(name, label, EntityStateType.CHOICE, readings.text, "", control, bits, **more)


def join(name: str, aspect: str) -> str:
    """The key or address of an aspect, from that of its item."""
    return f"{name}#{aspect}"


def find_item(address: str) -> str:
    """The item of an address, be it the item's own or that of one of its aspects."""
    return address.partition("#")[0]


def join_all(keys: Iterable[str], aspects: Iterable[Aspect]) -> set[str]:
    return {join(key, one.name) for one in aspects for key in keys}


def _name(label: str, state_name: str, thing_name: str) -> str:
    """Within its thing; of a state with a name of its own it is that state's: "Reading light brightness"."""
    return label if state_name == thing_name else f"{state_name} {label[:1].lower()}{label[1:]}"[:MAX_NAME]
