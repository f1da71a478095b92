"""Every text that people read on a page can be said in another language."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.test import Client
from django.utils.translation import trans_real
from django.utils.translation.trans_real import CONTEXT_SEPARATOR

from hi.accounts.models import User
from hi.entity.models import Entity, EntityState
from hi.integration.app_config import list_integrations
from hi.integration.health.check import check_health
from hi.integration.integration_factory import get_integration_gateway
from tests.console.addresses import find_addresses
from tests.console.big_world import build_world

TEMPLATES = Path(__file__).parents[2] / "hi" / "console" / "templates"
# A name, and what is typed as it stands.
NOT_TRANSLATED = {"hi", "hi."}
NAMES = {"hi", "Python", "Django", "Celery", "SQLite", "PostgreSQL"}
UNITS = {"KB", "kB", "MB", "GB", "TB", "kW", "kWh", "kVA"}
TOLD_ATTRIBUTES = {"aria-label", "title", "placeholder", "alt", "data-label", "data-say", "data-too-large"}
SILENT_TAGS = {"script", "style"}
LETTERS = re.compile(r"[^\W\d_]{2}")


class Reader(HTMLParser):
    """The texts of a page: what is seen, and what is told in its stead or beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in SILENT_TAGS
        self.texts += [value for name, value in attrs if name in TOLD_ATTRIBUTES and value]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in SILENT_TAGS

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.texts.append(data)


def read_texts(html: str) -> list[str]:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader.texts


def list_bare_texts(template: str) -> list[str]:
    """What a template tells past its catalogue: bare words, and words given to a filter."""
    source = re.sub(r"\{% comment.*?endcomment %\}|\{#.*?#\}", "", template, flags=re.DOTALL)
    source = re.sub(r"\{% blocktranslate.*?endblocktranslate %\}", "", source, flags=re.DOTALL)
    source = re.sub(r"(</?)\{\{.*?\}\}", r"\1b", source)  # a tag whose name is a variable
    given = re.findall(r"\|(?:pluralize|default|yesno|add):[\"']([^\"']*)[\"']", source)
    words = [word for word in given if LETTERS.search(word) and (" " in word or "," in word or word[0].isupper())]
    pieces = re.sub(r"\{\{.*?\}\}", "", re.sub(r"\{%.*?%\}", "\n", source, flags=re.DOTALL), flags=re.DOTALL)
    texts = [line.strip(" ·\t") for text in read_texts(pieces) for line in text.split("\n")]
    return words + [text for text in texts if LETTERS.search(text) and text not in NOT_TRANSLATED]


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.stem)
def test_a_template_tells_nothing_past_its_catalogue(path: Path) -> None:
    assert list_bare_texts(path.read_text()) == []


@pytest.mark.parametrize(
    "template",
    [
        "<p>Nothing yet</p>",
        "<p>{% if a %}Nothing{% endif %} {{ name }}</p>",
        '<a aria-label="Go back">{{ name }}</a>',
        '<a title="{% if a %}Back{% endif %}"></a>',
        '<p>{{ waited|default:"still waiting" }}</p>',
        '<{{ tag }} id="a">Title</{{ tag }}>',
    ],
)
def test_a_bare_text_is_noticed(template: str) -> None:
    assert list_bare_texts(template)


class Marked:
    """A language that says everything «as it is», so that a text which is not translated stands out."""

    def gettext(self, message: str) -> str:
        return f"«{message.rpartition(CONTEXT_SEPARATOR)[2]}»"

    def ngettext(self, one: str, many: str, number: int) -> str:
        return self.gettext(one if number == 1 else many)

    def to_language(self) -> str:
        return "xx"


@pytest.fixture
def _marked(settings: Any) -> None:
    settings.LANGUAGES, settings.LANGUAGE_CODE = [("xx", "Marked")], "xx"
    trans_real._translations["xx"] = Marked()  # until the settings are as they were: a change of them empties it


def list_data(kind: str) -> set[str]:
    """What stands in rows, and what services and hi's health say of themselves: data, which is told as it is."""
    told: list[object] = [asdict(info) for info in list_integrations()]
    told += [asdict(spec) for spec in get_integration_gateway(kind).settings]
    told.append(asdict(check_health()))
    told += [row for model in apps.get_models() for row in model._default_manager.values_list()]
    told += [state.name.removeprefix(state.entity.name) for state in EntityState.objects.select_related("entity")]
    told += [name.split() for name in Entity.objects.values_list("name", flat=True)]  # some are told without their room
    return {piece.strip() for text in _list_strings(told) for piece in _level(text).split("`") if LETTERS.search(piece)}


def _list_strings(value: object) -> Iterator[str]:
    if isinstance(value, str | UUID):
        yield str(value)
    elif isinstance(value, Mapping):
        yield from _list_strings([*value.keys(), *value.values()])
    elif isinstance(value, list | tuple):
        yield from (text for one in value for text in _list_strings(one))


def _level(text: str) -> str:
    """Numbers may have moved on between two looks."""
    return re.sub(r"\d+", "0", text).strip()


def find_unmarked(html: str, data: re.Pattern[str]) -> list[str]:
    rest, before = "\n".join(read_texts(html)), ""
    while rest != before:
        before, rest = rest, re.sub(r"«[^«»]*»", " ", rest)
    lines = (data.sub("", _level(line)) for line in rest.split("\n"))
    return [line for line in lines if LETTERS.search(line)]


@pytest.mark.either_database
@pytest.mark.usefixtures("_marked")
def test_in_another_language_every_page_is_told_in_it(browser: Client, person: User, porch: str) -> None:
    samples = build_world(person, porch, states=120)
    phrases = sorted(list_data(porch) | UNITS | NAMES, key=len, reverse=True)
    data = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, phrases)) + r")(?!\w)")
    left = {}
    for address in find_addresses(samples, browser):
        response = address.get(browser)
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if response.status_code == 200 and is_page and not response.streaming:
            left[address.name] = find_unmarked(response.text, data)
    assert {name: texts for name, texts in left.items() if texts} == {}
