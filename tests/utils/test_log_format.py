import json
import logging
from typing import Any

import pytest

from hi.utils import trace
from hi.utils.log_format import JsonFormatter, LineFormatter

pytestmark = pytest.mark.pure

CANARY = "c4n4ry-in-a-c0al-mine"
LINE = "%(levelname)s%(trace)s %(name)s: %(message)s"


def record(message: str, *arguments: Any, error: Exception | None = None) -> logging.LogRecord:
    exc_info = None
    if error is not None:
        try:
            raise error
        except Exception as err:  # noqa: BLE001 - to have a traceback
            exc_info = (type(err), err, err.__traceback__)
    return logging.getLogger("test").makeRecord("test", logging.ERROR, __file__, 1, message, arguments, exc_info)


def leaky() -> logging.LogRecord:
    return record("password=%s\nbadly", CANARY, error=ValueError(f"http://user:{CANARY}@host failed"))


def test_a_record_is_one_line_and_its_traceback_is_redacted_too() -> None:
    line = LineFormatter("%(message)s").format(leaky())
    assert "\n" not in line
    assert line.startswith("password=••• ⏎ badly ⏎ Traceback")
    assert CANARY not in line


def test_a_line_shows_the_beginning_of_the_id_where_there_is_one() -> None:
    formatter = LineFormatter(LINE)
    assert formatter.format(record("calm")) == "ERROR test: calm"
    with trace.bind("0af7651916cd43dd8448eb211c80319c"):
        assert formatter.format(record("calm")) == "ERROR [0af76519] test: calm"


def test_json_has_the_fields_a_program_looks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HI_ROLE", "worker")
    one = record("%d of %d", 1, 2)
    one.created = 1767261600.25
    with trace.bind("0af7651916cd43dd8448eb211c80319c", job="7"):
        line = JsonFormatter().format(one)
    assert json.loads(line) == {
        "time": "2026-01-01T10:00:00.250+00:00",
        "level": "ERROR",
        "logger": "test",
        "message": "1 of 2",
        "trace": "0af7651916cd43dd8448eb211c80319c",
        "role": "worker",
        "job": "7",
    }


def test_json_leaves_out_what_is_empty() -> None:
    assert json.loads(JsonFormatter().format(record("calm"))).keys() == {"time", "level", "logger", "message"}


def test_json_is_one_line_and_holds_no_secret() -> None:
    line = JsonFormatter().format(leaky())
    assert "\n" not in line
    assert CANARY not in line
    fields = json.loads(line)
    assert fields["message"] == "password=•••\nbadly"
    assert fields["exception"].endswith("ValueError: http://•••@host failed")


@pytest.mark.parametrize("quote", ['"', "'", "\\"])
def test_json_holds_no_secret_that_is_quoted(quote: str) -> None:
    line = JsonFormatter().format(record("sent %s", f'{{"access_token": "{CANARY}"}}{quote}'))
    assert CANARY not in line
    assert json.loads(line)["level"] == "ERROR"
