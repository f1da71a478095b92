"""The ready-made homes are what they promise."""

from collections import Counter

import pytest

from hi.testing.hass import home

pytestmark = pytest.mark.pure


def test_the_demo_home_is_a_house_on_three_floors() -> None:
    model = home.demo()

    assert len(model.floors) == 3
    assert 55 <= len(model.devices) <= 90
    assert len(model.states) >= 150
    assert len(model.areas) >= 12
    placed = [
        row["entity_id"]
        for row in model.entities.values()
        if row["device_id"] and model.devices[row["device_id"]]["area_id"] in model.areas
    ]
    assert len(placed) >= 150


def test_the_demo_home_has_every_domain_that_hi_maps_and_some_it_does_not() -> None:
    domains = {state.domain for state in home.demo().states.values()}

    assert domains >= {
        "alarm_control_panel",
        "assist_satellite",
        "calendar",
        "counter",
        "date",
        "datetime",
        "device_tracker",
        "event",
        "group",
        "humidifier",
        "image",
        "lawn_mower",
        "notify",
        "remote",
        "schedule",
        "script",
        "siren",
        "text",
        "time",
        "timer",
        "todo",
        "water_heater",
        "zone",
        "light",
        "switch",
        "binary_sensor",
        "sensor",
        "climate",
        "cover",
        "fan",
        "lock",
        "media_player",
        "camera",
        "scene",
        "button",
        "number",
        "select",
        "input_boolean",
        "input_number",
        "input_select",
        "input_text",
        "input_datetime",
        "input_button",
        "sun",
        "person",
        "weather",
        "update",
        "automation",
        "vacuum",
        "valve",
    }


def test_the_demo_home_has_the_odd_cases_of_a_real_one() -> None:
    model = home.demo()
    rows = model.entities.values()

    assert [row for row in rows if row["disabled_by"]]
    assert [row for row in rows if row["hidden_by"]]
    assert {row["entity_category"] for row in rows} == {None, "config", "diagnostic"}
    assert len([row for row in rows if not row["device_id"]]) >= 10
    assert len([key for key in model.states if key not in model.entities]) >= 5
    assert [row["name"] for row in model.devices.values() if row["entry_type"] == "service"] == ["Sun"]
    quality = Counter(state.state for state in model.states.values())
    assert quality["unavailable"] >= 2
    assert quality["unknown"] >= 1


def test_ids_are_unique_and_the_same_at_every_start() -> None:
    first, second = home.demo(), home.demo()

    assert {key: row["id"] for key, row in first.entities.items()} == {
        key: row["id"] for key, row in second.entities.items()
    }
    assert list(first.devices) == list(second.devices)
    assert len({row["id"] for row in first.entities.values()}) == len(first.entities)
    unique = {(row["platform"], key.partition(".")[0], row["unique_id"]) for key, row in first.entities.items()}
    assert len(unique) == len(first.entities)


def test_a_device_row_points_only_to_what_exists() -> None:
    model = home.demo()

    for row in model.devices.values():
        assert row["area_id"] is None or row["area_id"] in model.areas
        assert row["via_device_id"] is None or row["via_device_id"] in model.devices
    for area in model.areas.values():
        assert area["floor_id"] is None or area["floor_id"] in model.floors


@pytest.mark.parametrize(("count", "devices"), [(1, 2), (5, 2), (1003, 202)])
def test_a_sized_home_has_as_many_entities_as_asked_for(count: int, devices: int) -> None:
    model = home.sized(count)

    assert (len(model.states), len(model.entities), len(model.devices)) == (count, count, devices)


def test_the_small_home_is_small() -> None:
    model = home.small()

    assert len(model.devices) == 6
    assert len(model.states) < 20
