"""Slots become jobs: each once, whoever asks and whatever the clock does."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db.models import F
from django.utils import timezone

from hi.integration import exceptions, jobs, leadership, quiet, schedules
from hi.integration.core.slots import slot_at
from hi.integration.enums import BreakerState, DesiredState, IntegrationStatus, JobKind, JobStatus, JobTrigger
from hi.integration.job_run import JobRun
from hi.integration.models import IntegrationInstance, Job, Leadership
from tests.integration.home import make_instance

pytestmark = pytest.mark.database
INTERVAL = 60
NOON = datetime.fromisoformat("2026-11-23T12:00:00+00:00")


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def leading(clock: Any) -> leadership.Leading:
    leading = leadership.Candidate("beat", "me", 15).lead()
    assert leading is not None
    return leading


def scheduled(**columns: Any) -> IntegrationInstance:
    instance = make_instance(sync_interval_seconds=INTERVAL, **columns)
    schedules.schedule(instance)
    return instance


def work_off() -> None:
    for job in Job.objects.filter(status=JobStatus.QUEUED):
        run = JobRun.claim(str(job.pk), job.attempt)
        assert run is not None
        run.succeed("Done.")


def test_a_slot_starts_one_job_however_often_it_is_asked_for(clock: Any, leading: leadership.Leading) -> None:
    instance = scheduled()
    assert schedules.run_slot(instance.pk, leading) is None  # activating has just synced: this slot is done
    clock.move_to(slot_at(NOON, INTERVAL, instance.pk))
    for _minute in range(3):
        clock.shift(INTERVAL)
        job = schedules.run_slot(instance.pk, leading)
        assert job is not None
        assert (job.trigger, job.slots, job.slots_missed) == (JobTrigger.SCHEDULE, 1, 0)
        work_off()
        clock.shift(INTERVAL - 1)
        assert schedules.run_slot(instance.pk, leading) is None
        clock.shift(1 - INTERVAL)
    assert len(set(Job.objects.values_list("slot_at", flat=True))) == 3


def test_slots_that_nobody_ran_are_counted_not_repeated(clock: Any, leading: leadership.Leading) -> None:
    instance = scheduled()
    clock.shift(INTERVAL * 5)
    job = schedules.run_slot(instance.pk, leading)
    assert job is not None
    assert (job.slots, job.slots_missed) == (1, 4)
    assert Job.objects.count() == 1


def test_an_hour_without_a_worker_leaves_one_job(clock: Any, leading: leadership.Leading) -> None:
    instances = [scheduled(label=f"House {number}") for number in range(8)]
    for _minute in range(60):
        clock.shift(INTERVAL)
        for instance in instances:
            schedules.run_slot(instance.pk, leading)
    assert Job.objects.count() == len(instances)
    assert set(Job.objects.values_list("slots", "slots_missed", "status")) == {(60, 0, JobStatus.QUEUED)}
    work_off()  # none has expired: each slot that joined made it young again
    assert set(Job.objects.values_list("status", flat=True)) == {JobStatus.SUCCEEDED}


def test_a_slot_during_an_open_breaker_starts_nothing_and_is_counted(clock: Any, leading: leadership.Leading) -> None:
    instance = scheduled(breaker_state=BreakerState.OPEN, breaker_opened_at=NOON + timedelta(seconds=90))
    clock.shift(INTERVAL * 2)
    assert schedules.run_slot(instance.pk, leading) is None
    clock.shift(INTERVAL)
    job = schedules.run_slot(instance.pk, leading)
    assert job is not None
    assert job.slots_missed == 2


def test_a_slot_while_the_system_wants_to_be_left_alone_starts_nothing_and_is_counted(
    clock: Any, leading: leadership.Leading
) -> None:
    instance = scheduled()
    clock.move_to(slot_at(NOON, INTERVAL, instance.pk))
    clock.shift(INTERVAL)
    asked = schedules.run_slot(instance.pk, leading)
    assert asked is not None
    run = JobRun.claim(str(asked.pk), asked.attempt)
    assert run is not None
    run.fail("Asked too often.")
    quiet.leave_alone(instance.pk, 200)
    quiet.leave_alone(instance.pk, 5)  # whoever was told less
    for _slot in range(3):
        clock.shift(INTERVAL)
        assert schedules.run_slot(instance.pk, leading) is None
    assert schedules.next_run_at(instance) == timezone.now() + timedelta(seconds=INTERVAL)
    clock.shift(INTERVAL)
    job = schedules.run_slot(instance.pk, leading)
    assert job is not None
    assert job.slots_missed == 3


def test_what_hi_does_by_itself_waits_for_a_system_that_wants_to_be_left_alone(clock: Any) -> None:
    instance = scheduled(quiet_until=NOON + timedelta(seconds=200))
    retried = jobs.enqueue(JobKind.SYNC, instance, trigger=JobTrigger.SYSTEM)
    assert retried.run_after == instance.quiet_until
    hurried = jobs.enqueue(JobKind.SYNC, instance, trigger=JobTrigger.SOURCE)
    assert (hurried.pk, hurried.run_after) == (retried.pk, instance.quiet_until)
    assert jobs.enqueue(JobKind.SYNC, instance, trigger=JobTrigger.USER).run_after is None


def test_what_waits_when_a_system_wants_to_be_left_alone_goes_on_waiting(clock: Any) -> None:
    waiting, wished = (scheduled(label=label) for label in ("House", "Villa"))
    by_itself = jobs.enqueue(JobKind.SYNC, waiting, trigger=JobTrigger.SOURCE)
    by_a_person = jobs.enqueue(JobKind.SYNC, wished, trigger=JobTrigger.USER)
    for instance in (waiting, wished):
        quiet.leave_alone(instance.pk, 200)
    for job in (by_itself, by_a_person):
        job.refresh_from_db()
    assert (by_itself.run_after, by_a_person.run_after) == (NOON + timedelta(seconds=200), None)


def test_a_wish_to_be_left_alone_ends_with_a_clock_that_is_set_back_and_with_a_stop(
    clock: Any, leading: leadership.Leading
) -> None:
    instance = scheduled()
    quiet.leave_alone(instance.pk, 600)
    clock.shift(-3600)
    assert schedules.run_slot(instance.pk, leading) is not None
    schedules.unschedule(instance.pk)
    instance.refresh_from_db()
    assert instance.quiet_until is None


def test_a_slot_of_an_instance_that_rests_starts_nothing(leading: leadership.Leading) -> None:
    resting = make_instance(status=IntegrationStatus.PAUSED, desired_state=DesiredState.PAUSED)
    assert schedules.run_slot(resting.pk, leading) is None


@pytest.mark.parametrize("step", [timedelta(hours=1), timedelta(hours=-1), timedelta(seconds=-20)])
def test_a_clock_that_is_set_neither_stops_nor_doubles_the_schedule(
    clock: Any, leading: leadership.Leading, step: timedelta
) -> None:
    instance = scheduled()
    clock.shift(INTERVAL)
    assert schedules.run_slot(instance.pk, leading)
    work_off()
    clock.shift(step)
    before = Job.objects.count()
    for _second in range(180):
        schedules.run_slot(instance.pk, leading)
        work_off()
        clock.shift(1)
    assert Job.objects.count() - before in (2, 3, 4)
    next_run = schedules.next_run_at(instance)
    assert next_run is not None
    assert timezone.now() - timedelta(seconds=1) <= next_run <= timezone.now() + timedelta(seconds=INTERVAL)


def test_who_does_not_lead_any_more_starts_nothing(clock: Any, leading: leadership.Leading) -> None:
    instance = scheduled()
    clock.shift(INTERVAL)
    Leadership.objects.update(epoch=F("epoch") + 1)  # another one took over
    with pytest.raises(exceptions.LeaseLostError):
        schedules.run_slot(instance.pk, leading)
    assert not Job.objects.exists()


def test_a_schedule_that_nobody_runs_shows_as_late(clock: Any) -> None:
    instance = scheduled()
    clock.shift(INTERVAL + schedules.LATE_SECONDS + 1)
    next_run = schedules.next_run_at(instance)
    assert next_run is not None
    assert schedules.is_late(next_run)


# Leadership


class Beats:
    """Two candidates that watch each other by one steady clock."""

    def __init__(self) -> None:
        self.now = 0.0
        self.first, self.second = (leadership.Candidate("beat", name, 15, lambda: self.now) for name in ("1", "2"))


def test_one_leads_until_it_is_silent_for_too_long() -> None:
    beats = Beats()
    old = beats.first.lead()
    assert old is not None
    for _second in range(60):
        beats.now += 1
        assert beats.first.lead() == old
        assert beats.second.lead() is None
    for _second in range(14):
        beats.now += 1
        assert beats.second.lead() is None
    beats.now += 6  # the last time it renewed may be five seconds after the other one looked
    new = beats.second.lead()
    assert new is not None
    assert new.epoch == old.epoch + 1
    assert beats.first.lead() is None
    with pytest.raises(exceptions.LeaseLostError):
        leadership.check_still(old)


def test_who_resigns_is_followed_at_once() -> None:
    beats = Beats()
    assert beats.first.lead()
    beats.first.resign()
    assert beats.second.lead()


@pytest.mark.parametrize("hours", [-1, 1])
def test_another_clock_takes_the_lead_from_nobody(hours: int) -> None:
    beats = Beats()
    leading = beats.first.lead()
    for _second in range(60):
        beats.now += 1
        with time_machine.travel(timezone.now() + timedelta(hours=hours)):
            assert beats.second.lead() is None
        assert beats.first.lead() == leading
