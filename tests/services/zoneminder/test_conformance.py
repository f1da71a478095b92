"""ZoneMinder passes what every integration must."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from hi.testing.conformance import Change, Conformance, FarEnd
from hi.testing.zoneminder import VIEWER_RIGHTS, SimulatedZoneMinder

SERVER = "ZoneMinder"


class ZmFarEnd(FarEnd):
    limits: ClassVar = {"hi.integration.poller.PACE": 0.01, "hi.integration.poller.LOOK_SECONDS": 0.02}

    def __init__(self, sim: SimulatedZoneMinder) -> None:
        self.sim = sim
        self._removed: dict[str, Any] = {}
        self._moving: list[int] = []

    @classmethod
    @contextmanager
    def running(cls) -> Iterator["ZmFarEnd"]:
        with SimulatedZoneMinder.running(password="a-password-that-is-a-canary") as sim:
            yield cls(sim)

    @property
    def port(self) -> int:
        return self.sim.port

    def settings(self, address: str) -> dict[str, str]:
        return {"url": f"{address}/zm", "user": self.sim.user, "password": self.sim.password}

    def granted(self) -> tuple[str, ...]:
        return tuple(self.sim.core.accounts.issued)

    def names(self) -> set[str]:
        return {SERVER, *(str(monitor.columns["Name"]) for monitor in self.sim.house.monitors.values())}

    def _id(self, name: str) -> int:
        return next(key for key, monitor in self.sim.house.monitors.items() if monitor.columns["Name"] == name)

    def change_value(self) -> Change:
        """Something moves, or ceases to: that has a time of its own, in the server's zone."""
        first = min(self.sim.house.monitors)
        if self._moving:
            self.sim.end_event(self._moving.pop())
            return Change(f"{first}.motion", "clear")
        self._moving.append(self.sim.begin_event(first))
        return Change(f"{first}.motion", "detected")

    def pick_order(self) -> Change:
        return Change("1.function", "Record")

    def is_done(self, order: Change) -> bool:
        return bool(self.sim.monitor(1)["Monitor"]["Function"] == order.value)

    def count_orders(self) -> int:
        return self.sim.methods["PUT"]

    def refuse_orders(self) -> str:
        self.sim.update_user(self.sim.user, **VIEWER_RIGHTS)
        return "monitors/1"

    def pick_camera(self) -> str:
        return "1.video"

    def add_thing(self, name: str) -> None:
        self.sim.add_monitor(name)

    def rename_thing(self, old: str, new: str) -> None:
        self.sim.rename_monitor(self._id(old), new)

    def remove_thing(self, name: str) -> None:
        key = self._id(name)
        self._removed[name] = self.sim.house.monitors[key]
        self.sim.remove_monitor(key)

    def bring_back(self, name: str) -> None:
        monitor = self._removed[name]
        self.sim._call(lambda: self.sim.house.monitors.update({monitor.id: monitor}))

    def list_nothing(self) -> None:
        self.sim.nothing("monitors")

    def list_a_part(self) -> None:
        """One row that is nothing at all: it could be any monitor."""
        self.sim.update_monitor(1, Id=None)

    def list_twice(self, name: str) -> None:
        self.sim.duplicates("monitors")

    def spoil(self, name: str) -> None:
        self.sim.update_monitor(self._id(name), Function=None)

    def change_secret(self) -> dict[str, str]:
        self.sim.change_password("another-password-that-is-a-canary")
        self.sim.advance(1)
        self.sim.revoke_tokens()
        self.sim.advance(1)
        return {"password": self.sim.password}

    def count_refusals(self) -> int:
        return self.sim.failed_logins

    def restart(self) -> None:
        self.sim.go_down()
        time.sleep(0.2)
        self.sim.come_up()

    def upgrade(self) -> str:
        self.sim.set_version("1.38.0")
        return "1.38.0"

    def move_to(self, time_zone: str) -> None:
        self.sim.house.clock.zone = ZoneInfo(time_zone)

    def set_clock(self, seconds_ahead: float) -> None:
        self.sim.skew_clock(seconds_ahead)


class TestZoneMinder(Conformance):
    integration_type = "zoneminder"
    simulator = ZmFarEnd
