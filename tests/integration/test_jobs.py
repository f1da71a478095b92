"""Jobs: the row is the truth, the message a hint."""

from datetime import timedelta
from typing import Any

import pytest
import redis
from django.db import OperationalError
from django.utils import timezone

from hi.integration import exceptions, jobs, leadership, leases, operations, sweep
from hi.integration.enums import DesiredState, IntegrationStatus, JobKind, JobStatus, JobTrigger, LeaseRole, RunOutcome
from hi.integration.job_run import MAX_TRIES, JobRun, WorkPaused, at_work, list_at_work
from hi.integration.models import IntegrationInstance, Job, Lease, Process, SyncRun
from hi.tasks.base import run_job
from tests.factories import JobFactory
from tests.integration.home import Sweeping, make_instance

pytestmark = pytest.mark.database


@pytest.fixture
def instance() -> IntegrationInstance:
    return make_instance()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[list[Any]]:
    """The messages that would have gone to the broker, as (task, arguments)."""
    messages: list[list[Any]] = []

    class Signature:
        def __init__(self, name: str, args: list[Any]) -> None:
            self.message = [name, *args]

        def apply_async(self, **_options: Any) -> None:
            messages.append(self.message)

    monkeypatch.setattr("celery.Celery.signature", lambda _app, name, args: Signature(name, args))
    return messages


def test_a_job_is_sent_after_commit_with_ids_only(
    instance: IntegrationInstance, sent: list[list[Any]], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = jobs.enqueue(JobKind.SYNC, instance)
        assert sent == []
    assert sent == [["hi.tasks.sync.sync_entities", str(job.pk), 0]]


def test_a_second_request_joins_the_waiting_one(instance: IntegrationInstance) -> None:
    first = jobs.enqueue(JobKind.SYNC, instance)
    second = jobs.enqueue(JobKind.SYNC, instance, trigger=JobTrigger.SCHEDULE, arguments={"approved_repair": 7})
    assert first.pk == second.pk
    assert Job.objects.get().arguments == {"approved_repair": 7}


def test_a_job_whose_integration_goes_while_it_runs_says_so(instance: IntegrationInstance) -> None:
    run = JobRun.claim(str(jobs.enqueue(JobKind.SYNC, instance).pk), 0)
    IntegrationInstance.objects.all().delete()
    assert run is not None
    with pytest.raises(exceptions.IntegrationError, match="deleted"):
        _ = run.instance


def test_a_claim_is_one_statement(instance: IntegrationInstance, django_assert_num_queries: Any) -> None:
    job = jobs.enqueue(JobKind.SYNC, instance)
    with django_assert_num_queries(1):
        run = JobRun.claim(str(job.pk), 0, "worker@here")
    assert run is not None
    assert (run.job.status, run.job.attempt, run.job.worker) == (JobStatus.RUNNING, 1, "worker@here")
    assert run.job == Job.objects.get()


def test_a_request_while_one_runs_is_a_job_of_its_own(instance: IntegrationInstance) -> None:
    first = jobs.enqueue(JobKind.SYNC, instance)
    assert JobRun.claim(str(first.pk), 0)
    assert jobs.enqueue(JobKind.SYNC, instance).pk != first.pk


def fail(_run: JobRun) -> str:
    raise exceptions.ConnectionError("It does not answer.", hint="Switch it on.")


def test_a_message_delivered_twice_runs_once(instance: IntegrationInstance) -> None:
    job = jobs.enqueue(JobKind.SYNC, instance)
    done = []
    for _delivery in range(2):
        run_job(str(job.pk), 0, lambda run: done.append(run.job.pk) or "Done.")
    assert done == [job.pk]
    job.refresh_from_db()
    assert (job.status, job.attempt, job.message) == (JobStatus.SUCCEEDED, 1, "Done.")


def test_a_cancelled_job_does_not_begin(instance: IntegrationInstance) -> None:
    job = jobs.enqueue(JobKind.SYNC, instance)
    jobs.cancel_waiting(instance.pk, reason="Not wanted.")
    assert JobRun.claim(str(job.pk), 0) is None


def test_a_failure_tells_people_why_and_operators_where(instance: IntegrationInstance) -> None:
    job = jobs.enqueue(JobKind.SYNC, instance)
    run_job(str(job.pk), 0, fail)
    job.refresh_from_db()
    assert (job.status, job.message, job.hint) == (JobStatus.FAILED, "It does not answer.", "Switch it on.")
    assert "Traceback" in job.error


def test_a_job_keeps_the_tail_of_its_log_over_all_attempts(instance: IntegrationInstance) -> None:
    job = jobs.enqueue(JobKind.SYNC, instance, trigger=JobTrigger.USER)
    run_job(str(job.pk), 0, fail)
    Job.objects.update(run_after=timezone.now())
    run_job(str(job.pk), 1, lambda _run: "Done.")
    job.refresh_from_db()
    told = "\n".join(job.log)
    assert "begins, attempt 1" in told
    assert "failed: It does not answer." in told
    assert "is done: Done." in told


def test_a_fault_of_ours_shows_no_internals_to_people(instance: IntegrationInstance) -> None:
    job = jobs.enqueue(JobKind.SYNC, instance)
    run_job(str(job.pk), 0, lambda _run: str(1 / 0))
    job.refresh_from_db()
    assert job.status == JobStatus.FAILED
    assert "division" not in job.message
    assert "ZeroDivisionError" in job.error


def test_steps_tell_what_they_found_and_a_failed_one_why(instance: IntegrationInstance) -> None:
    job = jobs.enqueue(JobKind.TEST_CONNECTION, instance)

    def work(run: JobRun) -> str:
        run.step("Reach", lambda: "port 8123 answers")
        run.step("Sign in", refuse)
        return "unreachable"

    def refuse() -> str:
        raise exceptions.AuthenticationError("refused", hint="Make a new token.", field="token")

    run_job(str(job.pk), 0, work)
    job.refresh_from_db()
    assert [(step["name"], step["status"], step["message"], step["hint"]) for step in job.steps] == [
        ("Reach", "ok", "port 8123 answers", ""),
        ("Sign in", "failed", "refused", "Make a new token."),
    ]


def test_a_late_thread_cannot_write_to_a_job_that_was_given_up(instance: IntegrationInstance) -> None:
    job = jobs.enqueue(JobKind.SYNC, instance)
    run = JobRun.claim(str(job.pk), 0)
    assert run is not None
    Job.objects.update(status=JobStatus.LOST)
    run.succeed("I was only slow.")
    job.refresh_from_db()
    assert job.status == JobStatus.LOST


# Back to the queue


@pytest.mark.parametrize("trigger", [JobTrigger.USER, JobTrigger.SOURCE])
def test_what_may_pass_is_tried_again_later(instance: IntegrationInstance, trigger: JobTrigger) -> None:
    job = jobs.enqueue(JobKind.SYNC, instance, trigger=trigger)
    for tries in range(1, MAX_TRIES):
        run_job(str(job.pk), job.attempt, fail)
        job.refresh_from_db()
        assert (job.status, job.tries, job.hint) == (JobStatus.QUEUED, tries, "Switch it on.")
        assert f"Trying again ({tries + 1} of {MAX_TRIES})" in job.message
        assert job.run_after > timezone.now() - timedelta(seconds=1)
        Job.objects.update(run_after=timezone.now())
    run_job(str(job.pk), job.attempt, fail)
    job.refresh_from_db()
    assert (job.status, job.attempt) == (JobStatus.FAILED, MAX_TRIES)


@pytest.mark.parametrize(
    ("kind", "trigger"), [(JobKind.SYNC, JobTrigger.SCHEDULE), (JobKind.TEST_CONNECTION, JobTrigger.USER)]
)
def test_a_scheduled_sync_and_a_test_are_not_tried_again(
    instance: IntegrationInstance, kind: JobKind, trigger: JobTrigger
) -> None:
    job = jobs.enqueue(kind, instance, trigger=trigger)
    run_job(str(job.pk), 0, fail)
    job.refresh_from_db()
    assert job.status == JobStatus.FAILED


def test_a_job_that_waits_for_its_time_is_not_claimed(instance: IntegrationInstance) -> None:
    job = jobs.enqueue(JobKind.SYNC, instance)
    Job.objects.update(run_after=timezone.now() + timedelta(seconds=30))
    assert JobRun.claim(str(job.pk), 0) is None


def test_a_source_that_always_has_news_is_read_at_a_pace(instance: IntegrationInstance) -> None:
    instance.last_sync_at = timezone.now()
    job = jobs.enqueue(JobKind.SYNC, instance, trigger=JobTrigger.SOURCE)
    assert job.run_after is not None
    assert job.run_after > timezone.now() + timedelta(seconds=jobs.SOURCE_PAUSE_SECONDS - 1)
    joined = jobs.enqueue(JobKind.SYNC, instance, trigger=JobTrigger.USER)
    assert joined.pk == job.pk
    assert joined.run_after is None  # a person does not wait for that
    assert joined.trigger == JobTrigger.USER


def test_long_work_goes_on_where_it_was(instance: IntegrationInstance, sent: list[list[Any]]) -> None:
    job = jobs.enqueue(JobKind.DELETE, instance)
    seen = []

    def work(run: JobRun) -> str:
        seen.append(run.job.checkpoint.get("at", 0))
        if seen[-1] < 2:
            raise WorkPaused({"at": seen[-1] + 1}, "Half of it is done.")
        return "All of it is done."

    for _shift in range(3):
        job.refresh_from_db()
        run_job(str(job.pk), job.attempt, work)
    job.refresh_from_db()
    assert seen == [0, 1, 2]
    assert (job.status, job.message, job.losses) == (JobStatus.SUCCEEDED, "All of it is done.", 0)
    assert [message[2] for message in sent] == [1, 2]  # the next attempts, sent at once


def test_a_worker_that_stops_gives_its_jobs_back(instance: IntegrationInstance) -> None:
    job = jobs.enqueue(JobKind.SYNC, instance)
    late = JobRun.claim(str(job.pk), 0)
    assert late is not None
    leases.acquire(instance.pk, LeaseRole.SYNC, str(job.pk), 300)
    assert late.give_back("Stopped.")
    job.refresh_from_db()
    assert (job.status, job.losses) == (JobStatus.QUEUED, 0)
    assert not Lease.objects.exists()
    assert not late.succeed("I was only slow.")
    assert JobRun.claim(str(job.pk), job.attempt)


def test_a_lost_job_whose_kind_waits_already_leaves_the_work_to_that(instance: IntegrationInstance) -> None:
    first = jobs.enqueue(JobKind.SYNC, instance, trigger=JobTrigger.USER, arguments={"approved": [["entity", "lamp"]]})
    run = JobRun.claim(str(first.pk), 0)
    assert run is not None
    second = jobs.enqueue(JobKind.SYNC, instance, trigger=JobTrigger.SOURCE)
    run.give_back("Stopped.")
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.status == JobStatus.CANCELLED
    assert (second.trigger, second.arguments) == (JobTrigger.USER, {"approved": [["entity", "lamp"]]})
    assert JobRun.claim(str(second.pk), 0)


def test_slots_go_along_with_the_work_and_are_counted_once(instance: IntegrationInstance) -> None:
    moment = timezone.now().replace(microsecond=0)
    slots = [jobs.Slot(moment + timedelta(seconds=60 * number), 60, missed=number) for number in range(2)]
    first = jobs.enqueue(JobKind.SYNC, instance, trigger=JobTrigger.SCHEDULE, slot=slots[0])
    run = JobRun.claim(str(first.pk), 0)
    assert run is not None
    second = jobs.enqueue(JobKind.SYNC, instance, trigger=JobTrigger.SCHEDULE, slot=slots[1])
    run.give_back("Stopped.")
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, first.slot_at, first.slots) == (JobStatus.CANCELLED, None, 0)
    assert (second.slot_at, second.slots, second.slots_missed) == (slots[1].at, 2, 1)


@pytest.mark.database(transaction=True)
def test_a_database_that_went_away_costs_an_attempt_not_the_job(instance: IntegrationInstance) -> None:
    job = jobs.enqueue(JobKind.SYNC, instance)

    def work(_run: JobRun) -> str:
        raise OperationalError("the connection is closed")

    run_job(str(job.pk), 0, work)
    job.refresh_from_db()
    assert (job.status, job.losses) == (JobStatus.QUEUED, 1)


def test_a_late_thread_does_not_take_its_successor_out_of_care(instance: IntegrationInstance) -> None:
    job = jobs.enqueue(JobKind.SYNC, instance)
    late = JobRun.claim(str(job.pk), 0)
    assert late is not None
    with at_work(late):
        late.give_back("It was frozen.")
        successor = JobRun.claim(str(job.pk), 1)
        assert successor is not None
        care = at_work(successor)
        care.__enter__()
    assert list_at_work() == [successor]
    care.__exit__(None, None, None)


def test_a_sync_that_crashes_is_seen_on_its_integration(instance: IntegrationInstance) -> None:
    job = jobs.enqueue(JobKind.SYNC, instance, trigger=JobTrigger.SCHEDULE)
    run_job(str(job.pk), 0, lambda _run: str(1 / 0))
    instance.refresh_from_db()
    assert instance.sync_error == "hi met an unexpected error; the details are with the job."
    assert SyncRun.objects.get().outcome == RunOutcome.FAILED


def test_work_that_lasts_too_long_fails_alone(instance: IntegrationInstance) -> None:
    job = jobs.enqueue(JobKind.SYNC, instance, trigger=JobTrigger.SCHEDULE)

    def work(run: JobRun) -> str:
        run.begun_at -= 241
        run.progress(1, 2)
        return "Done."

    run_job(str(job.pk), 0, work)
    job.refresh_from_db()
    assert (job.status, job.message) == (JobStatus.FAILED, "It took longer than 4 minutes, so hi gave up.")


def test_a_job_that_is_tried_again_waited_since_it_was_due_then(instance: IntegrationInstance) -> None:
    now = timezone.now()
    job = Job(instance=instance, created_at=now - timedelta(minutes=1), run_after=now - timedelta(seconds=3))
    job.started_at = now
    assert job.wait(now) == timedelta(seconds=3)


# One at a time


@pytest.mark.database(transaction=True)
@pytest.mark.parametrize("kind", [JobKind.SYNC, JobKind.TEST_CONNECTION])
def test_one_instance_never_keeps_two_workers(
    kind: JobKind, instance: IntegrationInstance, sent: list[list[Any]]
) -> None:
    first = jobs.enqueue(kind, instance)
    second: list[Job] = []

    def work(_run: JobRun) -> str:
        second.append(jobs.enqueue(kind, instance))
        assert JobRun.claim(str(second[0].pk), 0) is None
        sent.clear()
        return "Done."

    run_job(str(first.pk), 0, work)
    assert [message[1] for message in sent] == [str(second[0].pk)]  # the end of the first sends the second
    assert JobRun.claim(str(second[0].pk), 0)


def test_another_instance_does_not_wait(instance: IntegrationInstance) -> None:
    assert JobRun.claim(str(jobs.enqueue(JobKind.SYNC, instance).pk), 0)
    assert JobRun.claim(str(jobs.enqueue(JobKind.SYNC, make_instance(label="Cabin")).pk), 0)


# Cancelling


def test_cancelling_ends_a_job_at_work_and_its_thread_writes_nothing(instance: IntegrationInstance) -> None:
    job = jobs.enqueue(JobKind.SYNC, instance)
    run = JobRun.claim(str(job.pk), 0)
    assert run is not None
    lease = leases.acquire(instance.pk, LeaseRole.SYNC, str(job.pk), 300)
    assert lease is not None
    assert operations.cancel(job)
    with pytest.raises(exceptions.JobEndedError):
        run.progress(1, 1)
    with pytest.raises(exceptions.LeaseLostError):
        leases.check_held(lease)
    assert not run.succeed("I was only slow.")
    job.refresh_from_db()
    assert job.status == JobStatus.CANCELLED
    assert not operations.cancel(job)  # it has ended


def test_a_cancelled_activation_leaves_the_integration_off() -> None:
    instance = make_instance(status=IntegrationStatus.ACTIVATING)
    job = jobs.enqueue(JobKind.ACTIVATE, instance)
    run_job(str(job.pk), 0, lambda run: str(operations.cancel(run.job)))
    instance.refresh_from_db()
    job.refresh_from_db()
    assert (instance.status, instance.desired_state) == (IntegrationStatus.INACTIVE, DesiredState.INACTIVE)
    assert job.status == JobStatus.CANCELLED


def test_what_failed_for_an_integration_needs_no_look_once_that_is_deleted(instance: IntegrationInstance) -> None:
    failed = JobFactory(instance=instance, status=JobStatus.FAILED)
    operations.delete(instance)
    failed.refresh_from_db()
    assert failed.acknowledged_at is not None


def test_a_deletion_cannot_be_cancelled(instance: IntegrationInstance) -> None:
    job = operations.delete(instance)
    assert not operations.can_cancel(job)
    assert not operations.cancel(job)


# The sweep


@pytest.mark.usefixtures("redis_url")
def test_the_sweep_sends_again_what_nobody_claimed(instance: IntegrationInstance, sent: list[list[Any]]) -> None:
    old = timezone.now() - timedelta(minutes=5)
    never_sent = jobs.enqueue(JobKind.SYNC, instance)
    message_lost = jobs.enqueue(JobKind.TEST_CONNECTION, instance)
    just_sent = jobs.enqueue(JobKind.ACTIVATE, instance)
    not_yet = jobs.enqueue(JobKind.DELETE, instance)
    Job.objects.update(created_at=old)
    Job.objects.filter(pk=message_lost.pk).update(sent_at=old)
    Job.objects.filter(pk=just_sent.pk).update(sent_at=timezone.now())
    Job.objects.filter(pk=not_yet.pk).update(run_after=timezone.now() + timedelta(minutes=1))
    Sweeping().sweep()
    assert {message[1] for message in sent} == {str(never_sent.pk), str(message_lost.pk)}


def test_a_full_queue_is_not_filled_further(
    instance: IntegrationInstance, redis_url: str, sent: list[list[Any]]
) -> None:
    jobs.enqueue(JobKind.SYNC, instance)
    Job.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    with redis.Redis.from_url(redis_url) as client:
        client.rpush("sync", *["message"] * sweep.MAX_QUEUE)
        sweeping = Sweeping()
        sweeping.sweep()
        assert sent == []
        client.lpop("sync")
        sweeping.sweep()
    assert len(sent) == 1


def test_a_job_whose_worker_died_is_repeated_twice_and_then_lost(sent: list[list[Any]]) -> None:
    instance = make_instance(status=IntegrationStatus.ACTIVATING)
    job = jobs.enqueue(JobKind.ACTIVATE, instance)
    sweeping = Sweeping()
    for losses in (1, 2, 3):
        job.refresh_from_db()
        assert (job.run_after is not None) == (losses == 3)  # apart from those it ran beside
        Job.objects.update(run_after=None)
        assert JobRun.claim(str(job.pk), job.attempt)
        leases.acquire(instance.pk, LeaseRole.SYNC, str(job.pk), 300)
        sweeping.sweep()
        sweeping.sweep(after=15)
        Job.objects.update(heartbeat_at=timezone.now())
        sweeping.sweep(after=15)  # it beats
        job.refresh_from_db()
        assert job.status == JobStatus.RUNNING
        sweeping.sweep(after=25)
        job.refresh_from_db()
        instance.refresh_from_db()
        assert job.losses == losses
        assert not Lease.objects.exists()
        assert job.status == (JobStatus.LOST if losses == 3 else JobStatus.QUEUED)
        assert instance.status == (IntegrationStatus.FAILED if losses == 3 else IntegrationStatus.ACTIVATING)


def test_an_outage_of_the_database_is_nobodys_death(instance: IntegrationInstance) -> None:
    job = jobs.enqueue(JobKind.SYNC, instance)
    assert JobRun.claim(str(job.pk), 0)
    now = 0.0
    sweeper = sweep.Sweeper(lambda: now)
    leading = leadership.Candidate("beat", "me", 15).lead()
    assert leading is not None
    sweeper.sweep(leading)
    now += 60  # nobody could look, and nobody could beat
    sweeper.sweep(leading)
    job.refresh_from_db()
    assert job.status == JobStatus.RUNNING


@pytest.mark.parametrize("status", [IntegrationStatus.ACTIVATING, IntegrationStatus.DEACTIVATING])
def test_an_instance_whose_job_ended_without_a_word_is_not_left_between_two(status: IntegrationStatus) -> None:
    instance = make_instance(status=status)
    kind = JobKind.ACTIVATE if status == IntegrationStatus.ACTIVATING else JobKind.DEACTIVATE
    jobs.enqueue(kind, instance)
    sweeping = Sweeping()
    sweeping.sweep()
    instance.refresh_from_db()
    assert instance.status == status
    Job.objects.update(status=JobStatus.FAILED)
    sweeping.sweep()
    instance.refresh_from_db()
    assert instance.status == IntegrationStatus.FAILED


def test_one_part_of_the_sweep_that_fails_hides_no_other(
    instance: IntegrationInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    Process.objects.create(name="old@here", role="worker", pid=1, seen_at=timezone.now() - timedelta(hours=1))
    monkeypatch.setattr("hi.integration.trouble.fail_abandoned", lambda: 1 / 0)
    Sweeping().sweep()
    assert not Process.objects.exists()


def test_a_schedules_backlog_expires(instance: IntegrationInstance) -> None:
    slot = jobs.Slot(timezone.now(), 60)
    job = jobs.enqueue(JobKind.SYNC, instance, trigger=JobTrigger.SCHEDULE, slot=slot)
    Job.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    Sweeping().sweep()
    assert JobRun.claim(str(job.pk), 0) is None
    job.refresh_from_db()
    assert job.status == JobStatus.CANCELLED


def test_a_dead_broker_loses_no_job_and_raises_nothing(
    instance: IntegrationInstance, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    from hi.celery import app

    with app.connection() as connection:
        monkeypatch.setattr(app.amqp, "_producer_pool", None)
        monkeypatch.setattr(app.conf, "broker_url", "redis://127.0.0.1:1/0")
        del connection
        with django_capture_on_commit_callbacks(execute=True):
            job = jobs.enqueue(JobKind.SYNC, instance)
    job.refresh_from_db()
    assert (job.status, job.sent_at) == (JobStatus.QUEUED, None)
