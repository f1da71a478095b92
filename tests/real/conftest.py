import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.hub import Hub, running_hub
from tests.real.server import Server, running_server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The one named by HI_REAL_HA_URL and HI_REAL_HA_TOKEN, else the launcher's."""
    with running_server() as server:
        yield server


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    with tempfile.TemporaryDirectory(prefix="hi-real-") as folder, running_hub(Path(folder)) as hub:
        yield hub


@pytest.fixture(scope="module")
def instance_id(hub: Hub, server: Server) -> int:
    instance_id = hub.connect(server.url, server.token)
    hub.wait_for_status(instance_id, "ACTIVE", seconds=120)
    return instance_id
