"""The main job with real processes: connect, mirror, live values, stop, come back. The tests build on each other."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hi.testing.hass import SimulatedHass, specs
from tests.e2e.hub import Hub, wait_until

pytestmark = pytest.mark.e2e
API_PAGE = Path(__file__).parents[2] / "docs" / "api.md"


@pytest.fixture(scope="module")
def instance_id(hub: Hub, source: SimulatedHass) -> int:
    return hub.connect(source.url, source.token)


@pytest.fixture
def example(hub: Hub, tmp_path: Path) -> Iterator[Path]:
    """What the worked example of docs/api.md writes, while it runs as it stands there."""
    (code,) = re.findall(r"^```python\n(.*?)^```", API_PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    output = tmp_path / "output"
    environment = {**os.environ, "API": f"{hub.url}/api/v1", "TOKEN": hub.token, "NO_PROXY": "*"}
    with output.open("wb") as file:
        program = subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=file, stderr=file)
    yield output
    program.kill()
    program.wait()


def test_a_connected_home_is_mirrored_and_live(hub: Hub, source: SimulatedHass, instance_id: int) -> None:
    instance = hub.wait_for_status(instance_id, "ACTIVE")
    assert instance["is_live"]
    assert instance["next_sync_at"] is not None
    assert {address for address in hub.states() if "#" not in address} == set(source.states())


def test_a_value_that_changes_there_changes_here(hub: Hub, source: SimulatedHass, instance_id: int) -> None:
    address = next(name for name, state in hub.states().items() if state["value"] == "off" and "#" not in name)
    source.set_state(address, "on")
    wait_until(lambda: hub.states()[address]["value"] == "on", "the value arrives", seconds=5)


def test_the_example_of_the_stream_hears_what_changes_and_again_after_the_web_process_was_gone(
    hub: Hub, source: SimulatedHass, instance_id: int, example: Path
) -> None:
    def heard() -> str:
        return example.read_text(encoding="utf-8")

    sensor = next(entity_id for entity_id in sorted(source.states()) if entity_id.endswith("_temperature"))
    source.set_state(sensor, "17.25")
    wait_until(lambda: "17.25" in heard(), "the example heard it", explain=heard)
    hub.nodes["web"].kill()
    source.set_state(sensor, "18.75")
    hub.nodes["web"].restart()
    wait_until(lambda: "18.75" in heard(), "it heard what was missed", seconds=30, explain=heard)


def test_a_job_tells_its_steps_from_the_connection_test_to_the_first_sync(hub: Hub, instance_id: int) -> None:
    job = next(job for job in hub.get("jobs")["items"] if job["kind"] == "activate")
    assert job["status"] == "SUCCEEDED"
    assert [step["status"] for step in job["steps"]] == ["ok"] * len(job["steps"])
    assert [step["name"] for step in job["steps"]][-1] == "Mirror"


def test_what_is_new_there_appears_here_by_itself(hub: Hub, source: SimulatedHass, instance_id: int) -> None:
    added = source.add_entity(specs.switch("Added later", on=True))
    assert added == "switch.added_later"
    wait_until(lambda: hub.states().get("switch.added_later", {}).get("value") == "on", "it appears", seconds=15)


def test_a_rename_there_is_a_rename_here(hub: Hub, source: SimulatedHass, instance_id: int) -> None:
    before = hub.states()["switch.added_later"]["id"]
    source.rename_entity("switch.added_later", "switch.renamed")
    wait_until(lambda: hub.states().get("switch.renamed", {}).get("id") == before, "the same row", seconds=15)
    wait_until(lambda: hub.states()["switch.renamed"]["value"] == "on", "its value is back", seconds=15)
    assert "switch.added_later" not in hub.states()


def test_after_a_cut_everything_is_read_again(hub: Hub, source: SimulatedHass, instance_id: int) -> None:
    source.cut()
    source.set_state("switch.renamed", "off")
    wait_until(lambda: hub.states()["switch.renamed"]["value"] == "off", "the missed change", seconds=15)
    wait_until(lambda: hub.instance(instance_id)["is_live"], "live again")


def test_a_restart_of_the_source_loses_and_removes_nothing(hub: Hub, source: SimulatedHass, instance_id: int) -> None:
    before = {address: state["id"] for address, state in hub.states().items()}
    source.restart(down_seconds=1.0, starting_seconds=2.0)
    wait_until(lambda: not hub.instance(instance_id)["is_live"], "the gap is noticed")
    wait_until(lambda: hub.instance(instance_id)["is_live"], "live again", seconds=30)
    assert {address: state["id"] for address, state in hub.states().items()} == before
    hub.wait_for_status(instance_id, "ACTIVE")


def test_a_killed_listener_is_replaced_and_misses_nothing(hub: Hub, source: SimulatedHass, instance_id: int) -> None:
    hub.nodes["listener"].kill()
    source.set_state("switch.renamed", "on")
    hub.nodes["listener"].restart()
    wait_until(lambda: hub.states()["switch.renamed"]["value"] == "on", "the missed change", seconds=20)


def test_deactivating_leaves_nothing_behind_and_activating_restores_the_same_rows(
    hub: Hub, source: SimulatedHass, instance_id: int
) -> None:
    hub.wait_for_status(instance_id, "ACTIVE")
    before = hub.query("SELECT id FROM entity_entitystate WHERE removed_at IS NULL ORDER BY id")
    job = hub.wait_for_job(hub.post(f"integrations/{instance_id}/deactivate"))
    assert job["status"] == "SUCCEEDED"
    assert "Removed" in job["message"]
    assert hub.instance(instance_id)["status"] == "INACTIVE"
    assert hub.states() == {}
    assert hub.query("SELECT * FROM integration_lease") == []
    assert hub.query("SELECT * FROM django_celery_beat_periodictask WHERE name LIKE '%integration%'") == []
    assert hub.query("SELECT * FROM integration_job WHERE status IN ('QUEUED', 'RUNNING')") == []
    wait_until(lambda: source.connections == 0, "the socket is closed", seconds=5)
    hub.post(f"integrations/{instance_id}/activate")
    hub.wait_for_status(instance_id, "ACTIVE")
    assert hub.query("SELECT id FROM entity_entitystate WHERE removed_at IS NULL ORDER BY id") == before


def test_the_token_is_nowhere_but_encrypted(hub: Hub, source: SimulatedHass, instance_id: int) -> None:
    secret = source.token.encode()
    # SQLite's shared memory comes and goes, and holds no rows.
    files = [path for path in hub.folder.rglob("*") if path.is_file() and not path.name.endswith("-shm")]
    assert [path.name for path in files if secret in path.read_bytes()] == []
    # Containers keep their logs elsewhere.
    assert [name for name, node in hub.nodes.items() if source.token in node.logs()] == []
