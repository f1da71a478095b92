"""Leases: who may write for an instance. Fenced by an epoch that is checked inside the writing transaction."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from hi.integration import exceptions
from hi.integration.enums import LeaseRole
from hi.integration.models import IntegrationInstance, Lease


@dataclass(frozen=True, slots=True)
class HeldLease:
    """What a holder carries to every write."""

    instance_id: int
    role: LeaseRole
    epoch: int


def acquire(instance_id: int, role: LeaseRole, holder: str, seconds: float) -> HeldLease | None:
    """Take the lease if it is free or has run out; None if somebody else holds it, or the instance is gone."""
    now = timezone.now()
    with transaction.atomic():
        # The instance's row is the lock that serialises takers on PostgreSQL; SQLite has one writer anyway.
        instance = IntegrationInstance.objects.select_for_update().filter(pk=instance_id).first()
        if instance is None:
            return None
        held = Lease.objects.filter(instance=instance, role=role).first()
        if held is not None and held.expires_at > now:
            return None
        epoch = instance.lease_epoch + 1
        IntegrationInstance.objects.filter(pk=instance_id).update(lease_epoch=F("lease_epoch") + 1)
        Lease.objects.update_or_create(
            instance=instance,
            role=role,
            defaults={"holder": holder, "epoch": epoch, "expires_at": now + timedelta(seconds=seconds)},
        )
    return HeldLease(instance_id, role, epoch)


def renew(leases: list[HeldLease], seconds: float) -> set[HeldLease]:
    """Extend all leases of one holder; returns those that are still its own."""
    now = timezone.now()
    epochs = [lease.epoch for lease in leases]
    Lease.objects.filter(epoch__in=epochs, instance__in=[lease.instance_id for lease in leases]).update(
        expires_at=now + timedelta(seconds=seconds)
    )
    kept = set(Lease.objects.filter(epoch__in=epochs, expires_at__gt=now).values_list("instance_id", "role", "epoch"))
    return {lease for lease in leases if (lease.instance_id, lease.role, lease.epoch) in kept}


def release(lease: HeldLease) -> None:
    Lease.objects.filter(instance_id=lease.instance_id, role=lease.role, epoch=lease.epoch).delete()


def revoke(instance_id: int, role: LeaseRole | None = None) -> None:
    """Take the lease away, whoever holds it: from here on its holder can write nothing."""
    held = Lease.objects.filter(instance_id=instance_id)
    if role is not None:
        held = held.filter(role=role)
    held.delete()


def check(lease: HeldLease) -> None:
    """Raise LeaseLostError unless the lease is still held. Call it first inside the writing transaction: the row
    stays locked until that ends, so nobody can take over in between."""
    held = (
        Lease.objects.select_for_update()
        .filter(instance_id=lease.instance_id, role=lease.role, epoch=lease.epoch, expires_at__gt=timezone.now())
        .exists()
    )
    if not held:
        raise exceptions.LeaseLostError("Another process has taken over; nothing was written.")


def check_held(lease: HeldLease) -> None:
    """`check`, in a transaction of its own, for a report that need not be fenced to the row."""
    with transaction.atomic():
        check(lease)
