"""A caller with a token, and a service to connect."""

import pytest
from django.test import Client

from hi.accounts.models import ApiToken, User
from hi.accounts.roles import Role, Scope
from tests.porch import porch

__all__ = ["porch"]


@pytest.fixture
def user() -> User:
    return User.objects.create_user("anna", role=Role.ADMIN)


@pytest.fixture
def token(user: User) -> str:
    return ApiToken.issue(user, "tests", Scope.ADMIN)


@pytest.fixture
def api(token: str) -> Client:
    """A caller with a valid token."""
    return Client(headers={"Authorization": f"Bearer {token}"})
