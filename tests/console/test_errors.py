"""When hi cannot go on, it says so in words, and says what passes by itself."""

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.decorators import login_not_required
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client
from django.urls import include, path

pytestmark = [pytest.mark.database, pytest.mark.urls(__name__)]
handler500 = "hi.console.views.errors.server_error"


@login_not_required
def lose_database(_request: HttpRequest) -> HttpResponse:
    raise OperationalError("the server closed the connection unexpectedly, password=S3CRET")


@login_not_required
def stumble(_request: HttpRequest) -> HttpResponse:
    raise KeyError("S3CRET")


urlpatterns = [
    path("away", lose_database, name="away"),
    path("stumble", stumble, name="stumble"),
    path("", include("hi.urls")),
]


@pytest.fixture
def browser() -> Client:
    return Client(raise_request_exception=False)


def test_a_database_that_is_away_is_told_as_something_that_passes(browser: Client) -> None:
    response = browser.get("/away")
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    text = response.content.decode()
    assert "goes on by itself" in text
    assert "S3CRET" not in text


def test_so_it_is_on_the_road_that_the_web_process_takes() -> None:
    response = async_to_sync(AsyncClient(raise_request_exception=False).get)("/away")
    assert response.status_code == 503


def test_a_fault_of_ours_shows_no_internals(browser: Client) -> None:
    response = browser.get("/stumble")
    assert response.status_code == 500
    text = response.content.decode()
    assert "a fault in hi" in text
    assert "S3CRET" not in text
