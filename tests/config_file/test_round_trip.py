"""What is written is read again as what it was, whatever people and sources call their things."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hi.entity.enums import EntityType, LocationKind
from hi.integration.config_file.document import (
    ABSENT,
    Document,
    IntegrationEntry,
    PlaceEntry,
    PlaceRef,
    Setting,
    StateEntry,
    ThingEntry,
)
from hi.integration.config_file.reading import read_document
from hi.integration.config_file.references import Reference
from hi.integration.config_file.writing import say_span, write_document

pytestmark = pytest.mark.pure

# What rows can hold: no control characters but line ends in notes, no halves of characters.
LETTERS = st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufeff\ufffe\uffff")
LINES = st.text(LETTERS, min_size=1, max_size=40).filter(lambda text: text == " ".join(text.split()) and text)
TEXTS = st.text(st.one_of(LETTERS, st.sampled_from("\n\t #:-'\"|>")), max_size=80)
KEYS = st.one_of(
    LINES, st.sampled_from(["on", "No", "null", "~", "1", "a: b", "- a", "#", "'", "x" * 200, "? a", "=", "<<"])
)
NAMES = st.one_of(st.just(ABSENT), st.none(), KEYS)
REFS = st.one_of(st.just(ABSENT), st.none(), st.builds(PlaceRef, KEYS), st.builds(PlaceRef, KEYS, KEYS))


def maybe(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.one_of(st.just(ABSENT), values)


INTEGRATIONS = st.builds(
    IntegrationEntry,
    kind=maybe(KEYS),
    settings=st.dictionaries(
        st.sampled_from(["url", "token"]),
        st.builds(Setting, st.one_of(TEXTS, st.builds(Reference, st.just("env"), st.just("HI_A")))),
    ),
    state=maybe(st.sampled_from(["active", "paused", "inactive"])),
    sync_seconds=maybe(st.integers(5, 604_800)),
    when_deactivated=maybe(st.sampled_from(["remove", "keep"])),
    new_things=maybe(st.sampled_from(["mirror", "ask"])),
    mirror=st.dictionaries(st.sampled_from(["areas", "things"]), st.lists(KEYS, min_size=1, max_size=3)),
)
OWN = st.builds(
    PlaceEntry,
    kind=maybe(st.sampled_from([kind.value for kind in LocationKind])),
    inside=REFS,
    position=maybe(st.integers(-9, 9)),
)
MIRRORED = st.builds(
    PlaceEntry, name=NAMES, inside=REFS, position=st.one_of(st.just(ABSENT), st.none(), st.integers(0, 9))
)
THINGS = st.builds(
    ThingEntry,
    name=NAMES,
    kind=st.one_of(st.just(ABSENT), st.none(), st.sampled_from([kind.value for kind in EntityType])),
    place=REFS,
    notes=maybe(TEXTS),
    facts=st.dictionaries(KEYS, TEXTS, max_size=2),
    states=st.dictionaries(KEYS, st.builds(StateEntry, name=NAMES, place=REFS, called=TEXTS), max_size=2),
    called=TEXTS,
)
DOCUMENTS = st.builds(
    Document,
    integrations=st.dictionaries(KEYS, INTEGRATIONS, max_size=2),
    own_places=st.dictionaries(KEYS, OWN, max_size=2),
    mirrored_places=st.dictionaries(KEYS, st.dictionaries(KEYS, MIRRORED, min_size=1, max_size=2), max_size=2),
    things=st.dictionaries(KEYS, st.dictionaries(KEYS, THINGS, min_size=1, max_size=2), max_size=2),
)


@settings(max_examples=100)
@given(DOCUMENTS)
def test_a_document_survives_the_paper(document: Document) -> None:
    assert read_document(write_document(document).encode()) == document


@given(st.integers(0, 10_000_000))
def test_a_span_is_said_without_a_rest(seconds: int) -> None:
    number, unit = say_span(seconds).split(" ")
    assert int(number) * {"s": 1, "min": 60, "h": 3600, "d": 86_400}[unit] == seconds


def test_it_reads_well() -> None:
    document = Document(
        integrations={
            "House": IntegrationEntry(kind="some", settings={"token": Setting(Reference("env", "HI_HOUSE_TOKEN"))})
        },
        things={
            "House": {"82ee": ThingEntry(name="Reading lamp", notes="One.\nTwo: yes", called="Kitchen\x1b[31m light")}
        },
    )
    assert write_document(document).split("\n")[2:] == [
        "hi: 1",
        "",
        "integrations:",
        "  House:",
        "    kind: some",
        "    settings:",
        "      token:",
        "        env: HI_HOUSE_TOKEN",
        "",
        "things:",
        "  House:",
        "    82ee:  # Kitchen [31m light",
        "      name: Reading lamp",
        "      notes: |-",
        "        One.",
        "        Two: yes",
        "",
    ]
