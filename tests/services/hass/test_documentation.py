"""docs/home-assistant.md says what the mapping does, row by row."""

import re
from pathlib import Path

import pytest

from hi.services.hass import mapping

pytestmark = pytest.mark.pure
PAGE = Path(__file__).parents[3] / "docs" / "home-assistant.md"


def rows() -> list[list[str]]:
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]


def test_the_words_of_every_class_of_binary_sensors_are_written_down() -> None:
    words = {device_class: (on, off) for device_class, on, off in (row for row in rows() if len(row) == 3)}
    expected = {
        device_class: tuple(mapping.BINARY_WORDS[state_type][word] for word in ("on", "off"))
        for device_class, state_type in mapping.BINARY_CLASSES.items()
    }
    assert words == expected


def test_every_domain_is_written_down() -> None:
    kinds = {row[0]: row[1:] for row in rows() if len(row) == 4}
    expected = {
        domain: [str(kind.entity_type), str(kind.state_type), str(kind.control or "—")]
        for domain, kind in mapping.DOMAINS.items()
    }
    assert kinds == expected
    assert list(kinds) == list(expected), "the order is that in which states compete"


def test_the_order_of_sensors_is_written_down() -> None:
    found = re.findall(r"^\| (\d) \| [^|]+ \| (\w+): (.*) \|$", PAGE.read_text(), re.MULTILINE)
    order = [(domain, frozenset(re.findall(r"`(\w+)`", kinds))) for _place, domain, kinds in found]
    assert order == [(domain, frozenset(map(str, kinds))) for domain, kinds in mapping.SENSOR_ORDER]
    assert [int(place) for place, _domain, _kinds in found] == list(range(1, len(found) + 1))
    assert all(word in PAGE.read_text() for word in mapping.OPENING_WORDS)


def test_the_other_words_are_written_down() -> None:
    found = re.findall(r"^\| every `(\w+)` \| (\w+) \| (\w+) \|$", PAGE.read_text(), re.MULTILINE)
    expected = [(domain, there, here) for domain, words in mapping.WORDS.items() for there, here in words.items()]
    assert found == expected
