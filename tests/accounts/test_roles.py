"""Roles and scopes: the one table, and what is made of it."""

import importlib
from itertools import pairwise
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory

from hi.accounts.access import Access
from hi.accounts.models import ApiToken, User
from hi.accounts.roles import (
    ADDED,
    NotAllowed,
    Permission,
    Role,
    Scope,
    is_allowed,
    least_role,
    least_scope,
    scope_allows,
)

pytestmark = pytest.mark.database


def test_every_permission_comes_with_one_role() -> None:
    given = [permission for added in ADDED.values() for permission in added]
    assert sorted(given) == sorted(Permission)
    assert list(ADDED) == list(Role)


def test_each_role_may_all_that_the_one_before_may() -> None:
    allowed = [{permission for permission in Permission if is_allowed(role, permission)} for role in Role]
    assert [less < more for less, more in pairwise(allowed)] == [True] * 3
    assert allowed[-1] == set(Permission)


@pytest.mark.parametrize("permission", Permission)
def test_the_least_role_and_scope_are_the_first_that_may(permission: Permission) -> None:
    may = [role for role in Role if is_allowed(role, permission)]
    assert least_role(permission) == may[0]
    assert least_scope(permission) == next(scope for scope in Scope if scope_allows(scope, permission))


def test_words_that_are_no_role_and_no_scope_allow_nothing() -> None:
    assert not is_allowed("owner", Permission.LOOK)
    assert not is_allowed("", Permission.LOOK)
    assert not scope_allows("everything", Permission.LOOK)


def test_who_is_made_without_a_word_only_looks_and_who_is_shut_out_not_even_that() -> None:
    user = User.objects.create_user("anna")
    assert [permission for permission in Permission if user.may(permission)] == [Permission.LOOK]
    user.is_active = False
    assert not user.may(Permission.LOOK)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("scope", Scope)
def test_a_token_does_what_its_scope_and_its_owner_both_may(role: Role, scope: Scope) -> None:
    token = ApiToken.authenticate(ApiToken.issue(User.objects.create_user("anna", role=role), "phone", scope))
    assert token
    for permission in Permission:
        assert token.may(permission) == (is_allowed(role, permission) and scope_allows(scope, permission))


def test_a_view_that_names_no_permission_opens_to_nobody(rf: RequestFactory) -> None:
    def view(request: Any) -> None: ...

    request = rf.get("/")
    request.user = User.objects.create_user("anna", role=Role.ADMIN)
    with pytest.raises(ImproperlyConfigured, match="does not say"):
        Access(lambda _request: None).process_view(request, view, (), {})  # type: ignore[arg-type,return-value]


def test_a_refusal_says_what_it_takes_and_who_can_change_it() -> None:
    refusal = NotAllowed(Permission.EDIT, Role.MEMBER)
    assert str(refusal) == "This needs the role operator; yours is member."
    assert refusal.hint == "An admin can give you another role."


def test_who_was_there_before_there_were_roles_may_everything_and_tokens_keep_to_what_they_did() -> None:
    users = [User.objects.create_user(name) for name in ("anna", "ben")]

    class Former:
        """Tokens as they were: the column has gone."""

        class objects:
            asked: list[dict[str, object]] = []

            @classmethod
            def filter(cls, **given: object) -> Any:
                cls.asked.append(given)
                return cls

            @classmethod
            def update(cls, **given: object) -> None:
                cls.asked.append(given)

    class Registry:
        def get_model(self, label: str, name: str) -> Any:
            return Former if name == "ApiToken" else apps.get_model(label, name)

    importlib.import_module("hi.accounts.migrations.0003_roles_and_scopes").keep_what_was_allowed(Registry(), None)
    assert {User.objects.get(pk=user.pk).role for user in users} == {"admin"}
    assert Former.objects.asked == [{"may_control": True}, {"scope": "operate"}]
