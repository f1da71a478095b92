"""`manage.py record`: secrets and people are planted in everything that two simulated systems tell, and looked for."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core.management import call_command

from hi.accounts.models import User
from hi.integration import operations
from hi.integration.models import IntegrationInstance
from hi.testing.cassette import Cassette
from hi.testing.conformance import replayed
from hi.testing.conformance.secrets import spell
from hi.testing.hass import SimulatedHass, home
from hi.testing.hass.build import add_entity
from hi.testing.hass.specs import other
from hi.testing.zoneminder import SimulatedZoneMinder
from tests.cli.conftest import Hub

pytestmark = [pytest.mark.either_database(transaction=True), pytest.mark.wire, pytest.mark.usefixtures("redis_url")]

SECRET = "c4n4ry in a/c0al-mine"
TOKEN = "c4n4ry.of-a-long-lived-token"
CAMERA_SECRET = "c4n4ry-of-a-camera"
SECRETS = (SECRET, TOKEN, CAMERA_SECRET)
PRIVATE = ("Winnifred", "52.3717", "4.8917", "192.168.7.20", "fd00::17", "aa:bb:cc:dd:ee:ff", "post.example")
SECONDS = "0.6"


@dataclass(frozen=True)
class House:
    kind: str
    settings: dict[str, str]
    sim: Any
    hidden: tuple[str, ...]


@contextmanager
def home_assistant() -> Iterator[House]:
    there = home.small()
    told = {"ip": "192.168.7.20", "mail": "winnifred@post.example", "latitude": 52.3717, "longitude": 4.8917}
    add_entity(there, other("person", "Winnifred Grey", "home", id="winnifred", **told), "person")
    with SimulatedHass.running(token=TOKEN, home=there) as sim:
        more = {"access_token": CAMERA_SECRET, "entity_picture": f"/api/camera_proxy/x?token={CAMERA_SECRET}"}
        sim.set_state("light.kitchen_ceiling_light", "off", api=f"http://[fd00::17]/{CAMERA_SECRET}", **more)
        sim.set_state("sensor.bin_collection", "Winnifred", mac="aa:bb:cc:dd:ee:ff")
        yield House("hass", {"url": sim.url, "token": TOKEN}, sim, ("e-mail addresses (", "addresses of devices ("))


@contextmanager
def zone_minder() -> Iterator[House]:
    with SimulatedZoneMinder.running(user="Winnifred", password=SECRET, camera_secret=CAMERA_SECRET) as sim:
        first = min(sim.house.monitors)
        sim.house.monitors[first].columns.update(Latitude="52.3717", Longitude="4.8917", ControlAddress="192.168.7.20")
        sim.end_event(sim.begin_event(first, notes="Forced by Winnifred at fd00::17, winnifred@post.example"))
        yield House(
            "zoneminder",
            {"url": sim.url, "user": "Winnifred", "password": SECRET},
            sim,
            ("e-mail addresses (", "ways to cameras ("),
        )


HOUSES = [home_assistant, zone_minder]


@pytest.fixture(params=HOUSES, ids=lambda one: one.__name__)
def house(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, quick: None) -> Iterator[House]:
    monkeypatch.setattr("hi.integration.poller.PACE", 0.02)
    with request.param() as house:
        yield house


def connect(house: House, **changes: str) -> IntegrationInstance:
    draft = operations.create_draft(house.kind, "Recorded", {**house.settings, **changes})
    IntegrationInstance.objects.filter(pk=draft.pk).update(is_draft=False)
    return draft


def test_what_is_recorded_holds_no_secret_and_nobodys_name_and_is_mirrored_as_it_was(
    house: House, hub: Hub, tmp_path: Path
) -> None:
    User.objects.create_user("winnifred", first_name="Winnifred")
    connect(house)
    path = tmp_path / "cassette.json"
    answer = hub("record", "recorded", "--seconds", SECONDS, "--output", str(path))
    assert answer.code == 0, answer.err
    assert "What went wrong" not in answer.out

    for hidden in ("secrets (", "names of people (", "hosts and their addresses (", "coordinates (", *house.hidden):
        assert hidden in answer.out

    text = path.read_text()
    spellings = {spelling for secret in SECRETS for spelling in spell(secret)}
    assert [one for one in (*spellings, *PRIVATE) if one.lower() in text.lower()] == []
    assert "authorization" not in text.lower()
    assert path.stat().st_mode & 0o777 == 0o600
    assert "before you give it away" in answer.out
    assert all(secret not in answer.out + answer.err for secret in SECRETS)

    made = Cassette.load(path).made
    assert made["complete"]
    assert len(made["things"]) >= 5
    assert len(made["values"]) >= 9
    house.sim.stop()  # what follows is the recording alone
    replayed(path)


@pytest.mark.parametrize("house", [home_assistant], indirect=True, ids=["home_assistant"])
def test_what_the_system_refuses_is_in_the_recording_and_is_refused_again(
    house: House, hub: Hub, tmp_path: Path
) -> None:
    connect(house, token="another-token-that-is-wrong")
    path = tmp_path / "cassette.json"
    answer = hub("record", "Recorded", "--output", str(path))
    assert answer.code == 0
    assert "What went wrong:" in answer.out
    assert house.sim.failed_logins == 1, "and is not tried again"
    with Cassette.load(path).replaying() as server:
        draft = operations.create_draft(house.kind, "Replayed", server.settings)
        IntegrationInstance.objects.filter(pk=draft.pk).update(is_draft=False)
        again = tmp_path / "again.json"
        hub("record", "Replayed", "--output", str(again))
        assert server.unheard_of == []
    troubles = [orjson.loads(one.read_bytes())["troubles"] for one in (path, again)]
    assert len(troubles[0]) == len(troubles[1]) == 1
    assert "refused the token" in troubles[1][0]


@pytest.mark.parametrize("house", [home_assistant], indirect=True, ids=["home_assistant"])
def test_ctrl_c_keeps_what_there_is(house: House, administrator: User, tmp_path: Path) -> None:
    instance = connect(house)
    path = tmp_path / "cassette.json"

    def press() -> None:
        house.sim.wait_for(lambda: house.sim.core.commands["subscribe_entities"] > 0)
        os.kill(os.getpid(), signal.SIGINT)

    person = threading.Thread(target=press)
    person.start()
    with pytest.raises(SystemExit) as ended:
        call_command("record", str(instance.pk), "--output", str(path))
    person.join()
    assert ended.value.code == 130
    assert Cassette.load(path).made["things"]


def test_a_file_is_never_replaced_and_nothing_is_asked_then(hub: Hub, tmp_path: Path) -> None:
    with home_assistant() as house:
        connect(house)
        path = tmp_path / "mine.txt"
        path.write_text("mine")
        answer = hub("record", "Recorded", "--output", str(path))
        assert (answer.code, path.read_text(), house.sim.requests) == (2, "mine", 0)
        assert "Name another one" in answer.err
