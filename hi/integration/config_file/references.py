"""Where a secret is that a file only refers to: a variable of the environment, or another file."""

import os
import re
import stat
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from hi.integration.core.settings import MAX_LENGTH
from hi.utils import redact

VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
MAX_PATH = 1024


class UnresolvedError(Exception):
    """There is nothing where the reference leads. Never quotes what was found."""


@dataclass(frozen=True, slots=True)
class Reference:
    """`source`: env or file."""

    source: str
    name: str

    def __str__(self) -> str:
        return f"the variable {self.name}" if self.source == "env" else self.name

    def resolve(self) -> str:
        """The secret, which this process's logs mask from then on. Raises UnresolvedError."""
        return read_variable(self.name) if self.source == "env" else read_file(self.name)


def read_variable(name: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        raise UnresolvedError(f"The variable {name} is not set.")
    redact.register_secret(value)
    return value


def read_file(path: str) -> str:
    """A small file's only line."""
    try:
        # Not to wait for ever for somebody to write into a pipe.
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), encoding="utf-8") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise UnresolvedError(f"{path} is not a file.")
            value = file.read(MAX_LENGTH + 2).strip()
    except OSError as err:
        raise UnresolvedError(f"{path} can't be read ({err.strerror}).") from err
    except UnicodeDecodeError:
        raise UnresolvedError(f"{path} is not text.") from None
    if not value:
        raise UnresolvedError(f"{path} is empty.")
    redact.register_secret(value)
    return value


def name_variable(label: str, key: str, taken: Collection[str]) -> str:
    """House, token -> HI_HOUSE_TOKEN; another name where that is taken."""
    words = (_as_word(label) or "INTEGRATION", _as_word(key))
    name = "_".join(("HI", *words))[:90]
    number = 2
    wanted = name
    while wanted in taken:
        wanted, number = f"{name}_{number}", number + 1
    return wanted


def _as_word(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Z0-9]+", "_", letters.upper()).strip("_")
