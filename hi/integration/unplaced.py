"""Unplaced: what a source wrote down of things that no sync has mapped yet, kept until one has.

A new camera records before hi knows it. What it recorded is not passed over: it waits here, and as long as anything
waits, the source counts as not read, so that after a restart it is read again. What has no place even after a sync that
began later is not wanted, as what somebody chose not to import.
"""

from collections.abc import Callable, Iterable, Set
from dataclasses import replace
from datetime import datetime, timedelta

from django.utils import timezone

from hi.integration.listener import Recorded

# Where no sync succeeds.
KEEP_AT_MOST = timedelta(hours=1)


class Unplaced:
    def __init__(self) -> None:
        self._kept: list[Recorded] = []
        # When each address was first heard of; None: not wanted.
        self._since: dict[str, datetime | None] = {}

    def hear(self, unmapped: Iterable[str]) -> None:
        """These have no place now, whatever is said of them."""
        for address in unmapped:
            self._since.setdefault(address, timezone.now())

    def keep(self, recorded: Recorded, knows: Callable[[str], bool]) -> None:
        self.hear(one.address for one in recorded.values)
        self.hear(one.address for one in recorded.events)
        self._since = {address: since for address, since in self._since.items() if not knows(address)}
        self._kept = _parts([*self._kept, recorded], self._since.keys())
        self.settle(timezone.now() - KEEP_AT_MOST)

    def is_empty(self) -> bool:
        return not self._kept

    def waits_since(self, moment: datetime) -> bool:
        """Whether something that waits was first heard of before that."""
        return bool(_parts(self._kept, self._heard_before(moment)))

    def settle(self, began: datetime) -> None:
        """A sync that began then has ended well, and what it mapped was taken: the rest is not wanted."""
        unwanted = self._heard_before(began)
        self._since = {address: None if address in unwanted else since for address, since in self._since.items()}
        self._kept = _parts(self._kept, self._since.keys() - unwanted)

    def take(self, addresses: Set[str]) -> list[Recorded]:
        """What has waited for these, which have places now."""
        taken = _parts(self._kept, addresses)
        self._kept = _parts(self._kept, self._since.keys() - addresses)
        return taken

    def _heard_before(self, moment: datetime) -> set[str]:
        return {address for address, since in self._since.items() if since is None or since <= moment}

    def forget(self) -> None:
        """It is read again: the source does not count as read so far."""
        self._kept = []


def _parts(kept: list[Recorded], addresses: Set[str]) -> list[Recorded]:
    """What of each is about these addresses, where anything is."""
    parts = (
        replace(
            one,
            values=tuple(value for value in one.values if value.address in addresses),
            events=tuple(event for event in one.events if event.address in addresses),
        )
        for one in kept
    )
    return [part for part in parts if part.values or part.events]
