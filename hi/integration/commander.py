"""Commander: how a service is told to set something.

A service subclasses it with `prepare` and `send`. It knows no database: `commands.py` claims, marks and confirms.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from hi.integration.conversation import Conversation
from hi.integration.core.decode import clean_text
from hi.integration.exceptions import OrderRefusedError
from hi.utils.redact import MASK, redact

# How long the state that should follow is waited for, where the service does not know better, and at most.
CONFIRM_SECONDS = 30
MAX_CONFIRM_SECONDS = 480

# Large homes pause for 2 seconds at times; an order that waits longer than 10 comes too late.
LOOK_SECONDS = 5.0
CALL_SECONDS = 10.0
MAX_REASON = 300

Session = TypeVar("Session")


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


class Commander(Conversation, ABC):
    """Prepares one order, and sends it."""

    @abstractmethod
    def prepare(self, order: Order) -> PreparedOrder:
        """Look whether the order can be carried out now, without doing anything. Raises an IntegrationError that says
        why not: OrderRefusedError where the thing is missing or takes no such value."""

    @abstractmethod
    def send(self, prepared: PreparedOrder) -> None:
        """Do it, once, with no retry. Returns when the service has taken it. Raises OrderRefusedError with the
        service's own reason, or another IntegrationError where nobody knows whether it arrived."""


class SessionCommander(Commander, Generic[Session]):
    """A commander that speaks in one session with its service, which is opened when it is first needed. An answer is
    waited for so long: while it looks, and when it calls."""

    def __init__(
        self, config: Mapping[str, str], *, look_seconds: float = LOOK_SECONDS, call_seconds: float = CALL_SECONDS
    ) -> None:
        super().__init__(config)
        self.look_seconds = look_seconds
        self.call_seconds = call_seconds
        self._exits = ExitStack()
        self._session: Session | None = None

    @abstractmethod
    def open_session(self) -> AbstractContextManager[Session]:
        """Sign in."""

    @property
    def session(self) -> Session:
        if self._session is None:
            self._session = self._exits.enter_context(self.open_session())
        return self._session

    def close(self) -> None:
        self._session = None
        self._exits.close()


def refusal(reason: str, code: str = "") -> OrderRefusedError:
    """The service's own reason, cut and without secrets, nor the code that was sent along."""
    reason = reason.replace(code, MASK) if code else reason
    return OrderRefusedError(redact(clean_text(reason, MAX_REASON)))
