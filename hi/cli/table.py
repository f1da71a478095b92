"""Rows in columns that fit the terminal."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hi.cli.terminal import Terminal, cut, fill, plain, width_of

GAP = 2


@dataclass(frozen=True, slots=True)
class Column:
    """`least`: how narrow it may become; a column without gives nothing away. `may_go`: left out where there is no
    room for all, the last first."""

    title: str
    least: int | None = None
    right: bool = False
    may_go: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    style: str = ""


Row = Sequence[Cell | str]


def build_table(columns: Sequence[Column], rows: Iterable[Row], terminal: Terminal) -> list[str]:
    """The lines of a table, its titles first. Long texts are cut where the terminal has an end."""
    told = [[_clean(cell) for cell in row] for row in rows]
    shown = _choose(columns, told, terminal.width)
    widths = _fit(columns, shown, _natural(columns, told), terminal.width)
    lines = [_join([Cell(columns[at].title, "muted") for at in shown], columns, shown, widths, terminal)]
    return lines + [_join([row[at] for at in shown], columns, shown, widths, terminal) for row in told]


def _clean(cell: Cell | str) -> Cell:
    return Cell(plain(cell.text), cell.style) if isinstance(cell, Cell) else Cell(plain(cell))


def _natural(columns: Sequence[Column], rows: Iterable[list[Cell]]) -> list[int]:
    widths = [width_of(column.title) for column in columns]
    for row in rows:
        widths = [max(width, width_of(cell.text)) for width, cell in zip(widths, row, strict=True)]
    return widths


def _choose(columns: Sequence[Column], rows: list[list[Cell]], width: int | None) -> list[int]:
    """Which columns there is room for. One that is empty in every row tells nothing."""
    shown = [
        at
        for at, column in enumerate(columns)
        if not (column.may_go and rows and not any(row[at].text for row in rows))
    ]
    if width is None:
        return shown
    natural = _natural(columns, rows)

    def least(at: int) -> int:
        column = columns[at]
        return natural[at] if column.least is None else min(natural[at], column.least)

    while sum(least(at) + GAP for at in shown) - GAP > width:
        going = next((at for at in reversed(shown) if columns[at].may_go), None)
        if going is None:
            break
        shown.remove(going)
    return shown


def _fit(columns: Sequence[Column], shown: list[int], natural: list[int], width: int | None) -> list[int]:
    """The widest gives first."""
    widths = list(natural)
    if width is None:
        return widths
    too_much = sum(widths[at] + GAP for at in shown) - GAP - width
    while too_much > 0:
        giving = [at for at in shown if columns[at].least is not None and widths[at] > (columns[at].least or 0)]
        if not giving:
            break
        widest = max(giving, key=lambda at: widths[at])
        widths[widest] -= 1
        too_much -= 1
    return widths


def _join(
    cells: Sequence[Cell], columns: Sequence[Column], shown: list[int], widths: list[int], terminal: Terminal
) -> str:
    parts = []
    for at, cell in zip(shown, cells, strict=True):
        text = cut(cell.text, widths[at])
        # The last column needs no space behind it.
        filled = text if at == shown[-1] and not columns[at].right else fill(text, widths[at], right=columns[at].right)
        parts.append(filled.replace(text, terminal.style(text, cell.style), 1) if text and cell.style else filled)
    return (" " * GAP).join(parts).rstrip()
