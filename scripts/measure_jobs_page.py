"""What one request of the Jobs page costs the database, with 100,000 jobs; one JSON object.

.venv-dev/bin/python scripts/measure_jobs_page.py
HI_TEST_POSTGRES=1 .venv-dev/bin/python scripts/measure_jobs_page.py
"""

import json
import os
import random
import sys
import time
from itertools import product
from pathlib import Path
from statistics import quantiles

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["DJANGO_SETTINGS_MODULE"] = "hi.settings.test"

import django

django.setup()

from django.db import connection  # noqa: E402 - after the set-up
from django.test import Client  # noqa: E402 - after the set-up
from django.test.utils import setup_databases, setup_test_environment, teardown_databases  # noqa: E402 - after the set-up

from hi.console import job_choice  # noqa: E402 - after the set-up
from hi.console.job_choice import JobChoice  # noqa: E402 - after the set-up
from hi.integration.enums import JobKind  # noqa: E402 - after the set-up
from hi.integration.models import Job  # noqa: E402 - after the set-up
from tests.factories import UserFactory  # noqa: E402 - after the set-up
from tests.integration.many_jobs import MANY, insert_many_jobs, measure  # noqa: E402 - after the set-up

SAMPLE = 150
# The best of some: what else the machine does meanwhile is no cost of the page.
LOOKS = 3


def main() -> None:
    setup_test_environment()
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        user = UserFactory()
        begin = time.perf_counter()
        instances = insert_many_jobs(user)
        inserting = time.perf_counter() - begin
        if connection.vendor == "postgresql":
            # As its autovacuum does within a minute of so many new rows; here it would do so amid the measurements.
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")
        middle = Job.objects.order_by("-created_at")[MANY // 2]
        place = middle.created_at, middle.pk
        choices = [
            JobChoice(status, kind, instance, asked, period, **where)
            for status, kind, instance, asked, period, where in product(
                job_choice.STATES,
                ("", JobKind.SYNC, JobKind.DELETE),
                (None, instances[0].pk, instances[-1].pk),
                job_choice.ASKED,
                ("", "week"),
                ({}, {"after": place}, {"before": place}),
            )
        ]
        _print(user, random.Random(1).sample(choices, SAMPLE), inserting)
    finally:
        teardown_databases(databases, verbosity=0)


def _print(user: object, choices: list[JobChoice], inserting: float) -> None:
    browser = Client()
    browser.force_login(user)
    cost: list[tuple[float, int, str]] = []
    for choice in choices:
        url = choice.url()
        seconds = []
        for _look in range(LOOKS):
            with measure(plans=False) as work:
                assert browser.get(url).status_code == 200
            seconds.append(work.seconds)
        cost.append((min(seconds) * 1000, work.statements, url))
    milliseconds = [one[0] for one in cost]
    slowest = max(cost)
    print(
        json.dumps(
            {
                "database": connection.vendor,
                "jobs": MANY,
                "insert_seconds": round(inserting, 1),
                "requests": len(cost),
                "p50_ms": round(quantiles(milliseconds, n=100)[49], 1),
                "p99_ms": round(quantiles(milliseconds, n=100)[98], 1),
                "max_ms": round(slowest[0], 1),
                "most_statements": max(one[1] for one in cost),
                "slowest": slowest[2],
            }
        )
    )


main()
