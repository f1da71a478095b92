"""What is measured of a package's tests is what they run."""

from pathlib import Path

import pytest

from hi.testing.coverage import measure

SHED = """
def open_door(is_locked):
    if is_locked:
        return "locked"
    return "open"
"""


@pytest.fixture
def tests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the tests of a package."""
    (tmp_path / "shed" / "loft").mkdir(parents=True)
    (tmp_path / "shed" / "__init__.py").write_text(SHED)
    (tmp_path / "shed" / "loft" / "__init__.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    tests = tmp_path / "tests"
    tests.mkdir()
    return tests


def test_lines_that_no_test_runs_are_named(tests: Path) -> None:
    (tests / "test_shed.py").write_text('from shed import open_door\n\ndef test(): assert open_door(False) == "open"\n')
    found = measure("shed", tests)
    assert (found.percent, found.lines, found.not_run) == (75, 4, {"__init__.py": [4]})
    assert str(found) == "75.0 % of 4 lines, all but __init__.py 4"


def test_what_fails_shows_nothing(tests: Path) -> None:
    (tests / "test_shed.py").write_text("def test(): assert False, 'the roof leaks'\n")
    with pytest.raises(AssertionError, match="the roof leaks"):
        measure("shed", tests)
