"""hi against a real Home Assistant: the one named by HI_REAL_HA_URL and HI_REAL_HA_TOKEN, else the launcher's.

What is true of a state is read from the server's own REST interface, and the words that hi uses instead of on and off
from the documentation, so that the mapping is not its own judge.
"""

import json
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.e2e.hub import Hub, running_hub, wait_until
from tests.real.server import Server

pytestmark = pytest.mark.real
PAGE = Path(__file__).parents[2] / "docs" / "home-assistant.md"
# What a binary sensor's class says instead of on and off, as the documentation promises it.
WORDS = {
    device_class: (on, off)
    for device_class, on, off in re.findall(r"^\| `(\w+)` \| (\w+) \| (\w+) \|$", PAGE.read_text(), re.MULTILINE)
}
# (domain, feature, attribute) of every feature whose value is the attribute as it comes, from the same page.
PLAIN_FEATURES = re.findall(
    r"^\| `(\w+)` \| `(\w+)` \| \w+ \| `(\w+)` \| as it comes \|", PAGE.read_text(), re.MULTILINE
)
# (domain, word there) -> word here, from the same page.
OTHER_WORDS = {
    (domain, there): here
    for domain, there, here in re.findall(r"^\| every `(\w+)` \| ([\w-]+) \| (\w+) \|$", PAGE.read_text(), re.MULTILINE)
}


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    with tempfile.TemporaryDirectory(prefix="hi-real-") as folder, running_hub(Path(folder)) as hub:
        yield hub


@pytest.fixture(scope="module")
def instance_id(hub: Hub, server: Server) -> int:
    instance_id = hub.connect(server.url, server.token)
    hub.wait_for_status(instance_id, "ACTIVE", seconds=60)
    return instance_id


def expected(state: dict[str, Any]) -> tuple[str | None, str]:
    """(value, quality) that hi must show for a state of the server."""
    word = state["state"]
    if word in ("unavailable", "unknown"):
        return None, word
    if state["attributes"].get("mode") == "password":
        return "\N{BULLET}" * 6, "good"
    if state["entity_id"].startswith("binary_sensor.") and word in ("on", "off"):
        yes, no = WORDS.get(state["attributes"].get("device_class", ""), ("on", "off"))
        word = yes if word == "on" else no
    word = OTHER_WORDS.get((state["entity_id"].partition(".")[0], word), word)
    return word, "restored" if state["attributes"].get("restored") else "good"


def expected_features(there: dict[str, dict[str, Any]]) -> Iterator[tuple[str, str, str]]:
    """(entity_id, feature, value) that hi must show beside the states of the server."""
    for entity_id, state in there.items():
        domain, attributes = entity_id.partition(".")[0], state["attributes"]
        for of, name, attribute in PLAIN_FEATURES:
            if of == domain and attributes.get(attribute) is not None and state["state"] != "unavailable":
                yield entity_id, name, str(attributes[attribute])
        if domain == "light" and attributes.get("brightness"):
            yield entity_id, "brightness", str(max(1, round(attributes["brightness"] * 100 / 255)))
        if domain == "media_player" and attributes.get("volume_level") is not None:
            yield entity_id, "volume", str(round(attributes["volume_level"] * 100))


def differences(hub: Hub, server: Server) -> dict[str, Any]:
    """entity_id -> (what it is there, what it is here), for all that are not equal. Empty means a faithful mirror."""
    there, here = server.states(), hub.states()
    own = {address for address in here if "#" not in address}
    found: dict[str, Any] = dict.fromkeys(there.keys() ^ own, "only on one side")
    for entity_id, name, value in expected_features(there):
        if here.get(f"{entity_id}#{name}", {}).get("value") != value:
            found[f"{entity_id}#{name}"] = value, here.get(f"{entity_id}#{name}")
    for entity_id in there.keys() & here.keys():
        shown = here[entity_id]["value"], here[entity_id]["quality"]
        if shown != expected(there[entity_id]):
            found[entity_id] = expected(there[entity_id]), shown
    return found


def test_every_state_is_mirrored_once_and_equal(hub: Hub, server: Server, instance_id: int) -> None:
    # Read until stable: the server's values move while both sides are read.
    wait_until(lambda: not differences(hub, server), "both sides are equal", 20, lambda: str(differences(hub, server)))
    links = hub.query(
        "SELECT address, COUNT(*) FROM integration_integrationlink WHERE kind = 'state' AND removed_at IS NULL"
        " GROUP BY address"
    )
    assert {count for _address, count in links} == {1}
    assert {address for address, _count in links if "#" not in address} == set(server.states())


def test_nothing_is_a_text_by_oversight(hub: Hub, server: Server, instance_id: int) -> None:
    deliberate = ("sensor.", "text.", "input_text.", "input_datetime.", "image_processing.")
    here = hub.states()
    told = {"unit_of_measurement", "device_class", "state_class"}
    for entity_id, state in server.states().items():
        if here[entity_id]["state_type"] == "text":
            assert entity_id.startswith(deliberate), entity_id
            assert not (entity_id.startswith("sensor.") and told & state["attributes"].keys()), entity_id


def test_units_are_those_of_the_server_with_one_micro_sign(hub: Hub, server: Server, instance_id: int) -> None:
    here = hub.states()
    wrong = {
        entity_id: (unit, here[entity_id]["unit"])
        for entity_id, state in server.states().items()
        if (unit := state["attributes"].get("unit_of_measurement", "").replace("\u03bc", "\u00b5"))
        and state["state"] not in ("unavailable", "unknown")
        and here[entity_id]["unit"] != unit
    }
    assert wrong == {}


def test_a_light_turned_on_there_is_on_here_within_a_second(hub: Hub, server: Server, instance_id: int) -> None:
    light = next(entity_id for entity_id in sorted(server.states()) if entity_id.startswith("light."))
    slowest = 0.0
    for service, word in (("turn_off", "off"), ("turn_on", "on"), ("turn_off", "off"), ("turn_on", "on")):
        server.call("light", service, entity_id=light)
        begin = time.monotonic()
        wait_until(lambda word=word: hub.states()[light]["value"] == word, f"{light} is {word}", seconds=5)
        slowest = max(slowest, time.monotonic() - begin)
    print(json.dumps({"light_seen_after_seconds": round(slowest, 3)}))
    assert slowest < 1


def test_a_restart_loses_and_removes_nothing_and_comes_back_live(hub: Hub, server: Server, instance_id: int) -> None:
    if os.environ.get("HI_REAL_HA_URL") and not os.environ.get("HI_REAL_HA_RESTART"):
        pytest.skip("set HI_REAL_HA_RESTART=1 to let the test restart your Home Assistant")
    before = hub.query("SELECT id, address, removed_at FROM integration_integrationlink ORDER BY id")
    with suppress(requests.RequestException):  # it often ends before it answers
        server.call("homeassistant", "restart")
    wait_until(lambda: not hub.instance(instance_id)["is_live"], "the gap is noticed", seconds=60)
    wait_until(lambda: hub.instance(instance_id)["is_live"], "live again", seconds=120)
    wait_until(lambda: not differences(hub, server), "both sides are equal", 30, lambda: str(differences(hub, server)))
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
