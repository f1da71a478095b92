"""People at the same moment: what must hold whoever is faster."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connections
from django.test import Client
from django.utils import timezone

from hi.accounts.models import OpenSession, User
from hi.accounts.roles import Role
from hi.integration import exceptions, household
from hi.integration.housekeeping import keep_house
from hi.integration.models import AuditEntry
from tests.factories import UserFactory

pytestmark = pytest.mark.database(transaction=True)


def at_once(*deeds: Callable[[], object]) -> list[str]:
    """What each was refused with; empty where it went well."""
    barrier, refused = threading.Barrier(len(deeds)), []

    def run(deed: Callable[[], object]) -> None:
        barrier.wait()
        try:
            deed()
        except exceptions.ConfigurationError as err:
            refused.append(str(err))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


@pytest.mark.parametrize("round_", range(5))
def test_two_admins_who_shut_each_other_out_leave_one(round_: int) -> None:
    anna, ben = UserFactory(username="anna"), UserFactory(username="ben")
    (refused,) = at_once(lambda: household.shut_out(anna, ben), lambda: household.give_role(ben, Role.VIEWER, anna))
    assert "is the only admin" in refused
    assert User.objects.filter(role=Role.ADMIN, is_active=True).count() == 1
    assert AuditEntry.objects.count() == 1


@pytest.mark.parametrize("round_", range(5))
def test_one_name_is_given_once(round_: int) -> None:
    anna = UserFactory(username="anna")
    (refused,) = at_once(
        lambda: household.invite("ben", Role.MEMBER, anna), lambda: household.invite("Ben", Role.VIEWER, anna)
    )
    assert "already" in refused
    assert User.objects.count() == 2
    assert AuditEntry.objects.count() == 1


def test_one_invitation_is_withdrawn_once() -> None:
    anna = UserFactory(username="anna")
    ben, _link = household.invite("ben", Role.MEMBER, anna)
    (refused,) = at_once(*[lambda: household.withdraw(ben, anna)] * 2)
    assert "not invited any more" in refused
    assert list(AuditEntry.objects.values_list("verb", flat=True).order_by("pk")) == ["invited", "withdrew"]


def test_who_comes_by_an_invitation_while_it_is_withdrawn_is_in_or_gone() -> None:
    """And neither waits for the other for ever."""
    anna = UserFactory(username="anna")
    for number in range(5):
        ben, link = household.invite(f"ben{number}", Role.MEMBER, anna)
        visitor = {"new_password1": "a long enough one 4711", "new_password2": "a long enough one 4711"}
        at_once(lambda: Client().post(f"/sign-in/{link}", visitor), lambda: household.withdraw(ben, anna))  # noqa: B023
        came = AuditEntry.objects.filter(verb="withdrew", subject=ben.username).exists()
        assert User.objects.filter(pk=ben.pk).exists() != came


def test_what_changes_nothing_is_not_told() -> None:
    anna, ben = UserFactory(username="anna"), UserFactory(username="ben", role=Role.MEMBER)
    household.give_role(ben, Role.MEMBER, anna)
    household.let_in(ben, anna)
    household.sign_out(ben, anna)
    assert not AuditEntry.objects.exists()


def test_sessions_that_have_expired_go_with_what_was_noted_of_them() -> None:
    kept, old = Client(), Client()
    for client in (kept, old):
        client.force_login(UserFactory())
        assert client.get("/account").status_code == 200
    expired = timezone.now() - timedelta(seconds=1)
    Session.objects.filter(session_key=old.session.session_key).update(expire_date=expired)
    keep_house()
    assert OpenSession.objects.get().session_id == kept.session.session_key
    assert kept.get("/account").status_code == 200


def test_who_was_invited_and_never_came_is_no_other_admin() -> None:
    anna = UserFactory(username="anna")
    ben, _link = household.invite("ben", Role.ADMIN, anna)
    assert household.is_only_admin(anna)
    assert household.list_expected_admins(anna) == ["ben"]
    with pytest.raises(
        exceptions.ConfigurationError, match=r"^anna is the only admin who has signed in\. .*yet: ben\.$"
    ):
        household.give_role(anna, Role.VIEWER, anna)
    ben.set_password("a long enough password")
    ben.save()
    household.give_role(anna, Role.VIEWER, anna)
