"""A backup of a hub that works, and the hub that is made of it: on another machine, as it were, and on PostgreSQL."""

import json
import shutil
import sqlite3
import tarfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import cycle
from pathlib import Path

import pytest

from hi.testing.hass import SimulatedHass
from hi.testing.postgres import Postgres
from tests.e2e.hub import Hub, wait_until

pytestmark = pytest.mark.e2e
PASSPHRASE = "a passphrase of the tests"
DATABASE_PASSWORD = "c4n4ry-of-the-database"


def test_housekeeping_makes_a_backup_when_one_is_due(hub: Hub) -> None:
    ask = "from hi.tasks.maintenance import keep_house; keep_house.delay()"
    hub.manage("shell", "--no-imports", "--command", ask)
    folder = hub.folder / "backups"
    wait_until(lambda: list(folder.glob("hi-*-scheduled.tar.gz")), "a backup is there", seconds=60)
    wait_until(lambda: "backup: " in hub.nodes["control"].logs(), "the worker has told of it")
    answer = hub.session.get(f"{hub.url}/health/deep", headers={"Authorization": f"Bearer {hub.token}"}, timeout=10)
    finding = next(each for each in answer.json()["findings"] if each["subject"] == "Backups")
    assert (finding["level"], finding["what"][:13]) == ("ok", "The newest is")


def test_a_hub_that_is_restored_elsewhere_goes_on_where_the_old_one_was(
    hub: Hub, source: SimulatedHass, tmp_path: Path, initialised: Path
) -> None:
    instance_id = hub.connect(source.url, source.token)
    hub.wait_for_status(instance_id, "ACTIVE")
    with _never_silent(source, hub):
        said = hub.manage("backup", HI_BACKUP_PASSPHRASE=PASSPHRASE)
    backup = Path(said.split(": ")[0])
    assert _states_that_only_history_knows(backup) == set()
    before = {address: state["id"] for address, state in hub.states().items()}
    assert "hi is running" in _refusal(hub, backup)
    hub.stop()

    server = Postgres()
    shutil.copytree(initialised / "static", tmp_path / "static", copy_function=shutil.copy2)
    url = server.start().replace("//hi@", f"//hi:{DATABASE_PASSWORD}@")
    other = Hub(tmp_path, HI_DATABASE_URL=url, HI_LOG_LEVEL="DEBUG")
    try:
        other.prepare()
        other.manage("restore", str(backup), HI_BACKUP_PASSPHRASE=PASSPHRASE)
        other.token = hub.token
        for spec in other.specs():
            other.start_process(spec)
        for node in other.nodes.values():
            node.ready()
        other.wait_for_status(instance_id, "ACTIVE", seconds=60)
        wait_until(lambda: other.instance(instance_id)["is_live"], "it hears its source again")
        assert {address: state["id"] for address, state in other.states().items()} == before
        address = _a_switch(other)
        wanted = "off" if other.states()[address]["value"] == "on" else "on"
        command = other.post("commands", {"state": before[address], "value": wanted})
        assert other.wait_for_command(command)["status"] == "CONFIRMED"
        assert DATABASE_PASSWORD not in _all_that_is_told(other, server)
    finally:
        other.stop()
        server.stop()


def _all_that_is_told(hub: Hub, server: Postgres) -> str:
    """By logs and health, of a database that is there and of one that has gone."""
    headers = {"Authorization": f"Bearer {hub.token}"}
    told = hub.session.get(f"{hub.url}/health/deep", headers=headers, timeout=10).text
    server.halt()
    answer = hub.session.get(f"{hub.url}/api/v1/system", headers=headers, timeout=10)
    assert answer.status_code == 503
    said = {"listener": "could not look what to do", "beat": "waits for the database"}
    wait_until(lambda: all(words in hub.nodes[name].logs() for name, words in said.items()), "they miss it")
    return told + answer.text + "".join(node.logs() for node in hub.nodes.values())


def _a_switch(hub: Hub) -> str:
    return next(name for name in sorted(hub.states()) if name.startswith(("light.", "switch.")) and "#" not in name)


@contextmanager
def _never_silent(source: SimulatedHass, hub: Hub) -> Iterator[None]:
    """Values change all the time; on leaving, some have been written meanwhile."""
    address = _a_switch(hub)
    stop = threading.Event()

    def change() -> None:
        for value in cycle(("on", "off")):
            source.set_state(address, value)
            if stop.wait(0.02):
                return

    thread = threading.Thread(target=change)
    thread.start()
    try:
        before = _history(hub)
        yield
        wait_until(lambda: _history(hub) > before, "history grows")
    finally:
        stop.set()
        thread.join()


def _history(hub: Hub) -> int:
    with closing(sqlite3.connect(f"file:{hub.folder / 'history.sqlite3'}?mode=ro", uri=True, timeout=20)) as database:
        return int(database.execute("SELECT COUNT(*) FROM entity_statehistory").fetchone()[0])


def _states_that_only_history_knows(backup: Path) -> set[int]:
    with tarfile.open(backup) as tar:
        contents = json.load(tar.extractfile("contents.json"))["tables"]  # type: ignore[arg-type]

        def column(table: str, name: str) -> set[int]:
            place = contents[table]["columns"].index(name)
            parts = [member for member in tar.getmembers() if member.name.startswith(f"rows/{table}/")]
            lines = [line for part in parts for line in tar.extractfile(part).read().splitlines()]  # type: ignore[union-attr]
            assert len(lines) == contents[table]["rows"] > 0
            return {json.loads(line)[place] for line in lines}

        return column("entity.statehistory", "state_id") - column("entity.entitystate", "id")


def _refusal(hub: Hub, backup: Path) -> str:
    with pytest.raises(AssertionError) as refused:
        hub.manage("restore", "--replace", str(backup), HI_BACKUP_PASSPHRASE=PASSPHRASE)
    return str(refused.value)
