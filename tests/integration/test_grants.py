"""Tokens of a sign-in, shared by threads: one sign-in for all, a refresh first, one new try for a refusal."""

import threading
from collections.abc import Callable

import pytest

from hi.integration import exceptions, grants
from hi.integration.client import HttpAnswer
from hi.integration.grants import Grant, SharedGrant

pytestmark = pytest.mark.pure


class Service:
    """Gives numbered tokens, takes the newest, and counts."""

    def __init__(self, seconds: float = 7200.0) -> None:
        self.seconds = seconds
        self.sign_ins: list[str] = []
        self.sent: list[str] = []
        self.is_refusing = False
        self.hold: Callable[[], object] = bool

    def sign_in(self, before: Grant | None) -> Grant:
        self.hold()
        self.sign_ins.append(before.usable_refresh if before else "")
        if self.is_refusing:
            raise exceptions.AuthenticationError("No.", field="password")
        refresh = "" if before and before.usable_refresh else f"refresh {len(self.sign_ins)}"
        return Grant(f"token {len(self.sign_ins)}", self.seconds, refresh, 86400.0)

    def send(self, grant: Grant) -> HttpAnswer:
        self.sent.append(grant.token)
        return HttpAnswer(200 if grant.token == f"token {len(self.sign_ins)}" else 401, "", b"")


def ask(shared: SharedGrant, service: Service, *, lacks_rights: bool = False) -> int:
    return grants.ask(
        shared, service.sign_in, service.send, lambda answer: answer.status == 401 and not lacks_rights
    ).status


def test_one_sign_in_serves_all_who_come_meanwhile() -> None:
    service, shared, barrier = Service(), SharedGrant(), threading.Barrier(8)

    def come() -> None:
        barrier.wait()
        assert shared.get(service.sign_in).token == "token 1"

    threads = [threading.Thread(target=come) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(service.sign_ins) == 1


def test_a_grant_that_ends_soon_is_renewed_by_its_refresh_token_as_long_as_there_is_one() -> None:
    service, shared = Service(seconds=0.0), SharedGrant()
    for _time in range(3):
        shared.get(service.sign_in)
    assert service.sign_ins == ["", "refresh 1", "refresh 1"]


def test_a_refused_token_is_replaced_once_and_no_more() -> None:
    service, shared = Service(), SharedGrant()
    assert ask(shared, service) == 200
    service.sign_ins.append("somebody else")  # whose token is the only good one now
    assert ask(shared, service) == 200
    assert service.sent == ["token 1", "token 1", "token 3"]


def test_missing_rights_are_no_reason_to_sign_in_again() -> None:
    service, shared = Service(), SharedGrant()
    shared.get(service.sign_in)
    service.sign_ins.append("")
    assert ask(shared, service, lacks_rights=True) == 401
    assert service.sent == ["token 1"]


def test_two_who_hold_the_same_refused_token_get_one_new_one() -> None:
    service, shared = Service(), SharedGrant()
    first = shared.get(service.sign_in)
    assert shared.replace(first, service.sign_in) is shared.replace(first, service.sign_in)
    assert len(service.sign_ins) == 2


def test_a_refusal_is_remembered_until_a_person_tries_again() -> None:
    service, shared = Service(), SharedGrant()
    service.is_refusing = True
    for _time in range(5):
        with pytest.raises(exceptions.AuthenticationError, match="No"):
            shared.get(service.sign_in)
    assert len(service.sign_ins) == 1
    service.is_refusing = False
    shared.forget()
    assert shared.get(service.sign_in).token == "token 2"


def test_no_token_is_in_its_own_description() -> None:
    assert "canary" not in repr(Grant("canary", 1.0, "canary"))
