"""The worked example of docs/api.md, run as it stands there against a running hub."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hi.testing.hass import SimulatedHass
from tests.e2e.hub import Hub
from tests.e2e.process import wait_until

pytestmark = pytest.mark.e2e
PAGE = Path(__file__).parents[2] / "docs" / "api.md"


@pytest.fixture
def example(hub: Hub, tmp_path: Path) -> Iterator[Path]:
    """What the example writes, while it runs."""
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    output = tmp_path / "output"
    environment = {**os.environ, "API": f"{hub.url}/api/v1", "TOKEN": hub.token, "NO_PROXY": "*"}
    with output.open("wb") as file:
        program = subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=file, stderr=file)
    yield output
    program.kill()
    program.wait()


def test_the_example_hears_what_changes_and_again_after_the_web_process_was_gone(
    hub: Hub, source: SimulatedHass, example: Path
) -> None:
    def heard() -> str:
        return example.read_text(encoding="utf-8")

    hub.wait_for_status(hub.connect(source.url, source.token), "ACTIVE")
    sensor = next(entity_id for entity_id in sorted(source.states()) if entity_id.endswith("_temperature"))
    source.set_state(sensor, "17.25")
    wait_until(lambda: "17.25" in heard(), "the example heard it", explain=heard)
    hub.nodes["web"].kill()
    source.set_state(sensor, "18.75")
    hub.nodes["web"].restart()
    wait_until(lambda: "18.75" in heard(), "it heard what was missed", seconds=30, explain=heard)
