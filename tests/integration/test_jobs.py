"""Jobs: the row is the truth, the message a hint."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from hi.integration import exceptions, jobs, leases, sweep
from hi.integration.enums import IntegrationStatus, JobKind, JobStatus, JobTrigger, LeaseRole
from hi.integration.job_run import JobRun
from hi.integration.models import IntegrationInstance, Job, Lease
from hi.tasks.base import run_job
from tests.integration.home import make_instance

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


def test_a_request_while_one_runs_is_a_job_of_its_own(instance: IntegrationInstance) -> None:
    first = jobs.enqueue(JobKind.SYNC, instance)
    assert JobRun.claim(str(first.pk), 0)
    assert jobs.enqueue(JobKind.SYNC, instance).pk != first.pk


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

    def fail(_run: JobRun) -> str:
        raise exceptions.ConnectionError("It does not answer.", hint="Switch it on.")

    run_job(str(job.pk), 0, fail)
    job.refresh_from_db()
    assert (job.status, job.message, job.hint) == (JobStatus.FAILED, "It does not answer.", "Switch it on.")
    assert "Traceback" in job.error


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


def test_the_sweep_sends_again_what_nobody_claimed(instance: IntegrationInstance, sent: list[list[Any]]) -> None:
    old = timezone.now() - timedelta(minutes=5)
    never_sent = jobs.enqueue(JobKind.SYNC, instance)
    message_lost = jobs.enqueue(JobKind.TEST_CONNECTION, instance)
    just_sent = jobs.enqueue(JobKind.ACTIVATE, instance)
    Job.objects.update(created_at=old)
    Job.objects.filter(pk=message_lost.pk).update(sent_at=old)
    Job.objects.filter(pk=just_sent.pk).update(sent_at=timezone.now())
    sweep.sweep()
    assert {message[1] for message in sent} == {str(never_sent.pk), str(message_lost.pk)}


def test_the_sweep_ends_a_job_whose_worker_died_and_frees_what_it_held(instance: IntegrationInstance) -> None:
    instance = make_instance(status=IntegrationStatus.ACTIVATING)
    job = jobs.enqueue(JobKind.ACTIVATE, instance)
    assert JobRun.claim(str(job.pk), 0)
    leases.acquire(instance.pk, LeaseRole.SYNC, str(job.pk), 300)
    sweep.sweep()
    job.refresh_from_db()
    assert job.status == JobStatus.RUNNING
    Job.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=5))
    sweep.sweep()
    job.refresh_from_db()
    instance.refresh_from_db()
    assert job.status == JobStatus.LOST
    assert instance.status == IntegrationStatus.FAILED
    assert not Lease.objects.exists()


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
