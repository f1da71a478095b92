"""Redis for what must not wait for it."""

from functools import lru_cache

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry


def connect() -> redis.Redis:
    """A client that answers or fails within a second: no retries."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0)
    )


@lru_cache(maxsize=1)
def share(_url: str) -> redis.Redis:
    """One such client for all threads of the process, as long as Redis is at that address."""
    return connect()
