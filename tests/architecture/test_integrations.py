"""What holds for every integration in this tree, and no integration could show for itself."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure
ROOT = Path(__file__).parents[2]
# What opens connections by itself; hi.integration has the sessions, with their limits, checks and marks.
OPENERS = {"requests", "urllib3", "urllib.request", "http.client", "httpx", "aiohttp", "socket", "subprocess"}


def list_imports(path: Path) -> Iterator[str]:
    """As dotted names: the modules, and what is taken from them."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (node.module, *(f"{node.module}.{name.name}" for name in node.names))


def test_none_opens_a_connection_past_hi() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in (ROOT / "hi" / "services").rglob("*.py")
        for name in list_imports(path)
        if name in OPENERS or (name.startswith("websockets.") and name.endswith(".connect"))
    }
    assert found == set()


def test_types_are_checked_strictly_and_of_all() -> None:
    """`make check` runs mypy by this."""
    mypy = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]
    assert (mypy["strict"], "hi" in mypy["files"], mypy["exclude"]) == (True, True, ["/migrations/"])
    weakened = [one["module"] for one in mypy["overrides"] if one.keys() - {"module", "ignore_missing_imports"}]
    assert not [name for modules in weakened for name in modules if name.startswith("hi.services")]
