"""docs/settings.md and .env.example keep up with the code: each variable, its default, and whether it is a secret."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parents[2]
READERS = {"text", "integer", "number", "port", "flag", "items", "secret", "time_zone", "socket_address"}
# Set by the supervisor for its children, not by anybody else.
INTERNAL = {"HI_ROLE", "HI_READY_FILE"}
# Their defaults are worked out, so the page tells them in words.
WORKED_OUT = {"HI_BASE_URL", "HI_BACKUP_DIR", "HI_DATA_DIR", "HI_DJANGO_KEY", "HI_SECRET_KEYS"}
WORKED_OUT |= {"HI_DATABASE_URL", "HI_MEDIA_ADDRESS", "HI_REDIS_SERVER", "HI_TIME_ZONE", "REDIS_URL"}


class Setting(NamedTuple):
    name: str
    default: str
    is_secret: bool


def read_in(source: str) -> Iterator[Setting]:
    """What a module reads by the readers of `hi/settings/env.py`."""
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in READERS):
            continue
        if isinstance(node.func.value, ast.Name) and node.func.value.id == "env":
            name, default = ast.literal_eval(node.args[0]), _default(node)
            yield Setting(name, default, node.func.attr == "secret")


def _default(call: ast.Call) -> str:
    if len(call.args) < 2 or not isinstance(call.args[1], ast.Constant):
        return "0" if isinstance(call.func, ast.Attribute) and call.func.attr == "flag" else ""
    return str(call.args[1].value)


def settings_read() -> set[Setting]:
    sources = [*(ROOT / "hi").rglob("*.py"), ROOT / "celeryconfig.py"]
    found = {setting for source in sources for setting in read_in(source.read_text(encoding="utf-8"))}
    # env.py reads these with its own functions.
    found |= {Setting("HI_DATA_DIR", "", False), Setting("REDIS_URL", "", True)}
    return {setting for setting in found if setting.name not in INTERNAL}


def rows_of(page: str) -> dict[str, list[str]]:
    """The first table; the second is about the tests' own."""
    table = page.partition("## Tests and tools")[0]
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line[:3] == "| `"]
    return {name.strip("`"): rest for name, *rest in lines}


@pytest.fixture(scope="module")
def rows() -> dict[str, list[str]]:
    return rows_of((ROOT / "docs" / "settings.md").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def read() -> dict[str, Setting]:
    settings = settings_read()
    by_name: dict[str, Any] = {setting.name: setting for setting in settings}
    # Read in several places, it has the same default in each.
    assert len(by_name) == len(settings), sorted(settings)
    return by_name


def test_the_page_lists_exactly_the_variables_that_are_read(
    rows: dict[str, list[str]], read: dict[str, Setting]
) -> None:
    assert rows.keys() == read.keys()


def test_each_default_is_that_of_the_code(rows: dict[str, list[str]], read: dict[str, Setting]) -> None:
    told = {name: default for name, (default, _what) in rows.items() if name not in WORKED_OUT}
    assert told == {
        name: f"`{setting.default}`" if setting.default else ""
        for name, setting in read.items()
        if name not in WORKED_OUT
    }
    assert all(rows[name][0] for name in WORKED_OUT)


def test_each_says_what_it_does_and_whether_it_is_a_secret(
    rows: dict[str, list[str]], read: dict[str, Setting]
) -> None:
    assert {name for name, (_default, what) in rows.items() if what.startswith("*secret*. ")} == {
        setting.name for setting in read.values() if setting.is_secret
    }
    assert all(len(what) > 5 for _default, what in rows.values())


def test_the_example_environment_names_only_variables_that_exist(read: dict[str, Setting]) -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^#?\s?([A-Z_]{4,})=", example, re.MULTILINE))
    # docker-compose.yml alone knows these.
    by_file = {f"{setting.name}_FILE" for setting in read.values() if setting.is_secret}
    assert named - {"POSTGRES_PASSWORD", "HI_BIND"} <= read.keys() | by_file
    assert named
