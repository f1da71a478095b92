"""A simulated system as the conformance tests see it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, ClassVar, Self, TypeVar

Verb = TypeVar("Verb", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Change:
    """A value that changed there, or shall be set there: the state's address, and the value in hi's words."""

    address: str
    value: str


def verb(method: Verb) -> Verb:
    """Marks what a far end either does or says that its system cannot."""
    method.is_verb = True  # type: ignore[attr-defined]
    return method


class FarEnd(ABC):
    """One running simulator. Each test has one of its own, fresh; so nothing needs to be put back.

    Every verb is either overridden, or named in `cannot` with the reason: "it has no names". What the simulator does
    has taken effect when the call returns.
    """

    cannot: ClassVar[Mapping[str, str]] = {}
    # Dotted path of a limit of time of the integration -> the seconds that it has in these tests. Those of ApiClient
    # are short already.
    limits: ClassVar[Mapping[str, float]] = {}

    @classmethod
    @abstractmethod
    def running(cls) -> AbstractContextManager[Self]:
        """Started, with three things or more, all of them well."""

    @property
    @abstractmethod
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""

    @abstractmethod
    def settings(self, address: str) -> dict[str, str]:
        """What a person enters who reaches it at that address, as in http://127.0.0.1:4711. Its secrets are long enough
        to be told from ordinary words: they are looked for everywhere."""

    @abstractmethod
    def names(self) -> set[str]:
        """What things are called there, as hi shall call them."""

    def granted(self) -> Collection[str]:
        """Secrets that it gave out itself so far, as tokens for a sign-in: they are looked for everywhere, too."""
        return ()

    @verb
    def change_value(self) -> Change:
        """Let one of the values become another one now."""
        raise NotImplementedError

    @verb
    def pick_order(self) -> Change:
        """Something that can be set there now, to a value that it does not have."""
        raise NotImplementedError

    @verb
    def is_done(self, order: Change) -> bool:
        """Whether the system itself has it so."""
        raise NotImplementedError

    @verb
    def count_orders(self) -> int:
        """How many orders have come so far, those that were refused included."""
        raise NotImplementedError

    @verb
    def refuse_orders(self) -> str:
        """From now on refuse what is ordered; returns the reason that people shall read, or a part of it."""
        raise NotImplementedError

    @verb
    def pick_camera(self) -> str:
        """The address of a state behind which a camera stands that shows something now."""
        raise NotImplementedError

    @verb
    def add_thing(self, name: str) -> None:
        raise NotImplementedError

    @verb
    def rename_thing(self, old: str, new: str) -> None:
        raise NotImplementedError

    @verb
    def remove_thing(self, name: str) -> None:
        raise NotImplementedError

    @verb
    def bring_back(self, name: str) -> None:
        """The thing that was removed, as it was."""
        raise NotImplementedError

    @verb
    def list_nothing(self) -> None:
        """Answer as ever, with no things at all."""
        raise NotImplementedError

    @verb
    def list_a_part(self) -> None:
        """Answer with some of the things, in a way that shows that it is not all."""
        raise NotImplementedError

    @verb
    def list_twice(self, name: str) -> None:
        """Name one of the things two times in one answer."""
        raise NotImplementedError

    @verb
    def spoil(self, name: str) -> None:
        """Let what is said of one of the things be undecodable."""
        raise NotImplementedError

    @verb
    def change_secret(self) -> dict[str, str]:
        """From now on other secrets are accepted, which are returned as settings; who is in is thrown out."""
        raise NotImplementedError

    @verb
    def count_refusals(self) -> int:
        """How often somebody was refused so far."""
        raise NotImplementedError

    @verb
    def restart(self) -> None:
        """Go away for a moment, and come back at the same port."""
        raise NotImplementedError

    @verb
    def upgrade(self) -> str:
        """Become another version, which is returned, with the same things."""
        raise NotImplementedError

    @verb
    def move_to(self, time_zone: str) -> None:
        """Tell times as a machine in this zone does."""
        raise NotImplementedError

    @verb
    def set_clock(self, seconds_ahead: float) -> None:
        """Let its clock be wrong from now on."""
        raise NotImplementedError


VERBS = frozenset(name for name, member in vars(FarEnd).items() if getattr(member, "is_verb", False))
