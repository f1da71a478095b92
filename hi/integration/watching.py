"""Whether somebody looks at values now: what is asked for, and not pushed, is asked for more often then."""

import time
from contextlib import suppress

import redis
from django.conf import settings

from hi.utils import redis_client

KEY = "hi:watched"
# Pages ask every two seconds; who has gone is forgotten soon.
LOOK_SECONDS = 10.0
KNOWN_SECONDS = 15
_looked_at = -LOOK_SECONDS


def look() -> None:
    """Somebody sees values. Costs nothing: the keeper of the web process tells it."""
    global _looked_at
    _looked_at = time.monotonic()


def tell() -> None:
    """Let the listeners know, if somebody looked at this process's pages lately."""
    if time.monotonic() - _looked_at < LOOK_SECONDS:
        with suppress(redis.RedisError):  # then all is asked for at leisure
            redis_client.share(settings.REDIS_URL).set(KEY, 1, ex=KNOWN_SECONDS)


def expect(seconds: float) -> None:
    """Somebody waits for what comes of a command: for so long all is asked for as if it was looked at."""
    with suppress(redis.RedisError):
        redis_client.share(settings.REDIS_URL).set(KEY, 1, ex=max(1, round(seconds)))


def is_watched() -> bool:
    with suppress(redis.RedisError):
        return bool(redis_client.share(settings.REDIS_URL).exists(KEY))
    return False
