"""What hi says of its own health, against real rows, a real Redis and real databases."""

import io
import json
import os
import shutil
import signal
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hi.accounts import key_check
from hi.accounts.models import KeyCheck
from hi.integration.enums import IntegrationStatus, JobKind, JobStatus, LeaseRole, ProcessRole
from hi.integration.health import bounded
from hi.integration.health.check import check_health
from hi.integration.health.findings import Finding, Level
from hi.integration.models import IntegrationInstance, Job, Leadership, Lease, Process
from hi.testing.redis_server import RedisServer
from tests.factories import InstanceFactory, JobFactory, ProcessFactory, RepairFactory, make_well

pytestmark = pytest.mark.database
sqlite_only = pytest.mark.skipif(os.environ.get("HI_TEST_POSTGRES") == "1", reason="SQLite's own")


@pytest.fixture
def well(redis_url: str) -> None:
    make_well()


def make_system(**columns: Any) -> IntegrationInstance:
    system: IntegrationInstance = InstanceFactory(integration_type="hass", **columns)
    return system


def find(subject: str) -> Finding:
    return next(finding for finding in check_health().findings if finding.subject == subject)


def ago(seconds: float) -> Any:
    return timezone.now() - timedelta(seconds=seconds)


def test_all_is_well_and_nothing_is_to_be_done_when_all_runs(well: None) -> None:
    health = check_health()
    assert [finding for finding in health.findings if finding.level is not Level.OK or finding.do] == []
    assert health.level is Level.OK
    subjects = [finding.subject for finding in health.findings]
    assert {"Database", "Tables", "Redis", "Disk", "Keys", "Process beat@house", "Queue sync", "Schedule"} <= set(
        subjects
    )
    assert len(subjects) == len(set(subjects))


def test_every_sentence_is_one_and_all_trouble_comes_with_what_to_do(well: None) -> None:
    Process.objects.all().delete()
    Leadership.objects.all().delete()
    ProcessFactory(role=ProcessRole.WEB, slots=0)
    for finding in check_health().findings:
        assert not finding.what[0].islower()
        assert finding.what.endswith(".")
        assert (finding.level is Level.OK) == (not finding.do)


@pytest.mark.parametrize(
    ("status", "leads", "code"),
    [(IntegrationStatus.ACTIVE, True, 0), (IntegrationStatus.FAILED, True, 0), (IntegrationStatus.ACTIVE, False, 1)],
)
def test_the_doctor_fails_with_what_is_bad_and_with_nothing_less(
    well: None, status: IntegrationStatus, leads: bool, code: int
) -> None:
    make_system(status=status)
    if not leads:
        Leadership.objects.all().delete()
    told = io.StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("doctor", stdout=told)
    assert end.value.code == code
    assert ("→" in told.getvalue()) == (status == IntegrationStatus.FAILED or not leads)


def test_a_redis_that_is_down_hides_nothing_else(well: None, redis_server: RedisServer) -> None:
    redis_server.stop()
    finding = find("Redis")
    assert finding.level is Level.BAD
    assert "does not answer" in finding.what
    assert find("Database").level is Level.OK
    assert find("Process worker@house").level is Level.OK
    assert "Redis does not say" in find("Queue sync").what


def test_a_redis_that_hangs_is_given_up_on(well: None, redis_server: RedisServer) -> None:
    assert redis_server.process
    begin = timezone.now()
    redis_server.process.send_signal(signal.SIGSTOP)
    try:
        assert find("Redis").level is Level.BAD
    finally:
        redis_server.process.send_signal(signal.SIGCONT)
    assert (timezone.now() - begin).total_seconds() < 8


def test_a_redis_near_its_limit_is_told(well: None, redis_server: RedisServer) -> None:
    with redis_server.client() as client:
        client.config_set("maxmemory", client.info()["used_memory"] + 20_000)
        try:
            assert find("Redis").level is Level.WARN
        finally:
            client.config_set("maxmemory", 0)


@pytest.fixture
def silent_server() -> Iterator[int]:
    """A port whose server takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_database_that_hangs_is_given_up_on_and_hides_nothing_else(
    well: None, silent_server: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = connections["default"].settings_dict
    far = {"ENGINE": "django.db.backends.postgresql", "HOST": "127.0.0.1", "PORT": str(silent_server), "NAME": "x"}
    begin = timezone.now()
    with monkeypatch.context() as patch:
        patch.setitem(connections.settings, "default", database | far | {"OPTIONS": {"connect_timeout": "30"}})
        findings = {finding.subject: finding for finding in check_health().findings}
    assert (timezone.now() - begin).total_seconds() < 10
    assert findings["Database"].level is Level.BAD
    assert "no answer within 2 s" in findings["Database"].what
    assert findings["Redis"].level is Level.OK
    assert findings["Disk"].level is Level.OK
    assert findings["All else"].level is Level.WARN


@sqlite_only
def test_a_database_file_that_is_missing_is_not_made(
    well: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = connections["history"].settings_dict
    monkeypatch.setitem(connections.settings, "history", database | {"NAME": str(tmp_path / "gone.sqlite3")})
    assert find("History database").level is Level.BAD
    assert list(tmp_path.iterdir()) == []


@sqlite_only
def test_a_database_file_that_is_no_database_is_told(
    well: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "db.sqlite3").write_bytes(b"not a database at all" * 100)
    database = connections["history"].settings_dict
    monkeypatch.setitem(connections.settings, "history", database | {"NAME": str(tmp_path / "db.sqlite3")})
    assert "not a database" in find("History database").what


@sqlite_only
def test_a_database_that_cannot_be_written_is_told(well: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # as on a file system mounted read-only
    assert "not written" in find("Database").what


def test_tables_behind_the_code_are_told(well: None) -> None:
    # Of an app whose migrations are not squashed: those count as applied as long as what they replace is.
    (newest,) = MigrationLoader(None).graph.leaf_nodes("django_celery_beat")
    MigrationRecorder(connections["default"]).record_unapplied(*newest)
    finding = find("Tables")
    assert finding.level is Level.BAD
    assert finding.what.startswith("One step")


def test_without_any_process_hi_is_not_running_and_that_comes_first(well: None) -> None:
    Process.objects.update(seen_at=ago(60))
    first, *others = check_health().findings
    assert (first.level, first.what) == (Level.BAD, "hi is not running.")
    assert "make run" in first.do
    assert not any(finding.subject.startswith(("Queue", "Process", "Schedule")) for finding in others)


def test_its_own_redis_is_no_trouble_while_hi_does_not_run(well: None, redis_server: RedisServer) -> None:
    Process.objects.all().delete()
    redis_server.stop()
    assert all(finding.subject != "Redis" for finding in check_health().findings)


@pytest.mark.parametrize("role", list(ProcessRole))
def test_a_role_that_nobody_has_is_bad(well: None, role: ProcessRole) -> None:
    Process.objects.filter(role=role).delete()
    finding = find(f"Process {role}")
    assert finding.level is Level.BAD
    assert f"up -d {role}" in finding.do


def test_the_only_one_that_hangs_is_named_with_what_ends_it(well: None) -> None:
    Process.objects.filter(role="worker").update(seen_at=ago(200), pid=4711)
    finding = find("Process worker@house")
    assert finding.level is Level.BAD
    assert finding.what == "It has said nothing for 3 min. No sync and no activation runs."
    assert "kill -9 4711" in finding.do


def test_a_silent_worker_beside_a_living_one_is_worth_a_look(well: None) -> None:
    ProcessFactory(name="worker@attic", seen_at=ago(60))
    assert find("Process worker@attic").level is Level.WARN


def test_a_worker_that_no_canary_reaches_is_deaf(well: None) -> None:
    Process.objects.filter(role="worker").update(heard_at=ago(200), started_at=ago(4000))
    finding = find("Process worker@house")
    assert finding.level is Level.BAD
    assert "heard no message of its queue for 3 min" in finding.what


def test_a_worker_that_has_just_started_is_given_time_to_hear(well: None) -> None:
    Process.objects.filter(role="worker").update(heard_at=None)
    assert find("Process worker@house").level is Level.OK


def test_a_worker_whose_slots_are_all_taken_is_busy_and_not_deaf(well: None) -> None:
    Process.objects.filter(role="worker").update(heard_at=ago(200), started_at=ago(4000), busy=8)
    finding = find("Process worker@house")
    assert finding.level is Level.OK
    assert "all its slots are taken" in finding.what


@pytest.mark.parametrize(("waited", "level"), [(5, Level.OK), (90, Level.WARN), (900, Level.BAD)])
def test_a_queue_is_judged_by_its_oldest_job_that_is_due(well: None, waited: int, level: Level) -> None:
    JobFactory(status=JobStatus.QUEUED, run_after=ago(waited))
    JobFactory(status=JobStatus.QUEUED, run_after=timezone.now() + timedelta(hours=1))
    JobFactory(status=JobStatus.QUEUED, run_after=ago(3000), expires_at=ago(1))
    finding = find("Queue sync")
    assert finding.level is level
    assert finding.what.startswith("One job waits")
    assert find("Queue control").level is Level.OK


def test_a_kind_of_job_counts_in_the_queue_that_carries_it(well: None) -> None:
    JobFactory(status=JobStatus.QUEUED, kind=JobKind.TEST_CONNECTION, run_after=ago(30))
    assert find("Queue control").level is Level.WARN
    assert find("Queue sync").level is Level.OK


def test_a_job_that_waits_for_another_of_its_integration_waits_for_no_worker(well: None) -> None:
    house = make_system()
    JobFactory(instance=house, status=JobStatus.RUNNING, kind=JobKind.ACTIVATE)
    JobFactory(instance=house, status=JobStatus.QUEUED, run_after=ago(900))
    assert find("Queue sync").what.startswith("No job waits")


def test_messages_in_redis_are_counted(well: None, redis_server: RedisServer) -> None:
    with redis_server.client() as client:
        client.rpush("sync", "a", "b", "c")
    assert "3 messages" in find("Queue sync").what


@pytest.mark.parametrize(("expired", "level"), [(-10, Level.OK), (10, Level.WARN), (60, Level.BAD)])
def test_a_schedule_that_nobody_leads_is_told_after_the_take_over(well: None, expired: int, level: Level) -> None:
    Leadership.objects.update(expires_at=ago(expired))
    assert find("Schedule").level is level


def test_a_schedule_that_nobody_ever_led_is_bad(well: None) -> None:
    Leadership.objects.all().delete()
    assert find("Schedule").level is Level.BAD


def test_a_sync_that_is_overdue_is_named(well: None) -> None:
    make_system(label="Villa", sync_interval_seconds=60, last_slot_at=ago(300))
    finding = find("Scheduled syncs")
    assert finding.level is Level.WARN
    assert finding.what.startswith("Villa: ")


def test_a_system_that_is_cut_off_is_worth_a_look(well: None) -> None:
    house = make_system(label="Villa", live_since=None, live_lost_at=ago(5), live_error="No route.")
    Lease.objects.create(
        instance=house, role=LeaseRole.LISTEN, holder="x", epoch=1, expires_at=timezone.now() + timedelta(seconds=9)
    )
    finding = find("Listeners")
    assert (finding.level, finding.what) == (Level.WARN, "Villa: cut off. No route.")


@pytest.mark.parametrize("with_lease", [True, False])
def test_a_system_that_no_listener_holds_is_bad(well: None, with_lease: bool) -> None:
    house = make_system(label="Villa", live_since=None, live_lost_at=ago(100))
    if with_lease:
        Lease.objects.create(instance=house, role=LeaseRole.LISTEN, holder="x", epoch=1, expires_at=ago(90))
    finding = find("Listeners")
    assert finding.level is Level.BAD
    assert "Nothing listens to Villa" in finding.what


def test_what_is_paused_needs_no_listener(well: None) -> None:
    make_system(status=IntegrationStatus.PAUSED, live_since=None, live_lost_at=ago(100))
    assert find("Listeners").level is Level.OK


def test_trouble_that_needs_a_person_is_worth_a_look_and_names_a_few(well: None) -> None:
    for number in range(5):
        make_system(label=f"House {number}", status=IntegrationStatus.FAILED)
    RepairFactory(instance=make_system(label="Villa"))
    finding = find("Integrations")
    assert finding.level is Level.WARN
    assert finding.what == "House 0, House 1, House 2 and 2 more stopped by trouble; Villa with a question for you."
    assert check_health().level is Level.WARN


def test_code_that_cannot_be_used_is_no_trouble_of_the_network(well: None) -> None:
    InstanceFactory(label="Shed", integration_type="vanished", live_since=None, live_lost_at=ago(100))
    finding = find("Integrations")
    assert (finding.level, finding.what) == (Level.WARN, "Shed: The integration “vanished” is not installed.")
    assert "install its package again" in finding.do
    assert find("Listeners").level is Level.OK


def test_a_disk_without_room_is_told(well: None, monkeypatch: pytest.MonkeyPatch) -> None:
    room = shutil.disk_usage("/")
    for free, level in ((50_000_000, Level.BAD), (500_000_000, Level.WARN)):
        monkeypatch.setattr(shutil, "disk_usage", lambda path, free=free: room._replace(total=10**10, free=free))
        assert find("Disk").level is level
    monkeypatch.setattr(shutil, "disk_usage", lambda path: room._replace(total=10**12, free=2 * 10**9))
    assert find("Disk").level is Level.WARN  # 0.2 % of a big one


def test_a_data_folder_that_is_not_there_is_told(well: None, tmp_path: Path, settings: Any) -> None:
    settings.HI_DATA_DIR = tmp_path / "gone"
    assert find("Disk").level is Level.BAD


def test_keys_that_others_can_read_are_told(well: None, tmp_path: Path, settings: Any) -> None:
    settings.HI_KEYS_DIR = tmp_path
    key = tmp_path / "secret.key"
    key.write_text("x")
    key.chmod(0o640)
    assert f"chmod 600 {key}" in find("Keys").do
    key.chmod(0o600)
    assert find("Keys").level is Level.OK


@pytest.mark.parametrize(("configured", "word"), [((), "missing"), (("nonsense",), "not valid")])
def test_a_key_that_cannot_be_used_is_told_and_never_shown(
    well: None, settings: Any, configured: tuple[str, ...], word: str
) -> None:
    settings.HI_SECRET_KEYS = configured
    finding = find("Keys")
    assert finding.level is Level.BAD
    assert word in finding.what
    assert "nonsense" not in json.dumps([finding.what, finding.do])


def test_a_key_of_another_installation_is_told_and_nothing_is_written(well: None) -> None:
    assert find("Keys").level is Level.OK
    assert not KeyCheck.objects.exists()
    key_check.check_key()
    KeyCheck.objects.update(encrypted="gAAAAA")
    assert "not the one" in find("Keys").what


def test_drafts_are_nobodys_trouble(well: None) -> None:
    make_system(is_draft=True, status=IntegrationStatus.FAILED)
    assert find("Integrations").what == "0 configured, none needs you."


def test_questions_that_are_never_answered_take_a_bounded_number_of_threads() -> None:
    release = threading.Event()
    answers = [bounded.ask(lambda: release.wait(10)) for _ in range(20)]
    assert sum(thread.name == "health" for thread in threading.enumerate()) <= 8
    release.set()
    refused = [answer for answer in answers if isinstance(answer.exception(5), TimeoutError)]
    assert len(refused) >= 12


def test_many_jobs_cost_no_more_statements(well: None) -> None:
    def count() -> int:
        with CaptureQueriesContext(connections["default"]) as statements:
            check_health()
        return len(statements)

    make_system()
    few = count()
    for _ in range(5):
        make_system()
    Job.objects.bulk_create(Job(kind=JobKind.DELETE, status=JobStatus.QUEUED) for _ in range(50))
    assert count() == few
