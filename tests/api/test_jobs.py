from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from hi.integration.enums import JobKind, JobStatus, JobTrigger
from tests.api.world import NOON, ROOT, make_instance, make_job, read_pages

pytestmark = pytest.mark.database


def test_a_job_tells_how_it_went(api: Client) -> None:
    instance = make_instance()
    step = {"name": "Connect", "status": "failed", "message": "No answer.", "hint": "Is it on?", "milliseconds": 12}
    job = make_job(
        instance,
        kind=JobKind.ACTIVATE,
        status=JobStatus.FAILED,
        trigger=JobTrigger.SCHEDULE,
        created_at=NOON,
        run_after=NOON,
        attempt=2,
        losses=1,
        worker="worker@attic",
        slot_at=NOON,
        slots=1,
        trace="abc",
        started_at=NOON + timedelta(seconds=1),
        ended_at=NOON + timedelta(seconds=2),
        phase="Connect",
        done=1,
        total=7,
        message="No answer.",
        hint="Is it on?",
        steps=[step],
        result={"synced": 0},
    )
    told = api.get(f"{ROOT}/jobs/{job.pk}").json()
    assert told == {
        "id": str(job.pk),
        "kind": "activate",
        "subject": "House",
        "integration_id": instance.pk,
        "status": "FAILED",
        "trigger": "schedule",
        "created_at": "2026-11-23T12:00:00.000000Z",
        "run_after": "2026-11-23T12:00:00.000000Z",
        "started_at": "2026-11-23T12:00:01.000000Z",
        "ended_at": "2026-11-23T12:00:02.000000Z",
        "wait_seconds": 1.0,
        "run_seconds": 1.0,
        "acknowledged_at": None,
        "attempt": 2,
        "tries": 0,
        "losses": 1,
        "worker": "worker@attic",
        "slot_at": "2026-11-23T12:00:00.000000Z",
        "slots": 1,
        "slots_missed": 0,
        "trace": "abc",
        "phase": "Connect",
        "done": 1,
        "total": 7,
        "message": "No answer.",
        "hint": "Is it on?",
        "steps": [step],
        "result": {"synced": 0},
    }
    assert api.get(f"{ROOT}/jobs").json() == {"items": [told], "next": None}


def test_neither_traceback_nor_arguments_get_out(api: Client) -> None:
    job = make_job(error="Traceback canary", arguments={"canary": 1})
    assert b"canary" not in api.get(f"{ROOT}/jobs/{job.pk}").content
    assert b"canary" not in api.get(f"{ROOT}/jobs").content


def test_a_job_outlives_the_integration_it_deleted(api: Client) -> None:
    instance = make_instance()
    job = make_job(instance, kind=JobKind.DELETE)
    instance.delete()
    told = api.get(f"{ROOT}/jobs/{job.pk}").json()
    assert (told["subject"], told["integration_id"]) == ("House", None)


def test_the_newest_come_first_and_pages_have_no_holes_or_doubles(api: Client) -> None:
    # Three moments for ten jobs, one of them on the full second: ties, and text of different length in SQLite.
    moments = [NOON + timedelta(microseconds=[0, 1, 999_999][number % 3]) for number in range(10)]
    jobs = [make_job(created_at=moment, id=UUID(int=97 * (11 - i))) for i, moment in enumerate(moments)]
    expected = [str(job.pk) for job in sorted(jobs, key=lambda job: (NOON - job.created_at, job.pk))]
    for limit in (1, 3, 5, 10):
        pages = list(read_pages(api, "/jobs", limit=limit))
        assert [item["id"] for page in pages for item in page] == expected
        assert all(pages)


def test_a_job_that_comes_between_two_pages_repeats_no_other(api: Client) -> None:
    jobs = [make_job(created_at=NOON - timedelta(minutes=number)) for number in range(5)]
    pages = read_pages(api, "/jobs", limit=2)
    next(pages)
    make_job(created_at=NOON + timedelta(minutes=1))
    assert [item["id"] for page in pages for item in page] == [str(job.pk) for job in jobs[2:]]


def test_jobs_are_found_by_status_and_integration(api: Client) -> None:
    house = make_instance("House")
    failed = make_job(house, status=JobStatus.FAILED)
    make_job(house)
    make_job(make_instance("Cabin"), status=JobStatus.FAILED)
    items = api.get(f"{ROOT}/jobs", {"status": "FAILED", "integration": str(house.pk)}).json()["items"]
    assert [item["id"] for item in items] == [str(failed.pk)]
    assert len(api.get(f"{ROOT}/jobs", {"integration": house.pk}).json()["items"]) == 2
    assert len(api.get(f"{ROOT}/jobs", {"status": "FAILED"}).json()["items"]) == 2


def test_jobs_are_found_by_kind_trigger_moment_and_need(api: Client) -> None:
    house = make_instance()
    wanted = make_job(house, status=JobStatus.LOST, trigger=JobTrigger.SOURCE, created_at=NOON)
    make_job(house, status=JobStatus.LOST, trigger=JobTrigger.SOURCE, created_at=NOON - timedelta(seconds=1))
    make_job(house, status=JobStatus.LOST, trigger=JobTrigger.SOURCE, created_at=NOON, acknowledged_at=NOON)
    make_job(house, status=JobStatus.LOST, trigger=JobTrigger.USER, created_at=NOON)
    make_job(house, status=JobStatus.LOST, trigger=JobTrigger.SOURCE, kind=JobKind.DELETE, created_at=NOON)
    query = {"kind": "sync", "trigger": "source", "needs_look": "true", "since": "2026-11-23T13:00:00+01:00"}
    assert [item["id"] for item in api.get(f"{ROOT}/jobs", query).json()["items"]] == [str(wanted.pk)]


def test_cancelling_ends_a_job_once(api: Client) -> None:
    job = make_job(make_instance(), status=JobStatus.RUNNING)
    answer = api.post(f"{ROOT}/jobs/{job.pk}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "CANCELLED")
    again = api.post(f"{ROOT}/jobs/{job.pk}/cancel")
    assert (again.status_code, again.headers["Content-Type"]) == (409, "application/problem+json")
    assert "ended already" in again.json()["detail"]


def test_some_kinds_of_job_are_not_cancelled(api: Client) -> None:
    job = make_job(make_instance(), kind=JobKind.DELETE, status=JobStatus.RUNNING)
    answer = api.post(f"{ROOT}/jobs/{job.pk}/cancel")
    assert answer.status_code == 409
    assert "delete" in answer.json()["detail"]


def test_failures_are_acknowledged_by_filter_or_by_id(api: Client) -> None:
    house, cabin = make_instance("House"), make_instance("Cabin")
    jobs = [make_job(house, status=JobStatus.FAILED) for _ in range(2)] + [make_job(cabin, status=JobStatus.LOST)]
    url = f"{ROOT}/jobs/acknowledge"
    made = api.post(url, {"ids": [str(jobs[0].pk)]}, content_type="application/json").json()
    assert made["acknowledged"] == 1
    assert api.get(f"{ROOT}/jobs/{jobs[0].pk}").json()["acknowledged_at"] == made["acknowledged_at"]
    assert api.post(url, {"integration": house.pk}, content_type="application/json").json()["acknowledged"] == 1
    left = api.get(f"{ROOT}/jobs", {"needs_look": "true"}).json()["items"]
    assert [item["id"] for item in left] == [str(jobs[2].pk)]
