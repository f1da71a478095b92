from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from hi.integration.exceptions import DataValidationError
from hi.services.hass.wire import HassConfig, HassDevice, HassEntityEntry, HassState
from tests.services.hass import captured

pytestmark = pytest.mark.pure
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_captured_state_is_read() -> None:
    state = HassState.from_wire(captured.state("sensor.outside_temperature"), "states[0]")

    assert (state.domain, state.state, state.device_class, state.unit) == ("sensor", "15.6", "temperature", "°C")
    assert not state.is_restored
    assert state.changed_at.tzinfo is UTC


def test_an_attribute_change_is_not_a_change_of_the_state() -> None:
    # person.hi: last_changed and last_updated differ in the captured answer.
    row = captured.state("person.hi")

    assert row["last_changed"] != row["last_updated"]
    assert HassState.from_wire(row, "x").changed_at == datetime.fromisoformat(row["last_changed"])


def test_the_short_form_says_the_same_as_the_long_one() -> None:
    short = captured.load("ws-subscribe_entities")["received"][1]["event"]["a"]["scene.evening"]
    long = next(row for row in captured.states("states-unavailable-unknown") if row["entity_id"] == "scene.evening")

    one, other = HassState.from_short("scene.evening", short), HassState.from_wire(long, "x")

    assert (one.state, one.changed_at) == (other.state, other.changed_at)


def test_differences_add_up_as_the_captured_subscription_tells_them() -> None:
    first, gone, back = (
        message["event"]
        for message in captured.load("ws-subscribe_entities-unavailable-and-back")["received"]
        if message["type"] == "event"
    )
    name = "sensor.synth_00000_temperature"

    state = HassState.from_short(name, first["a"][name])
    unavailable = state.changed_by(gone["c"][name])
    again = unavailable.changed_by(back["c"][name])

    assert (state.state, unavailable.state, again.state) == ("15.03", "unavailable", "15.03")
    assert unavailable.device_class == again.device_class == "temperature"
    assert again.unit == "°C"
    assert again.changed_at > unavailable.changed_at > state.changed_at


def test_a_difference_of_attributes_alone_leaves_state_and_time() -> None:
    state = HassState("sensor.a", "1", NEW_YEAR, NEW_YEAR, {"unit_of_measurement": "W"})

    changed = state.changed_by({"+": {"a": {"seq": 2}, "lu": 1795398692.9}})
    bare = state.changed_by({"+": {}, "-": {"a": ["unit_of_measurement"]}})

    assert replace(changed, updated_at=state.updated_at) == state
    assert changed.updated_at == datetime.fromtimestamp(1795398692.9, UTC)
    assert (bare.unit, bare.updated_at) == ("", state.updated_at)


def test_attributes_that_nothing_is_read_with_are_not_kept() -> None:
    short = captured.load("ws-subscribe_entities")["received"][1]["event"]["a"]["group.downstairs"]

    assert HassState.from_short("group.downstairs", short).attributes == {}
    state = HassState.from_short("group.downstairs", short, frozenset({"order"}))
    assert state.attributes == {"order": 0}
    assert state.changed_by({"+": {"a": {"order": 1, "x": 2}}}, frozenset({"order"})).attributes == {"order": 1}


def test_a_captured_registry_row_is_read() -> None:
    entry = HassEntityEntry.from_wire(captured.load("ws-entity_registry-get")["received"]["result"], "x")

    assert entry.entity_id == "light.bed_light"
    assert entry.device_id == "f654618ff1e0e81bf1add45c97291ed3"
    assert entry.has_entity_name


def test_the_users_precision_wins_over_the_suggested_one() -> None:
    options = {"sensor": {"suggested_display_precision": 2, "display_precision": 1}}

    assert HassEntityEntry.from_wire(captured.entry("sensor.a", options=options), "x").precision == 1


def test_a_device_goes_by_the_name_its_user_gave_it() -> None:
    row = captured.device("d", name="TS0201", name_by_user="Cellar", sw_version="1.2", hw_version=7)
    device = HassDevice.from_wire(row, "x")

    assert device.name == "Cellar"
    assert device.details == {"Firmware": "1.2"}, "a version that is no text only decorates, so it is left out"


def test_a_service_device_is_known_by_its_entry_type() -> None:
    sun, wet = (HassDevice.from_wire(row, "x") for row in captured.rows("device_registry")[:2])

    assert (sun.name, sun.is_service) == ("Sun", True)
    assert not wet.is_service


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"id": None}, "entity_registry[12].id"),
        ({"id": 7}, "entity_registry[12].id"),
        ({"id": "x" * 201}, "entity_registry[12].id"),
        ({"entity_id": "no-dot"}, "entity_registry[12].entity_id"),
        ({"entity_id": "light."}, "entity_registry[12].entity_id"),
        ({"device_id": 3}, "entity_registry[12].device_id"),
        ({"name": ["x"]}, "entity_registry[12].name"),
    ],
)
def test_an_unreadable_registry_row_names_its_path(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(DataValidationError) as caught:
        HassEntityEntry.from_wire({**captured.entry("light.a"), **changes}, "entity_registry[12]")

    assert caught.value.path == path


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"state": None}, "states[3].state"),
        ({"state": 21.5}, "states[3].state"),
        ({"attributes": []}, "states[3].attributes"),
        ({"last_changed": "yesterday"}, "states[3].last_changed"),
        ({"last_changed": 1795398692.9}, "states[3].last_changed"),
    ],
)
def test_an_unreadable_state_names_its_path(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(DataValidationError) as caught:
        HassState.from_wire({**captured.state("sun.sun"), **changes}, "states[3]")

    assert caught.value.path == path


@pytest.mark.parametrize("moment", [1e300, -1e300, "1795398692.9", None, True])
def test_a_time_that_is_none_is_refused(moment: object) -> None:
    with pytest.raises(DataValidationError):
        HassState.from_short("sensor.a", {"s": "1", "a": {}, "lc": moment})


def test_a_running_server_is_ready() -> None:
    config = captured.config()

    assert (config.version, config.location_name, config.not_ready) == ("2025.4.4", "hi probe", "")


@pytest.mark.parametrize(
    "fields", [{"state": "STARTING"}, {"state": "STOPPING"}, {"recovery_mode": True}, {"safe_mode": True}]
)
def test_a_server_without_all_of_its_home_says_so(fields: dict[str, Any]) -> None:
    assert captured.config(**fields).not_ready


def test_something_else_than_a_config_is_refused() -> None:
    with pytest.raises(DataValidationError):
        HassConfig.from_wire({"message": "API running."}, "config")
