"""What every connection of the simulated server shares."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hi.testing.core import ServerCore
from hi.testing.faults import Faults
from hi.testing.zoneminder.accounts import Accounts
from hi.testing.zoneminder.columns import Row
from hi.testing.zoneminder.house import House


@dataclass(slots=True)
class ZoneMinderFaults(Faults):
    database_down: bool = False
    """Every call of the API is answered by 200 and nothing."""


@dataclass(slots=True)
class Core(ServerCore):
    house: House
    accounts: Accounts
    camera_secret: str
    """The password of every camera, which the monitors' rows hold."""
    change_seconds: float = 0.05
    """How long a change of the run state takes; about 6 on a real server."""
    alert_seconds: float = 0.2
    """How long an event goes on after a forced alarm is cancelled."""
    numbers_as_text: bool = False
    """As PHP before 8.1 tells the columns of a database."""
    refreshes: int = 0
    faults: ZoneMinderFaults = field(default_factory=ZoneMinderFaults, kw_only=True)

    def after_alert(self, function: Callable[[], None]) -> None:
        asyncio.get_running_loop().call_later(self.alert_seconds, function)

    def told(self, kind: str, rows: list[Row]) -> list[Row]:
        """Rows as they go out: with the faults in force, and numbers as this PHP has them."""
        shown = self.faults.shown(kind, rows)
        return [_as_text(row) for row in shown] if self.numbers_as_text else shown


def _as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_text(item) for item in value]
    return str(value) if type(value) in (int, float) else value
