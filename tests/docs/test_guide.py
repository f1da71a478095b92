"""docs/adding-an-integration.md shows what `new_integration` writes."""

from pathlib import Path

import pytest

from hi.integration.scaffolding import Scaffold
from tests.docs.pages import ROOT, list_blocks

pytestmark = pytest.mark.pure
SHOWN = [block for block in list_blocks(ROOT / "docs" / "adding-an-integration.md") if block.language == "python"]
MAX_MODULES = 7


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("guide") / "hi-greenhouse"
    Scaffold("greenhouse", "Greenhouse", folder).write()
    return folder


@pytest.mark.parametrize("number", range(len(SHOWN)))
def test_what_is_shown_of_a_file_stands_in_it(package: Path, number: int) -> None:
    block = SHOWN[number]
    assert block.text in (package.parent / block.file).read_text(encoding="utf-8")


def test_it_is_small(package: Path) -> None:
    modules = [path for path in (package / "hi_greenhouse").glob("*.py") if path.name not in ("__init__.py", "apps.py")]
    assert 1 < len(modules) <= MAX_MODULES


def test_each_module_is_told_of(package: Path) -> None:
    guide = (ROOT / "docs" / "adding-an-integration.md").read_text(encoding="utf-8")
    modules = {path.name for path in (package / "hi_greenhouse").glob("*.py")} - {"__init__.py"}
    assert {name for name in modules if f"| `{name}` |" not in guide} == set()
