"""Redis for what must not wait for it."""

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry


def connect() -> redis.Redis:
    """A client that answers or fails within a second: no retries."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0)
    )
