"""The web process's application on a real server."""

import logging
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn

from hi.integration import exceptions
from hi.services.hass.client import HassClient

pytestmark = pytest.mark.wire


@pytest.fixture
def web() -> Iterator[str]:
    config = uvicorn.Config("hi.asgi:application", log_config=None, lifespan="on", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=[[listener]], daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


def test_a_websocket_is_refused_quietly_and_hi_is_told_from_a_home_assistant(
    web: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(exceptions.ProtocolError) as caught, HassClient({"url": web, "token": "a-token"}) as client:
        client.fetch_version()
    assert str(caught.value) == f"There is no Home Assistant at {web} (403)."
    assert "8123" in caught.value.hint
    assert not [record for record in caplog.records if record.name == "uvicorn.error" and record.levelno > logging.INFO]
