"""The list of jobs reads as little from a hundred thousand rows as from a few."""

from datetime import timedelta
from itertools import product

import pytest
from django.db import connection

from hi.accounts.models import User
from hi.integration import job_lists
from hi.integration.enums import BAD_JOB_STATUSES, OPEN_JOB_STATUSES, JobKind, JobStatus, JobTrigger
from hi.integration.job_lists import JobFilter
from hi.integration.models import Job
from tests.factories import UserFactory
from tests.integration.many_jobs import MANY, NEWEST, Work, insert_many_jobs, measure

pytestmark = [pytest.mark.database, pytest.mark.long]
WINDOW = 200
# The look-ahead of four filters, and the rows of one; a scan of all would be MANY rows, or ten times as many steps.
# PostgreSQL's planner may prefer to read the window that the rarest filter leaves in the order of time: up to 35,000
# entries of an index, in 9 ms.
MOST_READ = {"sqlite": 150_000, "postgresql": 40_000}
STATES: list[dict[str, object]] = [
    {},
    {"statuses": OPEN_JOB_STATUSES},
    {"statuses": (JobStatus.SUCCEEDED,)},
    {"statuses": BAD_JOB_STATUSES},
    {"statuses": (JobStatus.CANCELLED,)},
    {"needs_look": True},
]
MIDDLE = (NEWEST - timedelta(seconds=30 * MANY // 2), Job().pk)


def combinations(user: User, usual: int, rare: int) -> list[JobFilter]:
    asked: list[dict[str, object]] = [{}, {"requested_by_id": user.pk}, *({"trigger": one} for one in JobTrigger)]
    return [
        JobFilter(**state, kind=kind, instance_id=instance, **who, since=since, **place)  # type: ignore[arg-type]
        for state, kind, instance, who, since, place in product(
            STATES,
            (None, JobKind.SYNC, JobKind.DELETE),
            (None, usual, rare),
            asked,
            (None, NEWEST - timedelta(days=7)),
            ({}, {"after": MIDDLE}, {"before": MIDDLE}),
        )
        # The place and the period bound what is read otherwise: enough to see them once with each state.
        if not (place or since) or not (kind or instance or (place and since))
    ]


def reads_all(plan: str) -> bool:
    """SQLite says SCAN of an index, too, where it reads one in its order until a limit; what it sorts it read."""
    if connection.vendor == "sqlite":
        return "TEMP B-TREE" in plan or (plan.startswith("SCAN integration_job") and "INDEX" not in plan)
    return plan.startswith("Seq Scan integration_job")


def test_no_combination_of_filters_reads_the_whole_table() -> None:
    user = UserFactory()
    instances = insert_many_jobs(user)
    most = MOST_READ[connection.vendor]
    wrong: list[tuple[str, JobFilter, Work]] = []
    for chosen in combinations(user, instances[0].pk, instances[-1].pk):
        with measure() as listing:
            job_lists.list_jobs(chosen, WINDOW)
        with measure() as counting:
            job_lists.count_jobs(chosen)
        wrong += [
            (name, chosen, work)
            for name, work in (("list", listing), ("count", counting))
            if work.read > most or work.statements > 6 or any(map(reads_all, work.plans))
        ]
    assert wrong == []
