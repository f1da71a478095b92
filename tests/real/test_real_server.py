"""hi against a real Home Assistant: the one named by HI_REAL_HA_URL and HI_REAL_HA_TOKEN, else the launcher's.

What is true of a state is read from the server's own REST interface, and the words and features that hi makes of it
from docs/home-assistant.md. Its tables are written from the mapping itself: that a state comes through as the page says
is proved here, that the page is right is not.
"""

import json
import os
import time
from typing import Any

import pytest

from hi.services.hass import kinds
from tests.e2e.hub import Hub, wait_until
from tests.real.mirror import differences, expected_unit
from tests.real.server import SYNTHETIC, Server
from tests.services.hass.free_texts import FREE_TEXTS

pytestmark = pytest.mark.real


def wait_until_equal(hub: Hub, server: Server, seconds: float = 30) -> None:
    """Read until stable: the server's values move while both sides are read."""
    wait_until(
        lambda: not differences(hub, server), "both sides are equal", seconds, lambda: str(differences(hub, server))
    )


def test_every_state_is_mirrored_once_and_equal(hub: Hub, server: Server, instance_id: int) -> None:
    wait_until_equal(hub, server)
    links = hub.query(
        "SELECT address, COUNT(*) FROM integration_integrationlink WHERE kind = 'state' AND removed_at IS NULL"
        " GROUP BY address"
    )
    assert {count for _address, count in links} == {1}
    there = set(server.states())
    assert {address for address, _count in links if "#" not in address} == there
    if server.has("hi_synth"):
        assert len(there) > SYNTHETIC


def test_nothing_is_a_text_by_oversight(hub: Hub, server: Server, instance_id: int) -> None:
    here, there = hub.states(), server.states()
    told = {"unit_of_measurement", "device_class", "state_class"}
    for entity_id, state in there.items():
        domain = entity_id.partition(".")[0]
        assert domain in kinds.KINDS, f"the kind {domain} is in no table"
        if here[entity_id]["state_type"] != "text":
            continue
        assert domain in FREE_TEXTS, entity_id
        assert domain != "sensor" or not told & state["attributes"].keys(), entity_id
        if domain == "input_datetime":
            assert state["attributes"]["has_date"], entity_id
            assert state["attributes"]["has_time"], entity_id


def test_no_thing_is_of_an_unknown_kind(hub: Hub, instance_id: int) -> None:
    assert {thing["name"] for thing in hub.get_all("entities") if thing["entity_type"] == "other"} == set()


def test_units_are_those_of_the_server_with_one_micro_sign(hub: Hub, server: Server, instance_id: int) -> None:
    here, there = hub.states(), server.states()
    assert {
        name: (expected_unit(state), here[name]["unit"])
        for name, state in there.items()
        if expected_unit(state) != here[name]["unit"]
    } == {}


def test_a_light_turned_on_there_is_on_here_within_a_second(hub: Hub, server: Server, instance_id: int) -> None:
    light = next(entity_id for entity_id in sorted(server.states()) if entity_id.startswith("light."))
    thing = next(thing for thing in hub.get_all("entities") if light in {state["address"] for state in thing["states"]})

    def value() -> Any:
        states = hub.get(f"entities/{thing['id']}")["states"]
        return next(state["value"] for state in states if state["address"] == light)

    slowest = 0.0
    for service, word in (("turn_off", "off"), ("turn_on", "on"), ("turn_off", "off"), ("turn_on", "on")):
        server.call("light", service, entity_id=light)
        begin = time.monotonic()
        wait_until(lambda word=word: value() == word, f"{light} is {word}", seconds=5)
        slowest = max(slowest, time.monotonic() - begin)
    print(json.dumps({"light_seen_after_seconds": round(slowest, 3)}))
    assert slowest < 1


def test_a_restart_loses_and_removes_nothing_and_comes_back_live(hub: Hub, server: Server, instance_id: int) -> None:
    if os.environ.get("HI_REAL_HA_URL") and not os.environ.get("HI_REAL_HA_RESTART"):
        pytest.skip("set HI_REAL_HA_RESTART=1 to let the test restart your Home Assistant")
    before = hub.query("SELECT id, address, removed_at FROM integration_integrationlink ORDER BY id")
    server.restart()
    wait_until(lambda: not hub.instance(instance_id)["is_live"], "the gap is noticed", seconds=60)
    wait_until(lambda: hub.instance(instance_id)["is_live"], "live again", seconds=240)
    wait_until_equal(hub, server, 60)
    assert hub.query("SELECT id, address, removed_at FROM integration_integrationlink ORDER BY id") == before
    assert hub.query("SELECT * FROM integration_repair WHERE closed_at IS NULL") == []
    hub.wait_for_status(instance_id, "ACTIVE", seconds=30)


def test_a_wrong_token_stops_after_one_attempt_and_names_the_field(hub: Hub, server: Server, instance_id: int) -> None:
    page = f"/integrations/{instance_id}/"
    browser = hub.browser()
    before = server.refused_logins()
    hub.submit(
        browser,
        page,
        {"action": "update_config", "url": server.url, "token": "a.wrong.token"},
        page=page,
    )
    instance = hub.wait_for_status(instance_id, "AUTH_FAILED", seconds=30)
    assert instance["next_sync_at"] is None
    (data,) = hub.query("SELECT data FROM integration_repair WHERE kind = 'authentication' AND closed_at IS NULL")[0]
    assert json.loads(data)["field"] == "token"
    time.sleep(3)  # whoever would try again would do so by now
    if before is not None:
        assert server.refused_logins() == before + 1
