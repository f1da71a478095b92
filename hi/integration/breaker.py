"""One circuit breaker per instance: after repeated failures it stops trying, and tries again by itself.

pybreaker's `call` holds its lock for the whole call, so every thread has its own object; their shared state is in
Redis. What a breaker last did is written to the instance's row, where pages read it.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TypeVar

import pybreaker
import redis
from django.conf import settings
from django.utils import timezone

from hi.integration import exceptions, metrics
from hi.integration.enums import BreakerState
from hi.integration.models import IntegrationInstance
from hi.utils import redis_client

logger = logging.getLogger(__name__)
Result = TypeVar("Result")
_local = threading.local()


class _RecordTransitions(pybreaker.CircuitBreakerListener):
    """Writes each transition to the instance's row, and logs it once."""

    def __init__(self, instance_id: int) -> None:
        self._instance_id = instance_id

    def state_change(
        self,
        cb: pybreaker.CircuitBreaker,
        old_state: pybreaker.CircuitBreakerState | None,
        new_state: pybreaker.CircuitBreakerState,
    ) -> None:
        state = BreakerState(new_state.name)
        opened_at = timezone.now() if state is BreakerState.OPEN else None
        changed = (
            IntegrationInstance.objects.filter(pk=self._instance_id)
            .exclude(breaker_state=state)
            .update(breaker_state=state, breaker_opened_at=opened_at)
        )
        if changed:
            metrics.breaker_transitions_total.labels(self._instance_id, state).inc()
            logger.info("breaker of integration %s is %s", self._instance_id, state)


def call(instance_id: int, action: Callable[[], Result], *, counts: bool = True) -> Result:
    """Run `action` under the instance's breaker.

    Only transient errors count against it, and those only if this call `counts`: work that will be tried again fails
    once, whatever its tries. Raises BreakerOpenError without running it while the breaker is open.
    """
    try:
        breaker = _breaker(instance_id)
    except redis.RedisError as err:
        logger.warning("breaker of integration %s cannot be read, so it counts as closed (%s)", instance_id, err)
        return action()
    try:
        closed = breaker.current_state == pybreaker.STATE_CLOSED
        result = breaker.call(action) if counts or not closed else action()
    except pybreaker.CircuitBreakerError as err:
        raise exceptions.BreakerOpenError(
            f"Not tried: the last {settings.HI_BREAKER_FAIL_MAX} attempts failed.",
            hint=f"hi tries again by itself within {settings.HI_BREAKER_RESET_SECONDS:g} seconds.",
        ) from err
    _record_closed(instance_id)  # also where Redis forgot that it was open, so that no transition is told
    return result


def retry_at(instance: IntegrationInstance) -> datetime | None:
    """When an open breaker lets the next call through; None while it is closed."""
    if instance.breaker_state != BreakerState.OPEN or instance.breaker_opened_at is None:
        return None
    return instance.breaker_opened_at + timedelta(seconds=settings.HI_BREAKER_RESET_SECONDS)


def holds(instance: IntegrationInstance) -> bool:
    now, opened_at, until = timezone.now(), instance.breaker_opened_at, retry_at(instance)
    # One that will have been opened tells of a clock that was set back since.
    return opened_at is not None and until is not None and opened_at <= now < until


def close(instance_id: int) -> None:
    """The service has just answered (a listener's good login): no reason to hold calls back any longer."""
    _record_closed(instance_id)
    with suppress(redis.RedisError):  # nothing is held back while Redis is away
        _breaker(instance_id).close()


def _record_closed(instance_id: int) -> None:
    was_not = IntegrationInstance.objects.filter(pk=instance_id).exclude(breaker_state=BreakerState.CLOSED)
    if was_not.update(breaker_state=BreakerState.CLOSED, breaker_opened_at=None):
        metrics.breaker_transitions_total.labels(instance_id, BreakerState.CLOSED).inc()


def _is_no_outage(err: BaseException) -> bool:
    return isinstance(err, exceptions.IntegrationError) and not err.transient


def _breaker(instance_id: int) -> pybreaker.CircuitBreaker:
    breakers: dict[int, pybreaker.CircuitBreaker] = _local.__dict__.setdefault("breakers", {})
    if instance_id not in breakers:
        storage = pybreaker.CircuitRedisStorage(
            pybreaker.STATE_CLOSED,
            # A breaker that cannot be read must not hold up what it guards: it counts as closed.
            redis_client.share(settings.REDIS_URL),
            namespace=f"hi:{instance_id}",
            fallback_circuit_state=pybreaker.STATE_CLOSED,
        )
        breakers[instance_id] = pybreaker.CircuitBreaker(
            fail_max=settings.HI_BREAKER_FAIL_MAX,
            reset_timeout=settings.HI_BREAKER_RESET_SECONDS,
            exclude=[_is_no_outage],
            listeners=[_RecordTransitions(instance_id)],
            state_storage=storage,
            throw_new_error_on_trip=False,
            name=str(instance_id),
        )
    return breakers[instance_id]
