"""`manage.py hub` against a hub of real processes, in a terminal and in a pipe. The tests build on each other."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from hi.runtime import processes
from hi.testing.hass import SimulatedHass, specs
from tests import nursery
from tests.e2e.hub import RARELY, Hub, wait_until
from tests.e2e.process import ROOT
from tests.e2e.typed import Typed

pytestmark = pytest.mark.e2e
LIGHT = "light.kitchen_ceiling_light"


class Answer:
    def __init__(self, done: "subprocess.CompletedProcess[str]") -> None:
        self.out, self.err, self.code = done.stdout, done.stderr, done.returncode
        assert "Traceback" not in self.out + self.err, self.out + self.err


def run(hub: Hub, *words: str, **environment: str) -> Answer:
    return Answer(nursery.run(["-m", "manage", "hub", *words], hub.process_environment(**environment)))


def typed(hub: Hub, *words: str, columns: int = 80) -> Typed:
    return Typed(hub.process_environment(), *words, columns=columns)


@pytest.fixture(scope="module")
def fresh(hub: Hub, initialised: Path) -> Iterator[Hub]:
    """Another installation, whose processes do not run yet."""
    with tempfile.TemporaryDirectory(prefix="hi-e2e-") as name:
        shutil.copytree(initialised, name, copy_function=shutil.copy2, dirs_exist_ok=True)
        other = Hub(Path(name))
        try:
            other.prepare()
            yield other
        finally:
            other.stop()


def test_a_system_is_connected_and_its_first_sync_is_watched(hub: Hub, source: SimulatedHass, folder: Path) -> None:
    token = folder / "token"
    token.write_text(source.token)
    with typed(hub, "add", "hass", "--label", "House", "--url", source.url, "--token-file", str(token)) as terminal:
        assert terminal.wait() == 0, terminal.shown
        screen = terminal.screen()
    token.unlink()
    assert screen[0] == "✓ House is stored as integration 1."
    assert screen[1].startswith("Connect House   asked for by you")
    assert [line.split()[1] for line in screen if line.startswith("  ✓ ")][:2] == ["Reach", "Answer"]
    assert "House is mirrored:" in screen[-2] + screen[-3]
    assert max(map(len, screen)) <= 80
    hub.wait_for_status(1, "ACTIVE")
    hub.sync_every(1, RARELY)  # a slot within the troubles below would fail, and be seen


def test_a_sync_in_a_pipe_tells_its_end_and_its_exit_code(hub: Hub, source: SimulatedHass) -> None:
    answer = run(hub, "sync", "House")
    assert answer.code == 0
    assert answer.out.splitlines()[0].startswith("Sync House   asked for by you")
    assert "✓ Done in" in answer.out
    assert "\x1b" not in answer.out + answer.err
    job = json.loads(run(hub, "sync", "House", "--json").out)
    assert job["status"] == "SUCCEEDED"
    source.fail(500)
    answer = run(hub, "test", "House")
    source.heal()
    assert answer.code == 1
    assert "✗ Failed: " in answer.out


def test_ctrl_c_leaves_the_job_at_work_and_says_so(hub: Hub, source: SimulatedHass) -> None:
    source.stall()
    try:
        with typed(hub, "sync", "House") as terminal:
            terminal.wait_for("Reading the registries")
            terminal.press("\x03")
            assert terminal.wait() == 130, terminal.shown
        (job_id,) = {word for word in terminal.screen()[-2].split() if len(word) == 8 and word.isalnum()} & {
            row[0][:8] for row in hub.query("SELECT id FROM integration_job WHERE status = 'RUNNING'")
        }
        assert f"To look again: python manage.py hub watch {job_id}" in terminal.shown
        assert terminal.shown.rstrip().endswith(job_id)
        assert "\x1b[?25h" in terminal.shown  # the cursor is there again
        with typed(hub, "watch", job_id) as again:
            again.wait_for("Sync House")
            assert run(hub, "cancel", job_id).code == 0
            assert again.wait() == 1
        assert "○ Cancelled: Cancelled by admin." in "\n".join(again.screen())
    finally:
        source.heal()


def test_a_state_is_set_and_its_outcome_is_the_exit_code(hub: Hub, source: SimulatedHass) -> None:
    hub.wait_for_status(1, "ACTIVE")
    source.set_state(LIGHT, "off")
    wait_until(lambda: hub.states()[LIGHT]["value"] == "off", "it is off")
    answer = run(hub, "set", "kitchen ceiling light", "on")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("✓ Kitchen ceiling light → on: done in ")
    assert source.states()[LIGHT].state == "on"
    source.fail_service("light.turn_off", "The bulb is loose.")
    answer = run(hub, "set", LIGHT, "off")
    source.heal()
    assert answer.code == 1
    assert "failed" in answer.out
    assert "The bulb is loose." in answer.out
    assert json.loads(run(hub, "set", LIGHT, "off", "--json").out)["status"] == "CONFIRMED"
    who = hub.query("SELECT DISTINCT who FROM integration_auditentry WHERE verb = 'set'")
    assert len(who) == 1
    assert who[0][0].startswith("admin (")


def test_a_lock_asks_first_on_a_terminal(hub: Hub, source: SimulatedHass) -> None:
    calls = len(source.calls)
    with typed(hub, "set", "Front door lock", "unlocked") as terminal:
        terminal.wait_for("Unlock Front door lock? [y/N]")
        terminal.press("n\n")
        assert terminal.wait() == 2
    assert len(source.calls) == calls
    with typed(hub, "set", "Front door lock", "unlocked") as terminal:
        terminal.wait_for("[y/N]")
        terminal.press("y\n")
        assert terminal.wait() == 0, terminal.shown
    assert [call["service"] for call in source.calls[calls:]] == ["unlock"]
    assert run(hub, "set", "Front door lock", "locked").code == 2
    assert run(hub, "set", "Front door lock", "locked", "--yes").code == 0


def test_what_is_new_waits_and_is_approved(hub: Hub, source: SimulatedHass, tmp_path: Path) -> None:
    path = tmp_path / "ask.yaml"
    path.write_text("hi: 1\nintegrations: {House: {new_things: ask}}\n")
    assert run(hub, "apply", str(path)).code == 0
    source.add_entity(specs.switch("Garage plug", on=True))
    wait_until(lambda: "Garage plug" in run(hub, "inbox", "list").out, "it waits", seconds=30)
    assert run(hub, "inbox", "approve", "House", "garage plug").code == 0
    wait_until(lambda: "switch.garage_plug" in hub.states(), "it is mirrored", seconds=20)


def test_lists_end_quietly_when_nobody_reads_on(hub: Hub) -> None:
    done = subprocess.run(
        f"{sys.executable} manage.py hub list things | head -n 1",
        shell=True,
        cwd=ROOT,
        env=hub.process_environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split()[:2] == ["Id", "Name"]


def test_another_installation_becomes_the_same(hub: Hub, fresh: Hub, source: SimulatedHass, tmp_path: Path) -> None:
    kitchen = json.loads(run(hub, "list", "places", "--json").out)
    area = next(place["id"] for place in kitchen if place["name"] == "Kitchen")
    key = hub.query("SELECT integration_key FROM integration_integrationlink WHERE location_id = ?", area)[0][0]
    thing = hub.query(
        "SELECT integration_key FROM integration_integrationlink JOIN entity_entity ON entity_id = entity_entity.id"
        " WHERE name = 'Kitchen ceiling light' AND integration_integrationlink.kind = 'entity'"
    )[0][0]
    path = tmp_path / "hi.yaml"
    path.write_text(
        f"""hi: 1
integrations: {{House: {{sync_every: 1 h, when_deactivated: keep}}}}
places:
  own: {{Garden house: {{kind: building}}, Shed: {{kind: room, inside: Garden house}}}}
  mirrored: {{House: {{"{key}": {{name: Küche, inside: Garden house}}}}}}
things: {{House: {{{thing}: {{name: Reading lamp, place: Shed, notes: "From the shop.", facts: {{Bought: 2020}}}}}}}}
"""
    )
    assert run(hub, "apply", str(path)).code == 0
    exported = run(hub, "export").out
    assert source.token not in exported
    assert "env: HI_HOUSE_TOKEN" in exported
    assert "Reading lamp" in exported
    path.write_text(exported)
    answer = run(hub, "apply", str(path))
    assert (answer.code, answer.out) == (0, "✓ Nothing to change.\n")

    # The other one: nothing is made without the secret, then all but what must be read first.
    answer = run(fresh, "apply", str(path))
    assert answer.code == 2
    assert "The variable HI_HOUSE_TOKEN is not set." in answer.err
    answer = run(fresh, "apply", str(path), HI_HOUSE_TOKEN=source.token)
    assert answer.code == 3, answer.err
    assert "hi is not running" in answer.err
    assert "Reading lamp" in answer.err
    assert source.token not in answer.out + answer.err
    for spec in fresh.specs():
        if spec.name in processes.WORKERS:
            fresh.start_process(spec)
    for node in fresh.nodes.values():
        node.ready()
    status = "SELECT status FROM integration_integrationinstance"
    wait_until(lambda: fresh.query(status) == [("ACTIVE",)], "it is mirrored", seconds=60)
    answer = run(fresh, "apply", str(path), HI_HOUSE_TOKEN=source.token)
    assert answer.code == 0, answer.err
    assert run(fresh, "export").out == exported
    answer = run(fresh, "apply", str(path), HI_HOUSE_TOKEN=source.token)
    assert (answer.code, answer.out) == (0, "✓ Nothing to change.\n")
    assert run(fresh, "set", "reading lamp", "off").code == 0
    secret = source.token.encode()
    files = [one for one in fresh.folder.rglob("*") if one.is_file() and not one.name.endswith("-shm")]
    assert [one.name for one in files if secret in one.read_bytes()] == []


def test_a_key_that_is_lost_opens_a_repair_and_harms_nothing(fresh: Hub, source: SimulatedHass, tmp_path: Path) -> None:
    things = "SELECT id, name FROM entity_entity WHERE removed_at IS NULL ORDER BY id"
    before = fresh.query(things)
    path = tmp_path / "hi.yaml"
    path.write_text(run(fresh, "export").out)
    mine = [node for name, node in fresh.nodes.items() if name != "redis"]
    for node in mine:
        node.teardown()
    fresh.unload()
    (fresh.folder / "keys" / "secret.key").unlink()
    assert "A new key stands in" in fresh.manage("new_key")
    for node in mine:
        node.container.start()
        node.ready()
    repairs = "SELECT kind FROM integration_repair WHERE closed_at IS NULL"
    wait_until(lambda: fresh.query(repairs) == [("secret_lost",)], "the secret is asked for", seconds=60)
    assert fresh.query(things) == before
    answer = run(fresh, "apply", str(path), HI_HOUSE_TOKEN=source.token)
    assert answer.code == 0, answer.err
    wait_until(lambda: fresh.query("SELECT status FROM integration_integrationinstance") == [("ACTIVE",)], "it is back")
    assert fresh.query(repairs) == []
    assert fresh.query(things) == before
