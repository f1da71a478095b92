"""Tokens from the command line."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from hi.accounts.administrator import ensure_administrator
from hi.accounts.models import ApiToken
from hi.accounts.roles import Role, Scope
from hi.integration.models import AuditEntry
from tests.factories import UserFactory

pytestmark = pytest.mark.database


def test_a_name_revokes_every_token_that_has_it() -> None:
    owner = ensure_administrator()
    texts = [ApiToken.issue(owner, name) for name in ("tablet", "tablet", "phone")]
    told = StringIO()
    call_command("revoke_token", "tablet", stdout=told)
    assert told.getvalue().count("tablet (hi_") == 2
    assert [bool(ApiToken.authenticate(text)) for text in texts] == [False, False, True]


def test_a_name_that_no_token_has_is_refused_with_those_there_are() -> None:
    ApiToken.issue(ensure_administrator(), "phone")
    with pytest.raises(CommandError, match=r"There is phone\."):
        call_command("revoke_token", "tablet")


@pytest.mark.parametrize(("words", "scope"), [([], "read"), *((["--scope", scope], scope) for scope in Scope.values)])
def test_a_token_is_made_for_one_scope_and_only_looks_without(words: list[str], scope: str) -> None:
    ensure_administrator()
    told = StringIO()
    call_command("token", "phone", *words, stdout=told)
    token = ApiToken.authenticate(told.getvalue().strip())
    assert token is not None
    assert token.scope == scope


class Shown(StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("words", "note"),
    [
        (["token", "phone"], "A token of admin, scope read; it is not shown again:\n"),
        (["sign_in_link"], "It signs admin in, once, within 15 minutes:\n"),
    ],
)
def test_whose_it_is_is_told_to_people_alone(words: list[str], note: str) -> None:
    ensure_administrator()
    out, err = StringIO(), Shown()
    call_command(*words, stdout=out, stderr=err)
    assert err.getvalue() == note
    assert out.getvalue().count("\n") == 1


def test_a_scope_that_is_none_is_refused() -> None:
    ensure_administrator()
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("token", "phone", "--scope", "everything")


def test_a_second_token_of_a_name_is_refused_until_the_first_is_ended() -> None:
    ensure_administrator()
    call_command("token", "phone", stdout=StringIO())
    with pytest.raises(CommandError, match="NAME=phone"):
        call_command("token", "phone")
    call_command("revoke_token", "phone", stdout=StringIO())
    call_command("token", "phone", stdout=StringIO())
    assert ApiToken.objects.count() == 2


def test_a_token_is_made_and_ended_for_whoever_is_named() -> None:
    UserFactory(username="admin")
    anna, told = UserFactory(username="Anna", role=Role.MEMBER), StringIO()
    call_command("token", "phone", "--person", "anna", stdout=told)
    token = ApiToken.authenticate(told.getvalue().strip())
    assert token is not None
    assert token.user == anna
    with pytest.raises(CommandError, match=r"^No token has this name\. There is none at all\.$"):
        call_command("revoke_token", "phone")
    call_command("revoke_token", "phone", "--person", "Anna", stdout=StringIO())
    assert ApiToken.authenticate(told.getvalue().strip()) is None
    with pytest.raises(CommandError, match=r"^Nobody is called zoe\. There is Anna, admin\.$"):
        call_command("token", "phone", "--person", "zoe")


def test_activity_tells_of_tokens_made_and_ended_on_the_command_line() -> None:
    owner = ensure_administrator()
    call_command("token", "laptop", "--scope", "admin", stdout=StringIO())
    call_command("revoke_token", "laptop", stdout=StringIO())
    ended, made = AuditEntry.objects.order_by("-pk")[:2]
    assert (made.verb, made.after, ended.verb) == ("issued", "laptop (admin)", "revoked")
    assert made.user == ended.user == owner
    assert made.who.endswith(", command line)")
