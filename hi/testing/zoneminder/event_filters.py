"""Filters in the address, such as `StartTime >=:2026-11-22 19:51:52`, as the real server's database has them."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from hi.testing.zoneminder.clock import TEXT
from hi.testing.zoneminder.columns import EVENT, Row
from hi.testing.zoneminder.errors import ApiError, internal_error

Test = Callable[[Row], bool]

_TIMES = {"StartTime": "StartDateTime", "EndTime": "EndDateTime"}
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "": eq,
    "=": eq,
    "!=": ne,
    "<>": ne,
    ">": gt,
    ">=": ge,
    "<": lt,
    "<=": le,
}
_NAME = re.compile(r"([a-z0-9]+)\s*(.*)", re.IGNORECASE)
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d))?")


def matcher(named: Sequence[tuple[str, str]]) -> Test:
    """All must hold; the same name more than once asks for one of the values."""
    values: dict[str, list[str]] = {}
    for name, value in named:
        values.setdefault(name.strip(), []).append(value)
    tests = [_test(name, several) for name, several in values.items()]
    return lambda row: all(test(row) for test in tests)


def _test(name: str, values: list[str]) -> Test:
    found = _NAME.fullmatch(name)
    if found is None:
        raise internal_error(f"Invalid argument before `:`: {name}")
    column, operator = _TIMES.get(found[1], found[1]), found[2].strip()
    if operator.upper() in ("IS", "IS NOT"):
        raise _syntax_error(values[0])
    if operator not in _COMPARISONS and operator.upper() not in ("LIKE", "NOT LIKE"):
        raise internal_error(f"Invalid operator: {operator}")
    if column not in EVENT:
        words = f"SQLSTATE[42S22]: Column not found: 1054 Unknown column '{found[1]}' in 'WHERE'"
        raise internal_error(words, "PDOException", "42S22")
    if operator.upper().endswith("LIKE"):
        return _like(column, values[0], wanted=operator.upper() == "LIKE")
    if len(values) > 1:
        known = {_read(column, value) for value in values}
        return lambda row: row[column] is not None and _read(column, row[column]) in known
    compare, limit = _COMPARISONS[operator], _read(column, values[0])
    # Nothing compares with null.
    return lambda row: row[column] is not None and compare(_read(column, row[column]), limit)


def _like(column: str, pattern: str, wanted: bool) -> Test:
    expression = re.compile(re.escape(pattern).replace("%", ".*").replace("_", "."), re.IGNORECASE | re.DOTALL)
    return lambda row: row[column] is not None and bool(expression.fullmatch(str(row[column]))) is wanted


def _read(column: str, value: Any) -> Any:
    """A time that is none is before all times, and its offset is not looked at; a number that is none is nought."""
    if column in _TIMES.values():
        found = _MOMENT.match(str(value))
        try:
            return datetime.strptime(f"{found[1]} {found[2] or '00:00:00'}", TEXT) if found else datetime.min
        except ValueError:
            return datetime.min
    if type(EVENT[column]) is int or column == "Length":
        number = re.match(r"\s*-?\d+(\.\d+)?", str(value))
        return float(number[0]) if number else 0.0
    return str(value).casefold()


def _syntax_error(value: str) -> ApiError:
    words = (
        "SQLSTATE[42000]: Syntax error or access violation: 1064 You have an error in your SQL syntax; check the manual"
        " that corresponds to your MariaDB server version for the right syntax to use near"
        f" '= {repr(value) if value else 'NULL'}   ORDER BY `Event`.`StartDateTime` asc  LIMIT 100' at line 1"
    )
    return internal_error(words, "PDOException", "42000")
