"""Somebody signed in, and a service that lives in a temporary folder."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from hi import services
from hi.accounts.models import User
from hi.integration.integration_factory import get_integration_gateway
from tests.factories import UserFactory

GATEWAY = """
from hi.integration import exceptions
from hi.integration.core.settings import SettingSpec, SettingType
from hi.integration.integration_gateway import IntegrationGateway


class PorchGateway(IntegrationGateway):
    settings = (
        SettingSpec("url", "Address", SettingType.URL, help="Where the porch answers."),
        SettingSpec("token", "Access token", SettingType.SECRET),
    )
"""


@pytest.fixture
def person() -> User:
    return UserFactory(username="anna")


@pytest.fixture
def browser(person: User) -> Client:
    """Somebody signed in."""
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def porch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The integration_type of an installed service with an address and a token."""
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
