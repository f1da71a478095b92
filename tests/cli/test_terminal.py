"""What is written to a terminal: as wide as it is, in colours only where somebody looks, and never steering it."""

import io
import re
from typing import Any

import pytest

from hi.cli.table import Cell, Column, build_table
from hi.cli.terminal import Terminal, cut, fill, plain, width_of, wrap

pytestmark = pytest.mark.pure
COLUMNS = (
    Column("Id", right=True),
    Column("Name", least=10),
    Column("Value", least=4),
    Column("Place", least=6, may_go=True),
)
ROWS = [("1", Cell("Kitchen ceiling light", "strong"), Cell("on", "on"), "Kitchen"), ("12", "Lamp", "3.1 °C", "Hall")]


class Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


def terminal(**columns: Any) -> Terminal:
    return Terminal(io.StringIO(), io.StringIO(), **columns)


def test_a_file_gets_lines_as_long_as_they_are() -> None:
    assert build_table(COLUMNS, ROWS, terminal()) == [
        "Id  Name                   Value   Place",
        " 1  Kitchen ceiling light  on      Kitchen",
        "12  Lamp                   3.1 °C  Hall",
    ]


def test_a_terminal_gets_lines_that_fit() -> None:
    assert build_table(COLUMNS, ROWS, terminal(width=34)) == [
        "Id  Name           Value   Place",
        " 1  Kitchen ceil…  on      Kitchen",
        "12  Lamp           3.1 °C  Hall",
    ]


def test_where_there_is_no_room_columns_go() -> None:
    assert build_table(COLUMNS, ROWS, terminal(width=24))[1] == " 1  Kitchen cei…  on"


@pytest.mark.parametrize("width", range(20, 120))
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert all(width_of(line) <= width for line in build_table(COLUMNS, ROWS, terminal(width=width)))


def test_a_column_that_tells_nothing_is_left_out() -> None:
    lines = build_table(COLUMNS, [("1", "Lamp", "on", "")], terminal())
    assert lines[0] == "Id  Name  Value"


def test_colours_change_no_width() -> None:
    plain_lines = build_table(COLUMNS, ROWS, terminal())
    coloured = build_table(COLUMNS, ROWS, terminal(colours=True))
    assert "\x1b[33mon\x1b[0m" in coloured[1]
    assert [re.sub(r"\x1b\[\d*m", "", line) for line in coloured] == plain_lines


@pytest.mark.parametrize(
    ("stream", "environment", "colours"),
    [
        (Tty, {"TERM": "xterm"}, True),
        (Tty, {"TERM": "xterm", "NO_COLOR": "1"}, False),
        (Tty, {"TERM": "dumb"}, False),
        (Tty, {}, False),
        (io.StringIO, {"TERM": "xterm"}, False),
    ],
)
def test_colours_are_for_terminals_that_want_them(
    stream: type[io.StringIO], environment: dict[str, str], colours: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TERM", "NO_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    found = Terminal.find(stream(), stream())
    assert found.colours is colours
    assert (found.width is None) is (stream is io.StringIO)


def test_what_a_source_calls_its_things_cannot_steer_the_terminal() -> None:
    assert plain("Lamp\x1b[31m\x07\x9b2J\r\n red\u202e") == "Lamp [31m  2J   red"
    (line,) = build_table((Column("Name"),), [("a\x1b]0;title\x07b",)], terminal())[1:]
    assert line == "a ]0;title b"


def test_wide_characters_take_two_columns() -> None:
    assert (width_of("家"), width_of("é"), width_of("e\u0301")) == (2, 1, 1)
    assert fill("家", 4) == "家  "
    assert cut("家家家", 5) == "家家…"


def test_what_is_long_is_broken_between_words() -> None:
    assert wrap("one two three", 8) == ["one two", "three"]
    assert wrap("", 8) == [""]
    assert wrap("incomprehensibilities", 8) == ["incomprehensibilities"]
