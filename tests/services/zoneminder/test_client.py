"""ZmClient against the simulator: who is let in, what a 200 is worth, and what is asked how often."""

import time
from collections.abc import Callable

import pytest

from hi.integration import exceptions
from hi.services.zoneminder.client import ZmClient
from hi.services.zoneminder.zoneminder_gateway import ZoneMinderGateway
from hi.testing.zoneminder import VIEWER_RIGHTS, SimulatedZoneMinder

pytestmark = pytest.mark.wire
Config = dict[str, str]


def test_one_sign_in_serves_all_that_is_asked(sim: SimulatedZoneMinder, config: Config) -> None:
    for _time in range(2):
        with ZmClient(config) as client:
            assert len(client.ask("monitors")["monitors"]) == 4
    assert (sim.logins, sim.failed_logins) == (1, 0)


def test_a_token_that_is_not_taken_any_more_costs_one_sign_in(sim: SimulatedZoneMinder, config: Config) -> None:
    with ZmClient(config) as client:
        client.ask("monitors")
        sim.advance(1)
        sim.revoke_tokens()
        sim.advance(1)
        client.ask("monitors")
    assert (sim.logins + sim.refreshes, sim.failed_logins) == (2, sim.failed_logins)


def test_before_a_token_ends_its_refresh_saves_the_password(config: Config) -> None:
    with SimulatedZoneMinder.running(access_seconds=1) as sim, ZmClient(config | {"url": sim.url}) as client:
        client.ask("monitors")
        time.sleep(0.55)  # more than half of it
        client.ask("monitors")
        assert (sim.logins, sim.refreshes) == (1, 1)


def test_a_changed_password_is_tried_once_and_remembered(sim: SimulatedZoneMinder, config: Config) -> None:
    with ZmClient(config | {"password": "wrong"}) as client:
        for _time in range(4):
            with pytest.raises(exceptions.AuthenticationError, match="refused the password") as caught:
                client.ask("monitors")
    assert caught.value.field == "password"
    assert sim.failed_logins == 1


@pytest.mark.parametrize(
    ("prepare", "error", "words"),
    [
        (lambda sim: sim.use_api(False), exceptions.AccessDeniedError, "refuses this machine"),
        (lambda sim: sim.update_user("admin", api_enabled=False), exceptions.AccessDeniedError, "refuses this machine"),
        (lambda sim: sim.update_user("admin", enabled=False), exceptions.AuthenticationError, "refused the password"),
        (lambda sim: sim.lose_hash_secret(), exceptions.AccessDeniedError, "403"),
        (lambda sim: sim.database_down(), exceptions.ConnectionError, "answers with nothing"),
        (lambda sim: sim.answer_html(), exceptions.ProtocolError, "a web page instead of ZoneMinder"),
    ],
)
def test_why_nobody_is_let_in(
    sim: SimulatedZoneMinder,
    config: Config,
    prepare: Callable[[SimulatedZoneMinder], None],
    error: type[Exception],
    words: str,
) -> None:
    prepare(sim)
    with ZmClient(config) as client, pytest.raises(error, match=words) as caught:
        client.ask("monitors")
    assert sim.password not in str(caught.value)
    assert "token=" not in str(caught.value)


def test_missing_rights_are_told_apart_and_cost_no_sign_in(sim: SimulatedZoneMinder, config: Config) -> None:
    sim.add_user("guest", "guest", **VIEWER_RIGHTS)
    with ZmClient(config | {"user": "guest", "password": "guest"}) as client:
        assert client.ask("monitors")["monitors"]
        for _time in range(3):
            with pytest.raises(exceptions.MissingRightsError, match="guest have states"):
                client.ask("states")
    assert (sim.logins, sim.failed_logins) == (1, 0)


def test_where_authentication_is_off_nothing_is_sent(sim: SimulatedZoneMinder, config: Config) -> None:
    sim.use_auth(False)
    with ZmClient(config | {"user": "", "password": ""}) as client:
        assert client.ask("monitors")["monitors"]
        assert client.sign_in() == "no password is asked for"


def test_who_gives_no_password_where_one_is_asked_for_is_told_so(sim: SimulatedZoneMinder, config: Config) -> None:
    with (
        ZmClient(config | {"user": "", "password": ""}) as client,
        pytest.raises(exceptions.AuthenticationError, match="asks for a password") as caught,
    ):
        client.ask("monitors")
    assert caught.value.field == "password"


@pytest.mark.parametrize("status", [404, 405, 501])
def test_an_address_without_its_path_is_told(sim: SimulatedZoneMinder, config: Config, status: int) -> None:
    sim.fail(status)
    with ZmClient(config) as client, pytest.raises(exceptions.ProtocolError, match="no ZoneMinder at") as caught:
        client.sign_in()
    assert "the address ends in /zm" in caught.value.hint


def test_all_events_are_read_whatever_their_number(sim: SimulatedZoneMinder, config: Config) -> None:
    for _number in range(200):
        sim.add_event(1, sim.now(), sim.now())
    with ZmClient(config) as client:
        assert len(list(client.ask_events(after=0))) == 200
    assert sum(count for path, count in sim.paths.items() if "events" in path) == 3


def test_what_does_not_exist_is_nothing(config: Config) -> None:
    with ZmClient(config) as client:
        assert client.ask("monitors/99", may_miss=True) is None
        assert client.ask("monitors/1", may_miss=True)["monitor"]["Monitor"]["Name"] == "Front door"


def test_the_connection_test_tells_what_it_finds(sim: SimulatedZoneMinder, config: Config) -> None:
    sim.add_user("guest", "guest", **VIEWER_RIGHTS)
    sim.add_user("nobody", "nobody", monitors="None", events="None", system="None")

    def test(user: str) -> dict[str, str]:
        steps = ZoneMinderGateway().connection_steps(config | {"user": user, "password": user})
        return {name: action() for name, action in steps}

    found = test("guest")
    assert list(found) == ["Reach", "Sign in", "Version", "Time", "Read"]
    assert found["Version"] == "1.36.33"
    assert found["Time"] == "its events are in the time of Europe/Berlin"
    assert found["Read"] == "4 monitors; the user may not see or set the run state"
    with pytest.raises(exceptions.MissingRightsError, match="nobody have monitors"):
        test("nobody")
