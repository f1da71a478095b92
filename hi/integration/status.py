"""An instance's status: one table of allowed moves, one guarded UPDATE for each.

Whoever wins the UPDATE writes the one log line, so a move is told once however many processes see its cause.
"""

import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from hi.integration import exceptions
from hi.integration.enums import BreakerState, DesiredState, IntegrationStatus
from hi.integration.models import IntegrationInstance

logger = logging.getLogger(__name__)

S = IntegrationStatus
ALLOWED_FROM: dict[IntegrationStatus, frozenset[IntegrationStatus]] = {
    S.INACTIVE: frozenset({S.DEACTIVATING, S.ACTIVATING, S.ACTIVE, S.FAILED, S.AUTH_FAILED, S.PAUSED, S.DEGRADED}),
    S.ACTIVATING: frozenset({S.INACTIVE, S.PAUSED, S.FAILED, S.AUTH_FAILED}),
    S.ACTIVE: frozenset({S.ACTIVATING, S.DEGRADED}),
    S.PAUSED: frozenset({S.ACTIVE, S.DEGRADED, S.ACTIVATING, S.FAILED, S.AUTH_FAILED}),
    S.DEGRADED: frozenset({S.ACTIVE, S.ACTIVATING}),
    S.AUTH_FAILED: frozenset({S.ACTIVATING, S.ACTIVE, S.DEGRADED}),
    S.FAILED: frozenset({S.ACTIVATING, S.ACTIVE, S.DEGRADED, S.DEACTIVATING}),
    S.DEACTIVATING: frozenset({S.INACTIVE, S.ACTIVE, S.ACTIVATING, S.DEGRADED, S.AUTH_FAILED, S.FAILED, S.PAUSED}),
}

# In these a listener holds the instance's socket and the schedule runs.
RUNNING_STATUSES = (S.ACTIVATING, S.ACTIVE, S.DEGRADED)


def wanted() -> Q:
    """Instances that shall run, and do or are about to."""
    return Q(desired_state=DesiredState.ACTIVE, status__in=RUNNING_STATUSES)


def heard() -> Q:
    """Instances that may be told something: they run, and their listener, if they have one, hears the server whose
    things are mirrored."""
    return wanted() & ~Q(status=S.ACTIVATING) & Q(live_lost_at=None)


def is_running(instance: IntegrationInstance) -> bool:
    """Whether it shall run, and does or is about to, by the database."""
    return IntegrationInstance.objects.filter(wanted(), pk=instance.pk).exists()


def require_running(instance: IntegrationInstance) -> None:
    """Raise NotRunningError for an instance for which nothing may be fetched now."""
    if not is_running(instance):
        raise exceptions.NotRunningError(
            f"{instance.label} is not running, so there is nothing to sync.", hint="Activate it first."
        )


def move(instance_id: int, to: IntegrationStatus, reason: str = "") -> bool:
    """Move an instance to a status. False if the table forbids it from where it is now, or it is there already."""
    allowed = sorted(ALLOWED_FROM[to])
    won = IntegrationInstance.objects.filter(pk=instance_id, status__in=allowed).update(
        status=to, reason=reason, since=timezone.now()
    )
    if won:
        logger.info("integration %s is %s%s", instance_id, to, f": {reason}" if reason else "")
    return bool(won)


def settle(instance_id: int) -> None:
    """Bring a running instance to ACTIVE or DEGRADED by what its last sync and its listener left behind.

    Everybody who changes one of those facts calls this afterwards; `settle_all` is for what only time changes.
    """
    with transaction.atomic():
        # Locked: a reason that was true a moment ago must not be written over what has happened since.
        instance = IntegrationInstance.objects.select_for_update(no_key=True).filter(wanted(), pk=instance_id).first()
        reason = _find_due_reason(instance) if instance is not None else None
        if instance is None or reason is None:
            return
        if not reason:
            move(instance.pk, S.ACTIVE)
        elif not move(instance.pk, S.DEGRADED, reason) and instance.reason != reason:
            IntegrationInstance.objects.filter(pk=instance.pk, status=S.DEGRADED).update(reason=reason)


def settle_all() -> None:
    """Settle those that are not as they should be by now."""
    for instance in IntegrationInstance.objects.filter(wanted()):
        reason = _find_due_reason(instance)
        is_so = (instance.status, instance.reason) == (S.DEGRADED if reason else S.ACTIVE, reason)
        if reason is not None and not is_so:
            settle(instance.pk)


def _find_due_reason(instance: IntegrationInstance) -> str | None:
    """`find_trouble`, and None too while the activation is still at work."""
    if instance.status == S.ACTIVATING and instance.live_since is None and instance.live_lost_at is None:
        return None
    return find_trouble(instance)


def find_trouble(instance: IntegrationInstance) -> str | None:
    """What keeps a running instance from being ACTIVE: a sentence, "" for nothing, None for too early to say."""
    if instance.live_since is None and instance.live_lost_at is not None:
        lost_for = timezone.now() - instance.live_lost_at
        if lost_for < timedelta(seconds=settings.HI_LIVE_GRACE_SECONDS):
            return None
        return instance.live_error or "No live values arrive: no listener has connected yet."
    if instance.breaker_state == BreakerState.OPEN:
        return f"Syncs pause after repeated failures. {instance.sync_error}".strip()
    return instance.sync_error
