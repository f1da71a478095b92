"""`manage.py new_integration`: what it writes, and what it refuses."""

import io
import tomllib
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from hi.integration.quality.evidence import find_missing
from hi.integration.quality.report import assess
from hi.integration.scaffolding import Scaffold
from tests.architecture.test_near_copies import LONGEST, find_copies, normalise, services

pytestmark = pytest.mark.pure


def call(*words: str) -> str:
    out = io.StringIO()
    call_command("new_integration", *words, stdout=out)
    return out.getvalue()


def read_all(folder: Path) -> str:
    return "\n".join(path.read_text() for path in sorted(folder.rglob("*")) if path.is_file())


def test_a_package_is_called_as_it_was_asked_for_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "pump"
    said = call("garden_pump", "--label", "Pump «Süd»", "--package", str(folder))
    text = read_all(folder)
    assert 'integration_label = "Pump «Süd»"' in text
    assert 'garden_pump = "hi_garden_pump"' in text
    assert "class GardenPumpGateway(IntegrationGateway)" in text
    assert "greenhouse" not in text.lower()
    assert "$" not in text
    assert f".venv-dev/bin/pip install -e {folder}" in said
    for path in folder.rglob("*.py"):
        compile(path.read_text(), str(path), "exec")


def test_in_the_tree_its_tests_stand_beside_the_others(tmp_path: Path) -> None:
    written = {str(path.relative_to(tmp_path)) for path in Scaffold("pond", "Pond", root=tmp_path).write()}
    assert {
        "hi/services/pond/pond_gateway.py",
        "tests/services/pond/__init__.py",
        "tests/services/pond/test_conformance.py",
    } <= written
    assert "from hi.services.pond.wire import PondAnswer" in read_all(tmp_path)
    assert "from tests.services.pond.pond_simulator import SimulatedPond" in read_all(tmp_path)


def test_what_it_says_of_its_quality_is_shown_by_its_tests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "pump"
    call("garden_pump", "--package", str(folder))
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    report = assess("hi_garden_pump")
    assert report is not None
    own = report.find_evidence()
    assert {one.place.partition("::")[0] for one in own} == {"tests/test_converter.py", "tests/test_conformance.py"}
    assert find_missing(own) == []
    assert tomllib.loads((folder / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"] == {
        "hi_garden_pump": ["quality.toml"]
    }


def test_it_holds_no_copy_of_a_part_of_another(tmp_path: Path) -> None:
    written = Scaffold("pond", "Pond", root=tmp_path).write()
    new = {path: normalise(path.read_text()) for path in written if path.is_relative_to(tmp_path / "hi")}
    there = {path: normalise(path.read_text()) for folder in services() for path in folder.glob("*.py")}
    copies = [(one, other) for one in new for other in there if list(find_copies(new[one], there[other], LONGEST))]
    assert copies == []


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Pond", "is no name for an integration"),
        ("garden-pump", "is no name for an integration"),
        ("1st", "is no name for an integration"),
        ("pond__north", "is no name for an integration"),
        ("../pond", "is no name for an integration"),
        ("p" * 31, "is no name for an integration"),
        ("class", "is a word of Python's own"),
        ("match", "is a word of Python's own"),
        ("hass", "There is an integration “hass” already, in hi.services.hass."),
        ("entity", "A part of hi is called “entity” already"),
    ],
)
def test_a_name_that_cannot_be_is_refused(tmp_path: Path, name: str, why: str) -> None:
    with pytest.raises(CommandError, match=why):
        call(name, "--package", str(tmp_path / "new"))
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("label", ['a "quote"', "two\nlines", "back\\slash", " ", "x" * 61])
def test_so_is_a_label(tmp_path: Path, label: str) -> None:
    with pytest.raises(CommandError, match="A label is a line"):
        call("pond", "--label", label, "--package", str(tmp_path / "new"))


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    for folder in (tmp_path, tmp_path / "mine.txt"):
        with pytest.raises(CommandError, match="is there already: nothing is written over it"):
            call("pond", "--package", str(folder))
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_place_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"/proc/.* can't be written"):
        call("pond", "--package", "/proc/pond")
