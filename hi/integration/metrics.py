"""What hi counts, for Prometheus. Each process counts for itself and publishes its figures to Redis every few seconds;
`/metrics` puts all together (see `metrics_scrape.py`).

Values of labels are bounded: kinds, words of our own, ids of instances; never a name that comes from outside. An
instance's label is `integration`, since Prometheus itself gives every sample an `instance`.
"""

import logging
from datetime import datetime

import redis
from django.utils import timezone
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from hi.integration import routes
from hi.integration.enums import CommandStatus
from hi.integration.models import Command, Job
from hi.utils import redis_client

logger = logging.getLogger(__name__)
KEY_PREFIX = "hi:metrics:"
KEEP_SECONDS = 60
disable_created_metrics()  # type: ignore[no-untyped-call]

QUICK = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
PATIENT = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 240, 600)
LONG = (1, 2.5, 5, 10, 20, 60, 300, 900, 3600, 14_400, 86_400)

registry = CollectorRegistry()
ProcessCollector(registry=registry)

job_seconds = Histogram("hi_job_seconds", "How long jobs ran.", ["kind", "outcome"], registry=registry, buckets=PATIENT)
job_wait_seconds = Histogram(
    "hi_job_wait_seconds",
    "How long jobs waited for a worker, from when they were due.",
    ["kind"],
    registry=registry,
    buckets=PATIENT,
)
jobs_total = Counter("hi_jobs_total", "Jobs that have ended.", ["kind", "outcome", "trigger"], registry=registry)
commands_total = Counter("hi_commands_total", "Commands by what came of them.", ["outcome"], registry=registry)
command_seconds = Histogram(
    "hi_command_seconds",
    "From a command's request until the state that followed confirmed it.",
    registry=registry,
    buckets=(*QUICK, 30, 60),
)
sync_runs_total = Counter("hi_sync_runs_total", "Syncs by what came of them.", ["outcome"], registry=registry)
live_changes_total = Counter(
    "hi_live_changes_total", "Changes of values that were written.", ["integration"], registry=registry
)
live_lag_seconds = Histogram(
    "hi_live_lag_seconds",
    "From a change at the source to its arrival here: the slowest of each batch.",
    ["integration"],
    registry=registry,
    buckets=QUICK,
)
live_gaps_total = Counter(
    "hi_live_gaps_total", "How often a system that was live was cut off.", ["integration"], registry=registry
)
live_gap_seconds = Histogram(
    "hi_live_gap_seconds",
    "How long nobody heard a system, the first connection included.",
    ["integration"],
    registry=registry,
    buckets=LONG,
)
listener_sessions = Gauge("hi_listener_sessions", "Systems that this process listens to.", registry=registry)
media_watchers = Gauge(
    "hi_media_watchers", "Who watches a camera or a recording through this process.", registry=registry
)
media_pictures_total = Counter(
    "hi_media_pictures_total",
    "Single pictures that were asked of systems, by what came of it.",
    ["outcome"],
    registry=registry,
)
breaker_transitions_total = Counter(
    "hi_breaker_transitions_total", "How often a breaker came to a state.", ["integration", "state"], registry=registry
)
messages_sent_total = Counter(
    "hi_messages_sent_total", "Messages sent to workers, repeated ones included.", ["queue"], registry=registry
)
http_requests_total = Counter("hi_http_requests_total", "Requests answered.", ["route", "status"], registry=registry)
http_request_seconds = Histogram(
    "hi_http_request_seconds", "How long an answer took.", ["route"], registry=registry, buckets=QUICK
)


def job_began(job: Job) -> None:
    """A worker has claimed it."""
    if job.started_at is not None:
        job_wait_seconds.labels(job.kind).observe(max(0.0, job.wait(job.started_at).total_seconds()))


def job_ended(job: Job, outcome: str) -> None:
    """It has come to a final status. Call it where that UPDATE was won, so that an end counts once."""
    jobs_total.labels(job.kind, outcome, job.trigger).inc()
    if job.started_at is not None:
        job_seconds.labels(job.kind, outcome).observe(_seconds(job.started_at, timezone.now()))


def command_ended(command: Command, outcome: CommandStatus) -> None:
    """As `job_ended`."""
    commands_total.labels(outcome).inc()
    if outcome is CommandStatus.CONFIRMED:
        command_seconds.observe(_seconds(command.created_at, timezone.now()))


def message_sent(task: str) -> None:
    messages_sent_total.labels(routes.queue_of(task)).inc()


def changes_written(instance_id: int, count: int) -> None:
    live_changes_total.labels(instance_id).inc(count)


def changes_heard(instance_id: int, changed_at: list[datetime]) -> None:
    """A batch has arrived from the source. Its slowest alone is observed: thousands may come in a second."""
    if changed_at:
        live_lag_seconds.labels(instance_id).observe(_seconds(min(changed_at), timezone.now()))


def gap_began(instance_id: int) -> None:
    live_gaps_total.labels(instance_id).inc()


def gap_ended(instance_id: int, lost_at: datetime | None) -> None:
    if lost_at is not None:
        live_gap_seconds.labels(instance_id).observe(_seconds(lost_at, timezone.now()))


def publish(name: str) -> None:
    """Leave this process's figures in Redis for whoever is scraped next. Redis being away is no error here."""
    try:
        with redis_client.connect() as client:
            client.set(KEY_PREFIX + name, generate_latest(registry), ex=KEEP_SECONDS)
    except (redis.RedisError, OSError) as err:
        logger.debug("the figures of %s could not be published (%s)", name, err)


def _seconds(begin: datetime, end: datetime) -> float:
    """Clocks of two machines may disagree; nothing takes less than no time."""
    return max(0.0, (end - begin).total_seconds())
