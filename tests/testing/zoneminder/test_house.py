"""The house does what it is told by the API and by its controls."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hi.testing.zoneminder import VIEWER_RIGHTS, SimulatedZoneMinder
from tests.testing.zoneminder.client import ask, get, login, send

pytestmark = pytest.mark.wire


def write(sim: SimulatedZoneMinder, method: str, path: str, **columns: Any) -> Any:
    form = {"token": login(sim)["access_token"]} | {f"Monitor[{name}]": value for name, value in columns.items()}
    return send(sim, method, path, data=form).json()


def alarm(sim: SimulatedZoneMinder, monitor_id: int, command: str) -> Any:
    return ask(sim, f"monitors/alarm/id:{monitor_id}/command:{command}.json")


def test_the_house_has_four_cameras_of_which_one_looks_for_nothing(sim: SimulatedZoneMinder) -> None:
    rows = [row["Monitor"] for row in ask(sim, "monitors.json")["monitors"]]

    assert [(row["Id"], row["Name"]) for row in rows] == [
        (1, "Front door"),
        (2, "Driveway"),
        (3, "Garden"),
        (4, "Garage"),
    ]
    assert [row["Function"] for row in rows] == ["Modect", "Modect", "Mocord", "Monitor"]


def test_the_rows_hold_the_cameras_secrets(sim: SimulatedZoneMinder) -> None:
    row = sim.monitor(1)["Monitor"]

    assert row["Pass"] == sim.camera_secret
    assert f":{sim.camera_secret}@" in row["Path"]


def test_a_monitor_comes_is_renamed_and_goes_with_its_events(sim: SimulatedZoneMinder) -> None:
    monitor_id = sim.add_monitor("Attic", Function="None")
    assert set(sim.monitor(monitor_id)["Monitor_Status"].values()) == {None}
    event_id = sim.begin_event(monitor_id)
    sim.rename_monitor(monitor_id, "Loft")
    assert ask(sim, f"monitors/{monitor_id}.json")["monitor"]["Monitor"]["Name"] == "Loft"

    sim.remove_monitor(monitor_id)

    assert get(sim, f"monitors/{monitor_id}.json").status_code == 404
    assert get(sim, f"events/{event_id}.json").status_code == 404


def test_the_api_adds_and_deletes_a_monitor_as_captured(sim: SimulatedZoneMinder) -> None:
    assert write(sim, "POST", "monitors.json", Name="Attic", Function="None", Width="320") == {"message": "Saved"}
    row = ask(sim, "monitors.json")["monitors"][-1]["Monitor"]
    assert (row["Name"], row["Width"]) == ("Attic", 320)

    answer = send(sim, "DELETE", f"monitors/{row['Id']}.json", params={"token": login(sim)["access_token"]})

    assert answer.json()["status"] == "ok"
    assert len(ask(sim, "monitors.json")["monitors"]) == 4


def test_a_written_function_restarts_the_capture(sim: SimulatedZoneMinder) -> None:
    sim.house.restart_seconds = 60.0
    event_id = sim.begin_event(1)

    assert write(sim, "PUT", "monitors/1.json", Function="Nodect") == {"message": "Saved"}

    assert sim.monitor(1)["Monitor_Status"]["Status"] == "NotRunning"
    assert sim.event(event_id)["EndDateTime"] is not None
    assert alarm(sim, 1, "status")["status"] == "false"
    sim.house.restart_seconds = 0.0
    sim.set_function(1, "Modect")
    assert sim.monitor(1)["Monitor_Status"]["Status"] == "Connected"


def test_a_forced_alarm_makes_an_event_that_ends_some_time_after_it_is_cancelled(sim: SimulatedZoneMinder) -> None:
    event_id = int(alarm(sim, 2, "on")["status"].removeprefix("Alarmed event id: "))
    assert alarm(sim, 2, "status")["status"] == 2
    assert sim.event(event_id)["Cause"] == "Forced Web"

    alarm(sim, 2, "off")

    assert alarm(sim, 2, "status")["status"] == 3
    sim.wait_for(lambda: sim.alarm(2) == 0)
    assert sim.event(event_id)["EndDateTime"] is not None


def test_a_run_state_gives_every_monitor_its_function(sim: SimulatedZoneMinder) -> None:
    sim.set_run_state("Home")
    assert [row["Monitor"]["Function"] for row in ask(sim, "monitors.json")["monitors"]][:2] == ["Monitor", "Monitor"]

    ask(sim, "states/change/Away.json")

    states = {row["State"]["Name"]: row["State"]["IsActive"] for row in ask(sim, "states.json")["states"]}
    assert states == {"default": 0, "Home": 0, "Away": 1}
    assert sim.monitor(1)["Monitor"]["Function"] == "Modect"


def test_a_stopped_server_says_so_until_it_is_started(sim: SimulatedZoneMinder) -> None:
    sim.set_run_state("stop")
    assert ask(sim, "host/daemonCheck.json") == {"result": 0}
    assert alarm(sim, 1, "status")["status"] == "false"

    sim.set_run_state("start")

    assert ask(sim, "host/daemonCheck.json") == {"result": 1}
    assert alarm(sim, 1, "status")["status"] == 0


def test_an_upgrade_keeps_the_monitors_and_makes_modes_of_functions() -> None:
    with SimulatedZoneMinder.running(restart_seconds=0.0) as sim:
        before = [row["Monitor"]["Id"] for row in ask(sim, "monitors.json")["monitors"]]
        sim.set_version("1.38.0")
        rows = [row["Monitor"] for row in ask(sim, "monitors.json")["monitors"]]

        assert ask(sim, "host/getVersion.json")["version"] == "1.38.0"
        assert [row["Id"] for row in rows] == before
        assert [(row["Capturing"], row["Analysing"], row["Recording"]) for row in rows] == [
            ("Always", "Always", "OnMotion"),
            ("Always", "Always", "OnMotion"),
            ("Always", "Always", "Always"),
            ("Always", "None", "None"),
        ]
        assert rows[0]["Deleted"] is False
        write(sim, "PUT", "monitors/1.json", Function="None")
        assert sim.monitor(1)["Monitor_Status"]["Status"] == "Connected"
        write(sim, "PUT", "monitors/1.json", Capturing="None")
        assert sim.monitor(1)["Monitor_Status"]["Status"] == "NotRunning"
        assert write(sim, "PUT", "monitors/1.json", Capturing="Bogus")["message"].startswith("Error")
        assert sim.monitor(1)["Monitor"]["Capturing"] == "None"


def test_numbers_may_be_texts_as_an_old_php_tells_them() -> None:
    with SimulatedZoneMinder.running(numbers_as_text=True, events=1) as sim:
        assert ask(sim, "monitors.json")["monitors"][0]["Monitor"]["Id"] == "1"
        answer = ask(sim, "events.json")

    assert isinstance(answer["events"][0]["Event"]["MonitorId"], str)
    assert answer["pagination"]["count"] == 1


def test_who_may_view_may_not_write_and_who_may_see_one_monitor_sees_its_events_alone() -> None:
    with SimulatedZoneMinder.running() as sim:
        sim.add_user("viewer", "v", **VIEWER_RIGHTS, monitor_ids=frozenset({2}))
        for monitor_id in (1, 2):
            sim.begin_event(monitor_id)
        token = login(sim, "viewer", "v")["access_token"]

        assert send(sim, "PUT", "monitors/2.json", params={"token": token}).status_code == 401
        assert ask(sim, "monitors/1.json", token) == {"monitor": []}
        assert [row["Event"]["MonitorId"] for row in ask(sim, "events.json", token)["events"]] == [2]
        sim.update_user("viewer", monitors="Edit", monitor_ids=frozenset())
        assert send(sim, "PUT", "monitors/2.json", params={"token": token}).status_code == 200


def test_a_session_lives_as_long_as_the_servers_clock_says() -> None:
    with SimulatedZoneMinder.running(access_seconds=60, refresh_seconds=600) as sim:
        issued = login(sim)
        sim.advance(59)
        assert get(sim, "host/getVersion.json", issued["access_token"]).status_code == 200
        sim.advance(2)
        assert get(sim, "host/getVersion.json", issued["access_token"]).status_code == 401
        renewed = send(sim, "POST", "host/login.json", data={"token": issued["refresh_token"]}).json()
        assert get(sim, "host/getVersion.json", renewed["access_token"]).status_code == 200
        assert "refresh_token" not in renewed
        login(sim, password="wrong")

        assert (sim.logins, sim.refreshes, sim.failed_logins) == (1, 1, 1)


def test_pages_of_events_are_followed_to_the_end() -> None:
    with SimulatedZoneMinder.running(time_zone="UTC") as sim:
        began = datetime(2026, 1, 1, tzinfo=UTC)
        for number in range(250):
            moment = began + timedelta(minutes=number)
            sim.add_event(1 + number % 2, moment, moment + timedelta(seconds=20))
        token, found, page = login(sim)["access_token"], [], 1
        while True:
            answer = ask(sim, "events.json", token, page=page)
            found += [row["Event"]["Id"] for row in answer["events"]]
            if not answer["pagination"]["nextPage"]:
                break
            page += 1
        assert (found, page) == (list(range(1, 251)), 3)

        def ids(filters: str, **query: Any) -> list[int]:
            rows = ask(sim, f"events/index/{filters}.json", token, **query)["events"]
            return [row["Event"]["Id"] for row in rows]

        assert ids("Id >:247") == [248, 249, 250]
        assert ids("Id >=:240/MonitorId:1") == [241, 243, 245, 247, 249]
        assert ids("StartTime >=:2026-01-01 04:08:00") == [249, 250]
        assert ids("EndTime <:2026-01-01 00:01:00") == [1]
        assert ids("Cause LIKE:Mot%/Id <:3", sort="Id", direction="desc") == [2, 1]
        assert len(ids("MonitorId:1/MonitorId:2")) == 100
        open_id = sim.begin_event(1)
        assert open_id not in ids("EndTime >=:2020-01-01 00:00:00", sort="Id", direction="desc")


def test_a_living_house_sees_motion_now_and_then_and_has_seen_some_yesterday() -> None:
    with SimulatedZoneMinder.running(rate=6000, events=12) as sim:
        yesterday = sim.house.events.copy()
        sim.wait_for(lambda: len(sim.house.events) > len(yesterday))

        assert len(yesterday) == 12
        assert all(event.ended_at for event in yesterday.values())
        assert any(sim.alarm(monitor_id) == 2 for monitor_id in (1, 2, 3))
