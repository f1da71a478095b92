"""A commander against the simulated home: looks first, calls once, and says why not."""

import logging
import time
import traceback
from collections.abc import Callable, Iterator

import pytest

from hi.integration import exceptions
from hi.integration.commander import Order, PreparedOrder
from hi.services.hass.hass_gateway import HassCommander
from hi.testing.hass import SimulatedHass, home
from hi.testing.hass.services import ALARM_CODE
from hi.testing.hass.specs import lock, other
from tests.raw_servers import unused_port

pytestmark = pytest.mark.wire

LIGHT = "light.kitchen_ceiling_light"


@pytest.fixture
def sim() -> Iterator[SimulatedHass]:
    with SimulatedHass.running(home=home.small(), pace=0.01) as simulator:
        yield simulator


def connect(sim: SimulatedHass, token: str = "", seconds: float = 2.0) -> HassCommander:
    return HassCommander({"url": sim.url, "token": token or sim.token}, look_seconds=seconds, call_seconds=seconds)


def carry_out(sim: SimulatedHass, address: str, value: str, code: str = "") -> PreparedOrder:
    with connect(sim) as commander:
        prepared = commander.prepare(Order(address, value, code))
        commander.send(prepared)
    return prepared


def services(sim: SimulatedHass) -> list[str]:
    return [f"{call['domain']}.{call['service']}" for call in sim.calls]


def test_a_light_is_switched_dimmed_and_coloured(sim: SimulatedHass) -> None:
    carry_out(sim, LIGHT, "off")
    assert sim.states()[LIGHT].state == "off"
    carry_out(sim, f"{LIGHT}#brightness", "40")
    assert (sim.states()[LIGHT].state, sim.states()[LIGHT].attributes["brightness"]) == ("on", 102)
    carry_out(sim, f"{LIGHT}#hue", "120")
    carry_out(sim, f"{LIGHT}#saturation", "60")
    assert sim.states()[LIGHT].attributes["hs_color"] == [120.0, 60.0]
    carry_out(sim, f"{LIGHT}#color_temp", "3000")
    assert sim.states()[LIGHT].attributes["color_temp_kelvin"] == 3000


def test_looking_changes_nothing_and_calls_nothing(sim: SimulatedHass) -> None:
    before = sim.states()

    with connect(sim) as commander:
        prepared = commander.prepare(Order(LIGHT, "off"))

    assert prepared.expected == ("off",)
    assert sim.states() == before
    assert sim.calls == []


def test_one_session_looks_and_calls_and_is_closed(sim: SimulatedHass) -> None:
    carry_out(sim, LIGHT, "off")

    sim.wait_for(lambda: sim.connections == 0)
    assert sim.logins == 1
    assert sim.commands["call_service"] == 1
    assert sim.paths["/api/states"] == sim.commands["get_states"] == 0


def test_a_lock_is_open_when_it_says_so_and_not_while_it_turns(sim: SimulatedHass) -> None:
    prepared = carry_out(sim, "lock.front_door_lock", "unlocked")

    assert (prepared.expected, prepared.denied_by) == (("unlocked",), ("jammed",))
    sim.wait_for(lambda: sim.states()["lock.front_door_lock"].state == "unlocked")


def test_what_does_not_exist_is_refused_before_anything_is_sent(sim: SimulatedHass) -> None:
    with connect(sim) as commander, pytest.raises(exceptions.OrderRefusedError) as caught:
        commander.prepare(Order("light.nope", "on"))

    assert str(caught.value) == "Home Assistant has no light.nope."
    assert caught.value.hint
    assert sim.calls == []


def test_what_is_unavailable_is_refused_before_anything_is_sent(sim: SimulatedHass) -> None:
    sim.make_unavailable(LIGHT)

    with connect(sim) as commander, pytest.raises(exceptions.OrderRefusedError, match="cannot reach"):
        commander.prepare(Order(LIGHT, "on"))

    assert sim.calls == []


def test_what_is_only_unknown_can_be_pressed(sim: SimulatedHass) -> None:
    entity_id = sim.add_entity(other("button", "Bell", "unknown"))

    carry_out(sim, entity_id, "press")

    assert sim.states()[entity_id].state != "unknown"


def test_a_value_out_of_range_is_refused_by_the_attributes_of_this_moment(sim: SimulatedHass) -> None:
    sim.set_state("climate.kitchen_thermostat", "heat", max_temp=25.0)

    with connect(sim) as commander, pytest.raises(exceptions.OrderRefusedError, match="Choose between 7 and 25"):
        commander.prepare(Order("climate.kitchen_thermostat#target_temperature", "30"))


def test_the_services_own_reason_reaches_the_caller(sim: SimulatedHass) -> None:
    sim.fail_service("light.turn_off", "The bridge says: device 7 is unreachable.")

    with pytest.raises(exceptions.OrderRefusedError) as caught:
        carry_out(sim, LIGHT, "off")

    assert str(caught.value) == "The bridge says: device 7 is unreachable."
    assert services(sim) == ["light.turn_off"]


def test_a_wrong_code_is_refused_with_the_panels_reason_and_a_right_one_is_taken(sim: SimulatedHass) -> None:
    panel = sim.add_entity(
        other("alarm_control_panel", "Alarm", "armed_home", code_format="number", supported_features=63)
    )

    with pytest.raises(exceptions.OrderRefusedError, match=r"^Invalid alarm code provided$"):
        carry_out(sim, panel, "disarm", code="9999")
    carry_out(sim, panel, "disarm", code=ALARM_CODE)

    assert sim.states()[panel].state == "disarmed"


def test_a_panel_that_needs_no_code_to_arm_is_armed_without(sim: SimulatedHass) -> None:
    panel = other(
        "alarm_control_panel", "Alarm", "disarmed", code_format="number", code_arm_required=False, supported_features=63
    )

    carry_out(sim, sim.add_entity(panel), "arm_away")

    assert "code" not in sim.calls[0]["service_data"]


def test_a_reason_that_quotes_the_code_does_not_show_it(sim: SimulatedHass, caplog: pytest.LogCaptureFixture) -> None:
    entity_id = sim.add_entity(lock().but(name="Back door"))
    code = "".join(map(str, (2, 4, 6, 8)))  # a traceback shows this file
    sim.fail_service("lock.unlock", f"The code {code} is not one of ours.")

    with caplog.at_level(logging.DEBUG), pytest.raises(exceptions.OrderRefusedError) as caught:
        carry_out(sim, entity_id, "unlocked", code=code)

    assert "is not one of ours" in str(caught.value)
    assert code not in "".join(traceback.format_exception(caught.value))
    assert code not in "".join(record.getMessage() for record in caplog.records if record.name.startswith("hi."))
    assert sim.calls[0]["service_data"]["code"] == code


def test_a_reason_is_cut_and_without_secrets(sim: SimulatedHass) -> None:
    sim.fail_service("light.turn_off", "http://user:secret99@bridge/ did not answer. " + "x" * 2000)

    with pytest.raises(exceptions.OrderRefusedError) as caught:
        carry_out(sim, LIGHT, "off")

    assert "secret99" not in str(caught.value)
    assert len(str(caught.value)) <= 300


def test_missing_rights_refuse_the_order_and_do_not_condemn_the_token(sim: SimulatedHass) -> None:
    sim.fail_service("light.turn_off", "Unauthorized", code="unauthorized")

    with pytest.raises(exceptions.OrderRefusedError, match="this token's user") as caught:
        carry_out(sim, LIGHT, "off")

    assert "administrator" in caught.value.hint


def test_a_service_that_the_server_does_not_have_is_told(sim: SimulatedHass) -> None:
    sim.fail_service("light.turn_off", "Service light.turn_off not found.", code="not_found")

    with pytest.raises(exceptions.OrderRefusedError, match=r"Service light\.turn_off not found"):
        carry_out(sim, LIGHT, "off")


@pytest.mark.parametrize("fault", [SimulatedHass.lose_answers, lambda sim: sim.slow_services(3.0)])
def test_an_answer_that_never_comes_leaves_the_outcome_open_and_the_call_is_not_repeated(
    sim: SimulatedHass, fault: Callable[[SimulatedHass], None]
) -> None:
    fault(sim)

    begin = time.monotonic()
    with connect(sim, seconds=0.5) as commander:
        prepared = commander.prepare(Order(LIGHT, "off"))
        with pytest.raises(exceptions.ConnectionError) as caught:
            commander.send(prepared)

    assert time.monotonic() - begin < 2.5
    assert not isinstance(caught.value, exceptions.OrderRefusedError)
    assert services(sim) == ["light.turn_off"]
    assert sim.states()[LIGHT].state == "off"


def test_a_line_that_breaks_between_looking_and_calling_is_not_mended(sim: SimulatedHass) -> None:
    with connect(sim) as commander:
        prepared = commander.prepare(Order(LIGHT, "off"))
        sim.cut()
        with pytest.raises(exceptions.ConnectionError):
            commander.send(prepared)

    assert sim.calls == []
    assert sim.logins == 1


def test_what_lasts_is_taken_when_it_was_not_refused_at_once(sim: SimulatedHass) -> None:
    entity_id = sim.add_entity(
        other("update", "Firmware", "on", installed_version="1", latest_version="2", supported_features=1)
    )
    sim.slow_services(3.0)

    with connect(sim, seconds=0.3) as commander:
        commander.send(commander.prepare(Order(entity_id, "install")))

    assert services(sim) == ["update.install"]


def test_what_lasts_is_still_refused_with_its_reason(sim: SimulatedHass) -> None:
    entity_id = sim.add_entity(other("update", "Firmware", "on", supported_features=1))
    sim.fail_service("update.install", "No backup was made.")

    with pytest.raises(exceptions.OrderRefusedError, match="No backup was made"):
        carry_out(sim, entity_id, "install")


def test_what_lasts_and_loses_its_line_is_not_taken_for_done(sim: SimulatedHass) -> None:
    entity_id = sim.add_entity(other("update", "Firmware", "on", supported_features=1))
    sim.lose_answers()

    with pytest.raises(exceptions.ConnectionError):
        carry_out(sim, entity_id, "install")


def test_a_service_without_effect_is_not_noticed_here(sim: SimulatedHass) -> None:
    """It is the state that confirms, and not the answer."""
    sim.ignore_services()

    prepared = carry_out(sim, LIGHT, "off")

    assert sim.states()[LIGHT].state not in prepared.expected


def test_a_wrong_token_is_refused_before_anything_is_sent(sim: SimulatedHass) -> None:
    with connect(sim, token="wrong-token") as commander, pytest.raises(exceptions.AuthenticationError):
        commander.prepare(Order(LIGHT, "off"))

    assert sim.failed_logins == 1
    assert sim.calls == []


def test_a_banned_address_is_denied(sim: SimulatedHass) -> None:
    sim.ban()

    with connect(sim) as commander, pytest.raises(exceptions.AccessDeniedError):
        commander.prepare(Order(LIGHT, "off"))


def test_a_server_that_is_away_or_hangs_is_told_in_time(sim: SimulatedHass) -> None:
    away = HassCommander({"url": f"http://127.0.0.1:{unused_port()}", "token": "t"}, look_seconds=0.5)
    with away as commander, pytest.raises(exceptions.ConnectionError, match="refuses connections"):
        commander.prepare(Order(LIGHT, "off"))

    sim.stall()
    begin = time.monotonic()
    with connect(sim, seconds=0.5) as commander, pytest.raises(exceptions.ConnectionError):
        commander.prepare(Order(LIGHT, "off"))
    assert time.monotonic() - begin < 3


def test_the_token_is_in_no_error(sim: SimulatedHass) -> None:
    sim.lose_answers()
    with pytest.raises(exceptions.IntegrationError) as caught:
        carry_out(sim, LIGHT, "off")

    assert sim.token not in "".join(traceback.format_exception(caught.value))
