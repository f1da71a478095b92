"""Every text that people read on a page can be said in another language."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parents[2] / "hi" / "console" / "templates"
# A name, and what is typed as it stands.
NOT_TRANSLATED = {"hi", "hi."}
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
