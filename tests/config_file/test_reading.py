"""From a file to a document: what it means, and each mistake with its line, its path and what is allowed."""

import pytest

from hi.integration.config_file.document import ABSENT, IntegrationEntry, PlaceEntry, PlaceRef, Setting, StateEntry
from hi.integration.config_file.nodes import FileError
from hi.integration.config_file.reading import read_document
from hi.integration.config_file.references import Reference

pytestmark = pytest.mark.pure


def problems(text: str) -> list[str]:
    with pytest.raises(FileError) as caught:
        read_document(text.encode())
    return [f"{problem.line}: {problem}" for problem in caught.value.problems]


def test_a_file_says_what_it_says_and_nothing_else() -> None:
    document = read_document(b"hi: 1\nintegrations: {House: {}}\n")
    assert document.integrations == {"House": IntegrationEntry()}
    assert document.integrations["House"].state is ABSENT
    assert not document.things


def test_an_integration_is_read() -> None:
    document = read_document(
        b"""hi: 1
integrations:
  House:
    kind: some
    settings: {url: "http://x", token: {env: HI_TOKEN}, other: {file: /run/secrets/x}}
    state: paused
    sync_every: 10 min
    when_deactivated: keep
    new_things: ask
    mirror: {areas: [kitchen, ""], families: [], things: [a]}
"""
    )
    assert document.integrations["House"] == IntegrationEntry(
        kind="some",
        settings={
            "url": Setting("http://x"),
            "token": Setting(Reference("env", "HI_TOKEN")),
            "other": Setting(Reference("file", "/run/secrets/x")),
        },
        state="paused",
        sync_seconds=600,
        when_deactivated="keep",
        new_things="ask",
        mirror={"areas": ["kitchen", ""], "things": ["a"]},
    )


def test_names_are_texts_whatever_yaml_would_make_of_them() -> None:
    document = read_document(
        b"hi: 1\nthings: {House: {a: {name: off}, b: {name: 007}, c: {name: 'null'}, d: {name: }}}\n"
    )
    names = {key: thing.name for key, thing in document.things["House"].items()}
    assert names == {"a": "off", "b": "007", "c": "null", "d": None}


def test_places_are_of_people_or_of_a_source() -> None:
    document = read_document(
        b"""hi: 1
places:
  own:
    Shed: {kind: room, inside: Garden, position: 2}
    Pantry: {kind: room, inside: {integration: House, key: area1}}
  mirrored:
    House: {area1: {name: ~, inside: ~}}
things:
  House: {a: {states: {b: {place: Shed}}}}
"""
    )
    assert document.own_places["Shed"] == PlaceEntry(kind="room", inside=PlaceRef("Garden"), position=2)
    assert document.own_places["Pantry"].inside == PlaceRef("area1", "House")
    assert document.mirrored_places["House"]["area1"] == PlaceEntry(name=None, inside=None)
    assert document.things["House"]["a"].states == {"b": StateEntry(place=PlaceRef("Shed"))}


def test_all_mistakes_are_told_at_once_each_where_it_is() -> None:
    told = problems(
        """hi: 1
integration: {}
integrations:
  House:
    stat: active
    sync_every: often
    state: running
    mirror: all
  Cabin: yes
places:
  own: {Hut: {kind: hut, position: first}}
things:
  House: {a: {notes: [1], kind: lihgt}}
"""
    )
    assert told == [
        "2: There is no “integration” here. Do you mean integrations? Allowed: hi, integrations, places, things.",
        "5: integrations › House: There is no “stat” here. Do you mean state? Allowed: kind, settings, state, "
        "sync_every, when_deactivated, new_things, mirror.",
        "6: integrations › House › sync_every: “often” is no length of time. Write 90 s, 10 min, 2 h or 1 d.",
        "7: integrations › House › state: “running” is not known here. Allowed: active, paused, inactive.",
        "8: integrations › House › mirror: Write `everything`, or what of it: "
        "{areas: […], families: […], things: […]}.",
        "9: integrations › Cabin: Write pairs of `name: value` here: kind, settings, state, sync_every, "
        "when_deactivated, new_things, mirror.",
        "11: places › own › Hut › kind: “hut” is not known here. Allowed: building, floor, room.",
        "11: places › own › Hut › position: “first” is no whole number.",
        "13: things › House › a › kind: “lihgt” is not known here. Do you mean light? Allowed: light, switch, sensor, "
        "climate, humidifier, water_heater, cover, valve, fan, lock, alarm, siren, ….",
        "13: things › House › a › notes: Write a text here.",
    ]


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("{env: 'no name'}", "env: A variable has letters"),
        ("{file: relative}", "file: Give the whole path"),
        ("{}", "token: Say where it is"),
        ("{env: A, file: /b}", "token: Say where it is"),
        ("{vault: hunter2}", "token: There is no “vault” here."),
        ("[hunter2]", "token: Write pairs"),
    ],
)
def test_a_reference_that_cannot_be_one_is_told_without_its_text(setting: str, told: str) -> None:
    (problem, *_others) = problems(f"hi: 1\nintegrations: {{House: {{settings: {{token: {setting}}}}}}}\n")
    assert told in problem
    assert "hunter2" not in problem


def test_another_format_is_told() -> None:
    assert problems("integrations: {}\n") == ["1: hi: The file must say which format it has: `hi: 1`."]
    assert problems("hi: 2\n") == ["1: hi: The file must say which format it has: `hi: 1`."]
    assert problems("- a\n")[0] == "1: Write pairs of `name: value` here: hi, integrations, places, things."
