"""What a live session tells the rest of hi: connected, cut off, refused, changed.

Each report is one transaction that first checks the lease: a session that was replaced has nothing more to say.
"""

import logging
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from hi.integration import breaker, exceptions, gaps, jobs, leases, live, metrics, quiet, status, trouble
from hi.integration.enums import JobKind, JobTrigger, LeaseRole, RunOutcome
from hi.integration.models import IntegrationInstance, Lease, SyncRun
from hi.utils.redact import redact

logger = logging.getLogger(__name__)


def report_live(lease: leases.HeldLease) -> None:
    """The first snapshot of a connection is written."""
    with transaction.atomic():
        leases.check(lease)
        lost_at = IntegrationInstance.objects.values_list("live_lost_at", flat=True).get(pk=lease.instance_id)
        came_back = IntegrationInstance.objects.filter(pk=lease.instance_id, live_since=None).update(
            live_since=timezone.now(), live_lost_at=None, live_error=""
        )
        if came_back:
            gaps.end(lease.instance_id)
    if came_back:
        logger.info("integration %s is live", lease.instance_id)
    breaker.close(lease.instance_id)
    status.settle(lease.instance_id)
    if came_back:
        metrics.gap_ended(lease.instance_id, lost_at)


def find_last_sync(lease: leases.HeldLease) -> datetime | None:
    """When the last one began that saw all there is."""
    runs = SyncRun.objects.filter(instance=lease.instance_id, outcome__in=[RunOutcome.APPLIED, RunOutcome.HELD])
    return runs.order_by("-started_at").values_list("started_at", flat=True).first()


def report_lost(lease: leases.HeldLease, reason: str, quiet_seconds: float = 0.0) -> None:
    """No connection, for this reason. Logged when it begins, not at each further attempt. `quiet_seconds`: for how long
    the service wants to be left alone, by whomever."""
    with transaction.atomic():
        leases.check(lease)
        went = _write_lost(lease.instance_id, reason)
        if went:  # else what there is was asked for in another way
            live.mark_stale(lease.instance_id)
        if quiet_seconds:
            quiet.leave_alone(lease.instance_id, quiet_seconds)
    if went:
        logger.warning("integration %s is cut off: %s", lease.instance_id, reason)
    status.settle(lease.instance_id)


def mark_lost(instance_id: int, reason: str, heard_until: datetime | None = None) -> None:
    """Write down that nobody hears the instance, since now or since `heard_until`."""
    _write_lost(instance_id, reason, heard_until)
    live.mark_stale(instance_id)


def _write_lost(instance_id: int, reason: str, heard_until: datetime | None = None) -> bool:
    """True if it was live until now."""
    reason = redact(reason)
    instances = IntegrationInstance.objects.filter(pk=instance_id)
    lost_at = instances.values_list("live_lost_at", flat=True).first()
    went = instances.filter(live_since__isnull=False).update(
        live_since=None, live_lost_at=timezone.now(), live_error=reason
    )
    if went:
        metrics.gap_began(instance_id)
    else:
        instances.exclude(live_error=reason).update(live_error=reason)
    gaps.begin(instance_id, reason, at=heard_until if went else lost_at)
    return bool(went)


def let_go(lease: leases.HeldLease) -> None:
    """The listener ends: nobody hears the instance until another takes over, which may be at once."""
    try:
        with transaction.atomic():
            leases.check(lease)
            mark_lost(lease.instance_id, "The listener stopped.")
            leases.release(lease)
    except exceptions.LeaseLostError:
        logger.debug("integration %s was taken away before it was given back", lease.instance_id)


def end_predecessor(name: str) -> None:
    """The listener `name` begins: what its process before this one held is free at once, and was not heard."""
    for lease in Lease.objects.filter(role=LeaseRole.LISTEN, holder__startswith=f"{name}:"):
        free_abandoned(leases.HeldLease(lease.instance_id, LeaseRole.LISTEN, lease.epoch))


def free_abandoned(lease: leases.HeldLease) -> None:
    """The lease's holder died. Nothing is lost if another listener has taken over meanwhile: what it wrote since is
    true."""
    with transaction.atomic():
        leases.lock_instance(lease.instance_id)
        renewed_at = leases.renewed_at(lease)
        if leases.release(lease):
            mark_lost(lease.instance_id, "The listener died; the next one goes on.", heard_until=renewed_at)


def report_unheard(instance_id: int, reason: str) -> None:
    """No session could even begin."""
    IntegrationInstance.objects.filter(status.wanted(), pk=instance_id).update(live_error=redact(reason))


def report_refused(lease: leases.HeldLease, err: exceptions.AuthenticationError, config_revision: int) -> None:
    """The service refuses the credentials: everything stops for this instance until a person gives new ones."""
    with transaction.atomic():
        leases.check(lease)
        trouble.stop_refused(lease.instance_id, err, config_revision)


def require_same_server(lease: leases.HeldLease, server_id: str) -> None:
    """Call it before the first value of a connection is written. Raises ConnectionError where another server answers
    than the one that is mirrored, and asks for a sync, which finds out whether that is only its new name."""
    with transaction.atomic():
        leases.check(lease)
        instance = IntegrationInstance.objects.get(pk=lease.instance_id)
        if "" in (server_id, instance.server_id) or server_id == instance.server_id:
            return
        jobs.enqueue(JobKind.SYNC, instance, trigger=JobTrigger.SOURCE)
    raise exceptions.ConnectionError(f"Another server answers at the address of {instance.label} now.")


def hang_up(instance_id: int, reason: str) -> None:
    """Nobody may take what the listener hears now for the instance's. Call it under the instance's lock."""
    leases.revoke(instance_id, LeaseRole.LISTEN)
    mark_lost(instance_id, reason)


def request_sync(lease: leases.HeldLease) -> None:
    """The service's structure changed."""
    with transaction.atomic():
        leases.check(lease)
        instance = IntegrationInstance.objects.get(pk=lease.instance_id)
        jobs.enqueue(JobKind.SYNC, instance, trigger=JobTrigger.SOURCE)
