"""A made-up camera by the tables that services are made of: its payload, its list, its states, and how they are set."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from hi.entity.enums import ControlType, EntityStateType, Quality
from hi.integration.commander import Order
from hi.integration.core import readings, wire
from hi.integration.core.aspects import Aspect, Aspects, choice, group
from hi.integration.core.controls import PERCENT, Control, Word, number, prepare, words
from hi.integration.core.naming import choose_aspect, choose_aspects, slug, without_thing
from hi.integration.core.naming import words as in_words
from hi.integration.core.rows import Doubts, read_table
from hi.integration.core.specs import StateSpec
from hi.integration.enums import ItemKind
from hi.integration.exceptions import DataValidationError, OrderRefusedError

pytestmark = pytest.mark.pure
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Camera(wire.Payload):
    id: str = wire.key("Id")
    name: str = wire.text("Name", max_length=5)
    place: str = wire.first_text("Nickname", "Place")
    zoom: float = wire.number()
    floor: int = wire.integer(limit=100)
    enabled: bool = wire.flag()
    records: bool = wire.says("function", "record")
    unit: str = wire.text_within("units", "rate", otherwise="fps")


def test_a_payload_is_read_as_its_fields_say() -> None:
    row = {"Id": "7", "Name": "Garden gate", "Place": "Garden", "zoom": True, "floor": 1e9, "enabled": "yes"}
    more = {"function": "record", "units": {"rate": "Hz"}}

    assert Camera.from_wire(row | more, "x") == Camera("7", "Garde", "Garden", 0.0, 0, False, True, "Hz")
    assert Camera.from_wire(row | {"units": 7}, "x").unit == "fps"


@pytest.mark.parametrize(
    ("changes", "path"), [({"Id": None}, "x.Id"), ({"Id": "x" * 201}, "x.Id"), ({"Name": 7}, "x.Name")]
)
def test_what_must_be_readable_is_named_by_its_path(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(DataValidationError) as caught:
        Camera.from_wire({"Id": "7", "Name": "Gate"} | changes, "x")
    assert caught.value.path == path


def test_an_item_that_cannot_be_read_is_set_aside_and_protected() -> None:
    rows = [{"Id": "7", "Name": "Gate"}, {"id": "8", "Name": 1}, None]
    table, doubts = read_table(rows, "cameras", Camera.from_wire, "id"), Doubts()
    doubts.protect(table.bad, ItemKind.ENTITY, "id", "camera:{}".format)

    assert (list(table.rows), table.paths, table.keys) == (["7"], {"7": "cameras[0]"}, {"7", "8", ""})
    assert [(one.key, one.path) for one in doubts.quarantined] == [("camera:8", "cameras[1].Id")]
    assert doubts.tell()["incomplete_reason"] == "cameras[2] cannot be told from its neighbours"
    assert not doubts.tell()["complete"]


ALARM = words(
    ControlType.ACTION, Word("on", "force", ("alarm",)), Word("off", "cancel", bit=2, lasts=True), code="code"
)
CAMERA = group(
    ("camera", Aspect("fps", "Rate", EntityStateType.NUMBER, unit_from="rate_unit")),
    ("camera", Aspect("alarm", "Alarm", EntityStateType.STATUS, readings.text, control=ALARM)),
    ("camera", choice("mode", "Mode", 1, "modes", "set_mode")),
    ("camera", Aspect("heat", "Temperature", EntityStateType.TEMPERATURE, if_seen=True)),
)["camera"]
SEEN = {
    "fps": "4.5",
    "rate_unit": "\N{GREEK SMALL LETTER MU}Hz",
    "alarm": "idle",
    "modes": ["day", "night"],
    "code": "number",
}


def test_what_is_listed_has_a_value_and_the_other_way_round() -> None:
    main = StateSpec("id:7", "camera.7", "camera", "Gate")
    for attributes, bits in ((SEEN, 0), (SEEN, 1), (SEEN | {"heat": 31}, 3), ({}, 0)):
        values = list(
            CAMERA.convert("camera.7", attributes, bits, NOON, Quality.GOOD, {EntityStateType.TEMPERATURE: "°F"})
        )
        states = list(CAMERA.build(main, "Gate", attributes, bits, {"camera"}))
        assert [state.address for state in states] == [value.address for value in values]
    assert [(value.value, value.unit, value.quality) for value in values] == [(None, "", "unknown")] * 2
    assert [one.name for one in CAMERA.find_unseen(SEEN)] == ["heat"]
    gone = CAMERA.convert("camera.7", SEEN, 1, NOON, Quality.UNAVAILABLE)
    assert {(value.value, value.quality) for value in gone} == {(None, Quality.UNAVAILABLE)}


def test_an_aspect_is_told_in_its_units_and_set_by_its_control() -> None:
    values = CAMERA.convert("camera.7", SEEN | {"heat": 31}, 1, NOON, Quality.GOOD, {EntityStateType.TEMPERATURE: "°F"})
    told = {value.address: (value.value, value.unit) for value in values}
    assert told["camera.7#fps"] == ("4.5", "\N{MICRO SIGN}Hz")
    assert told["camera.7#heat"] == ("31", "°F")

    order = prepare(CAMERA.find_control("mode", SEEN, 1), Order("x", "night"), SEEN, 1, "camera", {"id": 7})
    assert (order.call.action, order.call.data, order.expected) == (
        "camera.set_mode",
        {"id": 7, "mode": "night"},
        ("night",),
    )
    forced = prepare(ALARM, Order("x", "on", "1234"), SEEN, 0, "camera", {"id": 7})
    assert (forced.call.action, forced.call.data["code"], forced.expected) == ("camera.force", "1234", ("alarm",))


@pytest.mark.parametrize(
    ("name", "value", "bits"),
    [("mode", "dusk", 1), ("mode", "day", 0), ("fps", "5", 0), ("no", "5", 0), ("alarm", "off", 0)],
)
def test_what_cannot_be_set_so_is_refused(name: str, value: str, bits: int) -> None:
    with pytest.raises(OrderRefusedError):
        prepare(CAMERA.find_control(name, SEEN, bits), Order("x", value), SEEN, bits, "camera", {})


def test_a_thing_without_the_bit_has_no_controller() -> None:
    assert Control(ControlType.NUMBER, "zoom", number("zoom"), needs=4).build({}, 3) is None
    assert PERCENT.build({}) is not None
    assert Aspects().find({}) == []


def test_names_and_aspects_are_made_of_what_there_is() -> None:
    assert (slug("Front door: Opening!"), in_words("carbon_dioxide"), in_words("pm25")) == (
        "front_door_opening", "Carbon dioxide", "PM2.5",
    )  # fmt: skip
    assert (without_thing("Gate Alarm", "Gate"), without_thing("Gateway", "Gate")) == ("Alarm", "Gateway")
    assert choose_aspects([["door"], ["door", ""], ["door", "lid"]]) == ["door", "door_2", "lid"]
    assert choose_aspect(["", "a"], {"a", "a_2"}) == "a_3"
