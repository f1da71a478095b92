"""Commander: how a service is told to set something.

A service subclasses it with `prepare` and `send`. It knows no database: `commands.py` claims, marks and confirms.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

# How long the state that should follow is waited for, where the service does not know better, and at most.
CONFIRM_SECONDS = 30
MAX_CONFIRM_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Order:
    """What shall be set: the state by the service's address of it (see `StateSpec.address`), the value in hi's words
    (see `ControlType`), and the code that must go along where the controller says so."""

    address: str
    value: str
    code: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class PreparedOrder:
    """What `send` will do, and which values of the state will confirm it: one of `expected`, a number within
    `tolerance`; with none expected, any report newer than the sending. One of `denied_by`, heard after the sending,
    says that it did not work. A word for being under way is neither; the end is waited for `seconds`."""

    expected: tuple[str, ...]
    tolerance: float = 0.0
    denied_by: tuple[str, ...] = ()
    seconds: int = CONFIRM_SECONDS
    # The service's own description of the call; nobody else looks into it. May hold the code.
    call: Any = field(default=None, repr=False)


class Commander(ABC):
    """One short conversation with one service: enter, prepare, send, exit. `config` holds secrets in clear."""

    def __init__(self, config: Mapping[str, str]) -> None:
        self.config = config

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    @abstractmethod
    def close(self) -> None:
        """Close what is open."""

    @abstractmethod
    def prepare(self, order: Order) -> PreparedOrder:
        """Look whether the order can be carried out now, without doing anything. Raises an IntegrationError that says
        why not: OrderRefusedError where the thing is missing or takes no such value."""

    @abstractmethod
    def send(self, prepared: PreparedOrder) -> None:
        """Do it, once, with no retry. Returns when the service has taken it. Raises OrderRefusedError with the
        service's own reason, or another IntegrationError where nobody knows whether it arrived."""
