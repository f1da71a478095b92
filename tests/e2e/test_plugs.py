"""Any plug may be pulled: workers, beats and Redis end and come back under a hub of real processes."""

import shutil
import signal
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from hi.runtime import processes
from hi.testing.hass import SimulatedHass
from tests.e2e.hub import RARELY, Hub, wait_until

pytestmark = pytest.mark.e2e
# Goes on by itself within this, whatever was away (seconds).
RECOVERY = 30


@pytest.fixture(scope="module")
def instance_id(hub: Hub, source: SimulatedHass) -> int:
    instance_id = hub.connect(source.url, source.token)
    hub.wait_for_status(instance_id, "ACTIVE")
    hub.sync_every(instance_id, RARELY)
    return instance_id


@pytest.fixture
def slow(source: SimulatedHass) -> Iterator[SimulatedHass]:
    """The source accepts and is silent, so that what works on it is at work for a while."""
    source.stall()
    yield source
    source.unstall()


def begin_sync(hub: Hub, instance_id: int) -> str:
    """Ask for a sync and wait until a worker has it."""
    job = hub.post(f"integrations/{instance_id}/sync")
    wait_until(lambda: hub.get(f"jobs/{job['id']}")["status"] == "RUNNING", "the sync is at work")
    return str(job["id"])


def row(hub: Hub, job_id: str, *columns: str) -> tuple[object, ...]:
    sql = f"SELECT {', '.join(columns)} FROM integration_job WHERE id = ?"
    return hub.query(sql, job_id.replace("-", ""))[0]


def applied(hub: Hub, job_id: str) -> int:
    sql = "SELECT COUNT(*) FROM integration_syncrun WHERE job_id = ? AND outcome <> 'failed'"
    return int(hub.query(sql, job_id.replace("-", ""))[0][0])


def test_a_killed_workers_job_is_repeated_as_soon_as_it_is_back(
    hub: Hub, slow: SimulatedHass, instance_id: int
) -> None:
    job_id = begin_sync(hub, instance_id)
    hub.nodes["worker"].kill()
    slow.unstall()
    hub.nodes["worker"].container.start()
    assert hub.wait_for_job({"id": job_id, "kind": "sync"}, RECOVERY)["status"] == "SUCCEEDED"
    assert row(hub, job_id, "attempt", "losses") == (2, 0)  # a success forgets the losses
    assert applied(hub, job_id) == 1


def test_a_worker_that_is_stopped_gives_its_job_back_and_leaves_in_time(
    hub: Hub, slow: SimulatedHass, instance_id: int
) -> None:
    job_id = begin_sync(hub, instance_id)
    begin = time.monotonic()
    hub.nodes["worker"].kill("SIGTERM")  # waits for the process to end
    assert time.monotonic() - begin < 5
    assert row(hub, job_id, "status", "losses") == ("QUEUED", 0)
    assert "Unrecoverable" not in hub.nodes["worker"].logs()
    slow.unstall()
    hub.nodes["worker"].container.start()
    assert hub.wait_for_job({"id": job_id, "kind": "sync"}, RECOVERY)["status"] == "SUCCEEDED"


def test_cancelling_a_sync_at_work_is_final_at_once(hub: Hub, slow: SimulatedHass, instance_id: int) -> None:
    job_id = begin_sync(hub, instance_id)
    hub.post(f"integrations/{instance_id}/deactivate")
    wait_until(lambda: row(hub, job_id, "status") == ("CANCELLED",), "the sync is cancelled", seconds=2)
    slow.unstall()
    hub.wait_for_status(instance_id, "INACTIVE")
    hub.post(f"integrations/{instance_id}/activate")
    hub.wait_for_status(instance_id, "ACTIVE")
    assert applied(hub, job_id) == 0


@pytest.mark.parametrize("keeps_data", [True, False])
def test_redis_may_go_and_come_back(hub: Hub, instance_id: int, keeps_data: bool) -> None:
    redis = hub.nodes["redis"]
    redis.kill()
    if not keeps_data:
        shutil.rmtree(hub.folder / "redis")
        (hub.folder / "redis").mkdir()
    begin = time.monotonic()
    job = hub.post(f"integrations/{instance_id}/sync")
    assert time.monotonic() - begin < 5  # a page does not hang on it
    redis.container.start()
    assert hub.wait_for_job(job, RECOVERY)["status"] == "SUCCEEDED"
    for name in processes.WORKERS:
        assert hub.nodes[name].container.status == "running"


def test_a_hanging_source_keeps_one_thread_and_no_click(hub: Hub, slow: SimulatedHass, instance_id: int) -> None:
    with SimulatedHass.running(token="a-token-for-tests") as healthy:
        other = hub.connect(healthy.url, healthy.token, label="Healthy")
        hub.wait_for_status(other, "ACTIVE")
        begin_sync(hub, instance_id)
        for _time in range(3):
            hub.post(f"integrations/{instance_id}/sync")
            assert hub.wait_for_job(hub.post(f"integrations/{other}/sync"), 10)["status"] == "SUCCEEDED"
        assert hub.query("SELECT COUNT(*) FROM integration_job WHERE status = 'RUNNING'")[0][0] == 1
        hub.post(f"integrations/{other}/deactivate")
        hub.wait_for_status(other, "INACTIVE")


def test_two_beats_run_no_slot_twice_and_the_second_takes_over(hub: Hub, instance_id: int) -> None:
    hub.sync_every(instance_id, 5)
    hub.start_another("beat")
    edited_at = hub.query("SELECT last_slot_at FROM integration_integrationinstance WHERE id = ?", instance_id)[0][0]

    def slots() -> list[tuple[str, int, int]]:
        sql = "SELECT slot_at, slots, slots_missed FROM integration_job WHERE slot_at > ? ORDER BY slot_at"
        return hub.query(sql, edited_at)

    wait_until(lambda: len(slots()) >= 2, "two slots ran", seconds=20)
    leader = hub.query("SELECT holder FROM integration_leadership")[0][0]
    first = "beat" if leader == hub.nodes["beat"].container.address else "beat-2"
    hub.nodes[first].kill()
    before = len(slots())
    wait_until(lambda: len(slots()) >= before + 2, "the other one goes on", seconds=RECOVERY)
    assert hub.query("SELECT holder FROM integration_leadership")[0][0] != leader
    ran = [datetime.fromisoformat(at) for at, _ran, _missed in slots()]
    assert len(ran) == len(set(ran))
    accounted = sum(ran + missed for _at, ran, missed in slots())
    assert accounted == (ran[-1] - datetime.fromisoformat(edited_at)) / timedelta(seconds=5)
    if first == "beat":
        hub.nodes["beat"].container.start()
    hub.sync_every(instance_id, RARELY)


def test_a_frozen_worker_loses_its_job_and_writes_nothing_when_it_thaws(
    hub: Hub, slow: SimulatedHass, instance_id: int
) -> None:
    job_id = begin_sync(hub, instance_id)
    wait_until(lambda: hub.query("SELECT 1 FROM integration_lease WHERE role = 'sync'"), "the sync has its lease")
    time.sleep(1)  # now it only waits for the source: frozen while it writes, it would keep SQLite's lock
    hub.nodes["worker"].kill(signal.SIGSTOP)
    slow.unstall()
    hub.start_another("worker")
    assert hub.wait_for_job({"id": job_id, "kind": "sync"}, 60)["status"] == "SUCCEEDED"
    hub.nodes["worker"].kill(signal.SIGCONT)
    time.sleep(2)  # what it would have written, it would have by now
    assert applied(hub, job_id) == 1
    assert row(hub, job_id, "status", "attempt") == ("SUCCEEDED", 2)
