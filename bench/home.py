"""Simulated homes in processes of their own, so that what they cost is not counted."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import requests

from hi.utils.own_process import die_with_parent
from tests.e2e.hub import Hub, free_port
from tests.e2e.process import ROOT

START_SECONDS = 30


@contextmanager
def simulated_home(token: str, *words: str) -> Iterator[int]:
    """Yields the loopback port on which it answers."""
    port = free_port()
    argv = [sys.executable, "-m", "hi.testing.hass", "--port", str(port), *words]
    process = subprocess.Popen(
        argv,
        cwd=ROOT,
        env={**os.environ, "HI_DEMO_TOKEN": token},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        preexec_fn=die_with_parent(signal.SIGKILL),
    )
    try:
        _wait_until_it_answers(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _wait_until_it_answers(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            requests.get(f"http://127.0.0.1:{port}/api/", timeout=1)
        except requests.ConnectionError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit("bench: the simulated home does not answer.")


@contextmanager
def simulated_street(healthy: int, token: str) -> Iterator[tuple[dict[str, str], "subprocess.Popen[str]"]]:
    """The homes' addresses by name, and the process that all are in."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.street", str(healthy)],
        cwd=ROOT,
        env={**os.environ, "HI_DEMO_TOKEN": token},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=die_with_parent(signal.SIGKILL),
    )
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline()), process
    finally:
        process.terminate()
        process.wait(10)


def run_inside(hub: Hub, *words: str, told: object = None, **environment: str) -> str:
    """What `bench.crowd` prints, run with the hub's environment and database."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.crowd", *words],
        cwd=ROOT,
        env=hub.process_environment(HI_LOG_LEVEL="WARNING", **environment),
        input=json.dumps(told),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"bench: adding homes ended with {done.returncode}.")
    return done.stdout
