"""What ZoneMinder is asked for, and how often. It pushes nothing that a hub could rely on."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any

from hi.integration import exceptions
from hi.integration.client_poller import ClientPoller
from hi.integration.core.decode import read_lenient_mapping, read_loose_flag, read_loose_number, read_mapping
from hi.integration.core.event_log import EventLog, find_zone
from hi.integration.poller import Poll, Reading
from hi.services.zoneminder.client import PAGE, ZmClient
from hi.services.zoneminder.converter import convert_monitor_values, convert_server_value, value_of
from hi.services.zoneminder.wire import (
    ALARM_STATES,
    ZmMonitor,
    ZmRunStates,
    motion_address,
    read_events,
    read_monitors,
    read_version,
)

# Seconds between two questions of a kind: at leisure, and while somebody looks. For the disk it adds up folders.
RHYTHM = {"monitors": (10, 3), "events": (5, 2), "alarms": (15, 5), "server": (60, 15), "disk": (600, 300)}


class ZmPoller(ClientPoller[ZmClient]):
    """Live values of one ZoneMinder."""

    client_class = ZmClient

    def begin(self, client: ZmClient) -> Sequence[Poll]:
        self.server_id = client.server_id
        return _Conversation(client, EventLog.load(self.cursor)).polls()


class _Conversation:
    def __init__(self, client: ZmClient, log: EventLog) -> None:
        self._client = client
        self._log = log
        self._zone = read_zone(client)
        self._monitors: Sequence[ZmMonitor] = ()

    def polls(self) -> Sequence[Poll]:
        return [Poll(getattr(self, f"_read_{name}"), *seconds) for name, seconds in RHYTHM.items()]

    def _read_monitors(self) -> Reading:
        self._monitors, now = tuple(read_monitors(self._client.ask("monitors")).rows.values()), datetime.now(UTC)
        values = tuple(value for monitor in self._monitors for value in convert_monitor_values(monitor, now))
        shape = tuple((monitor.id, monitor.name, tuple(monitor.modes)) for monitor in self._monitors)
        return Reading(values, shape=shape)

    def _read_events(self) -> Reading:
        log, now = self._log, datetime.now(UTC)
        happened, recorded = log.advance(read_events(self._fetch_events()), self._zone, now)
        values = tuple(log.read(motion_address(monitor.id), now) for monitor in self._monitors)
        return Reading(values, happened, recorded, log.dump())

    def _fetch_events(self) -> list[Any]:
        """New ones by their ids, which only grow. An open one cannot be asked for as such, so by its id again. The
        first time the newest are enough."""
        client, log, newest = self._client, self._log, None
        if not log.is_new:
            newest = next(reversed(read_events(client.list_events(direction="desc", limit=1))), None)
            log.notice_newest(newest, self._zone)
        if log.is_new:
            return client.list_events(direction="desc")
        asked = ("".join(f"/Id:{number}" for number in some) for some in log.list_open(PAGE))
        again = [row for which in asked for row in client.list_events(f"/index{which}", direction="desc")]
        return again + (list(client.ask_events(log.last)) if newest and newest.number > log.last else [])

    def _read_alarms(self) -> Reading:
        """One that does not run has no such state."""
        now = datetime.now(UTC)
        asked = ((one.id, self._ask_alarm(one.id) if one.is_capturing else None) for one in self._monitors)
        return Reading(tuple(value_of(f"{key}.alarm", word, now) for key, word in asked))

    def _ask_alarm(self, monitor_id: str) -> str | None:
        answer = self._client.ask(f"monitors/alarm/id:{monitor_id}/command:status", may_miss=True)
        number = read_loose_number(read_lenient_mapping(answer).get("status"))
        return ALARM_STATES[int(number)] if number is not None and 0 <= number < len(ALARM_STATES) else None

    def _read_server(self) -> Reading:
        now, states, version = datetime.now(UTC), fetch_run_states(self._client), fetch_version(self._client)
        loads = read_mapping(self._client.ask("host/getLoad"), "load").get("load")
        runs = read_loose_flag(read_mapping(self._client.ask("host/daemonCheck"), "daemon").get("result"))
        found = {
            "version": version,
            "daemon": "connected" if runs else "disconnected",
            "load": read_loose_number(loads[0]) if isinstance(loads, list) and loads else None,
            **({"run_state": states.active} if states else {}),
        }
        values = tuple(convert_server_value(aspect, value, now) for aspect, value in found.items())
        return Reading(values, shape=(version, states and states.names))

    def _read_disk(self) -> Reading:
        usage = read_mapping(read_mapping(self._client.ask("host/getDiskPercent"), "disk").get("usage"), "usage")
        used = read_loose_number(read_lenient_mapping(usage.get("Total")).get("space"))
        return Reading((convert_server_value("disk", used and round(used), datetime.now(UTC)),))


def fetch_version(client: ZmClient) -> str:
    return read_version(client.ask("host/getVersion"))


def fetch_run_states(client: ZmClient) -> ZmRunStates | None:
    """None for a user who may not see them."""
    try:
        return ZmRunStates.from_wire(client.ask("states"))
    except exceptions.MissingRightsError:
        return None


def read_zone(client: ZmClient) -> tzinfo:
    name = str(read_mapping(client.ask("host/getTimeZone"), "zone").get("tz"))[:60]
    return find_zone(name, hint="Set it there to one such as Europe/Berlin: Options, System, TIMEZONE.")
