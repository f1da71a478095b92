"""The connection test as a person sees it: which step fails, and what it says."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from hi.integration import exceptions
from hi.services.hass.client import HassClient
from hi.services.hass.hass_gateway import HassGateway
from hi.testing.hass import SimulatedHass, home
from tests.raw_servers import certificate, http, say, say_nothing, serving, unused_port

pytestmark = pytest.mark.wire


class ImpatientGateway(HassGateway):
    reach_seconds = 0.4
    answer_seconds = 0.4


@pytest.fixture
def sim() -> Iterator[SimulatedHass]:
    with SimulatedHass.running(home=home.small()) as simulator:
        yield simulator


def run(url: str, token: str = "a-token") -> tuple[dict[str, str], str, exceptions.IntegrationError | None]:
    """What each step found, and the name and error of the one that failed."""
    found: dict[str, str] = {}
    for name, step in ImpatientGateway().connection_steps({"url": url, "token": token}):
        try:
            found[name] = step()
        except exceptions.IntegrationError as err:
            return found, name, err
    return found, "", None


def test_a_good_connection_passes_every_step(sim: SimulatedHass) -> None:
    found, failed, _err = run(sim.url, sim.token)

    assert failed == ""
    assert list(found) == ["Reach", "Answer", "Sign in", "Version", "Read"]
    assert found["Reach"] == f"port {sim.port} of 127.0.0.1 answers"
    assert "2025.4.4" in found["Answer"]
    assert "called Small home; it is running" in found["Version"]
    states, devices, areas = len(sim.states()), len(sim.home.devices), len(sim.home.areas)
    assert found["Read"].startswith(f"{states} states of {devices} devices in {areas} areas")


def test_a_starting_server_is_no_failure(sim: SimulatedHass) -> None:
    sim.go_down()
    sim.come_up()

    found, failed, _err = run(sim.url, sim.token)

    assert failed == ""
    assert "hi waits for it" in found["Version"]


def test_a_wrong_token_costs_one_attempt(sim: SimulatedHass) -> None:
    found, failed, err = run(sim.url, "wrong")

    assert failed == "Sign in"
    assert isinstance(err, exceptions.AuthenticationError)
    assert err.field == "token"
    assert "Answer" in found
    assert sim.failed_logins == 1


def test_a_banned_address_stops_before_the_token_is_sent(sim: SimulatedHass) -> None:
    sim.ban()

    _found, failed, err = run(sim.url, sim.token)

    assert failed == "Answer"
    assert isinstance(err, exceptions.AccessDeniedError)
    assert sim.paths["/api/"] == 0


def test_encryption_is_a_step_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))

    with SimulatedHass.running(home=home.small(), tls=context) as sim:
        found, failed, _err = run(sim.url, sim.token)

    assert failed == ""
    assert list(found) == ["Reach", "Encrypt", "Answer", "Sign in", "Version", "Read"]
    assert "TLSv1" in found["Encrypt"]


def test_no_encrypted_talk_hangs_however_many_there_are_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading in one thread while another writes breaks TLS: about every two hundredth talk never ended."""
    context = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))

    with SimulatedHass.running(home=home.small(), tls=context) as sim:

        def talk() -> None:
            for _time in range(50):
                with HassClient(sim.url, sim.token) as client, client.open_session():
                    ended.append(True)

        ended: list[bool] = []
        # Daemons, so that one that hangs ends with the tests instead of holding them up.
        threads = [threading.Thread(target=talk, daemon=True) for _thread in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert len(ended) == 200


def test_each_failure_has_its_own_message_and_advice(tmp_path: Path) -> None:
    failures: dict[str, tuple[str, str, str]] = {}

    def note(what: str, url: str) -> None:
        _found, step, err = run(url)
        assert err is not None, what
        place = url.partition("://")[2]
        failures[what] = (step, str(err).replace(url, "URL").replace(place, "PLACE"), err.hint)

    with ExitStack() as stack:
        sim = stack.enter_context(SimulatedHass.running(home=home.small()))
        secure = stack.enter_context(SimulatedHass.running(home=home.small(), tls=certificate(tmp_path)))
        other = stack.enter_context(serving(say(b"SSH-2.0-OpenSSH_9.6\r\n")))
        page = stack.enter_context(serving(say(http("200 OK", "<html>Router</html>", "text/html"))))
        silent = stack.enter_context(serving(say_nothing))
        note("name unknown", "http://no.such.host.invalid:8123")
        note("wrong port", f"http://127.0.0.1:{unused_port()}")
        note("another language", f"http://127.0.0.1:{other}")
        note("page", f"http://127.0.0.1:{page}")
        old = stack.enter_context(serving(say(http("404 Not Found", "<html>", "text/html").replace(b"1.1", b"1.0"))))
        note("old page", f"http://127.0.0.1:{old}")
        assert failures.pop("old page") == failures["page"]
        note("silent", f"http://127.0.0.1:{silent}")
        note("self-signed", secure.url)
        note("https without TLS", sim.url.replace("http:", "https:"))
        note("http to a TLS port", secure.url.replace("https:", "http:"))
        note("wrong token", sim.url)
        sim.drip(0.02)
        note("drip", sim.url)
        sim.heal()
        sim.fail(500)
        note("error", sim.url)
        sim.fail(404)
        note("path", sim.url)

    messages = {what: message for what, (_step, message, _hint) in failures.items()}
    assert len(set(messages.values())) == len(messages), messages
    assert all(hint and "by itself" not in hint for _step, _message, hint in failures.values())
    assert {what: step for what, (step, _message, _hint) in failures.items()} == {
        "name unknown": "Reach",
        "wrong port": "Reach",
        "another language": "Answer",
        "page": "Answer",
        "silent": "Answer",
        "self-signed": "Encrypt",
        "https without TLS": "Encrypt",
        "http to a TLS port": "Answer",
        "wrong token": "Sign in",
        "drip": "Answer",
        "error": "Answer",
        "path": "Answer",
    }


@pytest.mark.parametrize("slow", [False, True])
def test_a_step_lasts_as_long_as_it_says(slow: bool, sim: SimulatedHass) -> None:
    sim.drip(0.05)
    with serving(say_nothing) as silent:
        began = time.monotonic()
        _found, failed, err = run(sim.url if slow else f"http://127.0.0.1:{silent}")
    assert failed == "Answer"
    assert "0.4 seconds" in str(err)
    assert time.monotonic() - began < (1.0 if slow else 1.9)  # silence is waited for once more, for a second
