"""One call of the API: who asks, for what, and whether they may."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from hi.testing.http import Request
from hi.testing.zoneminder.accounts import User
from hi.testing.zoneminder.core import Core
from hi.testing.zoneminder.errors import ApiError
from hi.testing.zoneminder.house import House, Monitor

_RANKS = ("None", "View", "Edit")


@dataclass(frozen=True, slots=True)
class Call:
    core: Core
    request: Request
    user: User | None
    """None where nobody has to sign in."""
    args: tuple[str, ...]
    """What follows the action in the path, without what has a name."""
    named: tuple[tuple[str, str], ...]
    """Such as `id:2`."""

    @property
    def house(self) -> House:
        return self.core.house

    def require(self, area: str, right: str, words: str = "Insufficient privileges") -> None:
        """The real server capitalises the second word before it looks at a call, and not within."""
        if self.user is not None and _RANKS.index(getattr(self.user, area)) < _RANKS.index(right):
            raise ApiError(401, words)

    def may_see(self, monitor_id: int) -> bool:
        return self.user is None or self.user.may_see(monitor_id)

    def monitor(self, number: str) -> Monitor:
        found = self.house.monitors.get(int(number)) if number.isdigit() else None
        if found is None:
            raise ApiError(404, "Invalid monitor")
        return found

    def fields(self, model: str) -> dict[str, Any]:
        """What shall be written: `Monitor[Function]` of a form, or `{"Monitor": {"Function": …}}`."""
        if self.request.headers.get("content-type", "").startswith("application/json"):
            try:
                data = orjson.loads(self.request.body)
            except orjson.JSONDecodeError:
                return {}
            found = data.get(model) if isinstance(data, dict) else None
            return found if isinstance(found, dict) else {}
        prefix = f"{model}["
        form = self.request.form.items()
        return {key[len(prefix) : -1]: value for key, value in form if key.startswith(prefix) and key.endswith("]")}


Action = Callable[[Call], Any]
