"""Whom hi accepts as the server, by every way in which it connects: a look, REST, a short WebSocket, the listener."""

import asyncio
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import aclosing

import pytest

from hi.integration import exceptions
from hi.integration.listener import Snapshot
from hi.integration.reach import check_tls
from hi.integration.tls import Trust
from hi.services.hass.client import HassClient
from hi.services.hass.hass_gateway import HassGateway
from hi.services.hass.listener import HassListener
from hi.testing.hass import SimulatedHass, home
from tests.certificates import Authority, Issued, self_signed

pytestmark = pytest.mark.wire
Config = dict[str, str]
AUTHORITY, STRANGER = Authority(), Authority("Somebody else's authority")
GOOD, ALONE = AUTHORITY.issue(), self_signed()
OTHER_NAME, EXPIRED = AUTHORITY.issue("hub.example"), AUTHORITY.issue(days=-1)


def look(config: Config) -> None:
    check_tls(config["url"], Trust.of(config), seconds=2)


def rest(config: Config) -> None:
    with HassClient(config, answer_seconds=2) as client:
        client.sign_in()


def talk(config: Config) -> None:
    with HassClient(config, answer_seconds=2) as client, client.open_session():
        pass


def listen(config: Config) -> None:
    async def first_event() -> None:
        async with aclosing(HassListener(config, answer_seconds=2).stream()) as stream:
            assert isinstance(await anext(stream), Snapshot)

    asyncio.run(first_event())


WAYS = [look, rest, talk, listen]


@pytest.fixture(scope="module", params=["good", "alone", "other name", "expired"])
def served(request: pytest.FixtureRequest) -> Iterator[tuple[str, Issued, SimulatedHass]]:
    issued = {"good": GOOD, "alone": ALONE, "other name": OTHER_NAME, "expired": EXPIRED}[request.param]
    with SimulatedHass.running(home=home.small(), tls=issued.context) as sim:
        yield request.param, issued, sim


def settings(sim: SimulatedHass, **more: str) -> Config:
    return {"url": sim.url, "token": sim.token, **more}


def given_authority(authority: str) -> Config:
    return {"tls_check": "authority", "tls_authority": authority}


def pinned(fingerprint: str) -> Config:
    return {"tls_check": "fingerprint", "tls_fingerprint": fingerprint}


@pytest.mark.parametrize("way", WAYS)
def test_whom_each_choice_accepts(way: Callable[[Config], None], served: tuple[str, Issued, SimulatedHass]) -> None:
    kind, issued, sim = served
    choices: dict[str, tuple[Config, set[str]]] = {
        "nothing said": ({}, set()),
        "known authorities": ({"tls_check": "system"}, set()),
        "the authority": (given_authority(AUTHORITY.pem), {"good"}),
        "another authority": (given_authority(STRANGER.pem), set()),
        "itself as its authority": (given_authority(ALONE.pem), {"alone"}),
        "no authority": (given_authority(""), set()),
        "two authorities": (given_authority(STRANGER.pem + AUTHORITY.pem), {"good"}),
        "its fingerprint": (pinned(issued.fingerprint), {"good", "alone", "other name", "expired"}),
        "another fingerprint": (pinned("00:" * 31 + "00"), set()),
        "no fingerprint": (pinned(""), set()),
        "not checked": ({"tls_check": "off"}, {"good", "alone", "other name", "expired"}),
    }
    accepted = set()
    before = sim.logins + sim.failed_logins + sum(sim.paths.values())
    for choice, (more, expected) in choices.items():
        try:
            way(settings(sim, **more))
            accepted.add(choice)
        except exceptions.ConnectionError:
            assert kind not in expected, choice
            assert sim.logins + sim.failed_logins + sum(sim.paths.values()) == before, f"{choice}: something was sent"
        before = sim.logins + sim.failed_logins + sum(sim.paths.values())
    assert accepted == {choice for choice, (_more, kinds) in choices.items() if kind in kinds}


@pytest.mark.parametrize("way", WAYS)
def test_a_pinned_certificate_that_is_another_is_told_with_its_fingerprint(
    way: Callable[[Config], None],
) -> None:
    with (
        SimulatedHass.running(home=home.small(), tls=GOOD.context) as sim,
        pytest.raises(exceptions.ConnectionError, match="does not show the pinned certificate") as caught,
    ):
        way(settings(sim, **pinned(ALONE.fingerprint)))
    assert GOOD.fingerprint in str(caught.value)
    assert "renewed" in caught.value.hint


def encrypt(config: Config) -> str:
    steps = dict(HassGateway().connection_steps(config))
    return steps["Encrypt"]()


@pytest.mark.parametrize(
    ("issued", "message", "advice"),
    [
        (GOOD, r"is vouched for by nobody whom hi trusts here \(Authority of this home\)", "pin it.*FP.*authority"),
        (ALONE, "is self-signed", "pin it.*FP.*authority"),
        (OTHER_NAME, "is vouched for by nobody", "pin it.*FP"),
    ],
)
def test_the_connection_test_offers_what_can_be_done(issued: Issued, message: str, advice: str) -> None:
    with (
        SimulatedHass.running(home=home.small(), tls=issued.context) as sim,
        pytest.raises(exceptions.ConnectionError, match=message) as caught,
    ):
        encrypt(settings(sim))
    assert re.search(advice.replace("FP", issued.fingerprint), caught.value.hint)


@pytest.mark.parametrize(
    ("issued", "message", "advice"),
    [
        (OTHER_NAME, r"belongs to another name: hub\.example\.", "Use a name"),
        (EXPIRED, r"has expired on \d\d \w+ 2", "Renew it there"),
    ],
)
def test_the_connection_test_says_what_is_wrong_with_a_trusted_certificate(
    issued: Issued, message: str, advice: str
) -> None:
    with (
        SimulatedHass.running(home=home.small(), tls=issued.context) as sim,
        pytest.raises(exceptions.ConnectionError, match=message) as caught,
    ):
        encrypt(settings(sim, **given_authority(AUTHORITY.pem)))
    assert caught.value.hint.startswith(advice)
    assert issued.fingerprint in caught.value.hint


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (given_authority(AUTHORITY.pem), "vouched for by Authority of this home, the authority in the settings"),
        (pinned(GOOD.fingerprint), "with the pinned certificate"),
        ({"tls_check": "off"}, "the certificate is not checked"),
    ],
)
def test_the_connection_test_says_why_a_certificate_is_accepted(more: Config, told: str) -> None:
    with SimulatedHass.running(home=home.small(), tls=GOOD.context) as sim:
        assert told in encrypt(settings(sim, **more))


def test_no_talk_hangs_however_many_there_are_at_once() -> None:
    """Reading in one thread while another writes breaks TLS: about every two hundredth talk never ended."""
    with SimulatedHass.running(home=home.small(), tls=GOOD.context) as sim:
        config = settings(sim, tls_check="authority", tls_authority=AUTHORITY.pem)
        ended: list[bool] = []

        def work() -> None:
            for _time in range(50):
                talk(config)
                ended.append(True)

        # Daemons, so that one that hangs ends with the tests instead of holding them up.
        threads = [threading.Thread(target=work, daemon=True) for _thread in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert len(ended) == 200
