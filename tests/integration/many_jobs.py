"""A hundred thousand jobs as years of use leave them, and how much of them a statement reads."""

import json
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from hi.accounts.models import User
from hi.integration.enums import JobKind, JobStatus, JobTrigger
from hi.integration.models import IntegrationInstance, Job
from tests.factories import InstanceFactory

MANY = 100_000
STEPS = 1_000  # of SQLite between two looks at its counter
NEWEST = datetime(2026, 11, 23, 12, tzinfo=UTC)
STATUSES = {JobStatus.SUCCEEDED: 88, JobStatus.FAILED: 7, JobStatus.LOST: 3, JobStatus.CANCELLED: 2}
TRIGGERS = {JobTrigger.SCHEDULE: 84, JobTrigger.SOURCE: 10, JobTrigger.USER: 5, JobTrigger.SYSTEM: 1}


def insert_many_jobs(user: User, number: int = MANY) -> list[IntegrationInstance]:
    """The last instance has few jobs, and they are old; deletions are as rare."""
    instances = InstanceFactory.create_batch(12)
    dice = random.Random(1)
    statuses = dice.choices(list(STATUSES), list(STATUSES.values()), k=number)
    triggers = dice.choices(list(TRIGGERS), list(TRIGGERS.values()), k=number)
    columns = Job._meta.concrete_fields
    usual = [column.get_db_prep_save(column.pre_save(Job(), False), connection) for column in columns]
    places = {column.attname: number for number, column in enumerate(columns)}
    moment = connection.ops.adapt_datetimefield_value

    def rows() -> Iterator[list[Any]]:
        for index in range(number):
            is_old = index > number * 0.9
            instance = instances[-1 if is_old and index % 1000 == 0 else index % (len(instances) - 1)]
            at = moment(NEWEST - timedelta(seconds=index * 30 - index % 3))
            given: dict[str, Any] = {
                "id": UUID(int=dice.getrandbits(128)),
                "kind": JobKind.DELETE if is_old and index % 900 == 0 else JobKind.SYNC,
                "instance_id": instance.pk,
                "subject": instance.label,
                "trigger": triggers[index],
                "requested_by_id": user.pk if triggers[index] == JobTrigger.USER and index % 2 else None,
                "status": statuses[index],
                "message": "Everything is as it was: 12 things, 40 states.",
            }
            given["id"] = Job._meta.pk.get_db_prep_save(given["id"], connection)
            for name in ("created_at", "run_after", "started_at", "ended_at"):
                given[name] = at
            if statuses[index] in (JobStatus.FAILED, JobStatus.LOST) and index % 10:
                given["acknowledged_at"] = at
            row = list(usual)
            for name, value in given.items():
                row[places[name]] = value
            yield row

    names = ", ".join(f'"{column.column}"' for column in columns)
    marks = ", ".join(["%s"] * len(columns))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(f'INSERT INTO "{Job._meta.db_table}" ({names}) VALUES ({marks})', list(rows()))
        if connection.vendor == "postgresql":
            cursor.execute(f'ANALYZE "{Job._meta.db_table}"')
    return instances


@dataclass(slots=True)
class Work:
    """What statements on jobs cost. `read` counts rows on PostgreSQL, steps of the virtual machine on SQLite."""

    statements: int = 0
    read: int = 0
    seconds: float = 0.0
    plans: list[str] = field(default_factory=list)


@contextmanager
def measure(*, plans: bool = True) -> Iterator[Work]:
    """Explains each statement with its own parameters: with literals SQLite plans otherwise than it then runs."""
    work = Work()

    def run(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if Job._meta.db_table not in sql:
            return execute(sql, params, many, context)
        work.statements += 1
        if plans:
            _explain(work, sql, params)
        begin = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            work.seconds += time.perf_counter() - begin

    with connection.execute_wrapper(run):
        if connection.vendor == "sqlite" and plans:
            ticks = 0

            def tick() -> int:
                nonlocal ticks
                ticks += 1
                return 0

            connection.connection.set_progress_handler(tick, STEPS)
            try:
                yield work
            finally:
                connection.connection.set_progress_handler(None, 0)
                work.read = ticks * STEPS
        else:
            yield work


def _explain(work: Work, sql: str, params: Any) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            work.plans += [row[3] for row in cursor.cursor.fetchall()]
            return
        if sql.startswith("UPDATE"):
            return
        cursor.cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)
        told = cursor.cursor.fetchone()[0]
        _walk(work, (json.loads(told) if isinstance(told, str) else told)[0]["Plan"])


def _walk(work: Work, node: dict[str, Any]) -> None:
    if "Scan" in node["Node Type"]:
        work.plans.append(f"{node['Node Type']} {node.get('Relation Name', '')} {node.get('Index Name', '')}")
        work.read += node["Actual Loops"] * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0))
    for child in node.get("Plans", ()):
        _walk(work, child)
