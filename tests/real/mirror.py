"""What hi must show of a real Home Assistant: of its states as hi's own page of documentation promises it, of its
registries as the server itself tells them.

Nothing here is read with hi's own code, but the tables of that page are written from hi's mapping: a wrong row there is
wrong here too, and only what the server sends is beyond doubt.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any

from tests.e2e.hub import Hub
from tests.real.server import Server

Rows = dict[str, dict[str, Any]]
PAGE = (Path(__file__).parents[2] / "docs" / "home-assistant.md").read_text()
# What a binary sensor's class says instead of on and off.
WORDS = {
    device_class: (on, off)
    for device_class, on, off in re.findall(r"^\| `(\w+)` \| (\w+) \| (\w+) \|$", PAGE, re.MULTILINE)
}
# (domain, feature, attribute) of every feature whose value is the attribute as it comes.
PLAIN_FEATURES = re.findall(r"^\| `(\w+)` \| `(\w+)` \| \w+ \| `(\w+)` \| as it comes \|", PAGE, re.MULTILINE)
# They are found by the shape of their table: were it another, no feature would be compared, and none missed.
assert len(PLAIN_FEATURES) >= 50, "the table of features has another shape"
# (domain, word there) -> word here.
OTHER_WORDS = {
    (domain, there): here
    for domain, there, here in re.findall(r"^\| every `(\w+)` \| ([\w-]+) \| (\w+) \|$", PAGE, re.MULTILINE)
}
# What the registry of devices calls what a thing's page shows as a detail.
DETAILS = {
    "manufacturer": "Manufacturer",
    "model": "Model",
    "model_id": "Model number",
    "sw_version": "Firmware",
    "hw_version": "Hardware",
    "serial_number": "Serial number",
}
CATEGORIES = {None: "purpose", "diagnostic": "diagnostic", "config": "configuration"}
STANDS = """
    SELECT link.address, thing.id, thing.source_name, place.source_name, own.source_name, state.category,
           state.is_hidden
    FROM integration_integrationlink link
    JOIN entity_entitystate state ON state.id = link.state_id
    JOIN entity_entity thing ON thing.id = state.entity_id
    LEFT JOIN entity_location place ON place.id = thing.source_location_id
    LEFT JOIN entity_location own ON own.id = state.source_location_id
    WHERE link.removed_at IS NULL AND state.removed_at IS NULL AND thing.removed_at IS NULL
"""
DETAILS_HERE = """
    SELECT link.address, thing.source_details
    FROM integration_integrationlink link
    JOIN entity_entitystate state ON state.id = link.state_id
    JOIN entity_entity thing ON thing.id = state.entity_id
    WHERE link.removed_at IS NULL AND state.removed_at IS NULL AND thing.removed_at IS NULL
"""


@dataclass(frozen=True)
class Registries:
    """The server's own, by the names that it uses for them."""

    states: Rows
    entities: Rows
    devices: Rows
    areas: Rows
    floors: Rows
    labels: Rows


@dataclass(frozen=True)
class Stands:
    """Where an entity is: in which thing, the thing's place, a place of its own; and how it is told."""

    thing: object
    thing_name: str
    place: str | None
    own_place: str | None
    category: str
    is_hidden: bool


def read_registries(server: Server) -> Registries:
    names = ("entity", "device", "area", "floor", "label")
    keys = ("entity_id", "id", "area_id", "floor_id", "label_id")
    with server.talk() as talk:
        found = talk.ask_all([("get_states", {}), *((f"config/{name}_registry/list", {}) for name in names)])
    tables = [{row[key]: row for row in rows} for key, rows in zip(("entity_id", *keys), found, strict=True)]
    return Registries(*tables)


def there_stand(home: Registries) -> dict[str, Stands]:
    """entity_id -> where it is by the server's registries. What has no device is a thing of its own."""
    found = {}
    for entity_id, state in home.states.items():
        entry: Mapping[str, Any] = home.entities.get(entity_id, {})
        device: Mapping[str, Any] = home.devices.get(entry.get("device_id") or "", {})
        own_name = entry.get("name") or entry.get("original_name") or state["attributes"].get("friendly_name")
        area, entity_area = (device or entry).get("area_id"), entry.get("area_id")
        found[entity_id] = Stands(
            thing=device.get("id") or entity_id,
            thing_name=device.get("name_by_user") or device.get("name") or str(own_name),
            place=home.areas[area]["name"] if area else None,
            own_place=home.areas[entity_area]["name"] if device and entity_area and entity_area != area else None,
            category=CATEGORIES[entry.get("entity_category")],
            is_hidden=bool(entry.get("hidden_by")),
        )
    return found


def here_stand(hub: Hub) -> dict[str, Stands]:
    """address -> where its state is in hi; features are left out."""
    return {
        address: Stands(thing, name, place, own, category, bool(hidden))
        for address, thing, name, place, own, category, hidden in hub.query(STANDS)
        if "#" not in address
    }


def misplaced(there: dict[str, Stands], here: dict[str, Stands]) -> dict[str, Any]:
    """entity_id -> (there, here) of all that stand elsewhere; things are told apart by who else is in them."""
    told = attrgetter("thing_name", "place", "own_place", "category", "is_hidden")
    found: dict[str, Any] = dict.fromkeys(there.keys() ^ here.keys(), "only on one side")
    names: dict[object, object] = {}
    for entity_id in there.keys() & here.keys():
        want, have = there[entity_id], here[entity_id]
        same_thing = names.setdefault(("there", want.thing), have.thing) == have.thing
        same_thing &= names.setdefault(("here", have.thing), want.thing) == want.thing
        if not same_thing or told(want) != told(have):
            found[entity_id] = want, have
    return found


def there_details(home: Registries) -> dict[str, dict[str, str]]:
    """entity_id -> what the registry tells of its device, by the names that hi gives it."""
    found = {}
    for entity_id in home.states:
        device = home.devices.get(home.entities.get(entity_id, {}).get("device_id") or "", {})
        found[entity_id] = {label: device[name] for name, label in DETAILS.items() if device.get(name)}
    return found


def here_details(hub: Hub) -> dict[str, dict[str, str]]:
    """address -> the details of the thing that its state is of; features are left out."""
    return {address: json.loads(details) for address, details in hub.query(DETAILS_HERE) if "#" not in address}


def expected(state: dict[str, Any]) -> tuple[str | None, str]:
    """(value, quality) that hi must show for a state of the server."""
    word = state["state"]
    if word in ("unavailable", "unknown"):
        return None, word
    if state["attributes"].get("mode") == "password":
        return "\N{BULLET}" * 6, "good"
    if state["entity_id"].startswith("binary_sensor.") and word in ("on", "off"):
        yes, no = WORDS.get(state["attributes"].get("device_class", ""), ("on", "off"))
        word = yes if word == "on" else no
    word = OTHER_WORDS.get((state["entity_id"].partition(".")[0], word), word)
    return word, "restored" if state["attributes"].get("restored") else "good"


def expected_features(there: Rows) -> Iterator[tuple[str, str, str]]:
    """(entity_id, feature, value) that hi must show beside the states of the server."""
    for entity_id, state in there.items():
        domain, attributes = entity_id.partition(".")[0], state["attributes"]
        for of, name, attribute in PLAIN_FEATURES:
            if of == domain and attributes.get(attribute) is not None and state["state"] != "unavailable":
                yield entity_id, name, str(attributes[attribute])
        if domain == "light" and attributes.get("brightness"):
            yield entity_id, "brightness", str(max(1, round(attributes["brightness"] * 100 / 255)))
        if domain == "media_player" and attributes.get("volume_level") is not None:
            yield entity_id, "volume", str(round(attributes["volume_level"] * 100))


def expected_unit(state: dict[str, Any]) -> str:
    """With one micro sign, whichever the server uses."""
    unit: str = state["attributes"].get("unit_of_measurement", "")
    return unit.replace("\u03bc", "\u00b5")


def differences(hub: Hub, server: Server) -> dict[str, Any]:
    """entity_id -> (what it is there, what it is here), for all that are not equal. Empty means a faithful mirror."""
    there, here = server.states(), hub.states()
    own = {address for address in here if "#" not in address}
    found: dict[str, Any] = dict.fromkeys(there.keys() ^ own, "only on one side")
    for entity_id, name, value in expected_features(there):
        if here.get(f"{entity_id}#{name}", {}).get("value") != value:
            found[f"{entity_id}#{name}"] = value, here.get(f"{entity_id}#{name}")
    for entity_id in there.keys() & here.keys():
        shown = here[entity_id]["value"], here[entity_id]["quality"], here[entity_id]["unit"]
        if shown != (*expected(there[entity_id]), expected_unit(there[entity_id])):
            found[entity_id] = (*expected(there[entity_id]), expected_unit(there[entity_id])), shown
    return found
