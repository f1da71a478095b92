"""Captured answers, and what they may not be."""

import copy
from datetime import datetime
from typing import Any

import pytest

from hi.integration.exceptions import DataValidationError
from hi.services.zoneminder.wire import ZmRunStates, read_events, read_monitors, read_version
from tests.services.zoneminder.captured import body

pytestmark = pytest.mark.pure


def test_a_monitor_is_read_and_nothing_of_its_camera() -> None:
    answer = body("monitors")
    answer["monitors"][0]["Monitor"] |= {"Pass": "canary", "Path": "rtsp://canary@camera/", "User": "canary"}
    table = read_monitors(answer)
    (monitor,) = table.rows.values()
    assert (monitor.id, monitor.name, monitor.modes) == ("1", "FrontDoor", {"Function": "Modect"})
    assert (monitor.enabled, monitor.is_capturing, monitor.fps, monitor.events) == (True, True, 4.99, 53)
    assert not table.bad
    assert "canary" not in repr(monitor)


def test_numbers_may_be_texts() -> None:
    def as_text(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: as_text(one) for key, one in value.items()}
        if isinstance(value, list):
            return [as_text(one) for one in value]
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value

    for name in ("monitors", "monitors_restricted_user"):
        assert read_monitors(as_text(body(name))) == read_monitors(body(name))
    assert read_events(as_text(body("events_default"))["events"]) == read_events(body("events_default")["events"])


def test_a_monitor_that_never_ran_has_no_figures() -> None:
    answer = body("monitors")
    answer["monitors"][0] |= {"Monitor_Status": dict.fromkeys(("Status", "CaptureFPS")), "Event_Summary": None}
    (monitor,) = read_monitors(answer).rows.values()
    assert (monitor.is_capturing, monitor.fps, monitor.events, monitor.events_today) == (False, None, None, None)


def test_from_1_37_on_three_modes_drive_it_and_what_was_deleted_is_not_there() -> None:
    answer = body("monitors")
    newer = {"Capturing": "Always", "Analysing": "None", "Recording": "OnMotion", "Deleted": False}
    answer["monitors"][0]["Monitor"] |= newer
    gone = copy.deepcopy(answer["monitors"][0])
    gone["Monitor"] |= {"Id": 9, "Deleted": True}
    (monitor,) = read_monitors({"monitors": [*answer["monitors"], gone]}).rows.values()
    assert monitor.modes == {"Capturing": "Always", "Analysing": "None", "Recording": "OnMotion"}


@pytest.mark.parametrize(
    ("change", "key", "path"),
    [
        ({"Name": None}, "1", "monitors[0].Name"),
        ({"Function": 7}, "1", "monitors[0].Function"),
        ({"Id": "x"}, "", "monitors[0].id"),
    ],
)
def test_one_that_cannot_be_read_is_set_aside_by_its_id(change: dict[str, Any], key: str, path: str) -> None:
    answer = body("monitors")
    answer["monitors"][0]["Monitor"] |= change
    table = read_monitors(answer)
    (bad,) = table.bad
    assert not table.rows
    assert (bad.read_key("id"), bad.path) == (key, path)


@pytest.mark.parametrize("answer", [None, [], {}, {"monitors": None}, {"monitors": {}}])
def test_an_answer_without_a_list_is_refused(answer: object) -> None:
    with pytest.raises(DataValidationError):
        read_monitors(answer)


def test_events_are_told_by_number_in_order_and_each_once() -> None:
    rows = body("events_filter_id_gt")["events"]
    (event,) = read_events(rows * 2)
    assert (event.number, event.address, event.title) == (258, "1.motion", "Motion: All, Porch")
    assert (event.started, event.ended) == (datetime(2026, 11, 22, 20, 49, 47), datetime(2026, 11, 22, 20, 49, 58))
    assert (event.seconds, event.is_detection) == (10.81, True)
    continuous, broken = copy.deepcopy(rows[0]), copy.deepcopy(rows[0])
    continuous["Event"] |= {"Id": 3, "Cause": "Continuous", "Notes": "", "EndDateTime": None}
    broken["Event"] |= {"Id": 4, "StartDateTime": "yesterday"}
    first, second = read_events([*rows, broken, continuous, None])
    assert (first.number, first.is_detection, first.ended, first.title) == (3, False, None, "Continuous")
    assert second == event


def test_run_states_and_version_as_captured() -> None:
    states = ZmRunStates.from_wire(body("states"))
    assert (states.names, states.active) == (("default", "Home", "Away"), "default")
    assert read_version(body("getVersion")) == "1.36.33"
    for answer in ({"version": "Apache"}, {"version": None}, {}, []):
        with pytest.raises(DataValidationError):
            read_version(answer)
