"""Gaps: recorded when an instance that should be live is not, and ended when it is, or nobody wants it to be."""

from datetime import timedelta

import pytest
from django.utils import timezone

from hi.integration import exceptions, gaps, housekeeping, leases, live_reports, operations, trouble
from hi.integration.activation import request_activation
from hi.integration.enums import DesiredState, IntegrationStatus, LeaseRole
from hi.integration.models import ConnectionGap, IntegrationInstance, Lease
from tests.integration.home import Sweeping, listen_lease, make_instance

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("redis_url")]


@pytest.fixture
def lease() -> leases.HeldLease:
    lease = listen_lease(make_instance())
    live_reports.report_live(lease)
    return lease


def told() -> list[tuple[str, bool]]:
    """Reason, and whether it is open."""
    rows = ConnectionGap.objects.order_by("began_at", "pk")
    return [(gap.reason, gap.ended_at is None) for gap in rows]


def test_a_lost_connection_is_one_gap_that_ends_when_it_is_live_again(lease: leases.HeldLease) -> None:
    assert told() == []
    live_reports.report_lost(lease, "The line was cut.")
    live_reports.report_lost(lease, "Nobody answers.")
    assert told() == [("Nobody answers.", True)]
    live_reports.report_live(lease)
    live_reports.report_live(lease)
    assert told() == [("Nobody answers.", False)]
    live_reports.report_lost(lease, "Again.")
    assert told() == [("Nobody answers.", False), ("Again.", True)]


def test_who_lost_the_lease_neither_begins_nor_ends_a_gap(lease: leases.HeldLease) -> None:
    leases.revoke(lease.instance_id, LeaseRole.LISTEN)
    following = listen_lease(IntegrationInstance.objects.get(), "the next one")
    with pytest.raises(exceptions.LeaseLostError):
        live_reports.report_lost(lease, "Late.")
    assert told() == []
    live_reports.report_lost(following, "True.")
    with pytest.raises(exceptions.LeaseLostError):
        live_reports.report_live(lease)
    assert told() == [("True.", True)]


def test_a_first_connection_that_fails_is_a_gap_since_it_was_due() -> None:
    due = timezone.now() - timedelta(minutes=3)
    instance = make_instance(live_lost_at=due)
    live_reports.report_lost(listen_lease(instance), "Nobody answers.")
    assert ConnectionGap.objects.get().began_at == due


def test_a_listener_that_died_was_last_heard_when_it_last_renewed_its_lease(
    lease: leases.HeldLease, settings: pytest.FixtureRequest
) -> None:
    died_at = timezone.now() - timedelta(hours=8)
    Lease.objects.update(expires_at=died_at + timedelta(seconds=settings.HI_LEASE_SECONDS))  # type: ignore[attr-defined]
    live_reports.free_abandoned(lease)
    assert ConnectionGap.objects.get().began_at == died_at
    lost_at = IntegrationInstance.objects.get().live_lost_at
    assert lost_at
    assert timezone.now() - lost_at < timedelta(minutes=1)


@pytest.mark.parametrize("stop", ["pause", "deactivate", "delete"])
def test_what_people_stop_ends_the_gap_and_its_listener_opens_none(lease: leases.HeldLease, stop: str) -> None:
    live_reports.report_lost(lease, "Cut.")
    getattr(operations, stop)(IntegrationInstance.objects.get())
    assert told() == [("Cut.", False)]
    live_reports.mark_lost(lease.instance_id, "The listener stopped.")
    assert told() == [("Cut.", False)]


def test_stopping_what_is_live_opens_no_gap(lease: leases.HeldLease) -> None:
    operations.deactivate(IntegrationInstance.objects.get())
    live_reports.let_go(lease)
    assert told() == []


def test_a_refused_sign_in_is_a_gap_until_new_credentials_are_live(lease: leases.HeldLease) -> None:
    trouble.stop_refused(lease.instance_id, exceptions.AuthenticationError("Refused."), 0)
    assert told() == [("Refused.", True)]
    request_activation(IntegrationInstance.objects.get())
    assert told() == [("Refused.", True)]
    live_reports.report_live(listen_lease(IntegrationInstance.objects.get(), "the next one"))
    assert told() == [("Refused.", False)]


def test_where_no_listener_is_there_the_sweep_tells_it_once() -> None:
    since = timezone.now() - timedelta(hours=1)
    house = make_instance(live_lost_at=since)
    make_instance(live_lost_at=timezone.now())
    make_instance(live_since=since)
    make_instance(live_lost_at=since, desired_state=DesiredState.PAUSED, status=IntegrationStatus.PAUSED)
    sweeping = Sweeping()
    sweeping.sweep()
    sweeping.sweep(after=8)
    assert list(ConnectionGap.objects.values_list("instance", "began_at")) == [(house.pk, since)]


def test_an_instance_that_shall_rest_has_no_gap() -> None:
    instance = make_instance(desired_state=DesiredState.INACTIVE)
    gaps.begin(instance.pk, "Nobody wants it.")
    assert told() == []


def test_housekeeping_keeps_what_the_wall_needs() -> None:
    instance = make_instance()
    now = timezone.now()
    for days, open_now in ((41, False), (39, False), (50, True)):
        begin = now - timedelta(days=days, hours=1)
        ended_at = None if open_now else now - timedelta(days=days)
        ConnectionGap.objects.create(instance=instance, began_at=begin, ended_at=ended_at, reason=str(days))
    assert housekeeping.keep_house() == 1
    assert set(ConnectionGap.objects.values_list("reason", flat=True)) == {"39", "50"}
