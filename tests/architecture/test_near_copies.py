"""What two integrations do alike they share: no stretch of one may stand in another with other names."""

import io
import keyword
import tokenize
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest

SERVICES = Path(__file__).parents[2] / "hi" / "services"
# About five lines of code. What any two gateways must declare is shorter.
LONGEST = 45
SKIPPED = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING}


def normalise(source: str) -> list[tuple[str, int]]:
    """Its tokens with their lines: words of the language as they are, every name, text and number as one of its kind.
    Without docstrings and imports."""
    found: list[tuple[str, int]] = []
    is_import = begins = False
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in (tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.NL):
            begins, is_import = True, is_import and token.type == tokenize.NL
            continue
        if token.type in SKIPPED:
            continue
        is_import |= begins and token.string in ("import", "from")
        if not is_import and not (begins and token.type == tokenize.STRING):
            found.append((_kind(token), token.start[0]))
        begins = False
    return found


def _kind(token: tokenize.TokenInfo) -> str:
    if token.type == tokenize.NAME:
        return token.string if keyword.iskeyword(token.string) else "name"
    return {tokenize.STRING: "text", tokenize.NUMBER: "number"}.get(token.type, token.string)


def find_copies(one: list[tuple[str, int]], other: list[tuple[str, int]], longest: int) -> Iterator[tuple[int, int]]:
    """The lines at which a stretch of so many tokens stands in both, the first of each."""
    places = {tuple(kind for kind, _line in one[at : at + longest]): at for at in range(len(one) - longest + 1)}
    at = 0
    while at <= len(other) - longest:
        place = places.get(tuple(kind for kind, _line in other[at : at + longest]))
        if place is None:
            at += 1
            continue
        yield one[place][1], other[at][1]
        at += longest


def services() -> list[Path]:
    return sorted(folder for folder in SERVICES.iterdir() if (folder / "__init__.py").exists())


@pytest.mark.pure
def test_no_integration_holds_a_copy_of_a_part_of_another() -> None:
    read = {path: normalise(path.read_text()) for folder in services() for path in sorted(folder.glob("*.py"))}
    copies = [
        f"{one.relative_to(SERVICES)}:{line} and {other.relative_to(SERVICES)}:{there}"
        for one, other in combinations(read, 2)
        if one.parent != other.parent
        for line, there in find_copies(read[one], read[other], LONGEST)
    ]
    assert copies == []


@pytest.mark.pure
def test_a_copy_with_other_names_is_found() -> None:
    """The same loop as in `find_copies`, as somebody would take it over."""
    source = Path(__file__).read_text()
    begin, end = source.index("def find_copies"), source.index("def services")
    copied = source[begin:end].replace("other", "theirs").replace("place", "spot").replace("longest", "size")
    assert list(find_copies(normalise(source), normalise(copied), LONGEST))
    assert not list(find_copies(normalise(source[:begin]), normalise(copied), LONGEST))
