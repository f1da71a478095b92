"""Wire classes by declaration: each field of a payload says once how it is read.

    @dataclass(frozen=True, slots=True)
    class Camera(wire.Payload):
        id: str = wire.key()
        name: str = wire.text()
        labels: tuple[str, ...] = wire.texts()

    Camera.from_wire(item, "cameras[3]")

What identifies or places an item must be readable, or `from_wire` raises DataValidationError with the path; what only
decorates is left out. Each reader takes the name that the service has for the field, where it is another one.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import field, fields
from functools import lru_cache, partial
from typing import Any, Self, cast

from hi.integration.core import decode

# From an object, the name of one of its values, and the object's path.
Reader = Callable[..., Any]


class Payload:
    """Base of a dataclass whose fields are told by `read_by` and the functions below."""

    __slots__ = ()

    @classmethod
    def from_wire(cls, data: object, path: str) -> Self:
        row = decode.read_mapping(data, path)
        return cls(**{own: reader(row, name, path) for own, name, reader in _readers(cast(Hashable, cls))})


def read_by(reader: Reader, name: str = "", **default: Any) -> Any:
    """A field that `reader` reads. `default` is that of a payload which nobody sent."""
    return field(metadata={"reader": reader, "name": name}, **default)


def key(name: str = "") -> Any:
    return read_by(decode.read_key, name)


def optional_key(name: str = "") -> Any:
    return read_by(decode.read_optional_key, name, default="")


def text(name: str = "", *, max_length: int = 255) -> Any:
    return read_by(partial(decode.read_text, max_length=max_length), name)


def optional_text(name: str = "") -> Any:
    return read_by(decode.read_optional_text, name, default="")


def lenient_text(name: str = "", *, otherwise: str = "") -> Any:
    return read_by(lambda row, key, _path: decode.read_lenient_text(row, key) or otherwise, name, default=otherwise)


def first_text(*names: str) -> Any:
    """That of the first of these names under which there is one."""

    def read(row: Mapping[str, Any], _key: str, path: str) -> str:
        return next(filter(None, (decode.read_optional_text(row, name, path) for name in names)), "")

    return read_by(read, default="")


def text_within(outer: str, name: str, *, otherwise: str) -> Any:
    """A text that only decorates, within an object."""

    def read(row: Mapping[str, Any], _key: str, _path: str) -> str:
        return decode.read_lenient_text(decode.read_lenient_mapping(row.get(outer)), name, max_length=40) or otherwise

    return read_by(read, default=otherwise)


def texts(name: str = "") -> Any:
    return read_by(lambda row, key, _path: decode.read_lenient_texts(row, key), name, default=())


def named_texts(names: Mapping[str, str]) -> Any:
    """The texts under these names that only decorate, by what they are called here."""

    def read(row: Mapping[str, Any], _key: str, _path: str) -> dict[str, str]:
        found = {ours: decode.read_lenient_text(row, name) for name, ours in names.items()}
        return {ours: text for ours, text in found.items() if text}

    return read_by(read, default_factory=dict)


def number(name: str = "") -> Any:
    """Zero where there is none."""
    return read_by(lambda row, key, _path: decode.read_optional_number(row, key) or 0.0, name, default=0.0)


def integer(name: str = "", *, limit: int) -> Any:
    """Zero where there is none, or one that is out of all reason."""

    def read(row: Mapping[str, Any], key: str, _path: str) -> int:
        found = decode.read_optional_number(row, key) or 0.0
        return int(found) if abs(found) < limit else 0

    return read_by(read, name, default=0)


def flag(name: str = "") -> Any:
    """Only true is true."""
    return read_by(lambda row, key, _path: row.get(key) is True, name, default=False)


def loose_number(name: str) -> Any:
    """Some write them as texts; None where there is none."""
    return read_by(lambda row, key, _path: decode.read_loose_number(row.get(key)), name)


def loose_flag(name: str) -> Any:
    return read_by(lambda row, key, _path: decode.read_loose_flag(row.get(key)), name)


def says(name: str, word: str) -> Any:
    """Whether that is what is said there."""
    return read_by(lambda row, key, _path: row.get(key) == word, name, default=False)


def presence(name: str = "") -> Any:
    """Whether anything is said there."""
    return read_by(lambda row, key, _path: bool(row.get(key)), name, default=False)


@lru_cache
def _readers(cls: Any) -> tuple[tuple[str, str, Reader], ...]:
    return tuple((one.name, one.metadata["name"] or one.name, one.metadata["reader"]) for one in fields(cls))
