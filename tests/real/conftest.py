from collections.abc import Iterator

import pytest

from tests.real.server import Server, running_server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The one named by HI_REAL_HA_URL and HI_REAL_HA_TOKEN, else the launcher's."""
    with running_server() as server:
        yield server
