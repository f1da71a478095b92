"""A service that lives in a temporary folder: with an address and a token, nothing to list, and something to tell."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hi import services
from hi.integration.integration_factory import get_integration_gateway

GATEWAY = """
from hi.integration.camera import CameraSource
from hi.integration.commander import Commander, PreparedOrder
from hi.integration.core.settings import SettingSpec, SettingType
from hi.integration.core.specs import Structure
from hi.integration.exceptions import ConnectionError
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


class PorchCameras(CameraSource):
    def snapshot(self, address, width):
        raise ConnectionError("It is dark.")

    def stream(self, address, width):
        yield self.snapshot(address, width)


class PorchGateway(IntegrationGateway):
    camera_source_class = PorchCameras
    settings = (
        SettingSpec("url", "Address", SettingType.URL, help="Where the porch answers."),
        SettingSpec("token", "Access token", SettingType.SECRET),
    )

    def build_synchronizer(self, instance):
        return PorchSynchronizer(instance)

    def build_commander(self, instance):
        return PorchCommander({})
"""


@contextmanager
def installed(name: str, gateway: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Its integration_type, while a service with that gateway's text is installed from that folder."""
    (folder / name).mkdir()
    (folder / name / "__init__.py").touch()
    (folder / name / f"{name}_gateway.py").write_text(gateway)
    monkeypatch.setattr(services, "__path__", [*services.__path__, str(folder)])
    get_integration_gateway.cache_clear()
    yield name
    get_integration_gateway.cache_clear()
    for module in (f"hi.services.{name}", f"hi.services.{name}.{name}_gateway"):
        sys.modules.pop(module, None)


@pytest.fixture
def porch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Its integration_type, while it is installed."""
    with installed("porch", GATEWAY, tmp_path, monkeypatch) as name:
        yield name
