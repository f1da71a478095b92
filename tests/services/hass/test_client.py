import time
import traceback
from collections.abc import Callable, Iterator

import pytest
from websockets.exceptions import ConnectionClosedError
from websockets.frames import Close

from hi.integration import exceptions
from hi.integration.websocket import websocket_error
from hi.services.hass.client import HOME_ASSISTANT, HassClient
from hi.services.hass.converter import convert_home
from hi.testing.hass import SimulatedHass, home
from tests.raw_servers import http, say, serving

pytestmark = pytest.mark.wire


@pytest.fixture
def sim() -> Iterator[SimulatedHass]:
    with SimulatedHass.running(home=home.small()) as simulator:
        yield simulator


def connect(sim: SimulatedHass, token: str = "", seconds: float = 2.0) -> HassClient:
    config = {"url": sim.url, "token": token or sim.token}
    return HassClient(config, answer_seconds=seconds, fetch_seconds=2 * seconds)


def client_of(port: int) -> HassClient:
    return HassClient({"url": f"http://127.0.0.1:{port}", "token": "a-token"})


def test_a_server_introduces_itself_without_any_token(sim: SimulatedHass) -> None:
    with connect(sim, "another-token") as client:
        assert client.fetch_version() == "2025.4.4"

    assert sim.failed_logins == 0


def test_one_session_reads_everything(sim: SimulatedHass) -> None:
    with connect(sim) as client:
        structure = convert_home(client.fetch_home())

    addresses = {state.address for entity in structure.entities for state in entity.states}
    assert {address for address in addresses if "#" not in address} == set(sim.states())
    assert structure.complete
    sim.wait_for(lambda: sim.connections == 0)
    assert sim.logins == 1


def test_a_large_home_fits_through() -> None:
    with SimulatedHass.running(home=home.sized(4000)) as sim, connect(sim, seconds=10) as client:
        found = client.fetch_home()

    assert len(found.states) == 4000


def test_the_things_of_the_demo_home_show_what_people_look_for() -> None:
    with SimulatedHass.running(home=home.demo()) as sim, connect(sim, seconds=10) as client:
        things = convert_home(client.fetch_home()).entities

    primary = {thing.name: [state.name for state in thing.states if state.is_primary] for thing in things}
    assert {len(names) for names in primary.values()} == {1}
    assert {name: primary[name][0] for name in ("Boiler", "Washing machine", "Fridge freezer", "Roof solar")} == {
        "Boiler": "Flow temperature",
        "Washing machine": "Status",
        "Fridge freezer": "Fridge temperature",
        "Roof solar": "Power",
    }
    assert primary["Hall motion"] == ["Motion"]
    assert primary["Balcony door"] == ["Door"]


def test_a_starting_server_gives_an_incomplete_home(sim: SimulatedHass) -> None:
    sim.go_down()
    sim.come_up(entities=3)

    with connect(sim) as client:
        structure = convert_home(client.fetch_home())

    assert not structure.complete
    assert "NOT_RUNNING" in structure.incomplete_reason


@pytest.mark.parametrize("action", [HassClient.sign_in, HassClient.fetch_config, HassClient.fetch_home])
def test_a_wrong_token_is_tried_once_and_names_the_field(
    sim: SimulatedHass, action: Callable[[HassClient], object]
) -> None:
    with connect(sim, "wrong-token") as client, pytest.raises(exceptions.AuthenticationError) as caught:
        action(client)

    assert caught.value.field == "token"
    assert "Long-lived access tokens" in caught.value.hint
    assert sim.failed_logins == 1


@pytest.mark.parametrize(
    "action",
    [HassClient.fetch_version, HassClient.sign_in, HassClient.fetch_config, HassClient.fetch_home],
)
def test_a_banned_address_is_denied_whatever_the_token(
    sim: SimulatedHass, action: Callable[[HassClient], object]
) -> None:
    sim.ban()

    with connect(sim) as client, pytest.raises(exceptions.AccessDeniedError, match="403") as caught:
        action(client)

    assert "ip_bans.yaml" in caught.value.hint


@pytest.mark.parametrize("command", ["get_states", "config/entity_registry/list", "config/device_registry/list"])
def test_missing_rights_are_told_apart_from_a_bad_token(sim: SimulatedHass, command: str) -> None:
    sim.refuse_command(command)

    with connect(sim) as client, pytest.raises(exceptions.AccessDeniedError, match=command):
        client.fetch_home()


def test_a_server_without_floors_is_complete(sim: SimulatedHass) -> None:
    sim.refuse_command("config/floor_registry/list", "unknown_command", "Unknown command.")

    with connect(sim) as client:
        found = client.fetch_home()

    assert found.floor_registry == []
    assert convert_home(found).complete


def test_floors_that_are_refused_are_not_taken_for_none(sim: SimulatedHass) -> None:
    sim.refuse_command("config/floor_registry/list", "home_assistant_error", "Storage is broken.")

    with connect(sim) as client, pytest.raises(exceptions.ProtocolError, match="home_assistant_error"):
        client.fetch_home()


def test_a_cut_list_of_devices_is_noticed(sim: SimulatedHass) -> None:
    sim.partial(2, "config/device_registry/list")

    with connect(sim) as client:
        assert not convert_home(client.fetch_home()).complete


def misbehave(sim: SimulatedHass) -> list[Callable[[], None]]:
    return [
        sim.answer_html,
        lambda: sim.fail(500),
        lambda: sim.fail(404),
        lambda: sim.fail(400),
        lambda: sim.drip(0.02),
        sim.stall,
    ]


@pytest.mark.parametrize(
    ("number", "error", "words"),
    [
        (0, exceptions.ProtocolError, "a web page"),
        (1, exceptions.ConnectionError, "an error of its own (500)"),
        (2, exceptions.ProtocolError, "There is no Home Assistant"),
        (3, exceptions.ProtocolError, "lets no WebSocket through"),
        (4, exceptions.ConnectionError, "too slowly"),
        (5, exceptions.ConnectionError, "said nothing"),
    ],
)
def test_each_misbehaviour_has_its_own_message(
    sim: SimulatedHass, number: int, error: type[exceptions.IntegrationError], words: str
) -> None:
    misbehave(sim)[number]()
    begun = time.monotonic()

    with connect(sim, seconds=0.3) as client, pytest.raises(error) as caught:
        client.fetch_version()

    assert words in str(caught.value)
    assert caught.value.hint
    assert time.monotonic() - begun < 3


def test_a_drip_does_not_hold_a_fetch(sim: SimulatedHass) -> None:
    sim.drip(0.001)
    begun = time.monotonic()

    with connect(sim, seconds=0.5) as client, pytest.raises(exceptions.ConnectionError):
        client.fetch_home()

    assert time.monotonic() - begun < 4


def test_a_name_that_leads_out_of_the_home_gets_neither_connection_nor_token() -> None:
    config = {"url": "http://2852039166:80", "token": "a-token"}  # 169.254.169.254
    with HassClient(config, answer_seconds=0.5) as client:
        for action in (client.fetch_version, client.sign_in, client.fetch_config, client.fetch_home):
            with pytest.raises(exceptions.ConfigurationError, match="cannot be a system in your home"):
                action()


def test_a_redirect_is_not_followed_with_the_token() -> None:
    answer = http("302 Found", "", "text/html", "Location: http://192.0.2.1/api/websocket\r\n")
    with serving(say(answer)) as port, client_of(port) as client:
        with pytest.raises(exceptions.ProtocolError, match="sends elsewhere"):
            client.fetch_home()
        with pytest.raises(exceptions.ProtocolError, match="redirects to"):
            client.sign_in()


@pytest.mark.parametrize(
    "body", ['{"message": "hello"}', "[]", "null", '"API running."', "<html></html>", '{"message": "API run']
)
def test_another_server_is_not_taken_for_a_home_assistant(body: str) -> None:
    answer = http("200 OK", body, "application/json")
    with (
        serving(say(answer)) as port,
        client_of(port) as client,
        pytest.raises(exceptions.ProtocolError),
    ):
        client.sign_in()


@pytest.mark.parametrize("answer", [b"SSH-2.0-OpenSSH_9.6\r\n", b"\x00\x01\x02\r\n\r\n", b""])
def test_a_server_of_another_language_is_told_apart(answer: bytes) -> None:
    with (
        serving(say(answer)) as port,
        client_of(port) as client,
        pytest.raises((exceptions.ProtocolError, exceptions.ConnectionError)) as caught,
    ):
        client.fetch_version()

    assert f"127.0.0.1:{port}" in str(caught.value)


def test_no_error_holds_the_token(sim: SimulatedHass) -> None:
    token = "canary-token-0123456789"
    said: list[str] = []
    for fault in (*misbehave(sim), sim.ban, sim.refuse_token, sim.heal):
        sim.heal()
        fault()
        for action in (HassClient.fetch_version, HassClient.sign_in, HassClient.fetch_config, HassClient.fetch_home):
            try:
                with connect(sim, token, seconds=0.2) as client:
                    action(client)
            except exceptions.IntegrationError as err:
                said.append(f"{err} {err.hint} {err!r} {''.join(traceback.format_exception(err))}")

    assert len(said) > 20
    assert not any("canary" in text for text in said)


@pytest.mark.parametrize(
    ("received", "sent", "words"),
    [
        (Close(1000, ""), None, "closed the connection"),
        (None, Close(1011, "keepalive ping timeout"), "has stopped answering"),  # nobody closed anything
        (None, None, "closed the connection"),  # the line broke
    ],
)
def test_a_source_that_fell_silent_is_not_said_to_have_hung_up(
    received: Close | None, sent: Close | None, words: str
) -> None:
    closed = ConnectionClosedError(received, sent, rcvd_then_sent=None)
    err = websocket_error("http://house:8123", closed, 10, HOME_ASSISTANT)
    assert isinstance(err, exceptions.ConnectionError)
    assert words in str(err)
