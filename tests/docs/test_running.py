"""The commands of the pages, typed as they stand, in a copy of hi: first those of docs/adding-an-integration.md, which
make an integration in a package of its own, run its tests and start the hub, then in that hub those of the other pages.
The tests build on each other.
"""

import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hi.testing.hass import SimulatedHass, specs
from tests.docs.pages import ROOT
from tests.docs.reader import Reader
from tests.docs.typist import JOB, Typist
from tests.e2e.process import wait_until

pytestmark = pytest.mark.e2e
DOCS = ROOT / "docs"
needs_curl = pytest.mark.skipif(not shutil.which("curl"), reason="the page's commands call curl, which is not here")


@pytest.fixture(scope="module")
def reader(initialised: Path) -> Iterator[Reader]:
    """A short path: a unix socket lies below it."""
    with tempfile.TemporaryDirectory(prefix="hi-docs-") as name:
        reader = Reader(Path(name))
        shutil.copytree(initialised, reader.data, copy_function=shutil.copy2)
        try:
            reader.check_out()
            reader.follow(DOCS / "adding-an-integration.md")
            yield reader
        finally:
            reader.leave()


@pytest.fixture(scope="module")
def house() -> Iterator[SimulatedHass]:
    with SimulatedHass.running(token="a-token-for-tests") as house:
        yield house


@pytest.fixture(scope="module")
def typist(reader: Reader, house: SimulatedHass, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Typist]:
    folder = tmp_path_factory.mktemp("typist")
    (folder / "token.txt").write_text(house.token)
    (folder / "wrong.txt").write_text("cucumber")
    (folder / "ask.yaml").write_text("hi: 1\nintegrations: {House: {new_things: ask}}\n")
    typist = Typist(reader, folder, house.url)
    yield typist
    typist.close()


def test_an_integration_is_added(reader: Reader) -> None:
    told = next(said for command, said in reader.said.items() if "add greenhouse" in command)
    assert "Greenhouse is stored as integration 1." in told
    assert "Greenhouse is mirrored: 4 things, 4 states." in told

    def is_right(found: Any) -> bool:
        states = {state["name"]: state for thing in found["items"] for state in thing["states"]}
        values = {name: (state["value"], state["unit"]) for name, state in states.items()}
        sensors = {"Air": ("21.5", "°C"), "Tomato bed": ("38", "%"), "Water": ("14", "°C")}
        return values == {**sensors, "Pump": ("on", "")}  # as the last of its commands wants it

    reader.wait("entities", is_right)
    assert reader.get("integrations/1")["status"] == "ACTIVE"
    assert "Tomato bed" in reader.said['make hub ARGS="list things"']


def test_it_passes_unedited_what_every_integration_must(reader: Reader) -> None:
    said = reader.said[".venv-dev/bin/python -m pytest ../hi-greenhouse"]
    assert int(re.findall(r"(\d+) passed", said)[-1]) > 40
    assert not re.search(r"\d+ (failed|error|xfailed)", said)


def test_one_in_the_tree_passes_the_checks(reader: Reader) -> None:
    checks = ("ruff format --check hi tests", "ruff check hi tests", "lint-imports --no-cache")
    new = ".venv-dev/bin/python manage.py new_integration garden_pump --label 'Pump in the garden'"
    reader.shell.run(new, *(f".venv-dev/bin/{check}" for check in checks))


def test_a_key_that_its_system_refuses_is_asked_for_again(reader: Reader, typist: Typist) -> None:
    url = f"http://127.0.0.1:{reader.system_port}"
    said = typist.run("add", "greenhouse", "--label", "Other", "--url", url, "--key-file", "wrong.txt", code=1)
    assert "refused the credentials" in said
    assert reader.wait("integrations/2", lambda told: told["status"] == "AUTH_FAILED")


def test_the_command_line(reader: Reader, house: SimulatedHass, typist: Typist) -> None:
    typist.type("hub add hass --label House --url http://homeassistant.local:8123 --token-file token.txt")
    reader.wait("integrations/3", is_active)
    typist.type_all("hub list")
    typist.type_all("hub show")
    typist.type('hub set "Kitchen ceiling light" on')
    typist.type('hub set "Front door lock" unlocked --yes')
    typist.type("hub sync House")
    typist.type("hub test House")
    assert "things (" in typist.type("hub record House --seconds 2 --output house.json")

    house.stall()
    typist.job = reader.post("integrations/3/sync")["id"]
    typist.type(f"hub cancel {JOB}")
    house.heal()
    assert "Cancelled" in typist.type(f"hub watch {JOB}", code=1)

    typist.type("hub export > hi.yaml")
    typist.type("hub apply hi.yaml --dry-run")
    assert "Nothing to change." in typist.type("hub apply hi.yaml")

    typist.run("apply", "ask.yaml")
    house.add_entity(specs.switch("Garage plug", on=True))
    wait_until(lambda: "Garage plug" in typist.run("inbox", "list"), "it waits", seconds=30)
    typist.type("hub inbox list")
    typist.type('hub inbox approve House "Garage plug"')

    typist.type("hub pause House")
    typist.type("hub activate House")
    typist.type("hub deactivate House")
    assert typist.left == set()
    typist.run("activate", "House")


@needs_curl
def test_the_readme(reader: Reader) -> None:
    reader.wait("integrations/3", is_active)
    light = reader.get("entities?type=light&limit=2")["items"][0]
    state = next(state["id"] for state in light["states"] if state["is_primary"])
    said = reader.type_all(ROOT / "README.md", STATE=state)
    assert f'"id": {light["id"]}' in said
    # Its token may set things: the last answer is a command.
    (command,) = re.findall(r'"id": "([0-9a-f-]{36})"', said)
    assert reader.wait(f"commands/{command}", lambda told: told["ended_at"])["status"] == "CONFIRMED"
    reader.shell.run("make revoke-token NAME=my-script")


@needs_curl
def test_the_api(reader: Reader) -> None:
    said = reader.type_all(DOCS / "api.md")
    job = json.loads(said[said.rindex('{"id"') :])
    assert job["kind"] == "sync"
    assert reader.wait(f"jobs/{job['id']}", lambda told: told["ended_at"])["status"] == "SUCCEEDED"


def test_operations(reader: Reader) -> None:
    assert "Database" in reader.type_all(DOCS / "operations.md")


def is_active(told: Any) -> bool:
    return bool(told["status"] == "ACTIVE")
