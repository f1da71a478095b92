from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from hi.accounts.models import ApiToken, User
from tests.api.world import ROOT, make_instance

pytestmark = pytest.mark.database


def test_without_a_token_the_answer_says_how_to_send_one(client: Client) -> None:
    response = client.get(f"{ROOT}/integrations")
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Bearer realm="hi"'
    assert response["Content-Type"] == "application/problem+json"
    assert "Authorization: Bearer" in response.json()["detail"]


@pytest.mark.parametrize("header", ["Bearer hi_wrong", "Bearer", "Bearer ", "Basic YTpi", "hi_wrong", "Bearer hi_\x7f"])
def test_a_wrong_token_is_refused_as_such(client: Client, header: str) -> None:
    response = client.get(f"{ROOT}/integrations", headers={"Authorization": header})
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Bearer realm="hi", error="invalid_token"'


def test_a_revoked_token_is_refused(api: Client) -> None:
    ApiToken.objects.get().revoke()
    assert api.get(f"{ROOT}/integrations").status_code == 401


def test_the_token_of_somebody_who_may_not_sign_in_is_refused(api: Client, user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert api.get(f"{ROOT}/integrations").status_code == 401


def test_the_session_of_the_console_opens_nothing(client: Client, user: User) -> None:
    client.force_login(user)
    instance = make_instance()
    assert client.get(f"{ROOT}/integrations").status_code == 401
    assert client.post(f"{ROOT}/integrations/{instance.pk}/sync").status_code == 401


def test_a_token_needs_no_csrf_cookie(token: str) -> None:
    strict = Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {token}"})
    assert strict.post(f"{ROOT}/integrations/{make_instance().pk}/test").status_code == 202


def test_the_use_of_a_token_is_noted_once_a_minute_at_most(api: Client) -> None:
    api.get(f"{ROOT}/jobs")
    first = ApiToken.objects.get().last_used_at
    assert first is not None
    api.get(f"{ROOT}/jobs")
    assert ApiToken.objects.get().last_used_at == first
    ApiToken.objects.update(last_used_at=timezone.now() - timedelta(minutes=2))
    api.get(f"{ROOT}/jobs")
    noted = ApiToken.objects.get().last_used_at
    assert noted is not None
    assert noted > first


def test_middleware_that_asks_pages_to_sign_in_leaves_the_api_alone(client: Client, api: Client, settings: Any) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.contrib.auth.middleware.LoginRequiredMiddleware"]
    assert api.get(f"{ROOT}/integrations").status_code == 200
    assert client.get(f"{ROOT}/integrations").status_code == 401
    assert client.get(f"{ROOT}/openapi.json").status_code == 200
    assert client.get(f"{ROOT}/nowhere").status_code == 404


def test_answers_are_not_kept_by_caches(api: Client) -> None:
    assert api.get(f"{ROOT}/integrations")["Cache-Control"] == "private, no-cache"
