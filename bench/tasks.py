"""What a worker is given to be measured with: `celery worker --include bench.tasks`."""

import time
from collections import defaultdict
from functools import cache

import redis
from celery import shared_task
from django.conf import settings

from hi.integration.job_run import JobRun
from hi.tasks.base import job_task

# By round: when each empty task of it began. One process works, on threads, and appending is atomic.
_began: dict[str, list[float]] = defaultdict(list)


@cache
def _redis() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL)


@shared_task
def empty(round_name: str) -> None:
    _began[round_name].append(time.time())


@shared_task
def tell_empty(round_name: str, key: str) -> None:
    """Answer with how many have run, and when the first and the last began: an empty task ends as it begins."""
    times = list(_began[round_name])
    _redis().rpush(key, len(times), *((min(times), max(times)) if times else (0, 0)))


@shared_task
def tell_start(key: str) -> None:
    _redis().rpush(key, time.time())


@job_task
def end_at_once(run: JobRun) -> str:
    """A job that does nothing but end; asked to, it tells when it began, which is after its claim is committed."""
    key = run.job.arguments.get("tell")
    if key:
        _redis().rpush(key, time.time())
    return "Done."
