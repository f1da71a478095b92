"""The metrics that are read at the moment of a scrape, from the same facts as the state of health."""

from collections.abc import Iterable
from datetime import datetime

from prometheus_client.core import Metric

from hi.integration.enums import BreakerState, IntegrationStatus
from hi.integration.health.facts import Facts, SystemFacts

Sample = tuple[dict[str, str], float]
BREAKER_STATES = list(BreakerState)
STATUSES = list(IntegrationStatus)


def build_gauges(facts: Facts) -> list[Metric]:
    return [*_of_the_work(facts), *_of_the_systems(facts), *_of_the_machine(facts)]


def _gauge(name: str, documentation: str, samples: Iterable[Sample]) -> Metric:
    metric = Metric(name, documentation, "gauge")
    for labels, value in samples:
        metric.add_sample(name, labels, float(value))
    return metric


def _seconds_since(now: datetime, moments: Iterable[tuple[dict[str, str], datetime | None]]) -> list[Sample]:
    """Of those that have a moment. Below zero for one to come."""
    return [(labels, (now - at).total_seconds()) for labels, at in moments if at is not None]


def _seconds_until(now: datetime, moments: Iterable[tuple[dict[str, str], datetime | None]]) -> list[Sample]:
    return [(labels, -seconds) for labels, seconds in _seconds_since(now, moments)]


def _of_the_work(facts: Facts) -> list[Metric]:
    now = facts.now
    queues = () if facts.rows_error else facts.queues
    processes = [({"process": process.name, "role": process.role}, process) for process in facts.processes]
    return [
        _gauge(
            "hi_queue_messages",
            "Messages in Redis that no worker has taken.",
            [({"queue": queue.name}, queue.messages) for queue in facts.queues if queue.messages is not None],
        ),
        _gauge(
            "hi_queue_jobs",
            "Jobs that a worker could take now.",
            [({"queue": queue.name}, queue.due) for queue in queues],
        ),
        _gauge(
            "hi_queue_oldest_seconds",
            "How long the oldest of them has waited.",
            _seconds_since(now, [({"queue": queue.name}, queue.oldest_due_at or now) for queue in queues]),
        ),
        _gauge(
            "hi_jobs_open",
            "Jobs that wait or run.",
            [({"kind": jobs.kind, "status": jobs.status}, jobs.count) for jobs in facts.jobs],
        ),
        _gauge(
            "hi_process_seen_age_seconds",
            "How long ago a process said that it is there.",
            _seconds_since(now, [(labels, process.seen_at) for labels, process in processes]),
        ),
        _gauge(
            "hi_process_heard_age_seconds",
            "How long ago a canary reached a worker.",
            _seconds_since(now, [(labels, process.heard_at) for labels, process in processes]),
        ),
        _gauge(
            "hi_process_slots",
            "Jobs that a worker can run at once.",
            [(labels, process.slots) for labels, process in processes if process.slots],
        ),
        _gauge(
            "hi_process_busy",
            "Jobs that a worker runs now.",
            [(labels, process.busy) for labels, process in processes if process.slots],
        ),
        _gauge(
            "hi_beat_leader_expiry_seconds",
            "How long beat's leadership still lasts; below zero it has none.",
            _seconds_until(now, [({}, facts.leader.expires_at)] if facts.leader else []),
        ),
    ]


def _of_the_systems(facts: Facts) -> list[Metric]:
    now = facts.now
    known = [(_labels(system), system) for system in facts.systems]
    return [
        _gauge(
            "hi_integration_status",
            "1 for the status that an integration has.",
            [
                ({**labels, "status": status}, system.instance.status == status)
                for labels, system in known
                for status in STATUSES
            ],
        ),
        _gauge(
            "hi_breaker_state",
            "1 for the state that an integration's breaker has.",
            [
                ({**labels, "state": state}, system.instance.breaker_state == state)
                for labels, system in known
                for state in BREAKER_STATES
            ],
        ),
        _gauge(
            "hi_live_seconds",
            "How long a system has been live.",
            _seconds_since(now, [(labels, system.instance.live_since) for labels, system in known]),
        ),
        _gauge(
            "hi_live_lost_seconds",
            "How long nobody has heard a system that shall be live.",
            _seconds_since(now, [(labels, system.instance.live_lost_at) for labels, system in known]),
        ),
        _gauge(
            "hi_listener_lease_expiry_seconds",
            "How long a listener's lease on a system still lasts.",
            _seconds_until(now, [(labels, system.lease_expires_at) for labels, system in known]),
        ),
        _gauge(
            "hi_sync_late_seconds",
            "How long a scheduled sync is overdue.",
            _seconds_since(now, [(labels, min(system.due_at, now)) for labels, system in known if system.due_at]),
        ),
        _gauge(
            "hi_repairs_open",
            "Questions that wait for a person.",
            [(labels, system.open_repairs) for labels, system in known],
        ),
    ]


def _labels(system: SystemFacts) -> dict[str, str]:
    return {"integration": str(system.instance.pk), "name": system.instance.label}


def _of_the_machine(facts: Facts) -> list[Metric]:
    answering = [database for database in facts.databases if not database.error]
    redis, disk = facts.redis, facts.disk
    return [
        _gauge(
            "hi_database_up",
            "1 where the database answers.",
            [({"database": database.alias}, not database.error) for database in facts.databases],
        ),
        _gauge(
            "hi_database_answer_seconds",
            "How long the database took to answer.",
            [({"database": database.alias}, database.milliseconds / 1000) for database in answering],
        ),
        _gauge(
            "hi_database_bytes",
            "Its size, on SQLite with its write-ahead log.",
            [({"database": database.alias}, database.size_bytes + database.wal_bytes) for database in answering],
        ),
        _gauge("hi_redis_up", "1 if Redis answers.", [({}, not redis.error)]),
        _gauge("hi_redis_memory_bytes", "What Redis holds.", [] if redis.error else [({}, redis.memory_bytes)]),
        _gauge("hi_disk_free_bytes", "Free for the data folder.", [] if disk.error else [({}, disk.free_bytes)]),
    ]
