"""What the simulator answers has the shape of what a real server was seen to answer to the same request."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from hi.testing.zoneminder import VIEWER_RIGHTS, SimulatedZoneMinder
from tests.testing.shapes import FIXTURES, captured, same_shape
from tests.testing.zoneminder.client import login, send

pytestmark = pytest.mark.wire

CAMERAS = {"FrontDoor": "Modect", "Driveway": "Modect", "Backyard": "Mocord", "Garage": "None"}
PASSWORD = "throw-away"
NOT_REPLAYED = {
    "motion_event_lifecycle": "is no exchange",
    "monitor_add": "adds a monitor: see test_house",
    "monitor_delete": "needs one that was added: see test_house",
}

Preparation = Callable[[SimulatedZoneMinder], object]


@pytest.fixture(scope="module")
def replayed() -> Iterator[SimulatedZoneMinder]:
    """The house that the captures come from, with as many events."""
    with SimulatedZoneMinder.running(
        user="admin",
        password=PASSWORD,
        cameras=CAMERAS,
        events=300,
        time_zone="America/New_York",
        restart_seconds=0.0,
        change_seconds=0.01,
        alert_seconds=0.0,
    ) as sim:
        sim.add_user("disabled", PASSWORD, enabled=False)
        sim.add_user("noapi", PASSWORD, api_enabled=False)
        sim.add_user("viewer", PASSWORD, **VIEWER_RIGHTS)
        sim.add_user("restricted", PASSWORD, monitor_ids=frozenset({2}))
        yield sim


@pytest.fixture
def sim(replayed: SimulatedZoneMinder) -> Iterator[SimulatedZoneMinder]:
    yield replayed
    replayed.heal()
    replayed.use_auth(True)
    replayed.use_api(True)
    accounts = replayed.core.accounts
    accounts.use_legacy = accounts.has_hash_secret = True
    for user in accounts.users.values():
        user.tokens_count_from = 0.0
    accounts.users["admin"].enabled = True
    replayed.house.restart_seconds = 0.0
    replayed.set_run_state("Away")


def without_legacy(sim: SimulatedZoneMinder) -> None:
    sim.core.accounts.use_legacy = False


def as_user(name: str, sim: SimulatedZoneMinder) -> str:
    return str(login(sim, name, PASSWORD)["access_token"])


def aged(seconds: float, kind: str, sim: SimulatedZoneMinder) -> str:
    """A token, and the clock then goes on, or back."""
    token = str(login(sim)[f"{kind}_token"])
    sim.skew_clock(seconds)
    return token


def forged(sim: SimulatedZoneMinder) -> str:
    return str(login(sim)["access_token"])[:-4] + "AAAA"


def revoked(kind: str, sim: SimulatedZoneMinder) -> str:
    token = str(login(sim)[f"{kind}_token"])
    sim.revoke_tokens()
    return token


def of_disabled(sim: SimulatedZoneMinder) -> str:
    token = str(login(sim)["access_token"])
    sim.update_user("admin", enabled=False)
    return token


def without(what: str, sim: SimulatedZoneMinder) -> str:
    token = str(login(sim)["access_token"])
    getattr(sim, f"use_{what}")(False)
    return token


def restarting(sim: SimulatedZoneMinder) -> None:
    sim.house.restart_seconds = 60.0
    sim.set_function(2, "Modect")


# What has to be so before, by the beginning of the capture's name; a text is the token to use.
PREPARED: dict[str, Preparation] = {
    "alarm_status_on": lambda sim: sim.begin_event(2),
    "alarm_status_after_off": lambda sim: sim.begin_event(2),
    "alarm_on_function_monitor": lambda sim: sim.set_function(2, "Monitor"),
    "alarm_status_function_monitor": lambda sim: sim.set_function(2, "Monitor"),
    "alarm_on_right_after_function_write": restarting,
    "alarm_status_stopped": lambda sim: sim.set_run_state("stop"),
    "api_disabled": partial(without, "api"),
    "auth_off": partial(without, "auth"),
    "daemonCheck_stopped": lambda sim: sim.set_run_state("stop"),
    "db_down": lambda sim: sim.database_down(),
    "event_open_forced": lambda sim: sim.begin_event(2, "Forced Web", "Forced Web: "),
    "events_sort_desc": lambda sim: sim.begin_event(1),
    "login_no_hash_secret": lambda sim: sim.lose_hash_secret(),
    "login_ok_legacy_off": without_legacy,
    "login_refresh_expired": partial(aged, 100_000.0, "refresh"),
    "login_refresh_ok": partial(aged, 0.0, "refresh"),
    "login_refresh_revoked": partial(revoked, "refresh"),
    "monitor_1_restricted_user": partial(as_user, "restricted"),
    "monitors_restricted_user": partial(as_user, "restricted"),
    "monitors_while_stopped": lambda sim: sim.set_run_state("stop"),
    "token_bad_signature": forged,
    "token_expired": partial(aged, 10_000.0, "access"),
    "token_future_iat": partial(aged, -120.0, "access"),
    "token_of_disabled_user": of_disabled,
    "token_refresh_used_as_access": partial(aged, 0.0, "refresh"),
    "token_revoked": partial(revoked, "access"),
    "userpass_on_any_call_legacy_off": without_legacy,
    "viewer": partial(as_user, "viewer"),
}
# Below this only the type is compared: it is named by what the house has.
FREE = ("usage",)
# Errors that name a moment or another token.
VAGUE = {"token_future_iat"}

NAMES = sorted(path.stem for path in (FIXTURES / "zoneminder").glob("*.json"))


@pytest.mark.parametrize("name", [name for name in NAMES if name not in NOT_REPLAYED])
def test_an_exchange_goes_as_captured(sim: SimulatedZoneMinder, name: str) -> None:
    exchange = captured(name, "zoneminder")
    asked, expected = exchange["request"], exchange["response"]
    prepare = max((part for part in PREPARED if name.startswith(part)), key=len, default="")
    prepared = PREPARED[prepare](sim) if prepare else None
    needs_token = prepared is None or not isinstance(prepared, str)
    token = _token_for(sim, asked) if needs_token else str(prepared)

    answer = send(
        sim,
        asked["method"],
        asked["url"],
        params=_with(token, asked.get("query")),
        data=_with(token, asked.get("form")),
        json=asked.get("json"),
        headers=_with(token, asked.get("headers")),
        stream=True,
    )

    with answer:
        assert answer.status_code == expected["status"]
        headers = expected.get("headers", {"Content-Type": expected.get("content-type")})
        assert answer.headers.get("Content-Type") == headers.get("Content-Type")
        if "body" in expected:
            _compare(answer.text.replace(token or "<token>", "<token>"), expected["body"], name)
        else:
            _compare_picture(answer.raw.read(200), expected)


def _token_for(sim: SimulatedZoneMinder, asked: dict[str, Any]) -> str:
    if "<token>" not in str(asked):
        return ""
    sim_is_open = sim.core.accounts.use_auth and sim.core.accounts.use_api and not sim.core.faults.database_down
    return str(login(sim)["access_token"]) if sim_is_open else "none"


def _with(token: str, given: dict[str, Any] | None) -> dict[str, str]:
    return {key: str(value).replace("<token>", token) for key, value in (given or {}).items()}


def _compare(text: str, expected: Any, name: str) -> None:
    if isinstance(expected, str):
        # What was captured of a page ends in the middle.
        assert expected.startswith(text[:15])
        assert bool(text) == bool(expected)
        return
    ours = json.loads(text)
    same_shape(ours, _untrimmed(expected), free=FREE)
    if expected.get("success") is False and name not in VAGUE:
        assert ours == expected
    for key in ("message", "status"):
        if isinstance(expected.get(key), str) and "event id" not in expected[key]:
            assert ours[key] == expected[key]


def _compare_picture(began: bytes, expected: dict[str, Any]) -> None:
    if expected["status"] == 403:
        assert began == expected["first_bytes"][2:-1].encode().decode("unicode_escape").encode()
    elif expected.get("jpeg") or expected["starts_with_jpeg_soi"]:
        assert began[:2] == b"\xff\xd8"
    else:
        head, _, frame = began.partition(b"\r\n\r\n")
        lines = expected["first_bytes"][2:].partition(r"\r\n\r\n")[0].split(r"\r\n")
        assert [line.split(b" ")[0].decode() for line in head.split(b"\r\n")] == [line.split(" ")[0] for line in lines]
        assert frame[:2] == b"\xff\xd8"


def _untrimmed(value: Any) -> Any:
    """Without the marks where a list was cut."""
    if isinstance(value, dict):
        return {key: _untrimmed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_untrimmed(item) for item in value if not (isinstance(item, str) and item.endswith("trimmed"))]
    return value


def test_a_motion_goes_as_captured(sim: SimulatedZoneMinder) -> None:
    seen = captured("motion_event_lifecycle", "zoneminder")["seen"]
    event_id = sim.begin_event(1, "Motion", "Motion: All, Porch")
    begun = sim.event(event_id)
    sim.advance(11)
    sim.end_event(event_id)
    ended = sim.event(event_id)
    sim.advance(-11)

    for ours, theirs in ((begun, seen[0]), (ended, seen[2])):
        for key in ("Cause", "Notes"):
            assert ours[key] == theirs[key]
        assert (ours["EndDateTime"] is None) == (theirs["EndDateTime"] is None)
    assert (begun["Name"], ended["Name"]) == ("New Event", f"Event-{event_id}")
    assert ended["Frames"] == seen[2]["Frames"]


def test_every_capture_is_replayed_or_has_a_reason_not_to_be() -> None:
    assert set(NOT_REPLAYED) < set(NAMES)
    assert [part for part in PREPARED if not any(name.startswith(part) for name in NAMES)] == []
