"""The demo home and its cameras as processes of their own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
import requests
from websockets.sync.client import connect

from hi.testing.demo import CAMERAS_VARIABLE, TOKEN_VARIABLE, demo_homes

pytestmark = pytest.mark.wire

HOME = (sys.executable, "-m", "hi.testing.hass", "--port", "0")
CAMERAS = (sys.executable, "-m", "hi.testing.zoneminder", "--port", "0")


@contextmanager
def demo_process(
    secret: str | None, command: Sequence[str] = HOME, variable: str = TOKEN_VARIABLE
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process and the line it says when it is ready."""
    environment = {key: value for key, value in os.environ.items() if key != variable}
    environment |= {variable: secret} if secret else {}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline()
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_within_a_second_also_with_a_client(number: signal.Signals) -> None:
    with demo_process("demo-secret") as (process, line):
        url = line.split()[4]
        answer = requests.get(url + "/api/", headers={"Authorization": "Bearer demo-secret"}, timeout=5)
        with connect(url.replace("http", "ws") + "/api/websocket", proxy=None) as client:
            client.recv()
            began = time.monotonic()
            process.send_signal(number)
            status = process.wait(5)
            took = time.monotonic() - began
        assert process.stderr is not None
        assert process.stderr.read() == ""

    assert answer.status_code == 200
    assert (status, took < 1.0) == (0, True)


def test_the_token_of_the_environment_is_never_shown() -> None:
    with demo_process("demo-secret") as (process, line):
        assert "demo-secret" not in line
        assert "demo-secret" not in str(process.args)


def test_the_cameras_take_their_account_from_the_environment_and_have_seen_things() -> None:
    with demo_process("demo:demo-secret", CAMERAS, CAMERAS_VARIABLE) as (process, line):
        api = line.split()[4] + "/api"
        form = {"user": "demo", "pass": "demo-secret"}
        token = requests.post(f"{api}/host/login.json", data=form, timeout=5).json()["access_token"]
        events = requests.get(f"{api}/events.json", params={"token": token}, timeout=5).json()
        process.send_signal(signal.SIGTERM)

        assert process.wait(5) == 0
    assert "demo-secret" not in line
    assert events["pagination"]["count"] >= 40


def test_a_token_that_was_made_up_is_printed() -> None:
    with demo_process(None) as (_, line):
        url, token = line.split()[4], line.split()[-1]
        answer = requests.get(url + "/api/states", headers={"Authorization": f"Bearer {token}"}, timeout=5)

    assert len(answer.json()) >= 150


def test_a_port_that_is_taken_ends_it_with_one_sentence() -> None:
    with demo_process("demo-secret") as (_, line):
        port = line.split()[4].rpartition(":")[2]
        second = subprocess.run([*HOME[:-1], port], capture_output=True, text=True, timeout=10, check=False)

    assert second.returncode == 1
    assert second.stderr == f"The demo home cannot listen on port {port}: Address already in use.\n"


def test_the_demo_connects_to_loopback_and_hides_its_secret() -> None:
    home, cameras = made = demo_homes("127.0.0.1", 9413, 9414, "demo-secret")

    assert (home.integration_type, cameras.integration_type) == ("hass", "zoneminder")
    assert home.settings == {"url": "http://127.0.0.1:9413", "token": "demo-secret"}
    assert cameras.settings == {"url": "http://127.0.0.1:9414/zm", "user": "demo", "password": "demo-secret"}
    assert "demo-secret" not in repr(made)
