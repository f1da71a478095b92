"""The addresses for probes: who may ask, and what they are told."""

import socket
from collections.abc import Iterator

import pytest
from django.db import connections
from django.test import Client

from hi.accounts.models import ApiToken, User
from hi.integration.models import Leadership
from hi.testing.redis_server import RedisServer
from tests.factories import make_well

pytestmark = pytest.mark.database
ADDRESSES = ["/health/ready", "/health/deep", "/metrics"]


@pytest.fixture
def well(redis_url: str) -> None:
    make_well()


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer hi_wrong"}, {"Cookie": "hi_session=gone"}])
def test_strangers_get_one_line_and_no_redirect(address: str, headers: dict[str, str], client: Client) -> None:
    response = client.get(address, headers=headers)
    assert response.status_code == 401
    assert response["Content-Type"].startswith("text/plain")
    assert response.text.count("\n") == 1
    assert response["WWW-Authenticate"] == 'Bearer realm="hi"'


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_token_and_a_session_open_them(address: str, api: Client, user: User, client: Client, well: None) -> None:
    assert api.get(address).status_code == 200
    client.force_login(user)
    response = client.get(address)
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert client.post(address).status_code == 405


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_revoked_token_and_a_closed_account_do_not(address: str, api: Client, user: User, client: Client) -> None:
    client.force_login(user)
    ApiToken.objects.get().revoke()
    User.objects.update(is_active=False)
    assert api.get(address).status_code == 401
    assert client.get(address).status_code == 401


def test_ready_says_so(api: Client, well: None) -> None:
    assert api.get("/health/ready").text == "ready\n"


def test_ready_takes_no_notice_of_what_pages_do_not_need(api: Client, well: None) -> None:
    Leadership.objects.all().delete()
    assert api.get("/health/ready").status_code == 200


def test_not_ready_says_why_one_line_each(api: Client, well: None, redis_server: RedisServer) -> None:
    redis_server.stop()
    response = api.get("/health/ready")
    assert response.status_code == 503
    assert response.text.startswith("Redis: It does not answer")
    assert response.text.count("\n") == 1


def test_deep_tells_everything_and_fails_with_anything_bad(api: Client, well: None) -> None:
    response = api.get("/health/deep")
    assert (response.status_code, response.json()["level"]) == (200, "ok")
    assert {"subject", "level", "what", "do"} == set(response.json()["findings"][0])
    Leadership.objects.all().delete()
    response = api.get("/health/deep")
    assert (response.status_code, response.json()["level"]) == (503, "bad")


@pytest.fixture
def silent_server() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_database_that_hangs_does_not_hang_the_probe(
    address: str, api: Client, silent_server: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = {"ENGINE": "django.db.backends.postgresql", "HOST": "127.0.0.1", "PORT": str(silent_server)}
    database = connections["default"].settings_dict | far | {"NAME": "x", "OPTIONS": {"connect_timeout": "30"}}
    with monkeypatch.context() as patch:
        patch.setitem(connections.settings, "default", database)
        response = api.get(address)
    assert response.status_code == 503
    assert response.text == "Database: it does not answer (no answer within 2 s).\n"
