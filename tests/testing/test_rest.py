"""The REST side answers as captured."""

from typing import Any

import pytest
import requests

from hi.testing.hass import SimulatedHass, home
from tests.testing.shapes import captured, same_shape

pytestmark = pytest.mark.wire


def get(sim: SimulatedHass, path: str, token: str | None = "") -> requests.Response:
    """With the good token, another one, or None for none."""
    given = sim.token if token == "" else token
    headers = {} if given is None else {"Authorization": f"Bearer {given}"}
    with requests.Session() as session:
        session.trust_env = False
        return session.get(sim.url + path, headers=headers, timeout=5)


def check(response: requests.Response, name: str) -> None:
    expected: dict[str, Any] = captured(name)["response"]
    assert response.status_code == expected["status"]
    for header in ("Content-Type", "Content-Encoding"):
        assert response.headers.get(header) == expected["headers"].get(header)
    if isinstance(expected["body"], str):
        assert response.text == expected["body"]
    else:
        same_shape(response.json(), expected["body"], free=("attributes",))


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("rest-api", "/api/"),
        ("rest-config", "/api/config"),
        ("rest-core-state", "/api/core/state"),
        ("rest-states-head", "/api/states"),
        ("rest-state-one", "/api/states/light.kitchen_ceiling_light"),
        ("rest-state-missing", "/api/states/light.nope"),
        ("rest-unknown-path", "/api/nope"),
    ],
)
def test_a_page_answers_as_captured(sim: SimulatedHass, name: str, path: str) -> None:
    check(get(sim, path), name)


@pytest.mark.parametrize(("name", "token"), [("rest-no-token", None), ("rest-bad-token-1", "bad.token")])
def test_a_missing_or_wrong_token_is_401_in_plain_text(sim: SimulatedHass, name: str, token: str | None) -> None:
    check(get(sim, "/api/", token), name)

    assert sim.failed_logins == 1


def test_after_too_many_wrong_tokens_everything_is_403_the_good_token_included() -> None:
    with SimulatedHass.running(home=home.small(), ban_after=5) as sim:
        for _ in range(5):
            check(get(sim, "/api/", "bad.token"), "rest-bad-token-1")

        check(get(sim, "/api/", "bad.token"), "rest-bad-token-6")
        check(get(sim, "/api/"), "rest-banned-with-good-token")


def test_a_revoked_token_is_401(sim: SimulatedHass) -> None:
    sim.revoke_token()

    check(get(sim, "/api/"), "rest-revoked-token")


def test_the_states_are_those_of_the_home(sim: SimulatedHass) -> None:
    sim.set_state("sensor.coffee_machine_power", "1350.0")

    states = {state["entity_id"]: state for state in get(sim, "/api/states").json()}

    assert set(states) == set(sim.states())
    assert states["sensor.coffee_machine_power"]["state"] == "1350.0"


def test_one_connection_serves_several_requests(sim: SimulatedHass) -> None:
    with requests.Session() as session:
        session.trust_env = False
        for _ in range(3):
            session.get(sim.url + "/api/", headers={"Authorization": f"Bearer {sim.token}"}, timeout=5)

        assert sim.paths == {"/api/": 3}
        assert len(sim.server.connections) == 1


def test_what_is_no_get_is_405(sim: SimulatedHass) -> None:
    answer = requests.post(sim.url + "/api/", json={"a": 1}, timeout=5)

    assert (answer.status_code, answer.text) == (405, "405: Method Not Allowed")


def test_a_camera_is_shown_to_who_is_signed_in_or_has_its_own_token_and_hidden_from_others() -> None:
    with SimulatedHass.running(home=home.demo()) as sim:
        state = next(one for one in sim.states().values() if one.entity_id.startswith("camera."))
        path, address = f"/api/camera_proxy/{state.entity_id}", state.attributes["entity_picture"]
        told = [get(sim, path), get(sim, address, None), get(sim, path, None), get(sim, path, "bad.token")]
        assert [answer.status_code for answer in told] == [200, 200, 403, 401]
        assert [answer.headers["Content-Type"] for answer in told[:2]] == ["image/jpeg"] * 2
        assert sim.failed_logins == 1
        assert get(sim, "/api/camera_proxy/camera.nope", None).status_code == 404
