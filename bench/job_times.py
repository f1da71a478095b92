"""Times a worker that runs already; `bench.jobs` starts this one with the hub's environment.

Empty tasks and jobs take turns, on one worker that stays: what else the machine does meanwhile falls on both.
"""

import json
import os
import signal
import statistics
import sys
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TypeVar

import django
import redis
from django.db.models import Max, Min

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hi.settings.production")
django.setup()

from bench import tasks  # noqa: E402
from bench.report import percentile  # noqa: E402
from hi.celery import app  # noqa: E402
from hi.integration import jobs  # noqa: E402
from hi.integration.enums import OPEN_JOB_STATUSES, JobKind, JobStatus  # noqa: E402
from hi.integration.models import IntegrationInstance, Job  # noqa: E402
from hi.settings import env  # noqa: E402

ROUNDS = 3
STARTS = 100
WAIT_SECONDS = 60
QUEUE = "sync"
Found = TypeVar("Found")

# Of this process alone: what it enqueues goes the usual way, to a task that does nothing.
jobs.TASK_NAMES[JobKind.SYNC] = tasks.end_at_once.name
app.conf.task_routes = {"bench.tasks.*": {"queue": QUEUE}}


class Timing:
    def __init__(self, worker: int, amount: int) -> None:
        self.worker = worker
        self.amount = amount
        self.redis = redis.Redis.from_url(env.redis_url(), socket_timeout=WAIT_SECONDS + 5)
        # One each, so that the rules of one job per instance keep none from running.
        self.instances = [IntegrationInstance(integration_type="hass", label=f"Bench {n}") for n in range(amount)]
        IntegrationInstance.objects.bulk_create(self.instances)

    def measure(self) -> dict[str, float]:
        self._empty_rate("warm-up")
        empty, busy = [], []
        for number in range(ROUNDS):
            empty.append(self._empty_rate(f"round-{number}"))
            busy.append(self._job_rate())
        empty_starts, starts = [], []
        for number in range(STARTS):
            empty_starts.append(self._start(lambda key: app.send_task(tasks.tell_start.name, [key], queue=QUEUE)))
            instance = self.instances[number]
            starts.append(self._start(partial(self._enqueue, instance)))
        return {
            "jobs_per_second": round(statistics.median(busy), 1),
            "empty_per_second": round(statistics.median(empty), 1),
            "ratio": round(statistics.median(busy) / statistics.median(empty), 3),
            **_percentiles("start", starts),
            **_percentiles("empty_start", empty_starts),
            "start_ratio": round(percentile(starts, 95) / percentile(empty_starts, 95), 2),
        }

    def _empty_rate(self, name: str) -> float:
        def send() -> None:
            for _ in range(self.amount):
                app.send_task(tasks.empty.name, [name], queue=QUEUE)

        self._hold_back(send)
        key = f"bench:{name}"

        def ended() -> tuple[float, float] | None:
            app.send_task(tasks.tell_empty.name, [name, key], queue=QUEUE)
            count, first, last = (float(self._answer(key)) for _ in range(3))
            return (first, last) if count == self.amount else None

        first, last = _wait(ended)
        return self.amount / (last - first)

    def _job_rate(self) -> float:
        Job.objects.all().delete()
        rows = [Job(kind=JobKind.SYNC, instance=each, subject=each.label) for each in self.instances]

        def send() -> None:
            # Marked as sent before: the sweep shall not send them a second time.
            for row in rows:
                row.sent_at = row.created_at
            Job.objects.bulk_create(rows)
            for row in rows:
                app.send_task(tasks.end_at_once.name, [str(row.id), row.attempt], task_id=str(row.id), queue=QUEUE)

        self._hold_back(send)
        _wait(lambda: not Job.objects.filter(status__in=OPEN_JOB_STATUSES).exists() or None)
        done = Job.objects.filter(status=JobStatus.SUCCEEDED)
        assert done.count() == self.amount, "not every job succeeded"
        times: dict[str, datetime] = done.aggregate(first=Min("started_at"), last=Max("ended_at"))
        return self.amount / (times["last"] - times["first"]).total_seconds()

    def _hold_back(self, send: Callable[[], None]) -> None:
        """Send everything before the worker takes the first of it."""
        os.kill(self.worker, signal.SIGSTOP)
        try:
            send()
        finally:
            os.kill(self.worker, signal.SIGCONT)

    def _enqueue(self, instance: IntegrationInstance, key: str) -> None:
        jobs.enqueue(JobKind.SYNC, instance, arguments={"tell": key})

    def _start(self, ask: Callable[[str], object]) -> float:
        """Milliseconds from asking to the first line of what was asked for."""
        key = "bench:start"
        asked_at = time.time()
        ask(key)
        began_at = float(self._answer(key))
        time.sleep(0.02)  # let it end: one at a time
        return (began_at - asked_at) * 1000

    def _answer(self, key: str) -> bytes | str:
        found = self.redis.blpop([key], timeout=WAIT_SECONDS)
        assert found is not None, "the worker does not answer"
        return found[1]


def _percentiles(name: str, values: list[float]) -> dict[str, float]:
    return {f"{name}_p{percent}_ms": round(percentile(values, percent), 2) for percent in (50, 95)}


def _wait(look: Callable[[], Found | None]) -> Found:
    deadline = time.monotonic() + WAIT_SECONDS
    while (found := look()) is None:
        if time.monotonic() > deadline:
            raise SystemExit(f"bench: nothing more to see after {WAIT_SECONDS} s.")
        time.sleep(0.25)
    return found


if __name__ == "__main__":
    print(json.dumps(Timing(*map(int, sys.argv[1:])).measure()))
