"""What came of applying a file, as it goes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from hi.integration import exceptions
from hi.integration.config_file.nodes import FileError, Problem


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the difference. `section`: integrations, places or things."""

    section: str
    subject: str
    what: str
    before: str = ""
    after: str = ""
    is_new: bool = False


@dataclass(slots=True)
class Outcome:
    """`pending`: what the file says of things and places that no source has told of yet. `notes`: what else is worth
    knowing."""

    changes: list[Change] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def change(self, section: str, subject: str, what: str, before: object = "", after: object = "") -> None:
        self.changes.append(Change(section, subject, what, str(before), str(after)))

    def add(self, section: str, subject: str, what: str) -> None:
        self.changes.append(Change(section, subject, what, is_new=True))


@contextmanager
def told_of(line: int, *path: str) -> Iterator[None]:
    """What hi refuses in the block is told with the place in the file that asked for it."""
    try:
        yield
    except exceptions.ConfigurationError as err:
        raise FileError([_problem(line, path, one) for one in err.each]) from err
    except exceptions.IntegrationError as err:
        raise FileError([Problem(line, path, str(err), err.hint)]) from err


def _problem(line: int, path: tuple[str, ...], err: exceptions.ConfigurationError) -> Problem:
    return Problem(line, path, str(err), err.hint)
