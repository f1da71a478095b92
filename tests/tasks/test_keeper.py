"""What a process says of itself, and how it notices that it is of no use any more."""

from typing import Any

import pytest
import redis
from celery import current_app
from celery.utils.nodenames import worker_direct

from hi.integration import jobs, processes
from hi.integration.enums import JobKind, JobStatus, ProcessRole
from hi.integration.health import recent
from hi.integration.job_run import JobRun, at_work
from hi.integration.models import Job, Process
from hi.tasks import keeper as keeper_module
from hi.tasks.keeper import Keeper
from tests.integration.home import make_instance

pytestmark = pytest.mark.database
NAME = "worker@here"


class Ended(Exception):
    """Instead of the end of the process that runs the tests."""


class Kept(Keeper):
    def _end_process(self) -> None:
        self.give_back()
        raise Ended


@pytest.fixture
def keeper() -> Keeper:
    processes.enlist(NAME, ProcessRole.WORKER, slots=2)
    return Kept(ProcessRole.WORKER, NAME, slots=2)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(keeper_module.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def broker(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> redis.Redis:
    """A broker that takes messages, with nobody behind it."""
    monkeypatch.setattr(current_app.amqp, "_producer_pool", None)
    monkeypatch.setattr(current_app.conf, "broker_url", redis_url.replace("unix://", "redis+socket://"))
    return redis.Redis.from_url(redis_url)


def call(keeper: Keeper, clock: list[float]) -> None:
    keeper._call_itself()
    clock[0] += keeper_module.CANARY_SECONDS


def test_a_worker_that_hears_its_canaries_stays(keeper: Keeper, clock: list[float], broker: redis.Redis) -> None:
    for _minute in range(10):
        call(keeper, clock)
        processes.record_heard(NAME)
    assert broker.llen(worker_direct(NAME).name) == 10


def test_a_deaf_worker_ends(keeper: Keeper, clock: list[float], broker: redis.Redis) -> None:
    for _minute in range(3):
        call(keeper, clock)
    with pytest.raises(Ended):
        call(keeper, clock)


def test_a_worker_without_a_free_hand_is_not_deaf(keeper: Keeper, clock: list[float], broker: redis.Redis) -> None:
    runs = [claim("House"), claim("Cabin")]
    with at_work(runs[0]), at_work(runs[1]):
        for _minute in range(10):
            call(keeper, clock)
    assert broker.llen(worker_direct(NAME).name) == 10


def test_nobody_is_deaf_while_redis_is_away(keeper: Keeper, clock: list[float], monkeypatch: Any) -> None:
    monkeypatch.setattr(current_app.amqp, "_producer_pool", None)
    monkeypatch.setattr(current_app.conf, "broker_url", "redis://127.0.0.1:1/0")
    for _minute in range(5):
        call(keeper, clock)


def test_what_the_process_before_it_was_at_work_on_is_repeated_at_once(keeper: Keeper) -> None:
    job = claim("House").job
    Keeper(ProcessRole.WORKER, NAME, slots=2).inherit()
    job.refresh_from_db()
    assert (job.status, job.losses) == (JobStatus.QUEUED, 1)


def test_a_row_that_was_forgotten_is_written_again(keeper: Keeper) -> None:
    Process.objects.all().delete()
    keeper._tell()
    assert Process.objects.get().name == NAME


def test_who_has_said_goodbye_does_not_come_back(keeper: Keeper) -> None:
    keeper._ended.set()
    processes.withdraw(NAME)
    keeper._tell()
    assert not Process.objects.exists()


def test_the_web_process_looks_how_hi_is_once_the_others_had_time_to_begin(clock: list[float], redis_url: str) -> None:
    web = Keeper(ProcessRole.WEB, "web@here")
    recent.remember(())
    web._look()
    assert recent.list_troubles() == ()
    clock[0] += keeper_module.STARTING_SECONDS + 1
    web._look()
    assert "Processes" in {finding.subject for finding in recent.list_troubles()}  # nothing of hi runs beside a test
    recent.remember(())


def claim(label: str) -> JobRun:
    job = jobs.enqueue(JobKind.SYNC, make_instance(label=label))
    run = JobRun.claim(str(job.pk), 0, NAME)
    assert run is not None
    assert Job.objects.get(pk=job.pk).worker == NAME
    return run
