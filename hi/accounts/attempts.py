"""Wrong passwords: after a few for a name, or from an address, nobody may try again for a while.

Counted in Redis, by the attempt and before it is checked, so that many at once gain nothing. A sign-in link works all
the same.
"""

import hashlib
import logging
import math

import redis

from hi.utils import redis_client

logger = logging.getLogger(__name__)
FREE_ATTEMPTS = 5
WINDOW_SECONDS = 15 * 60


def begin(name: str, address: str) -> int:
    """Count an attempt. Returns for how many minutes it must wait; 0 lets it go on, also while Redis is away."""
    try:
        with redis_client.connect() as client:
            waits = [_count(client, key) for key in _keys(name, address)]
    except redis.RedisError as err:
        logger.warning("attempts to sign in are not counted: Redis does not answer (%s)", err)
        return 0
    if max(waits):
        logger.warning("sign-ins from %s wait: too many wrong ones", address)
    return math.ceil(max(waits) / 60)


def forget(name: str, address: str) -> None:
    """The attempt was right."""
    try:
        with redis_client.connect() as client:
            client.delete(*_keys(name, address))
    except redis.RedisError as err:
        logger.warning("attempts to sign in are not forgotten: Redis does not answer (%s)", err)


def _count(client: redis.Redis, key: str) -> int:
    """Seconds to wait."""
    with client.pipeline() as pipeline:
        # An expiry that is there stays: attempts while one waits do not lengthen it.
        pipeline.set(key, 0, ex=WINDOW_SECONDS, nx=True)
        pipeline.incr(key)
        pipeline.ttl(key)
        _is_first, count, seconds = pipeline.execute()
    return max(int(seconds), 1) if count > FREE_ATTEMPTS else 0


def _keys(name: str, address: str) -> list[str]:
    digest = hashlib.sha256(name.strip().lower().encode()).hexdigest()  # what was typed may be a password
    return [f"hi:sign-in:name:{digest}", f"hi:sign-in:address:{address}"]
