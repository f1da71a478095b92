import io
import json
from pathlib import Path

import pytest

from hi.runtime.logs import LogFile, Output

pytestmark = pytest.mark.pure


def test_a_log_file_that_is_full_moves_aside_and_three_old_ones_are_kept(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "web.log", max_bytes=50)
    for number in range(40):
        log.write(f"line {number:02} is thirty letters long")
    log.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["web.log", "web.log.1", "web.log.2", "web.log.3"]
    assert "line 39" in (tmp_path / "web.log").read_text()
    assert "line 38" in (tmp_path / "web.log.1").read_text()


def test_warnings_reach_the_terminal_and_the_rest_only_the_file(tmp_path: Path) -> None:
    terminal = io.StringIO()
    output = Output(tmp_path, terminal)
    output.child_line("web", "2026-01-01 10:00:00,000 INFO hi: calm")
    output.child_line("web", "2026-01-01 10:00:00,000 ERROR hi: alarm ⏎ Traceback")
    output.close()
    assert terminal.getvalue() == "      web | 2026-01-01 10:00:00,000 ERROR hi: alarm\n"
    assert (tmp_path / "web.log").read_text().count("\n") == 2


def test_secrets_reach_neither_file_nor_terminal(tmp_path: Path) -> None:
    terminal = io.StringIO()
    output = Output(tmp_path, terminal)
    output.child_line("web", "2026-01-01 10:00:00,000 ERROR hi: redis://:hunter2hunter2@host is gone")
    output.close()
    assert "hunter2" not in terminal.getvalue() + (tmp_path / "web.log").read_text()


def json_line(**fields: str) -> str:
    return json.dumps({"time": "2026-01-01T10:00:00.000+00:00", "logger": "hi", **fields}, ensure_ascii=False)


def test_warnings_in_json_reach_the_terminal_as_words(tmp_path: Path) -> None:
    terminal = io.StringIO()
    output = Output(tmp_path, terminal)
    output.child_line("web", json_line(level="INFO", message="calm"))
    output.child_line(
        "web", json_line(level="ERROR", message="alarm\nbadly", exception="Traceback …", trace="0af7651916cd43dd")
    )
    output.close()
    assert terminal.getvalue() == "      web | 2026-01-01T10:00:00.000+00:00 ERROR [0af76519] hi: alarm\n"
    assert "Traceback …" in (tmp_path / "web.log").read_text()


def test_secrets_are_taken_out_of_json_and_it_stays_json(tmp_path: Path) -> None:
    output = Output(tmp_path, io.StringIO())
    output.child_line("web", json_line(level="INFO", message="enter a password:", trace="a1"))
    output.child_line("web", json_line(level="INFO", message="redis://:hunter2hunter2@host is gone"))
    output.close()
    lines = (tmp_path / "web.log").read_text().splitlines()
    assert json.loads(lines[0])["message"] == "enter a password:"
    assert json.loads(lines[1])["message"] == "redis://•••@host is gone"


def test_a_line_that_only_looks_like_json_is_kept_as_it_is(tmp_path: Path) -> None:
    output = Output(tmp_path, io.StringIO())
    for line in ("{'not': json", '{"level": 40}', '["a"]'):
        output.child_line("web", line)
    output.close()
    assert (tmp_path / "web.log").read_text() == '{\'not\': json\n{"level": 40}\n["a"]\n'
