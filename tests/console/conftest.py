"""Somebody signed in, and a service to connect."""

import pytest
from django.test import Client

from hi.accounts.models import User
from tests.factories import UserFactory
from tests.porch import porch

__all__ = ["porch"]


@pytest.fixture
def person() -> User:
    return UserFactory(username="anna")


@pytest.fixture
def browser(person: User) -> Client:
    """Somebody signed in."""
    client = Client()
    client.force_login(person)
    return client
