"""Guessing passwords."""

import time
from typing import Any

import pytest
from django.test import Client

from hi.accounts.models import User
from tests.redis_server import RedisServer

pytestmark = pytest.mark.database
RIGHT = "a long enough password"


def sign_in(name: str, password: str, address: str = "192.0.2.1") -> Any:
    return Client(REMOTE_ADDR=address).post("/sign-in", {"username": name, "password": password})


@pytest.mark.parametrize("same", ["name", "address"])
def test_after_five_wrong_tries_the_right_password_waits_too(person: User, redis_url: str, same: str) -> None:
    for number in range(5):
        name, address = ("anna", f"192.0.2.{number}") if same == "name" else (f"nobody-{number}", "192.0.2.9")
        assert sign_in(name, "a guess", address).status_code == 422
    answer = sign_in("ANNA", RIGHT, "192.0.2.9")
    assert answer.status_code == 429
    assert "Too many tries; wait 15 minutes." in answer.text
    assert sign_in("ben", "a guess", "192.0.2.77").status_code == 422


def test_a_right_password_begins_the_count_anew(person: User, redis_url: str) -> None:
    for _time in range(2):
        assert [sign_in("anna", "a guess").status_code for _guess in range(4)] == [422] * 4
        assert sign_in("anna", RIGHT).status_code == 302


def test_the_wait_ends_and_trying_meanwhile_does_not_lengthen_it(
    person: User, redis_url: str, redis_server: RedisServer
) -> None:
    assert [sign_in("anna", "a guess").status_code for _guess in range(6)] == [422] * 5 + [429]
    with redis_server.client() as client:
        keys = client.keys("hi:sign-in:*")
        assert all(0 < client.ttl(key) <= 15 * 60 for key in keys)
        for key in keys:
            client.pexpire(key, 80)
        sign_in("anna", "a guess")
        assert all(client.ttl(key) < 1 for key in keys)
    time.sleep(0.1)
    assert sign_in("anna", RIGHT).status_code == 302


def test_without_redis_people_still_get_in(person: User, caplog: pytest.LogCaptureFixture) -> None:
    assert [sign_in("anna", "a guess").status_code for _guess in range(6)] == [422] * 6
    assert sign_in("anna", RIGHT).status_code == 302
    assert "not counted" in caplog.text
