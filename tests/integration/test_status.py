"""Status moves, and what decides between ACTIVE and DEGRADED."""

import logging
import threading
from datetime import timedelta

import pytest
from django.db import connections, transaction
from django.utils import timezone

from hi.integration import leases, operations, schedules, status, trouble
from hi.integration.core.slots import slot_at
from hi.integration.enums import (
    BreakerState,
    DesiredState,
    IntegrationStatus,
    JobKind,
    JobStatus,
    RepairKind,
)
from hi.integration.exceptions import AuthenticationError, ConfigurationError, IntegrationError
from hi.integration.models import IntegrationInstance, Job, Repair
from tests.integration.home import make_instance

pytestmark = pytest.mark.database


def synced(**columns: object) -> IntegrationInstance:
    return make_instance(**{"last_sync_at": timezone.now(), "live_since": timezone.now(), **columns})


def settled(instance: IntegrationInstance) -> tuple[str, str]:
    status.settle(instance.pk)
    instance.refresh_from_db()
    return instance.status, instance.reason


def test_a_move_the_table_does_not_allow_changes_nothing() -> None:
    instance = make_instance(status=IntegrationStatus.INACTIVE)
    assert not status.move(instance.pk, IntegrationStatus.ACTIVE)
    instance.refresh_from_db()
    assert instance.status == IntegrationStatus.INACTIVE


def test_a_move_is_logged_once_however_many_see_its_cause(caplog: pytest.LogCaptureFixture) -> None:
    instance = make_instance()
    with caplog.at_level(logging.INFO, "hi.integration.status"):
        for _observer in range(3):
            status.move(instance.pk, IntegrationStatus.DEGRADED, "It is away.")
    assert len(caplog.records) == 1


def test_an_activating_instance_is_active_once_it_is_live() -> None:
    waiting = synced(status=IntegrationStatus.ACTIVATING, live_since=None, live_lost_at=timezone.now())
    assert settled(waiting)[0] == IntegrationStatus.ACTIVATING
    assert settled(synced(status=IntegrationStatus.ACTIVATING))[0] == IntegrationStatus.ACTIVE


def test_half_a_minute_without_live_values_degrades_it_and_says_what_is_missing() -> None:
    lost = synced(
        live_since=None, live_lost_at=timezone.now() - timedelta(seconds=31), live_error="House refuses connections."
    )
    assert settled(lost) == (IntegrationStatus.DEGRADED, "House refuses connections.")


def test_an_open_breaker_degrades_it_and_says_so() -> None:
    status_now, reason = settled(synced(breaker_state=BreakerState.OPEN, sync_error="It answers 500."))
    assert status_now == IntegrationStatus.DEGRADED
    assert "pause" in reason
    assert "It answers 500." in reason


def test_it_is_active_again_when_nothing_is_wrong() -> None:
    assert settled(synced(status=IntegrationStatus.DEGRADED)) == (IntegrationStatus.ACTIVE, "")


@pytest.mark.database(transaction=True)
def test_a_trouble_that_has_just_ended_degrades_nothing() -> None:
    long_ago = timezone.now() - timedelta(minutes=1)
    instance = make_instance(status=IntegrationStatus.ACTIVE, live_lost_at=long_ago, live_error="No connection.")
    settling = threading.Thread(target=settle_and_disconnect, args=[instance.pk])
    with transaction.atomic():
        leases.lock_instance(instance.pk)
        settling.start()
        settling.join(0.5)  # it has looked, or waits to look
        IntegrationInstance.objects.update(live_since=timezone.now(), live_lost_at=None, live_error="")
    settling.join(20)
    instance.refresh_from_db()
    assert instance.status == IntegrationStatus.ACTIVE


def settle_and_disconnect(instance_id: int) -> None:
    try:
        status.settle(instance_id)
    finally:
        connections.close_all()


def test_a_paused_instance_is_left_alone() -> None:
    paused = synced(status=IntegrationStatus.PAUSED, desired_state=DesiredState.PAUSED, sync_error="old")
    assert settled(paused)[0] == IntegrationStatus.PAUSED


def test_a_refused_sign_in_stops_everything_and_names_the_field() -> None:
    instance = synced()
    schedules.schedule(instance)
    Job.objects.create(kind=JobKind.SYNC, instance=instance)
    trouble.stop_refused(instance.pk, AuthenticationError("The token is not accepted.", field="token"), 0)
    instance.refresh_from_db()
    assert instance.status == IntegrationStatus.AUTH_FAILED
    assert schedules.next_run_at(instance) is None
    assert Job.objects.get().status == JobStatus.CANCELLED
    repair = Repair.objects.get()
    assert (repair.kind, repair.data["field"]) == (RepairKind.AUTHENTICATION, "token")


def test_editing_the_interval_moves_the_next_run() -> None:
    instance = synced()
    schedules.schedule(instance)
    for seconds in (30, 3600):
        operations.set_interval(instance, seconds)
        moment = schedules.next_run_at(instance)
        assert moment is not None
        assert timezone.now() < moment <= timezone.now() + timedelta(seconds=seconds)
        assert moment == slot_at(moment, seconds, instance.pk)


@pytest.mark.parametrize("seconds", [0, 1, 8 * 24 * 3600])
def test_an_interval_out_of_bounds_is_refused(seconds: int) -> None:
    with pytest.raises(ConfigurationError):
        operations.set_interval(synced(), seconds)


def test_pausing_drops_the_schedule_and_marks_values_old() -> None:
    instance = synced()
    schedules.schedule(instance)
    operations.pause(instance)
    assert (instance.status, instance.desired_state) == (IntegrationStatus.PAUSED, DesiredState.PAUSED)
    assert schedules.next_run_at(instance) is None
    with pytest.raises(IntegrationError):
        operations.sync_now(instance)
