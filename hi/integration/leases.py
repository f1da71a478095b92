"""Leases: who may write for an instance. Fenced by an epoch that is checked inside the writing transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from hi.integration import exceptions, status
from hi.integration.enums import LeaseRole
from hi.integration.models import IntegrationInstance, Job, Lease


@dataclass(frozen=True, slots=True)
class HeldLease:
    """What a holder carries to every write."""

    instance_id: int
    role: LeaseRole
    epoch: int


def acquire(instance_id: int, role: LeaseRole, holder: str, seconds: float) -> HeldLease | None:
    """Take the lease if it is free; None if somebody else holds it. The sweep frees those of the dead.

    Raises NotRunningError for an instance that shall not run (any more): nobody may begin to write for it.
    """
    with transaction.atomic():
        instance = _lock_instance(instance_id).filter(status.wanted()).first()
        if instance is None:
            raise exceptions.NotRunningError("The integration is not running.")
        held = Lease.objects.filter(instance=instance, role=role).first()
        if held is not None:
            return None
        epoch = instance.lease_epoch + 1
        IntegrationInstance.objects.filter(pk=instance_id).update(lease_epoch=F("lease_epoch") + 1)
        expires_at = timezone.now() + timedelta(seconds=seconds)
        Lease.objects.create(instance=instance, role=role, holder=holder, epoch=epoch, expires_at=expires_at)
    return HeldLease(instance_id, role, epoch)


def renew(leases: list[HeldLease], seconds: float) -> set[HeldLease]:
    """Extend all leases of one holder; returns those that are still its own."""
    now = timezone.now()
    own = Lease.objects.filter(reduce(or_, (_is(lease) for lease in leases)))
    own.update(expires_at=now + timedelta(seconds=seconds))
    kept = set(own.values_list("instance_id", "role", "epoch"))
    return {lease for lease in leases if (lease.instance_id, lease.role, lease.epoch) in kept}


def renewed_at(lease: HeldLease) -> datetime | None:
    """When a listener last said that it is there, by its own clock; never later than now. None if it is not held."""
    expires_at = Lease.objects.filter(_is(lease)).values_list("expires_at", flat=True).first()
    return expires_at and min(timezone.now(), expires_at - timedelta(seconds=settings.HI_LEASE_SECONDS))


def release(lease: HeldLease) -> bool:
    """False if it was not held any more."""
    deleted, _by_model = Lease.objects.filter(_is(lease)).delete()
    return bool(deleted)


def release_of(job: Job) -> None:
    """Free what a job holds that another process ends, or puts back into the queue."""
    Lease.objects.filter(instance_id=job.instance_id, role=LeaseRole.SYNC, holder=str(job.pk)).delete()


def revoke(instance_id: int, role: LeaseRole | None = None) -> None:
    """Take the lease away, whoever holds it: once this is committed its holder can write nothing.

    Begin the transaction that stops an instance with `lock_instance`, or a taker may slip in between.
    """
    held = Lease.objects.filter(instance_id=instance_id)
    if role is not None:
        held = held.filter(role=role)
    held.delete()


def check(lease: HeldLease) -> None:
    """Raise LeaseLostError unless the lease is still held. Call it first inside the writing transaction: its rows
    stay locked until that ends, so nobody can take over or stop the instance in between."""
    lock_instance(lease.instance_id)
    held = Lease.objects.select_for_update().filter(_is(lease)).exists()
    if not held:
        raise exceptions.LeaseLostError("Another process has taken over; nothing was written.")


def check_held(lease: HeldLease) -> None:
    """`check` without holding on to it: for what is harmless if the lease ends a moment later."""
    with transaction.atomic():
        check(lease)


def lock_instance(instance_id: int) -> None:
    """Serialise with everybody who takes, checks or revokes leases of the instance.

    On PostgreSQL its row is the lock, taken before any lease's or job's row by all that need both, so that no two wait
    for each other; not its key, or each insert of a job, which refers to it, would wait too.
    SQLite has one writer anyway.
    """
    _lock_instance(instance_id).values_list("pk").first()


def _lock_instance(instance_id: int) -> QuerySet[IntegrationInstance]:
    return IntegrationInstance.objects.select_for_update(no_key=True).filter(pk=instance_id).order_by("pk")


def _is(lease: HeldLease) -> Q:
    return Q(instance_id=lease.instance_id, role=lease.role, epoch=lease.epoch)
