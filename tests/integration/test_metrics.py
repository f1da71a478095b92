"""What Prometheus gets: the figures of all processes together, and those of rows and machine."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connections
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from hi.integration import breaker, exceptions, live_reports, metrics, routes
from hi.integration.enums import BreakerState, IntegrationStatus, JobKind, JobStatus, LeaseRole
from hi.integration.jobs import TASK_NAMES
from hi.integration.live import LiveApplier
from hi.integration.metrics_scrape import scrape
from hi.integration.models import IntegrationInstance, Lease
from hi.testing.redis_server import RedisServer
from tests.factories import InstanceFactory, JobFactory, RepairFactory, make_well
from tests.integration.home import home, listen_lease, make_instance, reading, sync

pytestmark = pytest.mark.database
DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def stopped_clock() -> Iterator[None]:
    """A busy machine takes its time between a row and what is read of it."""
    with time_machine.travel(timezone.now(), tick=False):
        yield


@pytest.fixture
def well(redis_url: str) -> None:
    make_well()


def read(metric: str, /, **labels: str) -> float | None:
    """The one sample with these labels in what is scraped now."""
    found = [
        sample.value
        for family in text_string_to_metric_families(scrape("web@house").decode())
        for sample in family.samples
        if sample.name == metric and labels.items() <= sample.labels.items()
    ]
    assert len(found) < 2
    return found[0] if found else None


# Counters outlive a test, and SQLite gives an id again after a rollback: who counts by instance has an id of its own.
def count(metric: str, /, **labels: Any) -> float:
    return metrics.registry.get_sample_value(metric, {key: str(value) for key, value in labels.items()}) or 0.0


def names_scraped() -> set[str]:
    return set(re.findall(r"^# TYPE (\S+)", scrape("web@house").decode(), re.MULTILINE))


def test_the_figures_of_all_processes_come_together_each_with_its_name(well: None) -> None:
    before = count("hi_messages_sent_total", queue="sync")
    metrics.messages_sent_total.labels("sync").inc()
    metrics.publish("worker@house")
    metrics.messages_sent_total.labels("sync").inc()
    assert read("hi_messages_sent_total", process="worker@house", queue="sync") == before + 1
    assert read("hi_messages_sent_total", process="web@house", queue="sync") == before + 2


def test_a_process_that_has_gone_is_forgotten_within_a_minute(well: None, redis_server: RedisServer) -> None:
    metrics.publish("worker@house")
    with redis_server.client() as client:
        assert 0 < client.ttl("hi:metrics:worker@house") <= 60


def test_a_name_is_declared_once_however_many_processes_tell_it(well: None) -> None:
    metrics.publish("worker@house")
    metrics.publish("control@house")
    declared = re.findall(r"^# TYPE (\S+)", scrape("web@house").decode(), re.MULTILINE)
    assert len(declared) == len(set(declared))


def test_publishing_while_redis_is_away_harms_nothing_and_the_rest_is_served(
    well: None, redis_server: RedisServer
) -> None:
    redis_server.stop()
    metrics.publish("worker@house")
    assert read("hi_scrape_errors", part="redis") == 1
    assert read("hi_scrape_errors", part="database") == 0
    assert read("hi_redis_up") == 0
    assert read("hi_database_up", database="default") == 1
    assert read("hi_queue_messages", queue="sync") is None
    assert read("hi_queue_jobs", queue="sync") == 0


def test_without_the_rows_the_rest_is_served(well: None, monkeypatch: pytest.MonkeyPatch) -> None:
    metrics.publish("worker@house")
    nowhere = {"ENGINE": "django.db.backends.postgresql", "HOST": "127.0.0.1", "PORT": "9", "NAME": "x", "OPTIONS": {}}
    database = connections["default"].settings_dict | nowhere
    with monkeypatch.context() as patch:
        patch.setitem(connections.settings, "default", database)
        text = scrape("web@house").decode()
    assert 'hi_scrape_errors{part="database"} 1.0' in text
    assert 'hi_database_up{database="default"} 0.0' in text
    assert 'process="worker@house"' in text
    assert "hi_queue_jobs{" not in text


def test_what_a_process_published_in_no_known_form_is_left_out_and_counted(
    well: None, redis_server: RedisServer
) -> None:
    with redis_server.client() as client:
        client.set("hi:metrics:odd@house", b'broken{ "')
    assert read("hi_scrape_errors", part="process") == 1
    assert read("hi_redis_up") == 1


def test_gauges_tell_what_the_rows_say(stopped_clock: None, well: None) -> None:
    now = timezone.now()
    house = InstanceFactory(
        label="Villa", breaker_state=BreakerState.OPEN, status=IntegrationStatus.DEGRADED, live_since=None,
        live_lost_at=now - timedelta(seconds=50),
    )  # fmt: skip
    Lease.objects.create(
        instance=house, role=LeaseRole.LISTEN, holder="x", epoch=1, expires_at=now + timedelta(seconds=9)
    )
    JobFactory(instance=house, status=JobStatus.QUEUED, run_after=now - timedelta(seconds=30))
    RepairFactory(instance=house)
    of_house = {"integration": str(house.pk), "name": "Villa"}
    assert read("hi_queue_jobs", queue="sync") == 1
    assert read("hi_queue_oldest_seconds", queue="sync") == 30
    assert read("hi_jobs_open", kind="sync", status="QUEUED") == 1
    assert read("hi_breaker_state", state="open", **of_house) == 1
    assert read("hi_breaker_state", state="closed", **of_house) == 0
    assert read("hi_integration_status", status="DEGRADED", **of_house) == 1
    assert read("hi_live_lost_seconds", **of_house) == 50
    assert read("hi_live_seconds", **of_house) is None
    assert read("hi_listener_lease_expiry_seconds", **of_house) == 9
    assert read("hi_repairs_open", **of_house) == 1
    assert read("hi_process_slots", process="worker@house") == 8
    assert read("hi_process_heard_age_seconds", process="worker@house") == 0
    assert read("hi_beat_leader_expiry_seconds") == 15
    assert read("hi_database_bytes", database="default") > 10_000  # type: ignore[operator]


def test_a_label_of_an_integration_cannot_break_the_text(well: None) -> None:
    InstanceFactory(label='a "quoted"\\ \n label{}')
    assert read("hi_repairs_open", name='a "quoted"\\ \n label{}') == 0


def test_a_job_counts_once_with_how_long_it_waited_and_ran() -> None:
    now = timezone.now()
    job = JobFactory.build(
        instance=None,
        created_at=now - timedelta(seconds=60),
        run_after=now - timedelta(seconds=20),
        started_at=now - timedelta(seconds=8),
    )
    of_job = {"kind": "sync", "outcome": "FAILED"}
    before = [count("hi_jobs_total", **of_job, trigger="user"), count("hi_job_seconds_sum", **of_job)]
    waited = count("hi_job_wait_seconds_sum", kind="sync")
    metrics.job_began(job)
    metrics.job_ended(job, JobStatus.FAILED)
    assert count("hi_jobs_total", **of_job, trigger="user") == before[0] + 1
    assert count("hi_job_seconds_sum", **of_job) - before[1] == pytest.approx(8, abs=2)
    assert count("hi_job_wait_seconds_sum", kind="sync") - waited == pytest.approx(12)


@pytest.mark.parametrize("kind", list(JobKind))
def test_a_message_counts_in_the_queue_that_carries_it(kind: JobKind) -> None:
    queue = routes.queue_of(TASK_NAMES[kind])
    assert queue in routes.QUEUES
    before = count("hi_messages_sent_total", queue=queue)
    metrics.message_sent(TASK_NAMES[kind])
    assert count("hi_messages_sent_total", queue=queue) == before + 1


def test_changes_that_are_written_are_counted() -> None:
    house = make_instance(pk=7003)
    sync(house, home())
    applier = LiveApplier(listen_lease(house))
    applier.load()
    applier.apply_changes([reading("light.lamp", "on"), reading("light.lamp", "off", seconds=1)])
    applier.apply_changes([reading("light.nobody-knows", "on")])
    assert count("hi_live_changes_total", integration=house.pk) == 2


def test_the_slowest_change_of_a_batch_tells_the_lag_and_a_clock_ahead_of_ours_is_none() -> None:
    now = timezone.now()
    metrics.changes_heard(7001, [now - timedelta(seconds=3), now])
    metrics.changes_heard(7001, [now + timedelta(hours=1)])
    metrics.changes_heard(7001, [])
    assert count("hi_live_lag_seconds_count", integration=7001) == 2
    assert count("hi_live_lag_seconds_sum", integration=7001) == pytest.approx(3, abs=2)


def test_a_gap_counts_once_and_its_length_is_known_when_it_ends(redis_url: str) -> None:
    house = make_instance(pk=7002, live_since=timezone.now())
    lease = listen_lease(house)
    live_reports.report_lost(lease, "gone")
    live_reports.report_lost(lease, "still gone")
    assert count("hi_live_gaps_total", integration=house.pk) == 1
    IntegrationInstance.objects.update(live_lost_at=timezone.now() - timedelta(seconds=40))
    live_reports.report_live(lease)
    live_reports.report_live(lease)
    assert count("hi_live_gap_seconds_count", integration=house.pk) == 1
    assert count("hi_live_gap_seconds_sum", integration=house.pk) == pytest.approx(40, abs=5)


def test_a_breakers_moves_are_counted(redis_url: str, settings: Any) -> None:
    settings.HI_BREAKER_FAIL_MAX = 1
    house = make_instance(pk=7004)

    def fail() -> None:
        raise exceptions.ConnectionError("away")

    with pytest.raises(exceptions.ConnectionError):
        breaker.call(house.pk, fail)
    breaker.close(house.pk)
    breaker.close(house.pk)
    assert count("hi_breaker_transitions_total", integration=house.pk, state="open") == 1
    assert count("hi_breaker_transitions_total", integration=house.pk, state="closed") == 1


def test_syncs_are_counted_by_what_came_of_them() -> None:
    applied, partial = (count("hi_sync_runs_total", outcome=outcome) for outcome in ("applied", "partial"))
    house = make_instance()
    sync(house, home())
    sync(house, home(complete=False))
    assert count("hi_sync_runs_total", outcome="applied") == applied + 1
    assert count("hi_sync_runs_total", outcome="partial") == partial + 1


def test_requests_are_counted_by_route_and_not_by_address(client: Client) -> None:
    route = "/jobs/<uuid:job_id>/"
    before = count("hi_http_requests_total", route=route, status=302)
    for number in (1, 2):
        client.get(f"/jobs/00000000-0000-0000-0000-00000000000{number}/")
    client.get("/no/such/page")
    assert count("hi_http_requests_total", route=route, status=302) == before + 2
    text = scrape("web@house").decode()
    assert "00000000-0000" not in text
    assert "no/such" not in text


def test_the_page_of_operations_lists_exactly_the_metrics_that_there_are(well: None) -> None:
    page = (DOCS / "operations.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(hi_\w+)`", page, re.MULTILINE)
    assert len(listed) == len(set(listed))
    assert set(listed) == {name for name in names_scraped() if not name.startswith("process_")}


def test_the_dashboard_asks_for_nothing_that_is_not_there(well: None) -> None:
    dashboard = json.loads((DOCS / "grafana" / "hi.json").read_text(encoding="utf-8"))
    asked = {
        name
        for panel in dashboard["panels"]
        for target in panel.get("targets", [])
        for name in re.findall(r"\b(?:hi|process)_[a-z_]+", target["expr"])
    }
    assert len(asked) > 25
    # What the system tells of a process is there on Linux alone.
    of_linux = {"process_resident_memory_bytes", "process_cpu_seconds_total"}
    assert {name.removesuffix("_bucket") for name in asked} <= names_scraped() | of_linux
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(ids) == len(set(ids))
