"""Tables of pages that are written from what the code is made of. Each stands between two comments that name it."""

from collections.abc import Iterable, Mapping
from pathlib import Path


def fill_page(page: Path, tables: Mapping[str, list[str]]) -> None:
    page.write_text(fill(page.read_text(), tables))


def fill(text: str, tables: Mapping[str, list[str]]) -> str:
    """The text with its tables as they should be."""
    for name, lines in tables.items():
        begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"
        if text.count(begin) != 1 or text.count(end) != 1:
            raise SystemExit(f"the page has no place for the table {name!r}")
        before, after = text.split(begin)[0], text.split(end)[1]
        text = "".join([before, begin, *(f"{line}\n" for line in lines), end, after])
    return text


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    titles = list(head)
    return [_line(titles), "|" + "---|" * len(titles), *(_line(row) for row in rows)]


def code(words: Iterable[object]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
