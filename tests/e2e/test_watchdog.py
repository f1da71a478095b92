"""A thread that hangs beyond any time-out takes its worker down, and the job goes to the next one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hi.testing.hass import SimulatedHass
from tests.e2e.hub import RARELY, Hub, running_hub, wait_until

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def hub(folder: Path) -> Iterator[Hub]:
    with running_hub(folder, HI_JOB_HARD_SECONDS="3") as hub:
        yield hub


def test_a_worker_with_a_hanging_job_ends_and_the_job_is_repeated(hub: Hub, source: SimulatedHass) -> None:
    instance_id = hub.connect(source.url, source.token)
    hub.wait_for_status(instance_id, "ACTIVE")
    hub.sync_every(instance_id, RARELY)
    source.stall()
    job = hub.post(f"integrations/{instance_id}/sync")
    worker = hub.nodes["worker"].container
    wait_until(lambda: worker.status == "exited", "the worker has ended itself", seconds=20)
    assert "hangs; this worker ends" in worker.logs()
    found = hub.get(f"jobs/{job['id']}")
    assert (found["status"], found["losses"]) == ("QUEUED", 1)
    source.unstall()
    worker.start()
    assert hub.wait_for_job(job)["status"] == "SUCCEEDED"
