"""Whatever a server sends: nothing but quarantine, and never a lost key without saying so."""

import copy
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hi.integration.core.specs import flatten
from hi.integration.enums import ItemKind
from hi.integration.exceptions import DataValidationError
from hi.services.hass.aspects import convert_state
from hi.services.hass.converter import by_address, convert_home
from hi.services.hass.wire import HassState, is_entity_id
from tests.services.hass import captured

pytestmark = pytest.mark.pure

LISTS = ("entity_registry", "device_registry", "area_registry", "floor_registry", "label_registry", "states")

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def mutilated(draw: st.DrawFn) -> dict[str, list[Any]]:
    """The captured lists, each cut short, with some fields and rows replaced by anything."""
    home = captured.demo_home()
    lists = {name: copy.deepcopy(getattr(home, name)[:12]) for name in LISTS}
    entry = captured.load("ws-entity_registry-get")["received"]["result"]
    lists["entity_registry"].append({**entry, "device_id": lists["device_registry"][1]["id"]})
    lists["states"].append(captured.state("light.bed_light"))
    for _ in range(draw(st.integers(1, 6))):
        rows = lists[draw(st.sampled_from(LISTS))]
        index = draw(st.integers(0, len(rows) - 1))
        field = draw(st.sampled_from([None, *rows[index]])) if isinstance(rows[index], dict) and rows[index] else None
        if field is None:
            rows[index] = draw(anything)
        elif draw(st.booleans()):
            rows[index][field] = draw(anything)
        else:
            del rows[index][field]
    return lists


@given(mutilated())
def test_no_payload_raises_and_no_key_is_lost_silently(lists: dict[str, list[Any]]) -> None:
    structure = convert_home(captured.home(**lists))

    list(flatten(structure))
    for entity in structure.entities:
        assert sum(state.is_primary for state in entity.states) == 1
    if any(not isinstance(row, dict) or not is_entity_id(row.get("entity_id")) for row in lists["entity_registry"]):
        # It may be the row of any state that has none.
        assert not [
            state for entity in structure.entities for state in entity.states if state.key.startswith("entity_id:")
        ]
    if structure.complete:
        # Complete means that every row has a key; an entity id that cannot be read still leaves the row's own.
        known = {state.key for entity in structure.entities for state in entity.states}
        known |= {one.key for one in structure.quarantined if one.kind is ItemKind.STATE}
        named = [row for row in lists["entity_registry"] if isinstance(row.get("entity_id"), str)]
        ids = {row["entity_id"]: row["id"] for row in named}
        known |= {row["id"] for row in named if row.get("disabled_by")}
        assert {ids.get(row["entity_id"]) or by_address(row["entity_id"]) for row in lists["states"]} <= known


@given(st.sampled_from(captured.states()), st.data())
def test_no_attribute_breaks_an_entity_or_its_other_features(row: dict[str, Any], data: st.DataObject) -> None:
    names = sorted({"supported_features", "supported_color_modes", "device_class", "code_format", *row["attributes"]})
    name = data.draw(st.sampled_from(names))
    row = {**row, "attributes": {**row["attributes"], name: data.draw(anything)}}

    structure = convert_home(captured.home(states=[row]))
    values = convert_state(HassState.from_wire(row, "x"))

    addresses = [state.address for entity in structure.entities for state in entity.states]
    assert addresses == [value.address for value in values], "what is listed has a value, and the other way round"
    assert len(set(addresses)) == len(addresses)
    assert all((value.value is None) == (value.quality in ("unavailable", "unknown")) for value in values)
    json.dumps([item.fields for item in flatten(structure)], allow_nan=False)


@given(anything)
def test_a_list_of_anything_is_quarantined(row: Any) -> None:
    for name in LISTS:
        convert_home(captured.home(**{name: [row, row]}))


@given(anything, anything, anything)
def test_any_difference_is_merged_or_refused(plus: Any, minus: Any, attributes: Any) -> None:
    state = HassState.from_wire(captured.state("light.bed_light"), "x")
    for diff in (plus, {"+": plus, "-": minus}, {"+": {"s": plus, "lc": minus, "a": attributes}, "-": {"a": minus}}):
        with suppress(DataValidationError):
            convert_state(state.changed_by(diff))


@given(anything, anything, anything)
def test_any_short_form_is_read_or_refused(state: Any, attributes: Any, changed: Any) -> None:
    for row in (state, {"s": state, "a": attributes, "lc": changed}):
        with suppress(DataValidationError):
            convert_state(HassState.from_short("light.bed_light", row))
