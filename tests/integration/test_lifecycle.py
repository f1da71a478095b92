"""The lifecycle of an instance against a real far end: the simulator on a loopback port, jobs run where they stand."""

from datetime import timedelta

import pytest
from django.utils import timezone

from hi.entity.models import Entity, EntityState
from hi.integration import operations, schedules
from hi.integration.enums import BreakerState, IntegrationStatus, JobKind, JobStatus, RepairKind, RunOutcome
from hi.integration.models import IntegrationInstance, Job, Lease, Repair, SyncRun
from hi.tasks import lifecycle as lifecycle_tasks
from hi.tasks import sync as sync_tasks
from hi.testing.hass import SimulatedHass

pytestmark = [pytest.mark.database, pytest.mark.wire, pytest.mark.usefixtures("redis_url")]

TASKS = {
    JobKind.ACTIVATE: lifecycle_tasks.activate_integration,
    JobKind.DEACTIVATE: lifecycle_tasks.deactivate_integration,
    JobKind.TEST_CONNECTION: lifecycle_tasks.test_connection,
    JobKind.DELETE: lifecycle_tasks.delete_integration,
    JobKind.SYNC: sync_tasks.sync_entities,
}


@pytest.fixture
def instance(house: IntegrationInstance) -> IntegrationInstance:
    return house


def run(job: Job) -> Job:
    TASKS[JobKind(job.kind)](str(job.pk), job.attempt)
    job.refresh_from_db()
    return job


def reload(instance: IntegrationInstance) -> IntegrationInstance:
    instance.refresh_from_db()
    return instance


def test_activating_tests_the_connection_mirrors_and_schedules(
    source: SimulatedHass, instance: IntegrationInstance
) -> None:
    job = run(operations.activate(instance))
    assert job.status == JobStatus.SUCCEEDED, job.message
    assert [step["name"] for step in job.steps] == ["Reach", "Answer", "Sign in", "Version", "Read", "Mirror"]
    addresses = EntityState.objects.values_list("links__address", flat=True)
    assert {address for address in addresses if "#" not in address} == set(source.states())
    assert reload(instance).status == IntegrationStatus.ACTIVATING  # ACTIVE is the listener's word
    assert schedules.next_run_at(instance) is not None
    assert not instance.is_draft


def test_who_tries_again_has_seen_what_came_of_the_test_before(
    source: SimulatedHass, instance: IntegrationInstance
) -> None:
    source.go_down()
    tests = [run(operations.test_connection(instance, None)) for _time in range(2)]
    assert [job.status for job in tests] == [JobStatus.FAILED] * 2
    unseen = Job.objects.filter(kind=JobKind.TEST_CONNECTION, acknowledged_at=None)
    assert [job.pk for job in unseen] == [tests[1].pk]
    operations.activate(instance)
    assert not unseen.all().exists()


def test_a_wrong_token_is_tried_once_and_names_the_field(source: SimulatedHass, instance: IntegrationInstance) -> None:
    operations.update_settings(instance, {"url": source.url, "token": "a-wrong-token"})
    job = run(operations.activate(instance))
    assert job.status == JobStatus.FAILED
    assert source.failed_logins == 1
    assert reload(instance).status == IntegrationStatus.AUTH_FAILED
    assert Repair.objects.get(kind=RepairKind.AUTHENTICATION, closed_at=None).data["field"] == "token"
    assert schedules.next_run_at(instance) is None
    assert "a-wrong-token" not in f"{job.message} {job.hint} {job.error} {job.steps} {instance.reason}"


def test_a_new_token_activates_again_and_closes_the_card(source: SimulatedHass, instance: IntegrationInstance) -> None:
    operations.update_settings(instance, {"url": source.url, "token": "a-wrong-token"})
    run(operations.activate(instance))
    operations.update_settings(reload(instance), {"url": source.url, "token": source.token})
    run(Job.objects.get(kind=JobKind.ACTIVATE, status=JobStatus.QUEUED))
    assert not Repair.objects.filter(closed_at=None).exists()
    assert Entity.objects.filter(removed_at=None).exists()


def test_a_dead_source_fails_the_activation_and_says_why(source: SimulatedHass, instance: IntegrationInstance) -> None:
    source.go_down()
    job = run(operations.activate(instance))
    assert job.status == JobStatus.FAILED
    assert "refuses connections" in job.message
    assert reload(instance).status == IntegrationStatus.FAILED
    assert job.hint


def test_deactivating_hides_and_activating_restores_the_same_rows(instance: IntegrationInstance) -> None:
    run(operations.activate(instance))
    before = set(EntityState.objects.values_list("pk", flat=True))
    things = Entity.objects.count()
    job = run(operations.deactivate(reload(instance)))
    assert job.message.startswith(f"Integration deactivated. Removed {things} things from sight;")
    assert reload(instance).status == IntegrationStatus.INACTIVE
    assert not EntityState.objects.filter(removed_at=None).exists()
    assert schedules.next_run_at(instance) is None
    assert not Lease.objects.exists()
    run(operations.activate(instance))
    assert set(EntityState.objects.filter(removed_at=None).values_list("pk", flat=True)) == before


def test_deleting_leaves_only_the_job_that_did_it(instance: IntegrationInstance) -> None:
    run(operations.activate(instance))
    job = run(operations.delete(reload(instance)))
    assert job.status == JobStatus.SUCCEEDED
    assert job.subject == "House"
    assert not IntegrationInstance.objects.exists()
    assert not Entity.objects.exists()


def test_failing_syncs_open_the_breaker_and_a_good_one_closes_it(
    source: SimulatedHass, instance: IntegrationInstance, settings: pytest.FixtureRequest
) -> None:
    run(operations.activate(instance))
    source.fail(500)
    for _time in range(5):
        run(operations.sync_now(reload(instance)))
    assert reload(instance).breaker_state == BreakerState.OPEN
    assert SyncRun.objects.filter(outcome=RunOutcome.FAILED).count() == 5
    requests = source.requests
    held = run(operations.sync_now(instance))
    assert held.status == JobStatus.FAILED
    assert "Not tried" in held.message
    assert source.requests == requests


def test_one_failed_sync_counts_once_whatever_it_tried(source: SimulatedHass, instance: IntegrationInstance) -> None:
    run(operations.activate(instance))
    source.fail(503)
    for _time in range(4):
        run(operations.sync_now(reload(instance)))
    assert reload(instance).breaker_state == BreakerState.CLOSED
    source.heal()
    assert run(operations.sync_now(instance)).status == JobStatus.SUCCEEDED
    assert reload(instance).sync_error == ""


def test_a_source_that_still_starts_removes_nothing(source: SimulatedHass, instance: IntegrationInstance) -> None:
    run(operations.activate(instance))
    before = EntityState.objects.filter(removed_at=None).count()
    source.go_down()
    source.come_up(entities=2)
    job = run(operations.sync_now(reload(instance)))
    assert EntityState.objects.filter(removed_at=None).count() == before
    assert job.status == JobStatus.SUCCEEDED
    assert SyncRun.objects.latest("pk").outcome == RunOutcome.PARTIAL


def test_a_draft_that_nobody_finished_disappears(source: SimulatedHass, instance: IntegrationInstance) -> None:
    IntegrationInstance.objects.update(created_at=timezone.now() - timedelta(days=2))
    operations.create_draft("hass", "Another", {"url": source.url, "token": source.token})
    assert list(IntegrationInstance.objects.values_list("label", flat=True)) == ["Another"]
