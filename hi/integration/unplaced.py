"""Unplaced: what a source wrote down of things that no sync has mapped yet, kept until one has.

A new camera records before hi knows it. What it recorded is not passed over: it waits here, and as long as anything
waits, the source counts as not read, so that after a restart it is read again. Not for ever: what is still unknown then
is not wanted, as what somebody chose not to import.
"""

import time
from collections.abc import Callable, Set
from dataclasses import replace

from hi.integration.listener import Recorded

KEEP_SECONDS = 600.0


class Unplaced:
    def __init__(self) -> None:
        self._kept: list[Recorded] = []
        # By this machine's clock, since when each address is waited for.
        self._since: dict[str, float] = {}

    def keep(self, recorded: Recorded, knows: Callable[[str], bool]) -> None:
        now = time.monotonic()
        for address in (*(one.address for one in recorded.values), *(one.address for one in recorded.events)):
            self._since.setdefault(address, now)
        self._since = {address: since for address, since in self._since.items() if not knows(address)}
        awaited = {address for address, since in self._since.items() if now - since < KEEP_SECONDS}
        self._kept = _parts([*self._kept, recorded], awaited)

    def is_empty(self) -> bool:
        return not self._kept

    def take(self, addresses: Set[str]) -> list[Recorded]:
        """What has waited for these, which have places now."""
        taken = _parts(self._kept, addresses)
        self._kept = _parts(self._kept, self._since.keys() - addresses)
        return taken

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
