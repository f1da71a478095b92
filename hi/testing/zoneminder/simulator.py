"""A simulated ZoneMinder: the server, its house, and the controls that make it misbehave."""

import asyncio
import ssl
import time
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from hi.testing.controls import FaultControls
from hi.testing.server import LOOPBACK, Server
from hi.testing.zoneminder.accounts import Accounts, User
from hi.testing.zoneminder.clock import Clock
from hi.testing.zoneminder.columns import Row
from hi.testing.zoneminder.connection import Connection
from hi.testing.zoneminder.core import Core
from hi.testing.zoneminder.house import House, RunState
from hi.testing.zoneminder.life import Life, add_yesterday
from hi.testing.zoneminder.rows import event_row, monitor_row

CAMERAS = {"Front door": "Modect", "Driveway": "Modect", "Garden": "Mocord", "Garage": "Monitor"}
"""The monitors of the house, by what they do."""


class SimulatedZoneMinder(FaultControls[Core]):
    """A real server on 127.0.0.1 that answers as ZoneMinder 1.36.33 does, or as 1.38 by its published source.

    ::

        with SimulatedZoneMinder.running(time_zone="Europe/Berlin") as sim:
            client = connect(sim.url, sim.user, sim.password)
            event = sim.begin_event(1)
            sim.end_event(event)

    Every control below may be called from any thread and has taken effect when it returns. `heal()` undoes every
    fault. With `rate=0` nothing moves by itself.

    - **House**: `add_monitor` `remove_monitor` `rename_monitor` `update_monitor` `set_function` `add_run_state`
      `set_run_state` `set_version` `monitor` `event`; the monitors at first have the ids 1 to 4
    - **Events**: `begin_event` `end_event` `add_event` `delete_event`
    - **Clock**: `set_clock` `advance` `skew_clock` `now`
    - **Accounts**: `add_user` `update_user` `revoke_tokens` `use_auth` `use_api` `lose_hash_secret` `change_password`
    - **Restart**: `restart` does it by the clock; `go_down`, `come_up` one step at a time
    - **Line faults**: `cut` `stall` `unstall` `drip`
    - **Answers**: `fail` `answer_html` `empty` `truncate` `huge` `database_down`; of the lists `monitors`, `events`,
      `states`, `storage`: `partial` `nothing` `undecodable` `duplicates`; `numbers_as_text` is no fault but an old PHP
    - **Counters**: `connections` (open TCP) `logins` `failed_logins` `refreshes` `requests` `paths` `methods`
    """

    def __init__(
        self,
        *,
        user: str = "admin",
        password: str = "simulated-password",
        cameras: Mapping[str, str] | None = None,
        version: str = "1.36.33",
        time_zone: str = "Europe/Berlin",
        rate: float = 0.0,
        events: int = 0,
        numbers_by_time: bool = False,
        port: int = 0,
        seed: int = 0,
        tls: ssl.SSLContext | None = None,
        host: str = LOOPBACK,
        access_seconds: float = 7200,
        refresh_seconds: float = 86400,
        change_seconds: float = 0.05,
        restart_seconds: float = 0.5,
        alert_seconds: float = 0.2,
        camera_secret: str = "simulated-camera-secret",
        numbers_as_text: bool = False,
    ) -> None:
        """`rate` is of motions a minute, `events` what the last day had of them. `numbers_by_time`: these have the same
        numbers after a restart, as what is kept on a disk has."""
        clock = Clock(time_zone)
        self.house = House(clock, version, restart_seconds, numbers_by_time)
        accounts = Accounts(clock.zone, access_seconds=access_seconds, refresh_seconds=refresh_seconds)
        core = Core(self.house, accounts, camera_secret, change_seconds, alert_seconds, numbers_as_text)
        super().__init__(core, Server(core, partial(Connection, core), tls, host), port)
        self.user, self.password = user, password
        accounts.users[user] = User(user, password)
        functions = CAMERAS if cameras is None else cameras
        for name, function in functions.items():
            self.house.add_monitor(name, Function=function)
        self._add_run_states(functions)
        self.life = Life(self.house, rate, seed)
        add_yesterday(self.house, seed, events)

    def _add_run_states(self, functions: Mapping[str, str]) -> None:
        """At home no motion is looked for."""
        away = [f"{number}:{function}:1" for number, function in enumerate(functions.values(), 1)]
        at_home = [part.replace("Modect", "Monitor") for part in away]
        self.house.run_states += [RunState(2, "Home", ",".join(at_home)), RunState(3, "Away", ",".join(away))]

    async def _live(self) -> None:
        while True:
            await asyncio.sleep(0.2)
            if self.core.flow.is_set():
                self.life.step(time.monotonic())

    # What a test looks at

    @property
    def url(self) -> str:
        return f"{self.core.url}/zm"

    @property
    def connections(self) -> int:
        return self._call(lambda: len(self.server.connections))

    @property
    def refreshes(self) -> int:
        """Access tokens that were given for a refresh token."""
        return self.core.refreshes

    @property
    def camera_secret(self) -> str:
        """The password that the rows of all monitors hold."""
        return self.core.camera_secret

    @camera_secret.setter
    def camera_secret(self, secret: str) -> None:
        self._call(lambda: setattr(self.core, "camera_secret", secret))

    def monitor(self, monitor_id: int) -> Row:
        """As the API tells it."""
        return self._call(lambda: monitor_row(self.core, self.house.monitors[monitor_id]))

    def event(self, event_id: int) -> Row:
        row: Row = self._call(lambda: event_row(self.house, self.house.events[event_id])["Event"])
        return row

    def alarm(self, monitor_id: int) -> int:
        """0 idle, 1 prealarm, 2 alarm, 3 alert, 4 tape."""
        return self._call(lambda: self.house.monitors[monitor_id].alarm)

    def now(self) -> datetime:
        return self.house.clock.now()

    # House

    def add_monitor(self, name: str, **columns: Any) -> int:
        return self._call(lambda: self.house.add_monitor(name, **columns))

    def remove_monitor(self, monitor_id: int) -> None:
        self._call(lambda: self.house.remove_monitor(monitor_id))

    def rename_monitor(self, monitor_id: int, name: str) -> None:
        self._call(lambda: self.house.monitors[monitor_id].columns.update(Name=name))

    def update_monitor(self, monitor_id: int, **columns: Any) -> None:
        """Writes columns and restarts the capture; `Deleted=True` is how 1.38's pages remove one."""
        self._call(lambda: self.house.update_monitor(monitor_id, columns))

    def set_function(self, monitor_id: int, function: str) -> None:
        self.update_monitor(monitor_id, Function=function)

    def add_run_state(self, name: str, definition: str = "") -> None:
        """A definition such as `1:Modect:1,2:None:1`: monitor, function, enabled."""
        self._call(lambda: self.house.run_states.append(RunState(len(self.house.run_states) + 1, name, definition)))

    def set_run_state(self, name: str) -> None:
        """One of the states, or `start` or `stop`."""
        self._call(lambda: self.house.change_state(name))

    def set_version(self, version: str) -> None:
        """The same house under another version; what functions meant becomes 1.38's modes."""
        self._call(lambda: self.house.set_version(version))

    # Events

    def begin_event(self, monitor_id: int, cause: str = "Motion", notes: str = "Motion: All") -> int:
        return self._call(lambda: self.house.begin_event(monitor_id, cause, notes))

    def end_event(self, event_id: int) -> None:
        self._call(lambda: self.house.end_event(event_id))

    def add_event(
        self,
        monitor_id: int,
        began_at: datetime,
        ended_at: datetime | None,
        cause: str = "Motion",
        notes: str = "Motion: All",
        **columns: Any,
    ) -> int:
        """One of the past. A moment without an offset is the server's local time."""
        return self._call(lambda: self.house.add_event(monitor_id, began_at, ended_at, cause, notes, **columns))

    def delete_event(self, event_id: int) -> None:
        self._call(lambda: self.house.events.pop(event_id))

    # Clock

    def set_clock(self, moment: datetime, running: bool = True) -> None:
        """Tokens, events and what is recent go by it. Without an offset it is the server's local time."""
        self._call(lambda: self.house.clock.set(moment, running))

    def advance(self, seconds: float) -> None:
        self._call(lambda: self.house.clock.advance(seconds))

    def skew_clock(self, seconds: float) -> None:
        """Until healed the clock is wrong by so much."""
        self._call(lambda: setattr(self.house.clock, "skew_seconds", seconds))

    # Accounts

    def add_user(self, name: str, password: str, **rights: Any) -> None:
        """Rights as `User` has them: `monitors="View"`, `monitor_ids={2}`, `enabled=False`, `api_enabled=False` …"""
        self._call(lambda: self.core.accounts.users.update({name: User(name, password, **rights)}))

    def update_user(self, name: str, **rights: Any) -> None:
        """What it may changes at once, for tokens it has, too."""

        def change() -> None:
            for key, value in rights.items():
                setattr(self.core.accounts.users[name], key, value)

        self._call(change)

    def change_password(self, password: str) -> None:
        """Of the user that `user` names; tokens stay good."""
        self.update_user(self.user, password=password)
        self.password = password

    def revoke_tokens(self) -> None:
        """Every token of everybody."""
        for name in tuple(self.core.accounts.users):
            self.update_user(name, tokens_count_from=self.now().timestamp())

    def use_auth(self, used: bool) -> None:
        """Without it nobody has to sign in."""
        self._call(lambda: setattr(self.core.accounts, "use_auth", used))

    def use_api(self, used: bool) -> None:
        self._call(lambda: setattr(self.core.accounts, "use_api", used))

    def lose_hash_secret(self) -> None:
        """Nobody can sign in until it is set again."""
        self._call(lambda: setattr(self.core.accounts, "has_hash_secret", False))

    # Restart, and what is broken

    def restart(self, down_seconds: float = 0.1) -> None:
        """Begins a restart of the web server and returns at once; the house goes on."""
        self.go_down()

        async def come_back() -> None:
            await asyncio.sleep(down_seconds)
            await self.server.open(self.server.port)

        self._begin_restart(come_back())

    def go_down(self) -> None:
        """Drops every connection and refuses new ones until `come_up`."""

        def down() -> None:
            self._cancel_restart()
            self.server.abort_connections()
            self.server.refuse()

        self._call(down)

    def come_up(self) -> None:
        """Listens again on the same port; tokens are as good as before."""
        self._wait_for_loop(self.server.open(self.server.port))

    def database_down(self) -> None:
        """Answers every call of the API with 200 and no body."""
        self._set_fault(database_down=True)

    def heal(self) -> None:
        super().heal()
        self.skew_clock(0.0)
