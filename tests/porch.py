"""A service that lives in a temporary folder: with an address and a token, nothing to list, and something to tell."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hi import services
from hi.integration.integration_factory import get_integration_gateway

GATEWAY = """
from hi.integration.commander import Commander, PreparedOrder
from hi.integration.core.settings import SettingSpec, SettingType
from hi.integration.core.specs import Structure
from hi.integration.integration_gateway import IntegrationGateway
from hi.integration.synchronizer import EntitySynchronizer


class PorchSynchronizer(EntitySynchronizer):
    def fetch(self, tell):
        return Structure()


class PorchCommander(Commander):
    def close(self):
        pass

    def prepare(self, order):
        return PreparedOrder((order.value,))

    def send(self, prepared):
        pass


class PorchGateway(IntegrationGateway):
    settings = (
        SettingSpec("url", "Address", SettingType.URL, help="Where the porch answers."),
        SettingSpec("token", "Access token", SettingType.SECRET),
    )

    def build_synchronizer(self, instance):
        return PorchSynchronizer(instance)

    def build_commander(self, instance):
        return PorchCommander({})
"""


@pytest.fixture
def porch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Its integration_type, while it is installed."""
    folder = tmp_path / "porch"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "porch_gateway.py").write_text(GATEWAY)
    monkeypatch.setattr(services, "__path__", [*services.__path__, str(tmp_path)])
    get_integration_gateway.cache_clear()
    yield "porch"
    get_integration_gateway.cache_clear()
    for name in ("hi.services.porch", "hi.services.porch.porch_gateway"):
        sys.modules.pop(name, None)
