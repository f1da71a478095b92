import json
from typing import Any

import pytest

from hi.utils.disguise import Clues, Disguise

pytestmark = pytest.mark.pure

SECRET = "c4n4ry/in a-c0al-mine"
TOKEN = "t0ken-that-came-later"


def disguise(data: Any, **given: Any) -> Disguise:
    clues = Clues()
    clues.take(data)
    told = {"secrets": [SECRET], "names": ["Anna Berg", "Max"], "hosts": ["hub.example"], "ids": [], **given}
    return Disguise(clues=clues, **told)


def clean(data: Any, **given: Any) -> Any:
    return disguise(data, **given).clean_data(data)


@pytest.mark.parametrize(
    ("data", "canary"),
    [
        ({"text": f"it is {SECRET}, they say"}, SECRET),
        ({"text": "http://x/c4n4ry%2Fin%20a-c0al-mine"}, "c0al"),
        ({"access_token": TOKEN, "picture": f"/camera?token={TOKEN}"}, TOKEN),
        ({"refreshToken": TOKEN, "said": [f"{TOKEN}!"]}, TOKEN),
        ({"Pass": "short", "User": "porter", "Path": "/live/ch0"}, "short"),
        ({"Pass": "short", "User": "porter", "Path": "/live/ch0"}, "porter"),
        ({"Pass": "short", "User": "porter", "Path": "/live/ch0"}, "ch0"),
        ({"url": "rtsp://porter:short@192.168.7.20/live"}, "short"),
        ({"url": "rtsp://porter:short@192.168.7.20/live"}, "192.168"),
        ({"at": "hub.example", "and": "fd00::17"}, "fd00"),
        ({"at": "hub.example"}, "example"),
        ({"mail": "anna.berg@post.example"}, "@post"),
        ({"connections": [["mac", "aa:bb:cc:dd:ee:ff"]]}, "aa:bb"),
        ({"name": "Anna's phone"}, "Anna"),
        ({"person.anna_berg": {"friendly_name": "ANNA BERG"}}, "anna"),
        ({"id": 1, "is_admin": True, "name": "Paula"}, "Paula"),
        ({"username": "paula", "notes": "Paula has done it"}, "Paula"),
        ({"latitude": 52.3712, "zones": [{"Longitude": "4.8911"}]}, "52.37"),
        ({"latitude": 52.3712, "zones": [{"Longitude": "4.8911"}]}, "4.89"),
        ({"latitude": 52.3712, "elevation": 217}, "217"),
        ({"password": 471147}, "4711"),
        ({"psk": "short", "wifi_psk": "shorter"}, "short"),
        ({"service_data": {"code": "4711"}}, "4711"),
        ({"pin": 4711, "pin_code": "4711"}, "4711"),
        ({"pin": "471", "lock_pin": "A1B2"}, "471"),
        ({"code": "4711#"}, "4711"),
        ({"setup_code": "123-45-678"}, "45"),
        ({"codes": ["4711"], "user_pin": 4711, "code": 471147}, "4711"),
        ({"user_codes": {"1": "4711", "Guest": {"code": "0815", "usercode": "4711"}}}, "4711"),
        ({"networkKey": "0ab1", "s2_access_control_key": "0ab1", "wifi_key": "0ab1"}, "0ab1"),
        ({"wpa2Psk": "0ab1", "pskc": "0ab1", "localKey": "0ab1", "bindkey": "0ab1", "irk": "0ab1"}, "0ab1"),
        ({"network_key": [17, 18, 19]}, "18"),
        ({"encryption_key": "0ab1", "s0_legacy_key": "0ab1", "s2_unauthenticated_key": "0ab1"}, "0ab1"),
        ({"name": "Paula's phone", "entity_id": "device_tracker.paula_s_phone"}, "paula"),
        ({"title": "JAMES' PHONE", "entity_id": "device_tracker.james_phone"}, "james"),
        ({"label": "PAULA'S", "entity_id": "device_tracker.paula_phone"}, "paula"),
        ({"friendly_name": "Paula’s watch", "entity_id": "device_tracker.paulas_watch"}, "paula"),
        ({"entity_id": "device_tracker.annas_phone"}, "anna"),
        ({"by_token": {TOKEN.replace("-", ""): 1}, "token": TOKEN.replace("-", "")}, "t0ken"),
        ({"key": "plug/192.168.7.20", "states": {"plug/192.168.7.20/on": 1}}, "192.168"),
    ],
)
def test_what_is_nobodys_business_is_taken_out_wherever_it_stands(data: Any, canary: str) -> None:
    assert canary in json.dumps(data) or "%2F" in json.dumps(data)
    assert canary.lower() not in json.dumps(clean(data)).lower()


@pytest.mark.parametrize(
    "data",
    [
        {"version": "2025.4.4", "at": "2026-11-26T17:04:05.123+00:00", "since": 1795711433.36},
        {"id": "0dc14bdc3fd928394fa443e51de38135", "unique_id": "demo_42", "translation_key": "x_y"},
        {"max": 30, "max_temp": 30, "mode": "max"},
        {"elevation": -12.04, "azimuth": 54.97},
        {"name": "Today's events: what's on", "event": "today", "what": "on"},
        {"error_code": 4001, "status_code": "2000", "closeCode": "1006", "country_code": "DE", "exit_code": 1234},
        {"code": "unknown_command", "type": "auth", "token_type": "Bearer"},
        {"entity_id": "zone.home", "zone.home": "ground floor", "template": "{{ states('zone.home') }}"},
        {"append_password": 1, "has_token": True},
        {"password": "", "user": None, "latitude": None},
    ],
)
def test_what_tells_of_nobody_stays_as_it_was(data: Any) -> None:
    assert clean(data, ids=["zone.home"]) == data


def test_what_was_equal_stays_equal_and_what_was_not_does_not() -> None:
    one = disguise(data := {"token": TOKEN, "again": TOKEN, "password": "another-0ne", "lat": 1.5, "lon": 2.5})
    cleaned = one.clean_data(data)
    assert cleaned["token"] == cleaned["again"] != cleaned["password"]
    assert len({cleaned["lat"], cleaned["lon"], 1.5, 2.5}) == 4
    names = one.clean_data(["Anna Berg", "person.anna_berg", "Max’s phone"])
    assert names[1] == f"person.{names[0].replace(' ', '_')}"
    assert one.clean_data(names) == names, "a stand-in has none of its own"
