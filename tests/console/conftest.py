"""Somebody signed in, and a service to connect."""

from collections.abc import Iterator

import pytest
from django.test import Client

from hi.accounts.models import User
from hi.integration.health import recent
from tests.factories import UserFactory
from tests.porch import porch

__all__ = ["porch"]


@pytest.fixture
def person() -> User:
    return UserFactory(username="anna")


@pytest.fixture(autouse=True)
def _hi_is_well(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As if somebody had just looked at hi itself, and it was well; no process of it runs beside these tests."""
    monkeypatch.setattr(recent, "FRESH_SECONDS", 3600)
    recent.remember(())
    yield
    recent.forget()


@pytest.fixture
def browser(person: User) -> Client:
    """Somebody signed in."""
    client = Client()
    client.force_login(person)
    return client
