"""Home Assistant passes what every integration must."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hi.testing.conformance import Change, Conformance, FarEnd
from hi.testing.hass import SimulatedHass, home
from hi.testing.hass.specs import DeviceSpec, camera, switch

LIGHT = "light.kitchen_ceiling_light"
GATEWAY = "hi.services.hass.hass_gateway.HassGateway"


class HassFarEnd(FarEnd):
    cannot = {
        "move_to": "it tells every time as seconds since 1970",
    }
    limits = {f"{GATEWAY}.answer_seconds": 0.5, f"{GATEWAY}.reach_seconds": 0.5}

    def __init__(self, sim: SimulatedHass) -> None:
        self.sim = sim
        self._removed: dict[str, tuple[dict[str, Any], list[tuple[Any, dict[str, Any]]]]] = {}

    @classmethod
    @contextmanager
    def running(cls) -> Iterator["HassFarEnd"]:
        with SimulatedHass.running(token="a-token-that-is-a-canary", home=home.small()) as sim:
            sim.add_device(DeviceSpec("Porch", "Hall", "reolink", "Reolink", "E1", (camera(True),)))
            yield cls(sim)

    @property
    def port(self) -> int:
        return self.sim.port

    def settings(self, address: str) -> dict[str, str]:
        return {"url": address, "token": self.sim.token}

    def names(self) -> set[str]:
        rows = self.sim.home.devices.values()
        return {row["name_by_user"] or row["name"] for row in rows if row["entry_type"] != "service"}

    def change_value(self) -> Change:
        now = "off" if self.sim.states()[LIGHT].state == "on" else "on"
        self.sim.set_state(LIGHT, now)
        return Change(LIGHT, now)

    def pick_order(self) -> Change:
        return Change(LIGHT, "off" if self.sim.states()[LIGHT].state == "on" else "on")

    def is_done(self, order: Change) -> bool:
        return self.sim.states()[order.address].state == order.value

    def count_orders(self) -> int:
        return len(self.sim.calls)

    def refuse_orders(self) -> str:
        for service in ("light.turn_on", "light.turn_off"):
            self.sim.fail_service(service, "The bridge is asleep.")
        return "The bridge is asleep."

    def pick_camera(self) -> str:
        return "camera.porch"

    def add_thing(self, name: str) -> None:
        number = len(self.sim.home.devices)
        plug = DeviceSpec(f"Plug {number}", "Kitchen", "shelly", "Shelly", "Plug S", (switch(),))
        self.sim.add_device(plug)
        self.rename_thing(plug.name, name)

    def rename_thing(self, old: str, new: str) -> None:
        self.sim.rename_device(old, new)

    def remove_thing(self, name: str) -> None:
        there = self.sim.home
        device = there.devices[there.device_id(name)]
        entities = there.entities_of(device["id"])
        self._removed[name] = device, [(there.states[key], there.entities[key]) for key in entities]
        self.sim.remove_device(name)

    def bring_back(self, name: str) -> None:
        device, entities = self._removed[name]

        def bring_back() -> None:
            self.sim.home.add_device(device)
            for state, row in entities:
                self.sim.home.add_entity(state.entity_id, state.state, state.attributes, row)

        self.sim._call(bring_back)

    def list_nothing(self) -> None:
        self.sim.nothing()

    def list_a_part(self) -> None:
        self.sim.partial(3, "get_states")

    def list_twice(self, name: str) -> None:
        self.sim.duplicates()

    def spoil(self, name: str) -> None:
        self.sim.home.devices[self.sim.home.device_id(name)]["area_id"] = ["no", "text"]

    def change_secret(self) -> dict[str, str]:
        self.sim.core.token = "another-token-that-is-a-canary"
        self.sim.close_connections()
        return {"token": self.sim.core.token}

    def count_refusals(self) -> int:
        return self.sim.failed_logins

    def restart(self) -> None:
        self.sim.go_down()
        time.sleep(0.2)
        self.sim.come_up()
        self.sim.finish_starting()

    def upgrade(self) -> str:
        self.sim.set_version("2027.1.0")
        return "2027.1.0"

    def set_clock(self, seconds_ahead: float) -> None:
        self.sim.skew_clock(seconds_ahead)


class TestHass(Conformance):
    integration_type = "hass"
    simulator = HassFarEnd
