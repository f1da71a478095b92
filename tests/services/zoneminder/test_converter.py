"""A captured ZoneMinder, and what becomes of it."""

from datetime import UTC, datetime

import pytest

from hi.entity.enums import EntityStateType, EntityType, StateCategory
from hi.integration.core.specs import StateSpec
from hi.services.zoneminder.converter import convert_monitor_values, convert_server_value, convert_structure
from hi.services.zoneminder.wire import ZmRunStates, read_monitors
from tests.services.zoneminder.captured import body

pytestmark = pytest.mark.pure
T = EntityStateType
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def convert_states() -> tuple[dict[str, StateSpec], ...]:
    structure = convert_structure(
        "cameras.home/zm", "1.36.33", ZmRunStates.from_wire(body("states")), read_monitors(body("monitors"))
    )
    assert structure.complete
    assert [(entity.key, entity.name, entity.entity_type) for entity in structure.entities] == [
        ("server", "ZoneMinder", EntityType.SERVICE),
        ("monitor.1", "FrontDoor", EntityType.CAMERA),
    ]
    return tuple({state.aspect: state for state in entity.states} for entity in structure.entities)


def test_the_server_is_a_thing_and_so_is_each_monitor() -> None:
    for states, primary in zip(convert_states(), ("daemon", "video"), strict=True):
        assert [aspect for aspect, state in states.items() if state.is_primary] == [primary]


def test_inner_health_and_configuration_are_told_from_what_a_monitor_is_for() -> None:
    _server, monitor = convert_states()
    found = {
        category: {name for name, state in monitor.items() if state.category is category} for category in StateCategory
    }
    assert found[StateCategory.PURPOSE] == {"video", "motion", "alarm"}
    assert found[StateCategory.CONFIGURATION] == {"enabled", "function"}
    assert found[StateCategory.DIAGNOSTIC] == {"fps", "events", "events_today"}


def test_states_say_what_they_are_and_measures_their_unit() -> None:
    server, monitor = convert_states()
    assert {name: monitor[name].state_type for name in ("video", "motion", "enabled")} == {
        "video": T.VIDEO,
        "motion": T.DETECTION,
        "enabled": T.ON_OFF,
    }
    assert (server["daemon"].state_type, server["run_state"].state_type) == (T.CONNECTIVITY, T.CHOICE)
    (row,) = read_monitors(body("monitors")).rows.values()
    units = {value.address: (value.value, value.unit) for value in convert_monitor_values(row, NOW)}
    assert units["1.fps"] == ("5", "fps")
    assert convert_server_value("disk", 41.26, NOW).unit == "%"
