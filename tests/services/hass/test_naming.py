from datetime import UTC, datetime
from typing import Any

import pytest

from hi.integration.core.naming import choose_aspects
from hi.services.hass.converter import Member
from hi.services.hass.wire import HassEntityEntry, HassState

pytestmark = pytest.mark.pure
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def a_state(entity_id: str, **attributes: Any) -> HassState:
    return HassState(entity_id, "1", NEW_YEAR, NEW_YEAR, attributes)


def an_entry(entity_id: str, **fields: Any) -> HassEntityEntry:
    return HassEntityEntry(id=entity_id, entity_id=entity_id, **fields)


def assign_aspects(members: list[Member], thing_name: str) -> list[str]:
    is_alone = len(members) == 1
    return choose_aspects(member.suggest_aspects(thing_name, is_alone=is_alone) for member in members)


def test_a_users_name_wins() -> None:
    entry = an_entry("light.a", name="Bed Lamp", original_name="Lamp")

    assert Member(a_state("light.a"), entry).name_thing() == "Bed Lamp"
    assert Member(a_state("light.a"), entry).name_state("Bedroom") == "Bed Lamp"


def test_a_restored_friendly_name_renames_nothing() -> None:
    # states-restored-integration-failed.json: friendly_name is "Temperature" where it was "Synth 00000 Temperature".
    entry = an_entry("sensor.synth_00000_temperature", original_name="Synth 00000 Temperature")
    before = a_state(entry.entity_id, friendly_name="Synth 00000 Temperature")
    restored = a_state(entry.entity_id, friendly_name="Temperature", restored=True)

    assert Member(restored, entry).name_thing() == Member(before, entry).name_thing() == "Synth 00000 Temperature"


def test_without_a_registry_row_the_friendly_name_serves() -> None:
    assert Member(a_state("zone.home", friendly_name="hi probe")).name_thing() == "hi probe"


def test_without_any_name_the_entity_id_is_read_out() -> None:
    assert Member(a_state("sensor.total_gas_m3")).name_thing() == "Total gas m3"


def test_the_devices_name_is_not_said_twice() -> None:
    entry = an_entry("sensor.kitchen_temperature", original_name="Kitchen sensor Temperature")

    assert Member(a_state(entry.entity_id), entry).name_state("Kitchen sensor") == "Temperature"


def test_a_name_that_only_begins_like_the_device_stays() -> None:
    entry = an_entry("sensor.a", original_name="Sunlight")

    assert Member(a_state("sensor.a"), entry).name_state("Sun") == "Sunlight"


def test_a_main_feature_is_called_by_its_class_or_like_its_thing() -> None:
    nameless = an_entry("x.y", has_entity_name=True)

    assert Member(a_state("sensor.a", device_class="carbon_dioxide"), nameless).name_state("Cellar") == "Carbon dioxide"
    assert Member(a_state("sensor.a", device_class="pm25"), nameless).name_state("Cellar") == "PM2.5"
    assert Member(a_state("light.a"), nameless).name_state("Bed light") == "Bed light"
    assert Member(a_state("cover.a", device_class="garage"), nameless).name_state("Garage") == "Garage"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"has_entity_name": True}, True),
        ({"has_entity_name": True, "name": "My lamp"}, True),
        ({"has_entity_name": True, "original_name": "Ring"}, False),
        ({"original_name": "Lamp"}, True),
        ({"original_name": "Lamp Ring"}, False),
        ({}, False),
    ],
)
def test_the_main_feature_is_called_like_its_device(fields: dict[str, Any], expected: bool) -> None:
    assert Member(a_state("light.lamp"), an_entry("light.lamp", **fields)).is_main_feature("Lamp") is expected
    assert not Member(a_state("light.lamp")).is_main_feature("")


def test_aspects_are_unique_and_short() -> None:
    members = [
        Member(a_state("light.lamp"), an_entry("light.lamp")),
        Member(a_state("light.lamp_ring"), an_entry("light.lamp_ring", original_name="Ring")),
        Member(a_state("sensor.a", device_class="temperature"), an_entry("sensor.a", original_name="Board sensor")),
        Member(a_state("sensor.b", device_class="temperature"), an_entry("sensor.b", original_name="Air temperature")),
        Member(a_state("sensor.c", device_class="timestamp"), an_entry("sensor.c", original_name="Last seen")),
        Member(a_state("sensor.x", device_class="temperature"), an_entry("sensor.x", original_name="Air temperature")),
        Member(a_state("sensor.x_", device_class="temperature")),
        Member(a_state("sensor.x__", device_class="temperature")),
        Member(a_state("sensor." + "y" * 150)),
    ]

    aspects = assign_aspects(members, "Lamp")

    assert aspects[:6] == ["light", "ring", "temperature", "air_temperature", "last_seen", "x"]
    assert len(set(aspects)) == len(members)
    assert all(0 < len(aspect) <= 100 for aspect in aspects)


def test_a_renamed_entity_keeps_its_aspect() -> None:
    def aspects(entity_id: str, name: str) -> list[str]:
        entry = an_entry(entity_id, original_name="Uptime", name=name)
        return assign_aspects([Member(a_state("switch.plug")), Member(a_state(entity_id), entry)], "Plug")

    assert aspects("sensor.plug_uptime", "") == aspects("sensor.something_else", "Since when") == ["switch", "uptime"]
