"""Roles and scopes: the one table, and what is made of it."""

from itertools import pairwise
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
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


@pytest.mark.database(transaction=True)
def test_who_was_there_before_there_were_roles_may_everything_and_tokens_keep_to_what_they_did() -> None:
    def migrate(name: str) -> Any:
        executor = MigrationExecutor(connection)
        executor.migrate([("accounts", name)])
        return executor.loader.project_state([("accounts", name)]).apps

    try:
        former = migrate("0002_tokens_that_control")
        user = former.get_model("accounts", "User").objects.create(username="anna")
        for name, may_control in (("reader", False), ("setter", True)):
            former.get_model("accounts", "ApiToken").objects.create(
                user=user, name=name, token_hash=name, prefix="hi_", may_control=may_control
            )
    finally:
        migrate("0003_people")
    assert User.objects.get().role == Role.ADMIN
    assert dict(ApiToken.objects.values_list("name", "scope")) == {"reader": Scope.READ, "setter": Scope.OPERATE}
