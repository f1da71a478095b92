"""Copies of a process that run a module."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from hi.runtime.forked import CAN_FORK, Forked

pytestmark = [pytest.mark.pure, pytest.mark.skipif(not CAN_FORK, reason="forks on Linux only")]
ROOT = Path(__file__).parents[2]
COPY = """
import atexit, signal, sys
from pathlib import Path
from hi.runtime.forked import Forked
signal.signal(signal.SIGTERM, lambda *_: None)
atexit.register(print, "the parent ends")
secret = open("/etc/passwd")
argv = [sys.executable, "-m", "tests.runtime.copied", *sys.argv[1:]]
raise SystemExit(Forked(argv, Path.cwd(), {"GIVEN": "yes"}, (0, 1, 2), None).wait())
"""


@contextmanager
def copied(word: str) -> Iterator[tuple[Forked, IO[bytes]]]:
    read, write = os.pipe()
    argv = [sys.executable, "-m", "tests.runtime.copied", word]
    nothing = os.open(os.devnull, os.O_RDONLY)
    process = Forked(argv, ROOT, dict(os.environ), (nothing, write, write), None)
    os.close(write)
    os.close(nothing)
    with open(read, "rb") as said:
        yield process, said


def test_it_has_nothing_of_its_parents_but_what_it_is_given() -> None:
    """No open file, no variable, nothing to do at a signal or at the end."""
    done = subprocess.run([sys.executable, "-c", COPY, "well", "2"], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    told, *more = done.stdout.splitlines()
    assert more == [b"the parent ends"]
    assert json.loads(told) == {
        "words": ["well", "2"],
        "folder": str(ROOT),
        "environment": {"GIVEN": "yes"},
        "leads its session": True,
        "open": [0, 1, 2],
        "handlers": [],
        "blocked": [],
    }


@pytest.mark.parametrize(
    ("word", "code", "last"),
    [
        ("well", 0, ""),
        ("half", 0, "\\ud83d"),
        ("code", 7, ""),
        ("words", 1, "it is broken"),
        ("crash", 1, "ZeroDivisionError: division by zero"),
    ],
)
def test_it_ends_as_the_command_would(word: str, code: int, last: str) -> None:
    with copied(word) as (process, said):
        lines = said.read().decode().splitlines()
        assert process.wait() == code
        assert process.poll() == code
    assert lines[-1] == last or not last


LOADED = """
import sys
from pathlib import Path
import hi.runtime.house
from hi.runtime import forked, processes
forked.load(processes.child_environment(Path(sys.argv[1]), "unix:///nobody-listens", Path(sys.argv[1])))
from celery.apps.worker import REMAP_SIGTERM
from django.db import connections
print(REMAP_SIGTERM, [one.connection for one in connections.all(initialized_only=True) if one.connection])
"""


def test_what_is_loaded_knows_the_settings_and_holds_nothing_open(initialised: Path) -> None:
    """Celery's libraries read how a worker ends when they are loaded; two processes must not share a connection."""
    command = [sys.executable, "-c", LOADED, str(initialised)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    assert done.stdout == "SIGQUIT []\n"


def test_a_signal_ends_it_and_only_it() -> None:
    with copied("wait") as (process, said):
        assert said.readline() == b"waiting\n"
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait() == -signal.SIGTERM
        # Its id may be another's now.
        process.send_signal(signal.SIGTERM)
