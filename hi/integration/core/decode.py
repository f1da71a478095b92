"""Field readers for untrusted payloads. Each names the path of what it could not read."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from hi.integration.exceptions import DataValidationError

# 255 characters are stored; a key needs room for what hi puts before it, and must never be cut.
MAX_KEY = 200


def read_mapping(value: object, path: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise DataValidationError(f"expected an object, got {_kind(value)}", path=path)
    return value


def read_lenient_mapping(value: object) -> Mapping[str, Any]:
    """An object that only decorates: empty where it is anything else."""
    return value if isinstance(value, Mapping) else {}


def read_lenient_list(value: object) -> list[Any]:
    """A list that only decorates: empty where it is anything else."""
    return value if isinstance(value, list) else []


def read_list(value: object, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise DataValidationError(f"expected a list, got {_kind(value)}", path=path)
    return value


def read_key(data: Mapping[str, Any], key: str, path: str) -> str:
    """A text that identifies something: never cut."""
    value = read_text(data, key, path, max_length=MAX_KEY + 1)
    if len(value) > MAX_KEY:
        raise DataValidationError(f"longer than {MAX_KEY} characters", path=f"{path}.{key}")
    return value


def read_optional_key(data: Mapping[str, Any], key: str, path: str) -> str:
    return read_key(data, key, path) if data.get(key) else ""


def read_text(
    data: Mapping[str, Any], key: str, path: str, *, max_length: int = 255, may_be_empty: bool = False
) -> str:
    """A text, cut to `max_length` characters."""
    value = data.get(key)
    if not isinstance(value, str) or not (value or may_be_empty):
        raise DataValidationError(f"expected a text, got {_kind(value)}", path=f"{path}.{key}")
    return clean_text(value, max_length)


def read_optional_text(data: Mapping[str, Any], key: str, path: str, *, max_length: int = 255) -> str:
    """A text cut to `max_length`, or "" where it is null or absent."""
    value = data.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise DataValidationError(f"expected a text, got {_kind(value)}", path=f"{path}.{key}")
    return clean_text(value, max_length)


def read_lenient_text(data: Mapping[str, Any], key: str, *, max_length: int = 255) -> str:
    """A text that only decorates: "" where it is absent or anything else."""
    value = data.get(key)
    return clean_text(value, max_length) if isinstance(value, str) else ""


def read_lenient_texts(data: Mapping[str, Any], key: str, *, max_length: int = 255) -> tuple[str, ...]:
    """The texts of a list that only decorates."""
    return tuple(clean_text(one, max_length) for one in read_lenient_list(data.get(key)) if isinstance(one, str))


def clean_text(value: str, max_length: int = 255) -> str:
    """Cut to length, and without the NUL characters that PostgreSQL cannot store."""
    return value.replace("\0", "")[:max_length]


def read_number(data: Mapping[str, Any], key: str, path: str) -> float:
    value = data.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise DataValidationError(f"expected a number, got {_kind(value)}", path=f"{path}.{key}")
    return float(value)


def read_optional_number(data: Mapping[str, Any], key: str) -> float | None:
    """A number, or None where it is absent or anything else: for bounds and steps that only decorate."""
    value = data.get(key)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def read_loose_number(value: object) -> float | None:
    """Of a sender that writes numbers as such or as texts; None for anything else."""
    try:
        number = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def read_loose_whole(data: Mapping[str, Any], key: str, path: str) -> int:
    """A whole number, as such or as a text."""
    number = read_loose_number(data.get(key))
    if number is None or number != int(number):
        raise DataValidationError(f"expected a whole number, got {_kind(data.get(key))}", path=f"{path}.{key}")
    return int(number)


def read_loose_flag(value: object) -> bool:
    """Of a sender that writes yes as true, 1, or either as a text."""
    return value in (True, 1, "1", "true")


def read_local_time(value: object, path: str) -> datetime:
    """A time in a zone that is not said: naive."""
    try:
        return datetime.fromisoformat(str(value)).replace(tzinfo=None)
    except ValueError as err:
        raise DataValidationError("not a time", path=path) from err


def read_pair(data: Mapping[str, Any], key: str, otherwise: tuple[float, float]) -> tuple[float, float]:
    """A list of two numbers."""
    value = data.get(key)
    if isinstance(value, list) and len(value) == 2 and all(isinstance(part, int | float) for part in value):
        return float(value[0]), float(value[1])
    return otherwise


def read_iso_time(data: Mapping[str, Any], key: str, path: str) -> datetime:
    """A time as ISO 8601 writes it, in UTC; without a zone it is meant to be in UTC."""
    try:
        moment = datetime.fromisoformat(read_text(data, key, path, max_length=40))
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as err:
        raise DataValidationError("not a time", path=f"{path}.{key}") from err


def read_epoch_time(data: Mapping[str, Any], key: str, path: str) -> datetime:
    """A time in seconds since 1970, in UTC."""
    try:
        return datetime.fromtimestamp(read_number(data, key, path), UTC)
    except (ValueError, OverflowError, OSError) as err:
        raise DataValidationError("not a time", path=f"{path}.{key}") from err


def _kind(value: object) -> str:
    return "nothing" if value is None else type(value).__name__
