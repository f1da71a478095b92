"""Leases: one holder, fenced by an epoch that never repeats."""

from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from hi.entity.enums import Quality
from hi.entity.models import EntityState
from hi.integration import exceptions, jobs, leases, live_reports
from hi.integration.enums import IntegrationStatus, JobKind, JobStatus, LeaseRole
from hi.integration.job_run import JobRun
from hi.integration.live import LiveApplier
from hi.integration.models import IntegrationInstance, Job, Lease
from tests.integration.home import Sweeping, home, listen_lease, make_instance, reading, sync

pytestmark = pytest.mark.database


@pytest.fixture
def instance() -> IntegrationInstance:
    return make_instance()


def free(lease: leases.HeldLease | None) -> None:
    """As the sweep does with one whose holder is silent."""
    assert lease is not None
    leases.release(lease)


def test_only_one_may_hold_a_role_but_the_roles_are_apart(instance: IntegrationInstance) -> None:
    assert leases.acquire(instance.pk, LeaseRole.LISTEN, "one", 60)
    assert leases.acquire(instance.pk, LeaseRole.LISTEN, "two", 60) is None
    assert leases.acquire(instance.pk, LeaseRole.SYNC, "two", 60)


def test_a_lease_that_was_freed_goes_to_the_next_with_a_higher_epoch(instance: IntegrationInstance) -> None:
    first = leases.acquire(instance.pk, LeaseRole.LISTEN, "one", 60)
    free(first)
    second = leases.acquire(instance.pk, LeaseRole.LISTEN, "two", 60)
    assert first is not None
    assert second is not None
    assert second.epoch > first.epoch
    assert leases.renew([first, second], 60) == {second}
    with transaction.atomic(), pytest.raises(exceptions.LeaseLostError):
        leases.check(first)


def test_an_epoch_never_repeats_not_even_after_a_release(instance: IntegrationInstance) -> None:
    first = leases.acquire(instance.pk, LeaseRole.LISTEN, "one", 60)
    assert first is not None
    leases.release(first)
    second = leases.acquire(instance.pk, LeaseRole.LISTEN, "two", 60)
    assert second is not None
    assert second.epoch > first.epoch


def test_releasing_an_old_lease_leaves_the_new_one(instance: IntegrationInstance) -> None:
    first = leases.acquire(instance.pk, LeaseRole.LISTEN, "one", 60)
    free(first)
    leases.acquire(instance.pk, LeaseRole.LISTEN, "two", 60)
    assert first is not None
    leases.release(first)
    assert Lease.objects.get().holder == "two"


def test_a_freed_lease_cannot_be_renewed_by_its_late_holder(instance: IntegrationInstance) -> None:
    first = leases.acquire(instance.pk, LeaseRole.LISTEN, "one", 60)
    assert first is not None
    free(first)
    leases.acquire(instance.pk, LeaseRole.LISTEN, "two", 60)
    assert leases.renew([first], 60) == set()


def test_the_sweep_shows_an_instance_as_cut_off_whose_listener_died(instance: IntegrationInstance) -> None:
    sync(instance, home())
    lease = listen_lease(instance)
    applier = LiveApplier(lease)
    applier.load()
    applier.apply_snapshot([reading("light.lamp", "on")])
    live_reports.report_live(lease)
    sweeping = Sweeping()
    sweeping.sweep()
    for _time in range(3):
        assert leases.renew([lease], 15)
        sweeping.sweep(after=9)
        assert Lease.objects.exists()
    sweeping.sweep(after=11)
    instance.refresh_from_db()
    assert instance.live_since is None
    assert EntityState.objects.get(key="light").quality == Quality.STALE
    assert not Lease.objects.exists()
    assert instance.status == IntegrationStatus.ACTIVE  # half a minute of grace before it counts as trouble
    IntegrationInstance.objects.update(live_lost_at=timezone.now() - timedelta(minutes=1))
    sweeping.sweep()
    instance.refresh_from_db()
    assert instance.status == IntegrationStatus.DEGRADED
    assert "listener" in instance.reason


def test_another_clock_makes_no_listener_look_dead(instance: IntegrationInstance) -> None:
    lease = listen_lease(instance)
    sweeping = Sweeping()
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        sweeping.sweep()
        sweeping.sweep(after=1)
    leases.check_held(lease)


def test_a_syncs_lease_goes_with_its_job(instance: IntegrationInstance) -> None:
    job = jobs.enqueue(JobKind.SYNC, instance)
    assert JobRun.claim(str(job.pk), 0)
    assert leases.acquire(instance.pk, LeaseRole.SYNC, str(job.pk), 300)
    sweeping = Sweeping()
    sweeping.sweep()
    assert Lease.objects.exists()
    Job.objects.update(status=JobStatus.FAILED)
    sweeping.sweep()
    assert not Lease.objects.exists()
