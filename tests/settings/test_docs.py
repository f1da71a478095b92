"""docs/settings.md and .env.example keep up with the code."""

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parents[2]
READ = re.compile(r"""\benv\.(?:text|integer|number|port|flag|items|secret|time_zone)\(\s*"([A-Z_]+)\"""")
# Set by the supervisor for its children, not by anybody else.
INTERNAL = {"HI_ROLE", "HI_READY_FILE"}


def variables_read() -> set[str]:
    sources = [*(ROOT / "hi").rglob("*.py"), ROOT / "celeryconfig.py"]
    found = {name for source in sources for name in READ.findall(source.read_text(encoding="utf-8"))}
    # env.py reads these with its own functions.
    return (found | {"HI_DATA_DIR", "REDIS_URL"}) - INTERNAL


def test_the_settings_page_lists_exactly_the_variables_that_are_read() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| `([A-Z_]+)`", page, re.MULTILINE))
    # The second table is about the tests' own.
    assert {name for name in rows if not name.startswith(("HI_REAL_", "HI_TEST_", "HI_UV"))} == variables_read()


def test_the_example_environment_names_only_variables_that_exist() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^#?\s?([A-Z_]{4,})=", example, re.MULTILINE))
    # docker-compose.yml alone knows these.
    assert named - {"POSTGRES_PASSWORD", "HI_BIND"} <= variables_read()
    assert named
