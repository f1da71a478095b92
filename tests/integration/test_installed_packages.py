"""Integrations that come from installed packages: good ones, broken ones, and those whose name is taken."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.installed import install

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).parents[2]

GATEWAY = """
from hi.integration.integration_gateway import IntegrationGateway


class {name}Gateway(IntegrationGateway):
    pass
"""
APPS = """
from hi.integration.app_config import ServiceConfig


class PondConfig(ServiceConfig):
    name = "hi_pond"
    integration_label = "Pond"
"""
LOOK = """
import json

import django

django.setup()

from django.apps import apps
from django.core.checks import run_checks
from django.template.loader import render_to_string

from hi.console.views.wizard import find_problem
from hi.integration.app_config import describe
from hi.integration.integration_factory import get_integration_gateway

names = ("broken", "clash", "hollow", "pond")
print(json.dumps({
    "apps": [app.name for app in apps.get_app_configs() if app.name.startswith("hi_") or "hass" in app.name],
    "pond": [describe("pond").label, type(get_integration_gateway("pond")).__name__],
    "template": render_to_string("pond/fish.html").strip(),
    "problems": {name: find_problem(name) for name in names},
    "warnings": [str(found.msg) for found in run_checks() if (found.id or "").startswith("hi.")],
}))
"""


def put(folder: Path, package: str, name: str, files: dict[str, str]) -> None:
    for path, text in {"__init__.py": "", **files}.items():
        file = folder / package / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    install(folder, package, {"hi.integrations": {name: package}})


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What a hi says that was started with them."""
    folder = tmp_path_factory.mktemp("installed")
    pond = GATEWAY.format(name="Pond")
    good = {"apps.py": APPS, "pond_gateway.py": pond, "templates/pond/fish.html": "A carp"}
    put(folder, "hi_pond", "pond", good)
    put(folder, "hi_broken", "broken", {"apps.py": "import fountain"})
    put(folder, "hi_hollow", "hollow", {})
    put(folder, "hi_second_pond", "pond", {"pond_gateway.py": pond})
    put(folder, "hi_house", "hass", {"hass_gateway.py": GATEWAY.format(name="House")})
    put(folder, "entity", "clash", {"clash_gateway.py": GATEWAY.format(name="Clash")})
    put(folder, "hi_well", "Well-2", {"well_gateway.py": GATEWAY.format(name="Well")})
    environment = {"PYTHONPATH": str(folder), "DJANGO_SETTINGS_MODULE": "hi.settings.test"}
    done = subprocess.run(
        [sys.executable, "-c", LOOK], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def test_a_package_is_an_app_with_its_templates_and_a_gateway(told: dict[str, object]) -> None:
    assert isinstance(told["apps"], list)
    apps = set(told["apps"])  # others may be installed here
    assert {"hi.services.hass", "hi_hollow", "hi_pond"} <= apps
    assert not {"hi_broken", "hi_second_pond", "hi_house", "entity", "hi_well"} & apps
    assert told["pond"] == ["Pond", "PondGateway"]
    assert told["template"] == "A carp"


def test_what_is_broken_breaks_only_itself_and_says_how(told: dict[str, object]) -> None:
    why = {
        "broken": "No module named 'fountain'",
        "clash": "another app is labelled “entity” already; set `label` in its apps.py",
        "hollow": "No module named 'hi_hollow.hollow_gateway'",
    }
    packages = {"broken": "hi_broken", "clash": "entity", "hollow": "hi_hollow"}
    assert told["problems"] == {
        name: f"The integration “{name}” does not load: {reason}"
        f" This is a fault in {packages[name]}; everything else goes on."
        for name, reason in why.items()
    } | {"pond": ""}


def test_checks_tell_what_is_not_used_and_why(told: dict[str, object]) -> None:
    assert told["warnings"] == [
        "The package hi_well calls itself “Well-2”, which is no name in snake_case.",
        "The package hi_house is not used: hi.services.hass is called “hass” already.",
        "The package hi_second_pond is not used: hi_pond is called “pond” already.",
        "The integration “broken” does not load: No module named 'fountain'",
        "The integration “clash” does not load: another app is labelled “entity” already; set `label` in its apps.py",
    ]
