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
def _hi_is_well() -> Iterator[None]:
    """As if the keeper had just looked at hi itself, and it was well; no process of it runs beside these tests."""
    recent.remember(())
    yield
    recent.remember(())


@pytest.fixture
def browser(person: User) -> Client:
    """Somebody signed in."""
    client = Client()
    client.force_login(person)
    return client
