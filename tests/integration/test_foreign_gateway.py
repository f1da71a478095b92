"""A gateway as the guide shows it, in a folder that nothing else knows of."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).parents[2]

APPS = """
from django.apps import AppConfig


class GreenhouseConfig(AppConfig):
    name = "hi.services.greenhouse"
"""

GATEWAY = """
from hi.integration.enums import IntegrationStatus
from hi.integration.integration_gateway import IntegrationGateway
from hi.utils.singleton import Singleton


class GreenhouseGateway(Singleton, IntegrationGateway):
    def activate(self, integration_instance):
        integration_instance.status = IntegrationStatus.ACTIVE
        integration_instance.save()
        return {"status": "success", "message": "Integration activated"}

    def deactivate(self, integration_instance):
        integration_instance.status = IntegrationStatus.INACTIVE
        integration_instance.save()
        return {"status": "success", "message": "Integration deactivated"}

    def manage(self, request, integration_instance):
        if request.method == "POST":
            return self.handle_management_post(request, integration_instance)
        return self.render_management_page(request, integration_instance)
"""


def test_a_gateway_in_a_new_folder_is_found_and_activated_from_the_page(tmp_path: Path) -> None:
    folder = tmp_path / "greenhouse"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "apps.py").write_text(APPS)
    (folder / "greenhouse_gateway.py").write_text(GATEWAY)
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.foreign_gateway", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.splitlines() == [
        "test_connection: SUCCEEDED (Greenhouse answers and lets hi in.)",
        "activate: SUCCEEDED (Integration activated)",
        "ACTIVE",
        "True",
        "deactivate: SUCCEEDED (Integration deactivated)",
        "INACTIVE",
    ]
