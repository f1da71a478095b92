"""A whole home on a real Home Assistant: its demo integration and 5,000 synthetic entities, by its own registries.

The tests follow each other: each finds what the one before has left.
"""

import json
import time
from collections import Counter
from typing import Any

import pytest

from tests.e2e.hub import RARELY, Hub, wait_until
from tests.real.additions import Addition
from tests.real.mirror import (
    differences,
    here_details,
    here_stand,
    misplaced,
    read_registries,
    there_details,
    there_stand,
)
from tests.real.server import SYNTHETIC, Server

pytestmark = pytest.mark.real
RENAMED = 500
LINKS = (
    "SELECT id, kind, integration_key, location_id, entity_id, state_id, removed_at FROM integration_integrationlink"
)
ADDRESSES = "SELECT id, address FROM integration_integrationlink WHERE kind = 'state'"
ROWS = (
    "SELECT (SELECT COUNT(*) FROM entity_entity), (SELECT COUNT(*) FROM entity_entitystate),"
    " (SELECT COUNT(*) FROM entity_location)"
)
RUNS = "SELECT SUM(created), SUM(updated), SUM(reattached), SUM(removed), SUM(held), COUNT(*) FROM integration_syncrun"


@pytest.fixture(scope="module", autouse=True)
def _synthetic(server: Server) -> None:
    if not server.has("hi_synth"):
        pytest.skip("what is renamed and moved there is the launcher's own")


@pytest.fixture(scope="module", autouse=True)
def _no_slot(hub: Hub, instance_id: int) -> None:
    """Syncs run only as the server tells of changes."""
    hub.sync_every(instance_id, RARELY)


@pytest.fixture(scope="module")
def additions(hub: Hub, server: Server, instance_id: int) -> list[Addition]:
    """What people add to three things, one of which is renamed and moved there later, one moved, one left alone."""
    things = {
        address: entity_id
        for entity_id, address in hub.query(
            "SELECT state.entity_id, link.address FROM integration_integrationlink link"
            " JOIN entity_entitystate state ON state.id = link.state_id"
        )
    }
    chosen = [things[entity_id] for entity_id in (synthetic(server)[0], synthetic(server)[-1], "light.bed_light")]
    assert len({*chosen}) == 3
    return [Addition.make(hub, pk, f"Mine {number}", "Garage") for number, pk in enumerate(chosen)]


def synthetic(server: Server) -> list[str]:
    """Their entity_ids, in the order in which the server made them."""
    with server.talk() as talk:
        rows = talk.ask("config/entity_registry/list")
    ours = sorted((row["unique_id"], row["entity_id"]) for row in rows if row["platform"] == "hi_synth")
    return [entity_id for _unique_id, entity_id in ours]


def wait_until_quiet(hub: Hub, seconds: float = 120) -> None:
    """Until every sync that was asked for has ended. A listener asks within two seconds."""

    def quiet() -> bool:
        return not any(job["ended_at"] is None for job in hub.get("jobs")["items"])

    time.sleep(2)
    wait_until(quiet, "all syncs have ended", seconds)


def wait_until_same(hub: Hub, server: Server, seconds: float = 60) -> None:
    """Read until stable: the server's values move while both sides are read."""
    wait_until(lambda: not differences(hub, server), "both are equal", seconds, lambda: str(differences(hub, server)))


def whole(additions: list[Addition]) -> bool:
    return all(addition.losses() == {} for addition in additions)


def test_everything_stands_where_the_registries_say(hub: Hub, server: Server, instance_id: int) -> None:
    home = read_registries(server)
    assert sum(row["platform"] == "hi_synth" for row in home.entities.values()) >= SYNTHETIC
    assert misplaced(there_stand(home), here_stand(hub)) == {}
    (run,) = hub.query("SELECT ended_at, started_at, created FROM integration_syncrun ORDER BY id LIMIT 1")
    print(json.dumps({"created_by_the_first_sync": run[2], "begun": run[1], "written": run[0]}))


def test_floors_hold_their_areas(hub: Hub, server: Server, instance_id: int) -> None:
    home = read_registries(server)
    want = {
        area["name"]: home.floors[area["floor_id"]]["name"] if area["floor_id"] else None
        for area in home.areas.values()
    }
    here = hub.query(
        "SELECT room.name, floor.name FROM entity_location room"
        " LEFT JOIN entity_location floor ON floor.id = room.source_parent_id WHERE room.kind = 'room'"
    )
    assert dict(here) == want
    assert len(here) == len(want)


def test_labels_are_those_of_a_thing_and_of_what_is_in_it(hub: Hub, server: Server, instance_id: int) -> None:
    home = read_registries(server)
    want: dict[str, set[str]] = {}
    for entity_id, stands in there_stand(home).items():
        thing = home.devices.get(str(stands.thing), {})
        labels = [*thing.get("labels", []), *home.entities.get(entity_id, {}).get("labels", [])]
        want.setdefault(str(stands.thing), set()).update(home.labels[label]["name"] for label in labels)
    here = hub.query("SELECT thing.source_labels, COUNT(*) FROM entity_entity thing GROUP BY thing.source_labels")
    count = Counter(tuple(sorted(labels)) for labels in want.values())
    assert {tuple(sorted(json.loads(labels))): number for labels, number in here} == count
    assert count[("Important",)] > 0


def test_a_device_is_told_as_its_registry_tells_it(hub: Hub, server: Server, instance_id: int) -> None:
    want, have = there_details(read_registries(server)), here_details(hub)
    assert {
        entity_id: (want.get(entity_id), have.get(entity_id))
        for entity_id in want.keys() | have.keys()
        if want.get(entity_id) != have.get(entity_id)
    } == {}
    count = Counter(label for details in want.values() for label in details)
    print(json.dumps({"states_whose_device_tells": count}))
    assert min(count["Manufacturer"], count["Model"], count["Firmware"]) >= SYNTHETIC  # the launcher's tell no more


def test_500_entities_renamed_there_are_500_renames_here(
    hub: Hub, server: Server, instance_id: int, additions: list[Addition]
) -> None:
    wait_until_quiet(hub)
    links, addresses, runs = sorted(hub.query(LINKS)), dict(hub.query(ADDRESSES)), hub.query(RUNS)[0]
    rows = hub.query(ROWS)
    chosen = synthetic(server)[::7][:RENAMED]
    mark = int(time.time())  # the server may have been through this before
    new_names = {name: f"{name.partition('.')[0]}.renamed_{mark}_{number}" for number, name in enumerate(chosen)}
    assert len(new_names) == RENAMED

    begin = time.monotonic()
    with server.talk() as talk:
        talk.ask_all(
            [
                ("config/entity_registry/update", {"entity_id": name, "new_entity_id": new})
                for name, new in new_names.items()
            ]
        )
    told = time.monotonic() - begin
    want = {
        pk: "#".join([new_names.get(address.partition("#")[0], address.partition("#")[0]), *address.split("#")[1:]])
        for pk, address in addresses.items()
    }
    wait_until(lambda: dict(hub.query(ADDRESSES)) == want, "all have their new names", 120)
    print(
        json.dumps(
            {
                "renamed": RENAMED,
                "renaming_seconds": round(told, 2),
                "here_after_seconds": round(time.monotonic() - begin, 2),
            }
        )
    )

    wait_until_quiet(hub)
    created, updated, reattached, removed, held, count = (
        now - before for now, before in zip(hub.query(RUNS)[0], runs, strict=True)
    )
    print(json.dumps({"syncs": count, "updated": updated}))
    assert (created, reattached, removed, held) == (0, 0, 0, 0)
    assert updated == sum(address != addresses[pk] for pk, address in want.items()) >= RENAMED
    assert sorted(hub.query(LINKS)) == links
    assert hub.query(ROWS) == rows
    wait_until_same(hub, server)
    assert misplaced(there_stand(read_registries(server)), here_stand(hub)) == {}
    assert whole(additions)


def test_what_is_moved_there_moves_here_unless_people_moved_it(
    hub: Hub, server: Server, instance_id: int, additions: list[Addition]
) -> None:
    home = read_registries(server)
    links = sorted(hub.query(LINKS))
    chosen = synthetic(server)
    devices = list(dict.fromkeys(home.entities[name]["device_id"] for name in [*chosen[:200], chosen[-1]]))
    alone = chosen[1000:1100]
    with server.talk() as talk:
        talk.ask_all(
            [("config/device_registry/update", {"device_id": device, "area_id": "bedroom"}) for device in devices]
        )
        talk.ask_all([("config/entity_registry/update", {"entity_id": name, "area_id": "office"}) for name in alone])
        talk.ask(
            "config/device_registry/update", device_id=home.entities["light.bed_light"]["device_id"], area_id="kitchen"
        )

    def moved() -> bool:
        return not misplaced(there_stand(read_registries(server)), here_stand(hub))

    wait_until(
        moved,
        "all have moved",
        60,
        lambda: str(misplaced(there_stand(read_registries(server)), here_stand(hub)))[:2000],
    )
    assert sorted(hub.query(LINKS)) == links
    shown = {row["id"]: row["location"] for row in hub.get_all("entities")}
    rows: list[Any] = hub.query(
        "SELECT id, user_location_id FROM entity_entity WHERE source_location_id ="
        " (SELECT id FROM entity_location WHERE source_name = 'Bedroom')"
    )
    assert len(rows) >= len(devices)
    assert {shown[pk] for pk, user_location_id in rows if user_location_id is None} == {"Bedroom"}
    assert [shown[addition.entity_id] for addition in additions] == ["Garage"] * 3
    assert whole(additions)


def test_all_that_people_added_comes_through_a_restart_there(
    hub: Hub, server: Server, instance_id: int, additions: list[Addition]
) -> None:
    links = sorted(hub.query(LINKS))
    server.restart()
    wait_until(lambda: not hub.instance(instance_id)["is_live"], "the gap is noticed", seconds=60)
    wait_until(lambda: hub.instance(instance_id)["is_live"], "live again", seconds=240)
    wait_until_quiet(hub)
    wait_until_same(hub, server)
    assert sorted(hub.query(LINKS)) == links
    assert whole(additions)


def test_all_that_people_added_comes_back_when_it_is_activated_again(
    hub: Hub, server: Server, instance_id: int, additions: list[Addition]
) -> None:
    links = sorted(hub.query(LINKS))
    hub.wait_for_job(hub.post(f"integrations/{instance_id}/deactivate"), seconds=60)
    hub.wait_for_status(instance_id, "INACTIVE")
    assert hub.get_all("entities") == []
    assert [addition.losses() for addition in additions] == [{}] * 3

    hub.post(f"integrations/{instance_id}/activate")
    hub.wait_for_status(instance_id, "ACTIVE", seconds=120)
    wait_until_same(hub, server)
    assert sorted(hub.query(LINKS)) == links
    assert whole(additions)


def test_a_sync_that_finds_nothing_new_writes_nothing(hub: Hub, instance_id: int) -> None:
    job = hub.wait_for_job(hub.post(f"integrations/{instance_id}/sync"), seconds=60)
    print(json.dumps({"unchanged_sync_seconds": job["run_seconds"]}))
    assert job["message"].startswith("0 new, 0 changed, 0 gone.")
