"""Tokens that a service gives for a sign-in, shared by all threads of a process that sign in alike.

One sign-in serves all who need it (single flight): whoever comes meanwhile waits for it. A refusal is remembered for a
while, since who else would try the same only makes the ban more likely. Nothing of this is stored.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TypeVar

from hi.integration import exceptions
from hi.integration.client import HttpAnswer
from hi.utils import redact

# Renewed this long before it ends: what is asked for with it shall be answered still.
MARGIN_SECONDS = 60.0
REFUSED_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Grant:
    """What a sign-in gave, for so many seconds from now. `token` is empty where the service asks for none; `refresh` is
    what gets the next one without the password."""

    token: str = field(repr=False)
    seconds: float
    refresh: str = field(default="", repr=False)
    refresh_seconds: float = 0.0
    given_at: float = field(default_factory=time.monotonic)

    @property
    def is_fresh(self) -> bool:
        return time.monotonic() < self.given_at + self.seconds - min(MARGIN_SECONDS, self.seconds / 2)

    @property
    def usable_refresh(self) -> str:
        return self.refresh if time.monotonic() < self.given_at + self.refresh_seconds else ""

    def after(self, before: "Grant | None") -> "Grant":
        """This one, with the refresh token of the one before where it has none of its own."""
        if self.refresh or before is None:
            return self
        left = before.given_at + before.refresh_seconds - self.given_at
        return replace(self, refresh=before.refresh, refresh_seconds=left)


Opened = TypeVar("Opened")
# Asks the service for a new grant; it is given the last one, whose refresh token may save the password the way.
SignIn = Callable[[Grant | None], Grant]


class SharedGrant:
    """The grant of one account at one service."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._grant: Grant | None = None
        self._refusal: tuple[float, exceptions.AuthenticationError] | None = None

    def get(self, sign_in: SignIn) -> Grant:
        """The present one; a new one where there is none, or it ends soon. Raises what `sign_in` does."""
        with self._lock:
            grant = self._grant
            return grant if grant is not None and grant.is_fresh else self._renew(sign_in)

    def replace(self, refused: Grant, sign_in: SignIn) -> Grant:
        """Another one than that, which the service does not take any more: a new one, unless somebody else has got it
        meanwhile."""
        with self._lock:
            if self._grant is not None and self._grant is not refused:
                return self._grant
            self._grant = None  # who takes the token no more takes no refresh of it either
            return self._renew(sign_in)

    def forget(self) -> None:
        """A person has a reason to try again: what was refused may be let in by now."""
        with self._lock:
            self._grant = self._refusal = None

    def _renew(self, sign_in: SignIn) -> Grant:
        if self._refusal and time.monotonic() < self._refusal[0]:
            raise self._refusal[1]
        try:
            self._grant = sign_in(self._grant).after(self._grant)
            redact.register_secret(self._grant.token)
            redact.register_secret(self._grant.refresh)
        except exceptions.AuthenticationError as err:
            self._grant, self._refusal = None, (time.monotonic() + REFUSED_SECONDS, err)
            raise
        self._refusal = None
        return self._grant


def ask(
    shared: SharedGrant,
    sign_in: SignIn,
    send: Callable[[Grant], HttpAnswer],
    is_refused: Callable[[HttpAnswer], bool],
) -> HttpAnswer:
    """`send` with the present grant; once more with a new one where that is refused. The answer may be a refusal
    still."""
    grant = shared.get(sign_in)
    answer = send(grant)
    return send(shared.replace(grant, sign_in)) if is_refused(answer) else answer


@contextmanager
def opened(
    shared: SharedGrant, sign_in: SignIn, begin: Callable[[Grant], AbstractContextManager[Opened]]
) -> Iterator[Opened]:
    """The same for what stays open."""
    grant = shared.get(sign_in)
    with ExitStack() as stack:
        try:
            made = stack.enter_context(begin(grant))
        except exceptions.AuthenticationError:
            made = stack.enter_context(begin(shared.replace(grant, sign_in)))
        yield made


@lru_cache(maxsize=64)
def share(*_account: str) -> SharedGrant:
    """By all that tells accounts apart: address, user, password."""
    return SharedGrant()
