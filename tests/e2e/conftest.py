import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from hi.testing.hass import SimulatedHass
from tests.e2e import container_hub
from tests.e2e.hub import Hub, running_hub


@pytest.fixture(scope="module")
def folder(initialised: Path) -> Iterator[Path]:
    """A short path: a unix socket lies in it."""
    with tempfile.TemporaryDirectory(prefix="hi-e2e-") as name:
        shutil.copytree(initialised, name, copy_function=shutil.copy2, dirs_exist_ok=True)
        yield Path(name)


@pytest.fixture(scope="module")
def hub(folder: Path) -> Iterator[Hub]:
    """A running hub, for all tests of a module: starting one takes seconds."""
    quick = {"HI_BREAKER_RESET_SECONDS": "4", "HI_LIVE_GRACE_SECONDS": "2", "HI_LEASE_SECONDS": "4"}
    with running_hub(folder, hub_kind(), **quick) as hub:
        yield hub


def hub_kind() -> type[Hub]:
    if os.environ.get("HI_TEST_CONTAINERS") != "1":
        return Hub
    if reason := container_hub.why_not():
        pytest.fail(f"HI_TEST_CONTAINERS=1, but {reason}")
    return container_hub.ContainerHub


@pytest.fixture(scope="module")
def source() -> Iterator[SimulatedHass]:
    with SimulatedHass.running(token="a-token-for-tests") as source:
        yield source
