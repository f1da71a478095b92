"""How a worker waits for Redis: at short intervals for ever, and said once."""

import logging
from typing import Any

from celery.worker.consumer import Consumer as CeleryConsumer
from celery.worker.state import maybe_shutdown
from kombu.connection import Connection
from redis.exceptions import ResponseError

from hi.utils.redact import redact

logger = logging.getLogger(__name__)
# Celery's own waits grow to half a minute, for which nothing would run after Redis is back.
FIRST_SECONDS, LONGEST_SECONDS = 0.5, 5


class Consumer(CeleryConsumer):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A Redis that answers that it cannot (its disk is full, it is still loading) is one that is away.
        self.connection_errors: Any = (*self.connection_errors, ResponseError)

    def ensure_connected(self, conn: Connection) -> Connection:
        is_told = False

        def tell(err: Exception, _seconds: float) -> None:
            nonlocal is_told
            if not is_told:
                logger.warning("Redis does not answer; this worker waits for it: %s", redact(str(err)))
            is_told = True

        conn.ensure_connection(  # type: ignore[no-untyped-call]
            tell,
            max_retries=None,
            interval_start=FIRST_SECONDS,
            interval_step=FIRST_SECONDS,
            interval_max=LONGEST_SECONDS,
            callback=maybe_shutdown,
        )
        self.first_connection_attempt: Any = False
        if is_told:
            logger.info("Redis answers again")
        return conn
