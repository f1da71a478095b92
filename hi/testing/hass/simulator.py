"""A simulated Home Assistant: the server, its home, and the controls that make it misbehave."""

import asyncio
import random
import ssl
import time
from collections import Counter
from functools import partial
from typing import Any

from hi.testing.hass import home as homes
from hi.testing.hass.build import add_device, add_entity
from hi.testing.hass.connection import Connection
from hi.testing.hass.controls import ServerControls
from hi.testing.hass.core import Core
from hi.testing.hass.home_model import Home
from hi.testing.hass.life import Life, apply
from hi.testing.hass.model import Row, State, slugify, ulid
from hi.testing.hass.rows import area_row
from hi.testing.hass.specs import DeviceSpec, EntitySpec
from hi.testing.server import LOOPBACK, Server

DEFAULT_TOKEN = "simulated-long-lived-token"


class SimulatedHass(ServerControls):
    """A real server on 127.0.0.1 that speaks Home Assistant's REST and WebSocket protocol.

    ::

        with SimulatedHass.running(home=home.small()) as sim:
            client = connect(sim.url, sim.token)
            sim.set_state("light.kitchen_ceiling_light", "off")
            sim.wait_for(lambda: sim.connections == 1)

    Every control below may be called from any thread and has taken effect when it returns; what it makes the server
    send follows within milliseconds. `heal()` undoes every fault. With `rate=0` nothing moves by itself.

    - **Values**: `set_state` `remove_state` `make_unavailable` `make_available` `step`
    - **Structure**: `add_entity` `remove_entity` `rename_entity` `update_entity` `add_device` `remove_device`
      `rename_device` `move_device` `add_area` `rename_area` `remove_area`
    - **Restart**: `restart` does it all by the clock; `go_down`, `come_up`, `finish_starting` one step at a time
    - **Line faults**: `cut` `close_connections` `stall` `unstall` `drip`
    - **Answers**: `fail` `answer_html` `empty` `truncate` `huge` `partial` `nothing` `undecodable` `duplicates`
      `refuse_command` `refuse_token` `revoke_token` `ban` `skew_clock`; `set_version`
    - **Services**: `fail_service` `slow_services` `lose_answers` `ignore_services`; with `pace=0.01` covers and locks
      are there in a blink
    - **Counters**: `connections` (open WebSockets) `logins` `failed_logins` `requests` `overflows` `paths` `commands`
      `calls` (of services; from another process, with the token, `GET /simulated/calls`)
    """

    def __init__(
        self,
        *,
        token: str = DEFAULT_TOKEN,
        home: Home | None = None,
        rate: float = 0.0,
        port: int = 0,
        seed: int = 0,
        tls: ssl.SSLContext | None = None,
        ban_after: int | None = None,
        max_pending: int = 4096,
        auth_seconds: float = 10.0,
        close_seconds: float = 10.0,
        pace: float = 1.0,
        server_id: str = "",
        host: str = LOOPBACK,
    ) -> None:
        """`server_id` is by what it is known as a server: without one it is another server each time."""
        core = Core(home or homes.demo(), token, ban_after, max_pending, auth_seconds, close_seconds, pace=pace)
        super().__init__(core, Server(core, partial(Connection, core), tls, host), port)
        self.home.identify(server_id or ulid(time.time(), random.Random()))
        self.life = Life(self.home, rate, seed)

    async def _live(self) -> None:
        while True:
            await asyncio.sleep(max(0.02, min(0.25, 0.5 / self.life.rate if self.life.rate else 0.25)))
            if self.core.flow.is_set() and self.home.core_state == "RUNNING":
                apply(self.home, self.life.step(self.home.clock()))

    # What a test looks at

    @property
    def url(self) -> str:
        return self.core.url

    @property
    def ws_url(self) -> str:
        return self.core.url.replace("http", "ws", 1) + "/api/websocket"

    @property
    def token(self) -> str:
        return self.core.token

    @property
    def connections(self) -> int:
        return self.core.connections

    @property
    def overflows(self) -> int:
        return self.core.overflows

    @property
    def commands(self) -> Counter[str]:
        """WebSocket commands by type."""
        return self._call(lambda: Counter(self.core.commands))

    @property
    def calls(self) -> list[Row]:
        """Calls of services as they came in, refused ones included."""
        return self._call(lambda: list(self.core.calls))

    def states(self) -> dict[str, State]:
        return self._call(lambda: dict(self.home.states))

    # Values

    def set_state(self, entity_id: str, state: str, by_user: bool = False, **attributes: Any) -> None:
        """Writes a state over the attributes it has; an unknown entity appears without a registry row."""
        self._call(lambda: self.home.update_state(entity_id, state, by_user, **attributes))

    def remove_state(self, entity_id: str) -> None:
        """Removes the state and leaves the registry row, if there is one."""
        self._call(lambda: self.home.remove_state(entity_id))

    def make_unavailable(self, *entity_ids: str, restored: bool = False) -> None:
        """`restored=True` is the entity of an integration that did not load."""
        for entity_id in entity_ids:
            self._call(partial(self.home.make_unavailable, entity_id, restored))

    def make_available(self, *entity_ids: str) -> None:
        for entity_id in entity_ids:
            self._call(partial(self.home.make_available, entity_id))

    def step(self, now: float | None = None) -> None:
        """Lets the home live up to `now` at once."""
        self._call(lambda: apply(self.home, self.life.step(self.home.clock() if now is None else now)))

    # Structure. Devices are named by id or by name.

    def add_entity(self, spec: EntitySpec, device: str | None = None, platform: str | None = "demo") -> str:
        """Returns the new `entity_id`. Without a platform it has no registry row."""

        def add() -> str:
            row = self.home.devices[self.home.device_id(device)] if device else None
            return add_entity(self.home, spec, platform, row)

        return self._call(add)

    def remove_entity(self, entity_id: str) -> None:
        self._call(lambda: self.home.remove_entity(entity_id))

    def rename_entity(self, old: str, new: str) -> None:
        """Gives an entity another `entity_id`; its registry `id` stays."""
        self._call(lambda: self.home.rename_entity(old, new))

    def update_entity(self, entity_id: str, **changes: Any) -> None:
        """Changes registry fields: `name`, `area_id`, `hidden_by`, `disabled_by`, `labels` …"""
        self._call(lambda: self.home.update_entity(entity_id, **changes))

    def add_device(self, spec: DeviceSpec) -> Row:
        return self._call(lambda: dict(add_device(self.home, spec)))

    def remove_device(self, device: str) -> None:
        self._call(lambda: self.home.remove_device(self.home.device_id(device)))

    def rename_device(self, device: str, name: str | None) -> None:
        """Sets the user's name; None gives the device its own name back."""
        self._call(lambda: self.home.update_device(self.home.device_id(device), name_by_user=name))

    def move_device(self, device: str, area: str | None) -> None:
        area_id = slugify(area) if area else None
        self._call(lambda: self.home.update_device(self.home.device_id(device), area_id=area_id))

    def add_area(self, name: str, floor: str | None = None) -> None:
        self._call(lambda: self.home.add_area(area_row(slugify(name), name, slugify(floor) if floor else None)))

    def rename_area(self, name: str, new: str) -> None:
        """The `area_id` stays what it was made from."""
        self._call(lambda: self.home.update_area(slugify(name), name=new))

    def remove_area(self, name: str) -> None:
        self._call(lambda: self.home.remove_area(slugify(name)))
