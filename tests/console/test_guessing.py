"""Guessing passwords."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from asgiref.sync import async_to_sync
from axes.models import AccessAttempt
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connections
from django.test import AsyncClient, Client

from hi.accounts.models import SignInLink, User
from hi.utils.redact import redact

pytestmark = pytest.mark.database
RIGHT = "a long enough password"
NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


def sign_in(name: str, password: str, address: str = "192.0.2.1") -> Any:
    return Client(REMOTE_ADDR=address).post("/sign-in", {"username": name, "password": password})


@pytest.mark.parametrize("same", ["name", "address"])
def test_after_five_wrong_tries_the_right_password_waits_too(person: User, same: str) -> None:
    answers = []
    for number in range(5):
        name, address = ("anna", f"192.0.2.{number}") if same == "name" else (f"nobody-{number}", "192.0.2.9")
        answers.append(sign_in(name, "a guess", address).status_code)
    assert answers == [422] * 4 + [429]
    answer = sign_in("ANNA", RIGHT, "192.0.2.9")
    assert answer.status_code == 429
    assert "Too many tries; wait 15 minutes." in answer.text
    assert answer.headers["Retry-After"] == "900"
    assert sign_in("ben", "a guess", "192.0.2.77").status_code == 422


def test_a_right_password_begins_the_count_anew(person: User) -> None:
    for _time in range(2):
        assert [sign_in("anna", "a guess").status_code for _guess in range(4)] == [422] * 4
        assert sign_in("anna", RIGHT).status_code == 302


def test_the_wait_ends_and_trying_meanwhile_does_not_lengthen_it(person: User) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        assert [sign_in("anna", "a guess").status_code for _guess in range(6)] == [422] * 4 + [429] * 2
        clock.shift(timedelta(minutes=12, seconds=30))
        assert "wait 3 minutes" in sign_in("anna", "a guess").text
        clock.shift(timedelta(minutes=2, seconds=31))
        assert sign_in("anna", RIGHT).status_code == 302


def test_the_wait_is_told_until_enough_tries_are_forgotten(person: User) -> None:
    """Three tries from one address, ten minutes later two from another: the first three are forgotten first."""
    with time_machine.travel(NOON, tick=False) as clock:
        for _guess in range(3):
            sign_in("anna", "a guess", "192.0.2.1")
        clock.shift(timedelta(minutes=10))
        for _guess in range(2):
            answer = sign_in("anna", "a guess", "192.0.2.2")
        assert "wait 5 minutes" in answer.text
        clock.shift(timedelta(minutes=5, seconds=1))
        assert sign_in("anna", RIGHT).status_code == 302


def test_a_sign_in_link_needs_not_wait(person: User) -> None:
    for _guess in range(6):
        sign_in("anna", "a guess")
    assert Client().post(f"/sign-in/{SignInLink.issue(person)}").status_code == 302


def test_nothing_of_what_was_typed_is_kept_or_logged(person: User, caplog: pytest.LogCaptureFixture) -> None:
    for _guess in range(6):
        sign_in("typed-into-the-wrong-field", "secret-guess")
    (kept,) = AccessAttempt.objects.values()
    told = f"{kept}{redact(caplog.text)}"
    assert "typed-into" not in told
    assert "secret-guess" not in told
    assert "sign-ins from 192.0.2.1 wait" in told


def test_an_old_password_is_guessed_no_faster_than_at_the_sign_in(browser: Client, person: User) -> None:
    def change(old: str) -> Any:
        return browser.post("/account", {"old_password": old, "new_password1": "new-secret", "new_password2": "other"})

    assert [change("old-secret").status_code for _guess in range(4)] == [422] * 4
    assert change(RIGHT).status_code == 422  # the new ones differ; the count begins anew
    assert [change("old-secret").status_code for _guess in range(5)] == [422] * 4 + [429]
    answer = change(RIGHT)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "900")
    assert "Too many tries; wait 15 minutes." in answer.text
    assert "Your old password" not in answer.text
    assert sign_in("anna", RIGHT).status_code == 429
    assert not any(secret in str(list(AccessAttempt.objects.values())) for secret in ("old-secret", "new-secret"))
    assert person.check_password(RIGHT)


@pytest.mark.parametrize("address", ["", "unix:", "fe80::1%eth0"])
def test_an_address_that_is_none_does_no_harm(person: User, address: str) -> None:
    assert [sign_in("anna", "a guess", address).status_code for _guess in range(5)] == [422] * 4 + [429]


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_nobody_gets_more_tries_by_headers_of_their_own(person: User, header: str) -> None:
    answers = [
        Client(headers={header: f"198.51.100.{number}"})
        .post("/sign-in", {"username": f"nobody-{number}", "password": "x"})
        .status_code
        for number in range(6)
    ]
    assert answers == [422] * 4 + [429] * 2


def test_the_wait_is_told_on_asgi_too(person: User) -> None:
    async def guess() -> tuple[int, str]:
        answer = await AsyncClient().post("/sign-in", {"username": "anna", "password": "a guess"})
        return answer.status_code, answer.content.decode()

    answers = [async_to_sync(guess)() for _guess in range(6)]
    assert [status for status, _text in answers] == [422] * 4 + [429] * 2
    assert "Too many tries; wait 15 minutes." in answers[-1][1]


@pytest.mark.database(transaction=True)
def test_many_tries_at_once_gain_nothing(person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    checked = []
    verify = MD5PasswordHasher.verify

    def count(self: MD5PasswordHasher, password: str, encoded: str) -> bool:
        checked.append(password)
        return verify(self, password, encoded)

    monkeypatch.setattr(MD5PasswordHasher, "verify", count)

    def guess(number: int) -> None:
        sign_in("anna", f"guess {number}", f"192.0.2.{number}")
        connections.close_all()

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(checked) == 5
