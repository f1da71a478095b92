"""The rules that keep the shape: lengths, imports, names, errors."""

import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hi.integration import exceptions

ROOT = Path(__file__).parents[2]
MAX_LINES = 320
MAX_SERVICE_MODULES, MAX_SERVICE_LINES = 7, 700
# Of what speaks of several hundred kinds and classes.
LONG_SERVICES = {"hass": 1_400}
LARGE_SERVICES = {"hass": 8}
# The products that hi mirrors are known to their own folder and to what simulates them, and nowhere else.
PRODUCTS = re.compile(r"\bhass|home[ _-]?assistant|zone[ _-]?minder|homebox", re.IGNORECASE)


def python_files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*.py")) if "migrations" not in path.parts)


def everything_written(folder: Path) -> Iterator[Path]:
    """Templates, scripts and styles too."""
    yield from python_files(folder)
    for kind in ("html", "txt", "js", "css", "svg", "toml", "tmpl", "po"):
        yield from sorted(folder.rglob(f"*.{kind}"))


def test_no_python_file_is_longer_than_can_be_held_in_mind() -> None:
    lengths = {str(path.relative_to(ROOT)): path.read_text().count("\n") for path in python_files(ROOT / "hi")}
    assert {path: lines for path, lines in lengths.items() if lines > MAX_LINES} == {}


def test_no_product_is_named_outside_its_folder() -> None:
    homes = (ROOT / "hi" / "services", ROOT / "hi" / "testing")
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in (*everything_written(ROOT / "hi"), ROOT / "celeryconfig.py", ROOT / "manage.py")
        if not any(path.is_relative_to(home) for home in homes)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if PRODUCTS.search(line)
    ]
    assert found == []


def test_what_bandit_finds_is_answered_by_a_reason() -> None:
    """Such as: `# nosec B107 - without one no keys go along`."""
    silent = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in (*python_files(ROOT / "hi"), ROOT / "celeryconfig.py", ROOT / "manage.py")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if "nosec" in line and not re.search(r"# nosec( B\d{3})+ - \w.{5,}$", line)
    ]
    assert silent == []


def services() -> dict[str, list[Path]]:
    folders = (folder for folder in (ROOT / "hi" / "services").iterdir() if not folder.name.startswith("__"))
    return {folder.name: [*python_files(folder)] for folder in folders if folder.is_dir()}


def test_a_service_is_at_most_seven_modules() -> None:
    found = services().items()
    modules = {name: [file.name for file in files if file.stem != "__init__"] for name, files in found}
    assert modules
    assert {
        name: files for name, files in modules.items() if len(files) > LARGE_SERVICES.get(name, MAX_SERVICE_MODULES)
    } == {}


def test_a_service_is_no_longer_than_can_be_read_in_one_go() -> None:
    lines = {name: sum(file.read_text().count("\n") for file in files) for name, files in services().items()}
    assert {name: n for name, n in lines.items() if n > LONG_SERVICES.get(name, MAX_SERVICE_LINES)} == {}


def test_imports_keep_their_contracts() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "module",
    [
        "hi.integration.core.aspects",
        "hi.integration.core.plan",
        "hi.integration.core.rows",
        "hi.integration.latest",
        "hi.services.hass.wire",
        "hi.services.hass.converter",
        "hi.services.hass.kinds",
        "hi.services.hass.aspects",
    ],
)
def test_pure_code_runs_without_any_framework(module: str) -> None:
    """In a process of its own: what this one has imported proves nothing."""
    frameworks = "django", "celery", "kombu", "redis", "requests", "websockets", "pybreaker"
    code = f"import sys, {module}; print([name for name in {frameworks!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_error_derives_from_the_one_base() -> None:
    classes = [member for _name, member in inspect.getmembers(exceptions, inspect.isclass)]
    assert [error for error in classes if not issubclass(error, exceptions.IntegrationError)] == []


def test_the_errors_imports_nothing() -> None:
    assert not re.search(r"^\s*(import|from)\s", Path(exceptions.__file__).read_text(), re.MULTILINE)
