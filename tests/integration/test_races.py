"""What happens when two things happen at once: stopping while working, asking twice, taking over."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule

from hi.entity.enums import Quality
from hi.entity.models import Entity, EntityState
from hi.integration import breaker, exceptions, jobs, leases, lifecycle, live_reports, operations, schedules, status
from hi.integration.activation import request_activation
from hi.integration.core.specs import Quarantined, Structure
from hi.integration.enums import BreakerState, DesiredState, IntegrationStatus, ItemKind, JobKind, JobStatus, LeaseRole
from hi.integration.integration_factory import get_integration_gateway
from hi.integration.integration_gateway import Answer, IntegrationGateway
from hi.integration.job_run import JobRun
from hi.integration.live import LiveApplier
from hi.integration.models import IntegrationInstance, Job, Lease, Repair
from hi.tasks.base import run_job
from hi.testing.hass import SimulatedHass
from tests.integration.home import FLOOR, KITCHEN, home, lamp, listen_lease, make_instance, reading, sync
from tests.integration.test_lifecycle import reload, run

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("redis_url")]
STOPPED: dict[str, Any] = {"status": IntegrationStatus.INACTIVE, "desired_state": DesiredState.INACTIVE}


@pytest.fixture
def instance() -> IntegrationInstance:
    instance = make_instance()
    sync(instance, home())
    return instance


def go_live(lease: leases.HeldLease) -> LiveApplier:
    applier = LiveApplier(lease)
    applier.load()
    applier.apply_snapshot([reading("light.lamp", "on")])
    live_reports.report_live(lease)
    return applier


def light() -> EntityState:
    return EntityState.objects.get(key="light")


# Leases


def test_nobody_begins_to_write_for_an_instance_that_shall_rest() -> None:
    for columns in (STOPPED, {"status": IntegrationStatus.AUTH_FAILED}, {"desired_state": DesiredState.PAUSED}):
        with pytest.raises(exceptions.NotRunningError):
            leases.acquire(make_instance(**columns).pk, LeaseRole.SYNC, "late", 60)


def test_renewing_touches_no_lease_of_another_role_or_instance() -> None:
    house, cabin = make_instance(label="House"), make_instance(label="Cabin")
    first = listen_lease(house)
    leases.release(listen_lease(cabin))
    second = listen_lease(cabin)
    assert leases.acquire(house.pk, LeaseRole.SYNC, "a job", 300)  # its epoch is the other instance's, too
    before = Lease.objects.get(role=LeaseRole.SYNC).expires_at
    leases.renew([first, second], 15)
    assert Lease.objects.get(role=LeaseRole.SYNC).expires_at == before


def test_a_listener_that_was_replaced_says_nothing_about_its_successor(instance: IntegrationInstance) -> None:
    old = listen_lease(instance, "A")
    leases.release(old)
    go_live(listen_lease(instance, "B"))
    live_reports.let_go(old)
    assert reload(instance).live_since is not None
    assert light().quality == Quality.GOOD


def test_who_is_found_dead_after_another_took_over_marks_nothing_as_old(instance: IntegrationInstance) -> None:
    old = listen_lease(instance, "A")
    go_live(old)
    leases.release(old)
    go_live(listen_lease(instance, "B"))
    live_reports.free_abandoned(old)
    assert reload(instance).live_since is not None
    assert light().quality == Quality.GOOD


def test_a_dead_lease_makes_nothing_live() -> None:
    instance = make_instance(**STOPPED)
    with pytest.raises(exceptions.LeaseLostError):
        live_reports.report_live(leases.HeldLease(instance.pk, LeaseRole.LISTEN, 99))
    assert reload(instance).live_since is None


def test_after_a_pause_its_listener_writes_nothing_more(instance: IntegrationInstance) -> None:
    lease = listen_lease(instance)
    applier = go_live(lease)
    operations.pause(instance)
    with pytest.raises(exceptions.LeaseLostError):
        applier.apply_changes([reading("light.lamp", "off", seconds=5)])
    live_reports.let_go(lease)
    assert (light().value, light().quality) == ("on", Quality.STALE)


# Asking twice, and for what cannot be


def test_activating_twice_is_one_activation(house: IntegrationInstance) -> None:
    first = operations.activate(house)
    Job.objects.update(status=JobStatus.RUNNING, attempt=1)
    assert operations.activate(reload(house)).pk == first.pk


def test_what_runs_cannot_be_activated_again(instance: IntegrationInstance) -> None:
    with pytest.raises(exceptions.IntegrationError, match="running already"):
        request_activation(instance)


def test_what_is_being_stopped_cannot_be_activated_yet(house: IntegrationInstance) -> None:
    run(operations.activate(house))
    stopping = operations.deactivate(reload(house))
    with pytest.raises(exceptions.IntegrationError, match="being stopped"):
        operations.activate(reload(house))
    run(stopping)
    assert (reload(house).desired_state, house.status) == (DesiredState.INACTIVE, IntegrationStatus.INACTIVE)


def test_nothing_is_fetched_for_an_instance_at_rest(rf: Any) -> None:
    request = rf.post("/", {"action": "sync_entities"})
    answer = IntegrationGateway().manage(request, make_instance(**STOPPED))
    assert isinstance(answer, dict)
    assert answer["status"] == "error"
    assert not Job.objects.exists()


def test_deactivating_during_the_activation_leaves_nothing_in_sight(house: IntegrationInstance) -> None:
    activation = JobRun.claim(str(operations.activate(house).pk), 0)
    assert activation is not None
    gateway = get_integration_gateway("hass")

    class Interrupted(type(gateway)):  # type: ignore[misc]
        def initialize_integration(self, instance: IntegrationInstance) -> None:
            run(operations.deactivate(reload(instance)))

    with pytest.raises(exceptions.JobEndedError):
        lifecycle.run_activation(activation, object.__new__(Interrupted))
    assert not Entity.objects.filter(removed_at=None).exists()
    assert reload(house).status == IntegrationStatus.INACTIVE


# Jobs that end badly


def test_a_fault_in_a_hook_leaves_no_instance_activating_for_ever() -> None:
    instance = make_instance(status=IntegrationStatus.ACTIVATING)
    schedules.schedule(instance)

    class Faulty(IntegrationGateway):
        def initialize_integration(self, instance: IntegrationInstance) -> None:
            raise KeyError("fault")

    job = jobs.enqueue(JobKind.ACTIVATE, instance)
    run_job(str(job.pk), 0, lambda run: lifecycle.run_activation(run, Faulty()))
    assert reload(instance).status == IntegrationStatus.FAILED
    assert schedules.next_run_at(instance) is None


def test_an_instance_whose_folder_has_gone_can_be_deactivated() -> None:
    instance = make_instance(integration_type="gone")
    assert run(operations.deactivate(instance)).status == JobStatus.SUCCEEDED
    assert reload(instance).status == IntegrationStatus.INACTIVE


def test_an_activate_of_its_own_that_only_enqueues_is_an_error_and_not_a_chain(house: IntegrationInstance) -> None:
    class Enqueues(IntegrationGateway):
        def activate(self, instance: IntegrationInstance) -> Answer:
            return super().activate(instance)

    job = operations.activate(house)
    run_job(str(job.pk), 0, lambda run: lifecycle.run_activation(run, Enqueues()))
    assert list(Job.objects.values_list("status", flat=True)) == [JobStatus.FAILED]


def test_saving_settings_never_runs_a_gateways_own_activate() -> None:
    class Own(IntegrationGateway):
        def activate(self, instance: IntegrationInstance) -> Answer:
            raise AssertionError("called within a request")

    job = Own().save_settings(make_instance(status=IntegrationStatus.FAILED), {})
    assert job is not None
    assert job.kind == JobKind.ACTIVATE


def test_a_token_that_cannot_be_one_does_not_replace_the_good_one(
    source: SimulatedHass, house: IntegrationInstance
) -> None:
    with pytest.raises(exceptions.ConfigurationError):
        operations.update_settings(house, {"url": source.url, "token": "not a token"})
    assert run(operations.activate(house)).status == JobStatus.SUCCEEDED


def test_settings_changed_during_a_refused_activation_are_tried(
    source: SimulatedHass, house: IntegrationInstance
) -> None:
    operations.update_settings(house, {"url": source.url, "token": "a-wrong-token"})
    activation = JobRun.claim(str(operations.activate(house).pk), 0)
    assert activation is not None
    assert activation.instance.config_revision  # read before the settings change
    wrong = {"url": source.url, "token": "a-wrong-token"}
    gateway = get_integration_gateway("hass")

    class Slow(type(gateway)):  # type: ignore[misc]
        def connection_steps(self, config: Any) -> Any:
            operations.update_settings(reload(house), {"url": source.url, "token": source.token})
            return super().connection_steps(wrong)

    with pytest.raises(exceptions.IntegrationError, match="changed meanwhile"):
        lifecycle.run_activation(activation, object.__new__(Slow))
    activation.fail("The settings were changed meanwhile.")
    assert reload(house).status == IntegrationStatus.ACTIVATING
    assert run(Job.objects.get(status=JobStatus.QUEUED)).status == JobStatus.SUCCEEDED


def test_a_secret_in_a_librarys_error_is_not_kept(instance: IntegrationInstance) -> None:
    def fail(_run: JobRun) -> str:
        raise RuntimeError("failed with url: /api/monitors.json?token=S3CRET-abcdef")

    job = jobs.enqueue(JobKind.SYNC, instance)
    run_job(str(job.pk), 0, fail)
    job.refresh_from_db()
    assert "RuntimeError" in job.error
    assert "S3CRET" not in job.error


# Removals


def test_an_incomplete_answer_leaves_the_review_open(instance: IntegrationInstance) -> None:
    things = [lamp(key=f"lamp{index}") for index in range(10)]
    sync(instance, home(*things))
    sync(instance, home(*things[:3]))
    sync(instance, home(*things[:3], complete=False))
    assert Repair.objects.filter(closed_at=None).count() == 1


def test_an_approval_covers_what_was_shown_and_nothing_later(instance: IntegrationInstance) -> None:
    things = [lamp(key=f"lamp{index}") for index in range(10)]
    sync(instance, home(*things))
    sync(instance, home(*things[:6]))
    shown = Repair.objects.get()
    seen_at = shown.updated_at.isoformat()
    job = operations.approve_removals(shown, seen_at)
    sync(instance, home(*things[:2]))
    approved = [key for kind, key in job.arguments["approved"] if kind == ItemKind.ENTITY]
    assert sorted(approved) == ["lamp6", "lamp7", "lamp8", "lamp9"]
    for repair in (Repair.objects.get(), shown):  # also for who read the row before the list changed
        with pytest.raises(exceptions.IntegrationError, match="has changed"):
            operations.approve_removals(repair, seen_at)


def test_a_run_that_finds_the_same_leaves_the_review_as_it_was_shown(instance: IntegrationInstance) -> None:
    things = [lamp(key=f"lamp{index}") for index in range(10)]
    sync(instance, home(*things))
    sync(instance, home(*things[:6]))
    shown = Repair.objects.get()
    sync(instance, home(*things[:6]))
    assert operations.approve_removals(Repair.objects.get(), shown.updated_at.isoformat())


def test_a_place_that_could_not_be_read_at_first_is_found_later() -> None:
    instance = make_instance()
    unreadable = Quarantined(ItemKind.LOCATION, KITCHEN.key, "areas[0]", "no name")
    sync(instance, Structure(entities=(lamp(),), locations=(FLOOR,), quarantined=(unreadable,)))
    sync(instance, home())
    place = Entity.objects.get().location
    assert place is not None
    assert place.name == "Kitchen"


# Breaker and schedule


def test_a_breaker_that_redis_forgot_does_not_stay_open_on_the_page() -> None:
    long_ago = timezone.now() - timedelta(hours=1)
    instance = make_instance(breaker_state=BreakerState.OPEN, breaker_opened_at=long_ago)
    breaker.call(instance.pk, lambda: None)
    assert reload(instance).breaker_state == BreakerState.CLOSED
    assert status.find_trouble(instance) == ""


def test_resuming_with_an_open_breaker_works(source: SimulatedHass, house: IntegrationInstance) -> None:
    run(operations.activate(house))
    source.fail(500)
    for _time in range(5):
        run(operations.sync_now(reload(house)))
    operations.pause(reload(house))
    source.heal()
    assert run(operations.activate(reload(house))).status == JobStatus.SUCCEEDED
    assert reload(house).breaker_state == BreakerState.CLOSED


def test_what_holds_calls_back_does_not_hide_why(source: SimulatedHass, house: IntegrationInstance) -> None:
    run(operations.activate(house))
    source.go_down()
    for _time in range(6):
        run(operations.sync_now(reload(house)))
    assert "refuses connections" in reload(house).sync_error


def test_twin_rows_of_one_interval_do_no_harm(instance: IntegrationInstance) -> None:
    for _twin in range(2):
        IntervalSchedule.objects.create(every=600, period=IntervalSchedule.SECONDS)
    schedules.schedule(instance)
    assert schedules.next_run_at(instance) is not None
