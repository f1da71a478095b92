"""How states are set, as rows of a table: what a controller takes, what is called for it, and what confirms it.

A `Control` is one row. For one thing as it is at this moment, its `build` makes the controller that people see, and
`prepare` the order for one value (see `commander.py`). Bounds and options stand in the thing's `attributes`, what it is
able to do in its `bits`.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hi.entity.enums import ControlType
from hi.integration.commander import CONFIRM_SECONDS, Order, PreparedOrder
from hi.integration.core.decode import read_optional_number
from hi.integration.core.orders import FIXED_WORDS, clean_order
from hi.integration.core.specs import ControllerSpec
from hi.integration.exceptions import ConfigurationError, OrderRefusedError

MAX_OPTIONS = 200
MAX_OPTION_LENGTH = 255
_OF_DIGITS = re.compile(r"[\^$\\d0-9\[\]{}(),+*?|-]+")

Attributes = Mapping[str, Any]
# A number, the attribute that holds it, or both: the attribute, and what counts where there is none.
Bound = float | str | tuple[str, float]


@dataclass(frozen=True, slots=True)
class Call:
    """What the service is told: an action in its own words, and the data that go along (a code among them). With
    `lasts`, it answers only when all is done, which may take minutes."""

    action: str
    data: Mapping[str, Any] = field(repr=False)
    lasts: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """One word that a control takes: what it calls (nothing: the control's own action), what the state says then
    (nothing: any report confirms it), the bit that the thing must have for it (0: none), and the words that say that it
    did not work. `code_if`: an attribute that is false where it goes without the code."""

    word: str
    action: str = ""
    expected: tuple[str, ...] = ()
    bit: int = 0
    denied_by: tuple[str, ...] = ()
    seconds: int = CONFIRM_SECONDS
    lasts: bool = False
    code_if: str = ""


@dataclass(frozen=True, slots=True)
class Filled:
    """A value as the data of a call, and what the state will say once it is so."""

    data: Mapping[str, Any]
    expected: tuple[str, ...]
    tolerance: float = 0.0


# From a value that the controller takes. Raises OrderRefusedError where it does not go with the other attributes.
Fill = Callable[[str, Attributes, ControllerSpec], Filled]


@dataclass(frozen=True, slots=True)
class Control:
    """Takes `words`, or values: `fill` makes of one the data of `action`, and `options` is the attribute that lists
    them. `needs` are bits of which the thing must have one to be set at all. `asks_first`: always, or where an
    attribute has one of some values. `code`: the attribute that says in which form a code goes along."""

    type: ControlType
    action: str = ""
    fill: Fill | None = None
    minimum: Bound | None = None
    maximum: Bound | None = None
    step: Bound | None = None
    words: tuple[Word, ...] = ()
    options: str = ""
    needs: int = 0
    asks_first: bool | tuple[str, frozenset[str]] = False
    code: str = ""
    seconds: int = CONFIRM_SECONDS

    def build(self, attributes: Attributes, bits: int = 0) -> ControllerSpec | None:
        """None where the thing lacks what is needed."""
        able = [one for one in self.words if not one.bit or bits & one.bit]
        if (self.needs and not bits & self.needs) or (self.words and not able):
            return None
        words = tuple(one.word for one in able)
        low, high, step = (_read_bound(one, attributes) for one in (self.minimum, self.maximum, self.step))
        return ControllerSpec(
            control=self.type,
            minimum=low,
            maximum=high,
            step=step,
            options=() if self.type in FIXED_WORDS else words or _read_options(attributes.get(self.options)),
            asks_first=self._asks_first(attributes),
            code_format=_read_code_format(attributes.get(self.code)) if self.code else "",
            without_code=tuple(one.word for one in able if one.code_if and attributes.get(one.code_if) is False),
        )

    def _asks_first(self, attributes: Attributes) -> bool:
        if isinstance(self.asks_first, bool):
            return self.asks_first
        name, values = self.asks_first
        return str(attributes.get(name)) in values


def prepare(
    control: Control | None, order: Order, attributes: Attributes, bits: int, family: str, target: Mapping[str, Any]
) -> PreparedOrder:
    """The call for an order, if its thing has such a control now. `family` stands before an action that names no other
    one, as "family.action"; `target` goes along in the data. Raises OrderRefusedError for what cannot be set, or takes
    no such value."""
    spec = control.build(attributes, bits) if control else None
    if control is None or spec is None:
        raise OrderRefusedError("The thing itself cannot be set so, or not any more.")
    try:
        value = clean_order(spec, order.value)
    except ConfigurationError as err:
        raise OrderRefusedError(str(err)) from err
    along = {**target, "code": order.code} if order.code and control.code else target
    for one in control.words:
        if one.word == value and one.action:
            call = Call(_with_family(one.action, family), along, one.lasts)
            return PreparedOrder(one.expected, 0.0, one.denied_by, one.seconds, call)
    assert control.fill is not None  # what takes no words has one
    filled = control.fill(value, attributes, spec)
    call = Call(_with_family(control.action, family), {**along, **filled.data})
    return PreparedOrder(filled.expected, filled.tolerance, seconds=control.seconds, call=call)


def _with_family(action: str, family: str) -> str:
    return action if "." in action else f"{family}.{action}"


PERCENT = Control(ControlType.NUMBER, minimum=0.0, maximum=100.0, step=1.0)


def words(control: ControlType, *those: Word, **more: Any) -> Control:
    return Control(control, words=those, **more)


def press(action: str, *, lasts: bool = False) -> Control:
    return words(ControlType.PRESS, Word("press", action, lasts=lasts))


def switch(action: str, name: str) -> Control:
    """One action for both, with true or false."""
    return Control(ControlType.TOGGLE, action, flag(name))


def same(name: str) -> Fill:
    """The value as it is."""
    return lambda value, _attributes, _spec: Filled({name: value}, (value,))


def unconfirmed(name: str) -> Fill:
    """The value as it is, where nobody knows how the state will say it: any report confirms it."""
    return lambda value, _attributes, _spec: Filled({name: value}, ())


def flag(name: str) -> Fill:
    return lambda value, _attributes, _spec: Filled({name: value == "on"}, (value,))


def number(name: str, *, tolerance: float = 0.0, slack: float = 0.5, whole: bool = False, divisor: float = 1.0) -> Fill:
    """A number, of which `divisor` are one in the service's terms. The state may then be off by `tolerance`, or by
    `slack` of the thing's own steps if that is more."""

    def fill(value: str, _attributes: Attributes, spec: ControllerSpec) -> Filled:
        given: float = round(float(value)) if whole else float(value)
        within = max(tolerance, slack * (spec.step or 0.0))
        return Filled({name: given if divisor == 1.0 else given / divisor}, (write(given),), within)

    return fill


def write(given: float) -> str:
    return str(int(given)) if given == int(given) else str(given)


def _read_bound(bound: Bound | None, attributes: Attributes) -> float | None:
    if bound is None or isinstance(bound, int | float):
        return bound
    name, otherwise = bound if isinstance(bound, tuple) else (bound, None)
    value = read_optional_number(attributes, name)
    return value if value is not None and math.isfinite(value) else otherwise


def _read_options(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(option[:MAX_OPTION_LENGTH] for option in value[:MAX_OPTIONS] if isinstance(option, str))


def _read_code_format(value: object) -> str:
    """ "number" or "text". Some name it by a regular expression, such as ^\\d{4}$: one of no letters is of digits."""
    if not isinstance(value, str) or not value:
        return ""
    return "number" if value == "number" or _OF_DIGITS.fullmatch(value) else "text"
