"""The whole of hi under its supervisor, as `make run` starts it."""

import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.runtime.whole import Hi

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hi]:
    """One hi that the tests of this module start, stop and break in turn."""
    hi = Hi(tmp_path_factory.mktemp("hi") / "data folder")
    yield hi
    hi.kill()


def test_before_the_first_start_a_token_is_refused_in_one_sentence(tmp_path: Path) -> None:
    answer = Hi(tmp_path / "data").run("-m", "manage", "token", "x")
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert answer.stderr.count("\n") == 1
    assert "start hi once with `make run`" in answer.stderr
    assert not (tmp_path / "data").exists()


def test_one_start_shows_the_block_and_ctrl_c_leaves_no_process(installed: Hi) -> None:
    installed.start_and_wait()
    assert f"http://localhost:{installed.port}" in installed.terminal
    assert f"http://localhost:{installed.port}/sign-in/" in installed.terminal
    assert f"http://localhost:{installed.flower_port}" in installed.terminal
    assert installed.get("/health/live") == 200
    # Flower asks for its password.
    installed.wait_for(lambda: "Visit me" in installed.log_of("flower"))
    assert installed.get("/", installed.flower_port) == 401
    # Where pictures come from is there, and knows this link not.
    installed.wait_for(lambda: installed.get("/media/x") == 403)
    # Supervisor, Redis, web, control, worker, listener, beat, media, Flower.
    assert len(installed.processes()) == 9

    second = installed.run("-m", "hi.runtime")
    assert second.returncode == 1
    assert second.stderr.startswith(f"hi: hi is already running from {installed.data_dir} (process ")
    assert second.stderr.count("\n") == 1

    token = installed.run("-m", "manage", "token", "tablet")
    assert token.returncode == 0
    assert token.stdout.startswith("hi_")
    assert token.stdout.count("\n") == 1
    assert token.stderr == ""

    link = installed.run("-m", "manage", "sign_in_link", HI_PORT="9411")
    assert link.stdout.startswith(f"http://localhost:{installed.port}/sign-in/")

    began = time.monotonic()
    assert installed.end(signal.SIGINT) == 0
    assert time.monotonic() - began < 5
    assert not installed.processes()
    assert "Traceback" not in installed.terminal
    # Each has said goodbye, so whoever needs hi to be at rest (restore, new-key, an upgrade) need not wait for silence.
    with closing(sqlite3.connect(installed.data_dir / "db.sqlite3")) as database:
        assert database.execute("SELECT name FROM integration_process").fetchall() == []


def test_a_later_start_restarts_a_killed_worker_and_a_killed_supervisor_leaves_no_orphan(installed: Hi) -> None:
    assert installed.start_and_wait() < 30
    worker = next(number for number, words in installed.processes().items() if words.startswith("hi-worker"))
    os.kill(worker, signal.SIGKILL)
    installed.wait_for(lambda: "worker was ended by signal 9; starting it again in 1 s." in installed.terminal)
    installed.wait_for(lambda: any(words.startswith("hi-worker") for words in installed.processes().values()))

    installed.end(signal.SIGKILL)
    deadline = time.monotonic() + 5
    while installed.processes() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not installed.processes()


def test_a_wrong_key_is_refused_and_left_alone(installed: Hi) -> None:
    path = installed.data_dir / "keys" / "secret.key"
    right = path.read_text()
    path.write_text("3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")
    answer = installed.run("-m", "hi.runtime")
    wrong, _ = path.read_text(), path.write_text(right)
    assert answer.returncode == 1
    assert "The secret key is not the one this database was made with" in answer.stderr
    assert answer.stderr.count("\n") == 1
    assert wrong.startswith("3q2-7w")
    assert not installed.processes()


def test_a_missing_key_is_refused_and_never_made_anew(installed: Hi) -> None:
    path = installed.data_dir / "keys" / "secret.key"
    aside = path.rename(path.with_suffix(".aside"))
    answer = installed.run("-m", "hi.runtime")
    made_anew = path.exists()
    aside.rename(path)
    assert answer.returncode == 1
    assert f"its key {path} is missing" in answer.stderr
    assert not made_anew


def test_a_dead_redis_is_refused_in_one_sentence(installed: Hi) -> None:
    answer = installed.run("-m", "hi.runtime", REDIS_URL="redis://:hunter2@127.0.0.1:1/0")
    assert answer.returncode == 1
    assert "Redis at redis://•••@127.0.0.1:1/0 (REDIS_URL) does not answer" in answer.stderr
    assert answer.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("HI_PORT", "many", "HI_PORT must be a whole number, not 'many'."),
        ("HI_DATABASE_URL", "mysql://x", "HI_DATABASE_URL must look like postgres://"),
        ("HI_SECRET_KEYS", "garbage", "hi: A key in HI_SECRET_KEYS or keys/secret.key is not a valid Fernet key: put"),
        ("HI_LOG_LEVEL", "LOUD", "HI_LOG_LEVEL must be one of DEBUG, INFO"),
        ("HI_REDIS_SERVER", "/no/such/server", "HI_REDIS_SERVER names /no/such/server"),
    ],
)
def test_a_bad_setting_is_refused_in_one_sentence(installed: Hi, variable: str, value: str, sentence: str) -> None:
    answer = installed.run("-m", "hi.runtime", **{variable: value})
    assert answer.returncode == 1
    assert sentence in answer.stderr
    assert answer.stderr.count("hi: ") == answer.stderr.count("\n") == 1


def test_a_wrong_word_on_the_command_line_ends_with_code_2(installed: Hi) -> None:
    assert installed.run("-m", "hi.runtime", "--dmeo").returncode == 2
