import io
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
