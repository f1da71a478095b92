"""ZmCommander against the simulator: what is set, and which answers of 200 say that it was not."""

import pytest

from hi.integration import exceptions
from hi.integration.commander import Order, PreparedOrder
from hi.services.zoneminder.zoneminder_gateway import ZmCommander
from hi.testing.zoneminder import VIEWER_RIGHTS, SimulatedZoneMinder

pytestmark = pytest.mark.wire
Config = dict[str, str]


def order(config: Config, address: str, value: str) -> PreparedOrder:
    with ZmCommander(config) as commander:
        prepared = commander.prepare(Order(address, value))
        commander.send(prepared)
    return prepared


def test_a_run_state_is_set(sim: SimulatedZoneMinder, config: Config) -> None:
    prepared = order(config, "server.run_state", "Away")
    assert (prepared.expected, prepared.seconds) == (("Away",), 120)
    with pytest.raises(exceptions.OrderRefusedError, match="no run state Bogus"):
        order(config, "server.run_state", "Bogus")


def test_how_a_monitor_works_is_set(sim: SimulatedZoneMinder, config: Config) -> None:
    assert order(config, "1.function", "Record").expected == ("Record",)
    assert order(config, "2.enabled", "off").expected == ("off",)
    assert sim.monitor(1)["Monitor"]["Function"] == "Record"
    assert sim.monitor(2)["Monitor"]["Enabled"] == 0


def test_the_modes_of_1_38_are_set_each_for_itself(sim: SimulatedZoneMinder, config: Config) -> None:
    sim.set_version("1.38.0")
    order(config, "1.recording", "Always")
    assert {key: sim.monitor(1)["Monitor"][key] for key in ("Capturing", "Analysing", "Recording")} == {
        "Capturing": "Always",
        "Analysing": "Always",
        "Recording": "Always",
    }


def test_an_alarm_is_forced_and_taken_back(sim: SimulatedZoneMinder, config: Config) -> None:
    assert "alarm" in order(config, "1.alarm", "force").expected
    assert sim.alarm(1) == 2
    assert "idle" in order(config, "1.alarm", "end").expected
    assert sim.alarm(1) in (0, 3)


def test_what_was_not_done_is_refused_with_its_reason(sim: SimulatedZoneMinder, config: Config) -> None:
    sim.set_function(1, "None")
    with pytest.raises(exceptions.OrderRefusedError, match="did not do it"):
        order(config, "1.alarm", "force")
    with pytest.raises(exceptions.OrderRefusedError, match="cannot handle alarms"):  # which 200 says in a sentence
        order(config, "4.alarm", "force")
    with pytest.raises(exceptions.OrderRefusedError, match=r"did not save it: .*Please choose one of"):
        order(config, "1.function", "Bogus")
    with pytest.raises(exceptions.OrderRefusedError, match="has no monitor 99"):
        order(config, "99.function", "None")


def test_who_may_only_look_is_told_so(sim: SimulatedZoneMinder, config: Config) -> None:
    sim.add_user("guest", "guest", **VIEWER_RIGHTS)
    guest = config | {"user": "guest", "password": "guest"}
    with pytest.raises(exceptions.OrderRefusedError, match="guest have monitors/1"):
        order(guest, "1.function", "None")
    with pytest.raises(exceptions.OrderRefusedError, match="no run state"):
        order(guest, "server.run_state", "Away")
    assert sim.monitor(1)["Monitor"]["Function"] == "Modect"


def test_a_monitor_that_the_user_may_not_see_is_not_set(sim: SimulatedZoneMinder, config: Config) -> None:
    """It is answered for with 200 and an empty list, and an order for it would be carried out."""
    sim.add_user("guest", "guest", monitor_ids=frozenset({2}))
    with pytest.raises(exceptions.OrderRefusedError, match="has no monitor 1"):
        order(config | {"user": "guest", "password": "guest"}, "1.function", "None")
    assert sim.monitor(1)["Monitor"]["Function"] == "Modect"


def test_an_order_is_sent_once_even_where_the_answer_is_lost(sim: SimulatedZoneMinder, config: Config) -> None:
    with ZmCommander(config) as commander:
        prepared = commander.prepare(Order("1.function", "Record"))
        sim.fail(503, path="monitors/1")
        with pytest.raises(exceptions.ConnectionError):
            commander.send(prepared)
    assert sum(count for path, count in sim.paths.items() if path.endswith("monitors/1.json")) == 2
