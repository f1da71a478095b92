"""docs/home-assistant.md says what the mapping does, row by row."""

import re

import pytest

from hi.services.hass import kinds
from hi.services.hass.converter import OPENING_WORDS
from scripts.home_assistant_page import PAGE, build_tables
from scripts.tables import fill
from tests.services.hass.free_texts import FREE_TEXTS

pytestmark = pytest.mark.pure


def test_the_tables_are_those_of_the_mapping() -> None:
    assert fill(PAGE.read_text(), build_tables()) == PAGE.read_text(), (
        "write them anew: python -m scripts.home_assistant_page"
    )


def test_a_page_without_a_place_for_a_table_is_refused() -> None:
    with pytest.raises(SystemExit, match="kinds"):
        fill(PAGE.read_text().replace("<!-- kinds -->", ""), build_tables())


def test_the_words_that_the_real_server_is_compared_with_are_there() -> None:
    # tests/real reads them by these expressions.
    words = re.findall(r"^\| `(\w+)` \| (\w+) \| (\w+) \|$", PAGE.read_text(), re.MULTILINE)
    others = re.findall(r"^\| every `(\w+)` \| ([\w-]+) \| (\w+) \|$", PAGE.read_text(), re.MULTILINE)

    assert ("door", "open", "closed") in words
    assert {name for name, _on, _off in words} <= kinds.BINARY_CLASSES.keys(), "no other table looks like that one"
    assert ("person", "not_home", "away") in others


def test_what_is_said_in_words_is_said() -> None:
    assert all(word in PAGE.read_text() for word in OPENING_WORDS)
    assert all(f"`{domain}`" in PAGE.read_text().split("<!-- kinds -->")[0] for domain in FREE_TEXTS)
