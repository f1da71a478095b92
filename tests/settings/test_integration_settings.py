"""docs/settings.md tells the settings of each integration that comes with hi, as they are declared."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import hi.services
from hi.integration.app_config import describe, list_integrations
from hi.integration.core.settings import SettingSpec
from hi.integration.environment import name_variable
from hi.integration.integration_factory import get_integration_gateway
from tests.settings.test_docs import settings_read

ROOT = Path(__file__).parents[2]
FOLDERS = sorted(path.parent.name for path in Path(hi.services.__path__[0]).glob("*/*_gateway.py"))
SECTION = re.compile(r"^### .*\n(?:(?!^##).*\n?)*", re.MULTILINE)


def write_section(integration_type: str) -> str:
    rows = [write_row(integration_type, spec) for spec in get_integration_gateway(integration_type).settings]
    head = f"### {describe(integration_type).label}\n\n| variable | default | what it is |\n|---|---|---|\n"
    return head + "\n".join(rows) + "\n"


def write_row(integration_type: str, spec: SettingSpec) -> str:
    default = f"`{spec.default}`" if spec.default else ""
    choices = f" One of {', '.join(f'`{value}`' for value, _label in spec.choices)}." if spec.choices else ""
    what = f"{'*secret*. ' if spec.is_secret else ''}{spec.label}{'' if spec.required else ' (may be left out)'}."
    told = " ".join(f"{what} {spec.help}{choices}".split())
    return f"| `{name_variable(integration_type, spec.key)}` | {default} | {told} |"


def sections_of_the_page() -> Iterator[str]:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    systems = page.partition("## Systems\n")[2].partition("\n## ")[0]
    return (found.group().strip() + "\n" for found in SECTION.finditer(systems))


@pytest.mark.parametrize("integration_type", FOLDERS)
def test_the_page_has_the_settings_as_they_are_declared(integration_type: str) -> None:
    """What stands on the right belongs under “Systems”, as it is."""
    assert write_section(integration_type) in list(sections_of_the_page())


def test_the_page_has_none_that_has_gone() -> None:
    labels = {info.label for info in list_integrations()}
    assert {section.partition("\n")[0].removeprefix("### ") for section in sections_of_the_page()} <= labels


def test_no_variable_of_an_integration_is_one_of_hi_itself() -> None:
    own = {setting.name for setting in settings_read()}
    declared = {name_variable(kind, spec.key) for kind in FOLDERS for spec in get_integration_gateway(kind).settings}
    assert own & declared == set()
