from itertools import permutations
from typing import Any

import pytest

from hi.entity.enums import EntityStateType, EntityType, LocationKind, Quality, StateCategory
from hi.integration.core.specs import EntitySpec, LocationSpec, SensorSpec, StateSpec, Structure
from hi.services.hass.aspects import convert_state
from hi.services.hass.converter import convert_home
from hi.services.hass.wire import HassState
from tests.services.hass import captured

pytestmark = pytest.mark.pure

BED_LIGHT_DEVICE = "f654618ff1e0e81bf1add45c97291ed3"


def find_state(structure: Structure, entity_id: str) -> StateSpec:
    return next(state for entity in structure.entities for state in entity.states if state.address == entity_id)


def find_entity(structure: Structure, entity_id: str) -> EntitySpec:
    return next(one for one in structure.entities if any(state.address == entity_id for state in one.states))


def row(entity_id: str, state: str = "1", **attributes: Any) -> dict[str, Any]:
    return {**captured.state("sun.sun"), "entity_id": entity_id, "state": state, "attributes": attributes}


def test_every_captured_entity_is_exactly_one_state() -> None:
    structure = convert_home(captured.demo_home())

    addresses = [state.address for entity in structure.entities for state in entity.states]
    own = [address for address in addresses if "#" not in address]
    assert sorted(own) == sorted(state["entity_id"] for state in captured.states())
    assert len(set(addresses)) == len(addresses)
    assert {address.partition("#")[0] for address in addresses} == set(own)
    assert structure.complete
    assert structure.quarantined == ()
    assert structure.source_version == "2025.4.4"


def test_every_thing_has_one_primary_state_and_no_aspect_twice() -> None:
    for entity in convert_home(captured.demo_home()).entities:
        assert sum(state.is_primary for state in entity.states) == 1
        assert len({state.aspect for state in entity.states}) == len(entity.states)


def test_a_device_is_one_thing_with_its_entities_as_states() -> None:
    home = captured.home(
        device_registry=[captured.device("d", name="Hall motion", manufacturer="Philips", model="SML003")],
        entity_registry=[
            captured.entry("sensor.m_battery", device_id="d", original_name="Battery", entity_category="diagnostic"),
            captured.entry("binary_sensor.m", device_id="d", original_name="Motion"),
            captured.entry("number.m", device_id="d", original_name="Delay", entity_category="config"),
        ],
        states=[
            row("sensor.m_battery", device_class="battery", unit_of_measurement="%"),
            row("binary_sensor.m", "on", device_class="motion"),
            row("number.m", min=0, max=60, step=5),
        ],
    )

    (thing,) = convert_home(home).entities

    assert (thing.key, thing.name, thing.entity_type) == ("d", "Hall motion", EntityType.SENSOR)
    assert thing.details == {"Manufacturer": "Philips", "Model": "SML003"}
    assert [(state.aspect, state.name, state.is_primary, state.category) for state in thing.states] == [
        ("motion", "Motion", True, StateCategory.PURPOSE),
        ("battery", "Battery", False, StateCategory.DIAGNOSTIC),
        ("delay", "Delay", False, StateCategory.CONFIGURATION),
    ]


def test_a_state_is_known_by_its_registry_id_and_reached_by_its_entity_id() -> None:
    home = captured.home(entity_registry=[captured.entry("light.a", id="abc")], states=[row("light.a", "on")])

    (thing,) = convert_home(home).entities

    assert (thing.key, thing.former_keys) == ("entity:abc", ("entity:entity_id:light.a",))
    (state,) = thing.states
    assert (state.key, state.address, state.former_keys) == ("abc", "light.a", ("entity_id:light.a",))


def test_without_a_registry_row_the_entity_id_is_the_key() -> None:
    (thing,) = convert_home(captured.home(states=[captured.state("sun.sun")])).entities

    assert (thing.key, thing.name, thing.former_keys) == ("entity:entity_id:sun.sun", "Sun", ())
    assert (thing.states[0].key, thing.states[0].former_keys) == ("entity_id:sun.sun", ())


def test_an_entity_that_gets_a_device_was_the_same_thing_before() -> None:
    home = captured.home(
        device_registry=[captured.device("d", name="Lamp")],
        entity_registry=[captured.entry("light.a", id="abc", device_id="d")],
        states=[row("light.a", "on")],
    )

    assert convert_home(home).entities[0].former_keys == ("entity:abc", "entity:entity_id:light.a")


def test_a_service_device_is_one_thing_of_type_service() -> None:
    sun = captured.rows("device_registry")[0]
    home = captured.home(
        device_registry=[sun],
        entity_registry=[
            captured.entry("sensor.sun_next_dawn", device_id=sun["id"], original_name="Next dawn"),
            captured.entry("sensor.sun_next_dusk", device_id=sun["id"], original_name="Next dusk"),
        ],
        states=[captured.state("sensor.sun_next_dawn"), captured.state("sensor.sun_next_dusk")],
    )

    (thing,) = convert_home(home).entities

    assert (thing.name, thing.entity_type) == ("Sun", EntityType.SERVICE)
    assert [state.aspect for state in thing.states] == ["next_dawn", "next_dusk"]


def test_a_device_without_any_state_is_no_thing() -> None:
    home = captured.home(
        device_registry=[captured.device("d")], entity_registry=[captured.entry("light.disabled", device_id="d")]
    )

    assert convert_home(home).entities == ()


def test_places_are_floors_and_the_areas_in_them() -> None:
    locations = convert_home(captured.demo_home()).locations

    assert locations[:2] == (
        LocationSpec("floor:ground_floor", "Ground floor", LocationKind.FLOOR, position=0),
        LocationSpec("area:living_room", "Living Room", LocationKind.ROOM, parent_key="floor:ground_floor"),
    )
    assert len(locations) == 5


def test_a_state_has_a_place_only_where_it_is_not_its_devices() -> None:
    home = captured.home(
        area_registry=captured.rows("area_registry"),
        device_registry=[captured.device("d", area_id="kitchen")],
        entity_registry=[
            captured.entry("sensor.here", device_id="d", area_id="kitchen"),
            captured.entry("sensor.there", device_id="d", area_id="office"),
            captured.entry("sensor.gone", device_id="d", area_id="an area that was deleted"),
        ],
        states=[row("sensor.here"), row("sensor.there"), row("sensor.gone")],
    )

    (thing,) = convert_home(home).entities

    assert thing.location_key == "area:kitchen"
    assert [state.location_key for state in thing.states] == ["", "area:office", ""]


def test_an_entity_without_a_device_is_where_its_own_area_is() -> None:
    home = captured.home(
        area_registry=captured.rows("area_registry"),
        entity_registry=[captured.entry("sensor.a", area_id="office")],
        states=[row("sensor.a")],
    )

    assert convert_home(home).entities[0].location_key == "area:office"


def test_the_light_stands_for_its_thing_before_sensors_and_a_battery_never_does() -> None:
    home = captured.home(
        device_registry=[captured.device("d")],
        entity_registry=[captured.entry(name, device_id="d") for name in ("binary_sensor.b", "sensor.t", "light.l")],
        states=[row("binary_sensor.b", "on", device_class="battery"), row("sensor.t"), row("light.l", "on")],
    )
    without_light = captured.home(
        device_registry=home.device_registry, entity_registry=home.entity_registry, states=home.states[:2]
    )

    assert find_state(convert_home(home), "light.l").is_primary
    assert find_state(convert_home(without_light), "sensor.t").is_primary


Sensor = tuple[str, str, str]
# What the demo home and the shops sell, none with a main feature: (domain, class, name), the primary one first.
THINGS: dict[str, list[Sensor]] = {
    "Boiler": [("sensor", "temperature", "Flow"), ("binary_sensor", "heat", "Flame"), ("sensor", "pressure", "P")],
    "Washing machine": [("sensor", "enum", "Status"), ("binary_sensor", "door", "Door"), ("sensor", "energy", "E")],
    "Dryer": [("binary_sensor", "running", "Running"), ("binary_sensor", "door", "Door"), ("sensor", "duration", "T")],
    "Fridge": [("sensor", "temperature", "Inside"), ("binary_sensor", "door", "Door")],
    "Fridge door": [("binary_sensor", "opening", "Opening"), ("sensor", "temperature", "Temperature")],
    "Attic window": [("binary_sensor", "door", "Contact"), ("sensor", "illuminance", "Light")],
    "Hallway": [("binary_sensor", "motion", "Motion"), ("sensor", "temperature", "T"), ("sensor", "battery", "B")],
    "Meter": [("sensor", "power", "Power"), ("sensor", "energy", "Energy"), ("binary_sensor", "problem", "Problem")],
    "Box": [("binary_sensor", "door", "Lid"), ("sensor", "timestamp", "Seen"), ("binary_sensor", "tamper", "Tamper")],
    "Bin": [("binary_sensor", "tamper", "Tamper"), ("sensor", "battery", "Battery")],
    "Relay": [("switch", "", "Channel 1"), ("sensor", "power", "Power"), ("binary_sensor", "smoke", "Overheated")],
}


def primary_name(name: str, sensors: list[Sensor], **fields: dict[str, Any]) -> str:
    ids = {label: f"{domain}.{number}" for number, (domain, _class, label) in enumerate(sensors)}
    home = captured.home(
        device_registry=[captured.device("d", name=name, name_by_user=None)],
        entity_registry=[
            captured.entry(ids[label], device_id="d", **{"original_name": label, **fields.get(label, {})})
            for _domain, _class, label in sensors
        ],
        states=[
            row(ids[label], **({"device_class": kind, "options": ["on", "off"]} if kind else {}))
            for _domain, kind, label in sensors
        ],
    )
    (thing,) = convert_home(home).entities
    (primary,) = (state for state in thing.states if state.is_primary)
    return next(label for label, entity_id in ids.items() if entity_id == primary.address)


@pytest.mark.parametrize("name", THINGS)
def test_the_state_that_says_most_stands_for_its_thing_in_whatever_order_they_come(name: str) -> None:
    for sensors in permutations(THINGS[name]):
        assert primary_name(name, list(sensors)) == THINGS[name][0][2]


def test_the_main_feature_stands_for_its_thing_before_anything_with_a_name() -> None:
    sensors = [("switch", "", "Child lock"), ("binary_sensor", "door", "Door"), ("sensor", "temperature", "T")]

    assert primary_name("Cellar", sensors) == "Child lock"
    assert primary_name("Cellar", sensors, Door={"original_name": None}) == "Door"
    diagnostic = {"original_name": None, "entity_category": "diagnostic"}
    assert primary_name("Cellar", sensors[1:], Door=diagnostic) == "T"


# What the registries say beside names and places


def test_labels_of_a_thing_and_of_its_entities_are_named_once() -> None:
    home = captured.home(
        label_registry=[*captured.rows("label_registry"), {"label_id": "night", "name": "Night watch"}],
        device_registry=[captured.device("d", labels=["night"])],
        entity_registry=[
            captured.entry("sensor.a", device_id="d", labels=["important", "night", "a label that was deleted"]),
            captured.entry("sensor.b", labels=["important"]),
        ],
        states=[row("sensor.a"), row("sensor.b"), row("sensor.c")],
    )

    assert [thing.labels for thing in convert_home(home).entities] == [("Night watch", "Important"), ("Important",), ()]


def test_what_is_hidden_there_is_hidden_here_and_what_is_disabled_is_not_here() -> None:
    home = captured.home(
        entity_registry=[
            captured.entry("sensor.a", hidden_by="user"),
            captured.entry("sensor.b", disabled_by="user"),
            captured.entry("sensor.c"),
        ],
        states=[row("sensor.a"), row("sensor.b"), row("sensor.c")],
    )
    structure = convert_home(home)

    hidden = {state.address: state.is_hidden for thing in structure.entities for state in thing.states}
    assert hidden == {"sensor.a": True, "sensor.c": False}
    assert structure.complete


def test_the_family_of_a_state_is_its_domain_and_its_state_class_is_kept() -> None:
    state = find_state(convert_home(captured.demo_home()), "sensor.total_energy_kwh")

    assert state.family == "sensor"
    assert state.sensor == SensorSpec("energy", "total")


def test_a_category_is_that_of_the_entity_and_of_all_it_says() -> None:
    home = captured.home(
        entity_registry=[captured.entry("light.ceiling_lights", entity_category="diagnostic")],
        states=[captured.state("light.ceiling_lights")],
    )

    categories = {state.category for thing in convert_home(home).entities for state in thing.states}
    assert categories == {StateCategory.DIAGNOSTIC}


# Who the server is


def test_a_server_is_known_by_the_id_of_its_sun() -> None:
    # The captured Sun is identified by the id of the config entry that brought it.
    assert convert_home(captured.demo_home()).server_id == "01M831D07QGKTE2SPZ6EAYZ607"


def test_without_a_sun_it_is_known_by_what_was_set_up_first() -> None:
    entries = ["01M831D08DTVVQ1YSHW5G7P2X7", "01EXFC3578EGRF2414Z3CR1XQY", "f654618ff1e0e81bf1add45c97291ed3"]
    devices = [
        captured.device(f"d{number}", identifiers=[["demo", number]], config_entries=[entry])
        for number, entry in enumerate(entries)
    ]

    # Ids of 32 digits are of the years before those that begin with their time.
    assert convert_home(captured.home(device_registry=devices)).server_id == entries[2]
    assert convert_home(captured.home(device_registry=devices[:2])).server_id == entries[1]
    assert convert_home(captured.home()).server_id == ""


def test_the_sun_says_who_it_is_while_the_server_starts_and_beside_what_cannot_be_read() -> None:
    broken = [*captured.rows("device_registry"), {"id": "broken", "name": 7}]
    assert convert_home(captured.home(device_registry=broken)).server_id == "01M831D07QGKTE2SPZ6EAYZ607"


def test_a_list_of_devices_that_cannot_be_read_names_no_server() -> None:
    devices = [*captured.rows("device_registry")[1:], {"id": "the sun, broken", "name": 7}]

    assert convert_home(captured.home(device_registry=devices)).server_id == ""


# Values


@pytest.mark.parametrize("name", [state["entity_id"] for state in captured.states("states-unavailable-unknown")])
def test_unavailable_and_unknown_are_qualities_without_a_value(name: str) -> None:
    row = next(one for one in captured.states("states-unavailable-unknown") if one["entity_id"] == name)

    value, *_ = convert_state(HassState.from_wire(row, "x"))

    assert value.value is None
    assert value.quality is (Quality.UNAVAILABLE if row["state"] == "unavailable" else Quality.UNKNOWN)


def test_a_restored_state_without_a_value_is_unavailable_and_keeps_its_unit() -> None:
    for row in captured.states("states-restored-integration-failed"):
        value, *_ = convert_state(HassState.from_wire(row, "x"))

        assert (value.value, value.quality) == (None, Quality.UNAVAILABLE)
        assert value.unit == row["attributes"]["unit_of_measurement"]


def test_a_restored_state_with_a_value_says_so() -> None:
    restored = row("sensor.a", "21.5", restored=True)

    value, *_ = convert_state(HassState.from_wire(restored, "x"))

    assert (value.value, value.quality) == ("21.5", Quality.RESTORED)


@pytest.mark.parametrize(
    ("entity_id", "value", "unit"),
    [
        ("sensor.outside_temperature", "15.6", "°C"),
        ("input_number.target", "0.0", "%"),
        ("sensor.total_gas_ft3", "0.0", "m³"),
        ("binary_sensor.basement_floor_wet", "clear", ""),
        ("binary_sensor.movement_backyard", "detected", ""),
        ("binary_sensor.guests", "away", ""),
        ("cover.hall_window", "open", ""),
        ("lock.front_door", "locked", ""),
        ("light.ceiling_lights", "on", ""),
        ("air_quality.demo_air_quality_home", "14", "\u00b5g/m³"),
        ("input_select.house_mode", "Home", ""),
    ],
)
def test_captured_values_come_in_our_words(entity_id: str, value: str, unit: str) -> None:
    found, *_ = convert_state(HassState.from_wire(captured.state(entity_id), "x"))

    assert (found.address, found.value, found.unit, found.quality) == (entity_id, value, unit, Quality.GOOD)


def test_every_captured_value_is_one_text_of_one_quality() -> None:
    for row in captured.states():
        value, *_ = convert_state(HassState.from_wire(row, "x"))

        assert (value.value is None) == (row["state"] in ("unavailable", "unknown"))
        assert "\u03bc" not in value.unit


# What cannot be read


def test_an_unreadable_state_protects_its_key_and_spoils_no_other() -> None:
    home = captured.home(
        entity_registry=[captured.entry("light.a", id="abc")],
        states=[row("light.a") | {"state": 7}, row("light.b"), row("sensor.c") | {"attributes": None}],
    )

    structure = convert_home(home)

    assert [state.address for one in structure.entities for state in one.states] == ["light.b"]
    assert [(one.kind, one.key, one.path) for one in structure.quarantined] == [
        ("state", "abc", "states[0].state"),
        ("state", "entity_id:sensor.c", "states[2].attributes"),
    ]
    assert structure.complete


def test_an_unreadable_registry_row_does_not_bring_its_state_under_another_key() -> None:
    home = captured.home(
        entity_registry=[{**captured.entry("light.a", id="abc"), "device_id": 7}],
        states=[row("light.a"), row("light.b")],
    )

    structure = convert_home(home)

    assert [one.key for one in structure.entities] == ["entity:entity_id:light.b"]
    assert [(one.key, one.path) for one in structure.quarantined] == [("abc", "entity_registry[0].device_id")]


@pytest.mark.parametrize("bad", [None, 7, "", "light", "light.", "x" * 300])
def test_a_row_that_leaves_open_which_entity_it_is_of_brings_nothing_under_another_key(bad: object) -> None:
    home = captured.home(
        entity_registry=[{**captured.entry("light.a", id="abc"), "entity_id": bad}, captured.entry("light.b", id="b")],
        states=[row("light.a"), row("light.b")],
    )

    structure = convert_home(home)

    assert [one.key for one in structure.entities] == ["entity:b"], "light.a may be abc: added now it would double"
    assert not structure.complete, "what has no row and was known before is not removed"
    assert "entity_registry[0]" in structure.incomplete_reason
    assert [one.key for one in structure.quarantined] == ["abc"]


def test_an_unreadable_device_protects_itself_and_its_states() -> None:
    home = captured.home(
        device_registry=[captured.device("d", name=["?"])],
        entity_registry=[captured.entry("light.a", id="abc", device_id="d")],
        states=[row("light.a")],
    )

    structure = convert_home(home)

    assert structure.entities == ()
    assert [(one.kind, one.key) for one in structure.quarantined] == [("entity", "d"), ("state", "abc")]
    assert structure.complete


def test_an_unreadable_area_protects_its_key_and_things_stay_in_it() -> None:
    home = captured.home(
        area_registry=[{"area_id": "attic", "name": None}],
        device_registry=[captured.device("d", area_id="attic")],
        entity_registry=[captured.entry("light.a", device_id="d")],
        states=[row("light.a")],
    )

    structure = convert_home(home)

    assert [(one.kind, one.key) for one in structure.quarantined] == [("location", "area:attic")]
    assert structure.entities[0].location_key == "area:attic"


@pytest.mark.parametrize(
    "lists",
    [
        {"states": [{"state": "on"}]},
        {"states": [None]},
        {"entity_registry": [{**captured.entry("light.a"), "id": None}]},
        {"device_registry": ["?"]},
        {"area_registry": [{"name": "Attic"}]},
        {"floor_registry": [[]]},
    ],
)
def test_a_row_whose_key_cannot_be_read_makes_the_answer_incomplete(lists: dict[str, Any]) -> None:
    structure = convert_home(captured.home(**lists))

    assert not structure.complete
    assert "[0]" in structure.incomplete_reason


def test_a_device_that_is_not_listed_makes_the_answer_incomplete() -> None:
    home = captured.home(entity_registry=[captured.entry("light.a", device_id="d", id="abc")], states=[row("light.a")])

    structure = convert_home(home)

    assert not structure.complete
    assert [one.key for one in structure.quarantined] == ["abc"]


@pytest.mark.parametrize("fields", [{"state": "NOT_RUNNING"}, {"state": "STARTING"}, {"recovery_mode": True}])
def test_a_home_that_is_not_all_there_is_incomplete(fields: dict[str, Any]) -> None:
    structure = convert_home(captured.demo_home(config=captured.config(**fields)))

    assert not structure.complete
    assert "Home Assistant" in structure.incomplete_reason


def test_a_kind_without_a_mapping_is_a_text_that_is_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    home = captured.home(states=[row("strange_kind.a"), row("strange_kind.b")])
    with caplog.at_level("INFO"):
        structure = convert_home(home)
        convert_home(home)

    assert find_state(structure, "strange_kind.a").state_type is EntityStateType.TEXT
    assert len([record for record in caplog.records if "strange_kind" in record.getMessage()]) == 1
    assert find_entity(structure, "strange_kind.a").entity_type is EntityType.OTHER


def test_a_rename_changes_neither_which_state_is_primary_nor_any_aspect() -> None:
    entries = [
        captured.entry(f"sensor.{name}", device_id="d", original_name=name, created_at=1000.0 + number)
        for number, name in enumerate(("flow", "return"))
    ]
    devices = [captured.device("d", name="Boiler")]

    def aspects(first: str, *rows_: dict[str, Any]) -> set[tuple[str, str, bool]]:
        values = [row(name, device_class="temperature") for name in (first, "sensor.return")]
        (thing,) = convert_home(captured.home(device_registry=devices, entity_registry=rows_, states=values)).entities
        return {(state.key, state.aspect, state.is_primary) for state in thing.states}

    renamed = {**entries[0], "entity_id": "sensor.renamed"}

    assert aspects("sensor.flow", *entries) == aspects("sensor.renamed", entries[1], renamed)  # at the end, as there


def test_while_entities_are_renamed_nothing_without_a_row_is_added_and_nothing_removed() -> None:
    home = captured.home(
        entity_registry=[captured.entry("light.new")], states=[row("light.old"), row("zone.home")], is_settled=False
    )

    structure = convert_home(home)

    assert structure.entities == ()
    assert not structure.complete
    assert structure.incomplete_reason == "entities were being renamed there"
