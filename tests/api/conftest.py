"""A caller with a token, and a service that lives in a temporary folder."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from hi import services
from hi.accounts.models import ApiToken, User
from hi.integration.integration_factory import get_integration_gateway

GATEWAY = """
from hi.integration.core.settings import SettingSpec
from hi.integration.integration_gateway import IntegrationGateway


class PorchGateway(IntegrationGateway):
    settings = (SettingSpec("url", "Address"),)
"""


@pytest.fixture
def user() -> User:
    return User.objects.create_user("anna")


@pytest.fixture
def token(user: User) -> str:
    return ApiToken.issue(user, "tests")


@pytest.fixture
def api(token: str) -> Client:
    """A caller with a valid token."""
    return Client(headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def porch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The integration_type of an installed service that needs one setting, `url`."""
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
