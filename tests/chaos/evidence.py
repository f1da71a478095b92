"""Gathers what the referee judges: from the database, the simulators, Redis and the list of processes."""

import time
from collections.abc import Iterator, Sequence
from typing import Any

import redis

from hi.integration.core.aspects import join_all
from hi.integration.mjpeg import START
from hi.services.hass.aspects import convert_state, get_aspects, read_bits
from hi.services.hass.converter import convert_home
from hi.services.hass.wire import HassConfig, HassHome, HassState
from hi.testing.hass import SimulatedHass
from tests.chaos.faults import Done, Source, step_of
from tests.chaos.house import House, as_seconds
from tests.chaos.referee import Evidence, JobRow, LeaseRow, RunRow, Shown, Window, find_dark
from tests.chaos.witness import Witness

# A leader's lease (15 s), and the time the other needs to notice and to begin on a busy machine.
TAKE_OVER_SECONDS = 20.0
# What a process takes from its start to its work.
START_SECONDS = 8.0
# Faults that keep every beat from its work, whichever leads.
COMMON_FAULTS = frozenset({"redis", "database", "disk"})
# Celery's own, beside the queues by name.
UNACKED = "unacked"

JOBS = """
    SELECT id, kind, status, "trigger", instance_id, created_at, ended_at, slot_at, slots, slots_missed
    FROM integration_job ORDER BY created_at
"""
MIRROR = """
    SELECT link.address, thing.source_name, state.source_name, state.value, state.unit, state.quality
    FROM integration_integrationlink link
    JOIN entity_entitystate state ON state.id = link.state_id
    JOIN entity_entity thing ON thing.id = state.entity_id
    WHERE link.instance_id = ? AND link.kind = 'state' AND link.removed_at IS NULL AND state.removed_at IS NULL
"""
CURRENT = """
    SELECT state.id, state.value, state.source_changed_at FROM entity_entitystate state
    WHERE state.removed_at IS NULL AND state.quality = 'good'
"""
HISTORY = "SELECT state_id, value, source_changed_at FROM entity_statehistory"
CAMERAS = "SELECT entity_id, id FROM entity_entitystate WHERE state_type = 'video' AND removed_at IS NULL"
TWINS = {
    "states that two live links lead to": """
        SELECT state_id FROM integration_integrationlink
        WHERE kind = 'state' AND removed_at IS NULL GROUP BY state_id HAVING COUNT(*) > 1
    """,
    "addresses that an instance has twice": """
        SELECT instance_id, address FROM integration_integrationlink
        WHERE kind = 'state' AND removed_at IS NULL GROUP BY instance_id, address HAVING COUNT(*) > 1
    """,
    "things without a source": """
        SELECT id FROM entity_entity WHERE removed_at IS NULL AND id NOT IN (
            SELECT entity_id FROM integration_integrationlink WHERE kind = 'entity' AND removed_at IS NULL)
    """,
    "states without a source": """
        SELECT id FROM entity_entitystate WHERE removed_at IS NULL AND id NOT IN (
            SELECT state_id FROM integration_integrationlink WHERE kind = 'state' AND removed_at IS NULL)
    """,
}


def gather(
    house: House, sources: Sequence[Source], witness: Witness, faults: Sequence[Done], stopped_at: float
) -> Evidence:
    jobs = read_jobs(house)
    ids = [source.instance_id for source in sources]
    instances = house.query("SELECT id, status, sync_interval_seconds FROM integration_integrationinstance")
    leases = house.query("SELECT instance_id, role, holder, epoch FROM integration_lease")
    source = {source.instance_id: read_source(source.simulator) for source in sources}
    kept = {source.instance_id: _find_kept(source.simulator) for source in sources}
    return Evidence(
        jobs=jobs,
        runs=_read_runs(house),
        leases=[LeaseRow(*row) for row in leases],
        instances={pk: status for pk, status, _seconds in instances if pk in ids},
        intervals={pk: float(seconds) for pk, _status, seconds in instances if pk in ids},
        stopped_at=stopped_at,
        dark=find_dark(_beats_down(house, faults), TAKE_OVER_SECONDS),
        steps=_find_steps(faults),
        held={pk: witness.held(pk) for pk in ids},
        off={pk: find_off(jobs, pk) for pk in ids},
        seen=witness.seen,
        complaints=witness.complaints,
        alive=_living(house),
        source=source,
        mirror={pk: _leave_out(read_mirror(house, pk), kept[pk]) for pk in ids},
        twins=[f"{what}: {rows}" for what, sql in TWINS.items() if (rows := house.query(sql))],
        not_in_history=_find_not_in_history(house),
        unseen=list(_find_unseen(house)),
        queues=_read_queues(house),
        deaths=tuple(house.deaths),
        disk_full=[(f.began_at, f.ended_at + START_SECONDS) for f in faults if f.planned.kind == "disk full"],
    )


def _find_unseen(house: House) -> Iterator[str]:
    """Through the web process and the media process, as a browser does."""
    for entity_id, state_id in house.query(CAMERAS):
        links = house.get(f"entities/{entity_id}/states/{state_id}/camera")
        answer = house.session.get(house.url + links["snapshot"], timeout=20)
        if not answer.content.startswith(START):
            yield f"camera {state_id}: {answer.status_code}"


def read_jobs(house: House) -> list[JobRow]:
    rows = house.query(JOBS)
    return [JobRow(_hex(pk), *row[:4], *map(as_seconds, row[4:7]), *row[7:]) for pk, *row in rows]  # type: ignore[arg-type]


def read_source(simulator: SimulatedHass) -> dict[str, Shown]:
    """What the mirror has to show, by the service's own reading of what its source would answer now."""
    home = simulator.home
    states = [HassState.from_wire(state.to_wire(), key) for key, state in simulator.states().items()]
    values = {value.address: value for state in states for value in convert_state(state)}
    structure = convert_home(
        HassHome(
            HassConfig.from_wire(simulator.core.config(), "config"),
            list(home.entities.values()),
            list(home.devices.values()),
            list(home.areas.values()),
            list(home.floors.values()),
            list(home.labels.values()),
            [state.to_wire() for state in simulator.states().values()],
        )
    )
    shown = {}
    for thing in structure.entities:
        for state in thing.states:
            value = values[state.address]
            shown[state.address] = Shown(thing.name, state.name, value.value, value.unit, value.quality.value)
    return shown


def _find_kept(simulator: SimulatedHass) -> set[str]:
    """What the source does not show now, and the mirror may remember."""
    kept: set[str] = set()
    for state in simulator.states().values():
        unseen = get_aspects(state.domain).find_unseen(state.attributes, read_bits(state.attributes))
        kept |= join_all([state.entity_id], unseen)
    return kept


def _leave_out(mirror: dict[str, Shown], kept: set[str]) -> dict[str, Shown]:
    """Without what is only remembered, as long as it claims no value."""
    return {address: shown for address, shown in mirror.items() if shown.value is not None or address not in kept}


def read_mirror(house: House, instance_id: int) -> dict[str, Shown]:
    return {address: Shown(*rest) for address, *rest in house.query(MIRROR, instance_id)}


def find_off(jobs: Sequence[JobRow], instance_id: int) -> list[Window]:
    """From each click on deactivate to the end of the activation that follows."""
    own = [job for job in jobs if job.instance == instance_id]
    back = [job.ended_at for job in own if job.kind == "activate" and job.status == "SUCCEEDED" and job.ended_at]
    return [
        (job.created_at, min((at for at in back if at > job.created_at), default=time.time()))
        for job in own
        if job.kind == "deactivate"
    ]


def _beats_down(house: House, faults: Sequence[Done]) -> dict[str, Sequence[Window]]:
    beats = [name for name in ("beat", "beat2") if name in house.nodes]
    return {
        beat: [
            (fault.began_at, fault.ended_at + START_SECONDS)
            for fault in faults
            if fault.planned.target == beat or fault.planned.target in COMMON_FAULTS
        ]
        for beat in beats
    }


def _find_steps(faults: Sequence[Done]) -> list[Window]:
    windows = []
    for fault in faults:
        if fault.planned.kind == "clock step":
            # Whoever leads then may have it from there for another round.
            real = fault.began_at - 1, fault.ended_at + TAKE_OVER_SECONDS
            windows += [real, (real[0] + step_of(fault.planned), real[1] + step_of(fault.planned))]
    return windows


def _read_runs(house: House) -> list[RunRow]:
    rows = house.query("SELECT id, job_id, instance_id, outcome, ended_at, epoch FROM integration_syncrun")
    return [RunRow(pk, job and _hex(job), *rest, as_seconds(at), epoch) for pk, job, *rest, at, epoch in rows]


def _find_not_in_history(house: House) -> list[str]:
    told = {(pk, value, as_seconds(at)) for pk, value, at in house.query_history(HISTORY)}
    now = ((pk, value, as_seconds(at)) for pk, value, at in house.query(CURRENT))
    return [f"state {row[0]}: {row[1]} since {row[2]}" for row in now if row not in told]


def _living(house: House) -> frozenset[str]:
    """Holders as the living call themselves."""
    pids = {house.pid(name) for name in house.nodes if house.is_up(name)}
    rows = house.query("SELECT name, pid FROM integration_process")
    return frozenset(f"{name}:{pid}" for name, pid in rows if pid in pids)


def _read_queues(house: House) -> dict[str, int]:
    with redis.Redis.from_url(house.environment["REDIS_URL"], decode_responses=True) as client:
        lists = {str(key): int(client.llen(key)) for key in client.scan_iter(_type="list")}
        return lists | {UNACKED: int(client.hlen(UNACKED))}


def _hex(key: Any) -> str:
    return str(key).replace("-", "")
