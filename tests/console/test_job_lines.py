"""Repeats are told once, and pages of lines have neither holes nor doubles."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hi.console.job_lines import cut, fold
from hi.integration.enums import JobKind, JobStatus, JobTrigger
from hi.integration.models import Job

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
rows = st.lists(
    st.tuples(
        st.sampled_from([JobKind.SYNC, JobKind.ACTIVATE]),
        st.sampled_from([1, 2]),
        st.sampled_from([JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.RUNNING]),
        st.sampled_from([JobTrigger.SCHEDULE, JobTrigger.SOURCE, JobTrigger.USER]),
    ),
    max_size=40,
)


def build(shapes: list[tuple[JobKind, int, JobStatus, JobTrigger]]) -> list[Job]:
    return [
        Job(
            id=UUID(int=number + 1),
            kind=kind,
            instance_id=instance,
            subject=f"House {instance}",
            status=status,
            trigger=trigger,
            created_at=NOON - timedelta(seconds=number),
        )
        for number, (kind, instance, status, trigger) in enumerate(shapes)
    ]


def scheduled(*statuses: JobStatus, instance: int = 1) -> list[tuple[JobKind, int, JobStatus, JobTrigger]]:
    return [(JobKind.SYNC, instance, status, JobTrigger.SCHEDULE) for status in statuses]


@pytest.mark.pure
@given(rows, st.integers(1, 6), st.booleans())
def test_pages_of_lines_show_every_job_once_and_in_order(shapes, most: int, each: bool) -> None:  # type: ignore[no-untyped-def]
    rest = jobs = build(shapes)
    shown: list[Job] = []
    while rest:
        page = cut(rest, most, each=each)
        lines = fold(page, each=each)
        assert 0 < len(lines) <= most
        assert sorted((job.pk for line in lines for job in line.members), key=int) == [job.pk for job in page]
        assert [line.job.created_at for line in lines] == sorted((line.job.created_at for line in lines), reverse=True)
        shown += page
        rest = rest[len(page) :]
    assert shown == jobs


@pytest.mark.pure
@given(rows, st.integers(1, 6))
def test_a_page_read_backwards_has_no_more_lines_than_it_may(shapes, most: int) -> None:  # type: ignore[no-untyped-def]
    backwards = build(shapes)[::-1]
    page = cut(backwards, most)
    assert len(fold(page[::-1])) <= most
    assert len(page) == len(backwards) or len(fold(backwards[: len(page) + 1][::-1])) > most


@pytest.mark.pure
@given(rows)
def test_a_line_tells_only_of_alike_jobs_that_nobody_clicked(shapes) -> None:  # type: ignore[no-untyped-def]
    for line in fold(build(shapes)):
        assert len({(job.kind, job.instance_id, job.status) for job in line.members}) == 1
        if line.repeats:
            assert all(job.trigger != JobTrigger.USER and job.status != JobStatus.RUNNING for job in line.members)


@pytest.mark.pure
def test_repeats_of_two_integrations_are_told_once_each_though_they_alternate() -> None:
    done = JobStatus.SUCCEEDED
    lines = fold(
        build([*scheduled(done), *scheduled(done, instance=2), *scheduled(done), *scheduled(done, instance=2)])
    )
    assert [(line.title, line.repeats) for line in lines] == [("Sync House 1", 2), ("Sync House 2", 2)]


@pytest.mark.pure
def test_a_failure_between_two_successes_stands_alone() -> None:
    done = JobStatus.SUCCEEDED
    lines = fold(build(scheduled(done, done, JobStatus.FAILED, done)))
    assert [line.repeats for line in lines] == [2, 0, 0]
