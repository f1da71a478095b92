"""The id and the log line of each request, on both of Django's roads: synchronous in tests, ASGI in the web process."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import AsyncClient, Client
from django.urls import include, path

from hi.accounts.models import ApiToken
from hi.accounts.roles import Scope
from hi.integration.models import Job
from hi.utils import trace
from hi.utils.log_format import LineFormatter
from tests.api.world import ROOT, make_instance
from tests.factories import UserFactory
from tests.porch import porch

__all__ = ["porch"]

pytestmark = [pytest.mark.database(transaction=True), pytest.mark.urls(__name__)]

Ask = Callable[..., Any]


@login_not_required
def tell(_request: HttpRequest) -> HttpResponse:
    return JsonResponse({"trace": trace.current()})


@login_not_required
async def tell_later(_request: HttpRequest) -> HttpResponse:
    await asyncio.sleep(0)
    return JsonResponse({"trace": trace.current()})


@login_not_required
def explode(_request: HttpRequest, secret: str) -> HttpResponse:
    raise ValueError("boom")


urlpatterns = [
    path("tell", tell, name="tell"),
    path("tell-later", tell_later, name="tell-later"),
    path("explode/<str:secret>", explode, name="explode"),
    path("", include("hi.urls")),
]


@pytest.fixture(params=["sync", "async"])
def ask(request: pytest.FixtureRequest) -> Ask:
    """`ask(method, path, user=None, **options)` on one of the two roads."""

    def ask(method: str, address: str, user: Any = None, **options: Any) -> Any:
        client = (AsyncClient if request.param == "async" else Client)(raise_request_exception=False)
        if user:
            client.force_login(user)
        call = getattr(client, method)
        return (async_to_sync(call) if request.param == "async" else call)(address, **options)

    return ask


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[str], list[str]]:
    """What one logger has written, as it stands in the log file."""
    caplog.set_level(logging.INFO)
    formatter = LineFormatter("%(message)s")
    return lambda name: [formatter.format(one) for one in caplog.records if one.name.startswith(name)]


@pytest.mark.parametrize("view", ["/tell", "/tell-later"])
def test_the_clients_id_reaches_the_view_and_comes_back(ask: Ask, view: str) -> None:
    response = ask("get", view, headers={"X-Request-ID": "from-the-proxy"})
    assert response.json() == {"trace": "from-the-proxy"}
    assert response.headers["X-Request-ID"] == "from-the-proxy"
    assert trace.current() == ""


@pytest.mark.parametrize("given", ["", "x" * 33, "two words", "<script>"])
def test_a_request_without_a_good_id_gets_a_new_one(ask: Ask, given: str) -> None:
    response = ask("get", "/tell", headers={"X-Request-ID": given} if given else {})
    assert response.json() == {"trace": response.headers["X-Request-ID"]}
    assert len(response.headers["X-Request-ID"]) == 32


@pytest.mark.parametrize("address", ["/no-such-page", "/explode/x", "/things"])
def test_failures_and_redirects_have_an_id_too(ask: Ask, address: str) -> None:
    assert ask("get", address, headers={"X-Request-ID": "abc"}).headers["X-Request-ID"] == "abc"


def test_a_job_has_the_id_of_the_request_that_asked_for_it(ask: Ask, porch: str) -> None:
    token = ApiToken.issue(UserFactory(), "tests", Scope.OPERATE)
    response = ask(
        "post",
        f"{ROOT}/integrations/{make_instance(integration_type=porch).pk}/sync",
        headers={"Authorization": f"Bearer {token}", "X-Request-ID": "the-click"},
    )
    assert response.status_code == 202
    assert Job.objects.get().trace == "the-click"


def test_a_change_is_one_line_with_who_and_how(ask: Ask, lines: Callable[[str], list[str]]) -> None:
    user = UserFactory()
    ask("post", "/sign-out", user=user)
    ask("post", "/tell")
    out, told = lines("hi.request")
    assert out.startswith("POST console:sign-out: 302 in ")
    assert told.startswith("POST tell: 200 in ")
    assert told.endswith(" ms, nobody signed in")


def test_a_change_by_a_token_names_its_user(ask: Ask, porch: str, lines: Callable[[str], list[str]]) -> None:
    user = UserFactory()
    headers = {"Authorization": f"Bearer {ApiToken.issue(user, 'tests', Scope.OPERATE)}"}
    ask("post", f"{ROOT}/integrations/{make_instance(integration_type=porch).pk}/sync", headers=headers)
    (line,) = lines("hi.request")
    assert line.startswith("POST api:sync_integration: 202 in ")
    assert line.endswith(f" ms, user {user.pk}")


def test_a_change_by_somebody_signed_in_names_them(ask: Ask, lines: Callable[[str], list[str]]) -> None:
    user = UserFactory()
    ask("post", f"/integrations/{make_instance().pk}/pause", user=user)
    (line,) = lines("hi.request")
    assert line.endswith(f" ms, user {user.pk}")


def test_looking_is_not_logged(ask: Ask, lines: Callable[[str], list[str]]) -> None:
    ask("get", "/tell")
    ask("get", "/no-such-page")
    assert lines("hi.request") == []


def test_a_failure_of_the_server_is_logged_whatever_was_asked(ask: Ask, lines: Callable[[str], list[str]]) -> None:
    ask("get", "/explode/c4n4ry")
    (line,) = lines("hi.request")
    assert line.startswith("GET explode: 500 in ")


@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_the_token_of_a_sign_in_link_is_in_no_line(ask: Ask, lines: Callable[[str], list[str]], method: str) -> None:
    response = ask(method, "/sign-in/c4n4ry-of-a-link")
    assert response.status_code >= 400
    assert lines("django.request")
    assert "c4n4ry" not in "".join(lines(""))
