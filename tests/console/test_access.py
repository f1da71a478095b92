"""Who may see what: the login before every page, methods, and the token of every form."""

import logging
import re
import uuid

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from hi.accounts.models import ApiToken, SignInLink, User
from hi.accounts.roles import Role
from hi.console import urls
from hi.utils.redact import redact
from tests.factories import UserFactory

pytestmark = pytest.mark.either_database
OPEN_TO_ALL = {"sign-in", "sign-in-link", "theme"}
POST_ONLY = {
    "sign-out",
    "revoke-token",
    "end-sessions",
    "person-role",
    "person-activate",
    "person-deactivate",
    "person-sign-out",
    "person-token-revoke",
    "theme",
    "activate",
    "deactivate",
    "pause",
    "interval",
    "removal-policy",
    "removals",
    "choose-thing",
    "ignore-thing",
    "set",
    "jobs-seen",
    "jobs-unseen",
    "job-cancel",
    "place-shift",
    "thing-file-remove",
}
POLICY = [
    "base-uri 'none'",
    "default-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "img-src 'self' data:",
    "object-src 'none'",
]
SAMPLES = {"int": 1, "uuid": uuid.UUID(int=1), "str": "x", "slug": "porch"}


def address(pattern: URLPattern) -> str:
    kinds = {name: SAMPLES[type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")]
             for name, converter in pattern.pattern.converters.items()}  # fmt: skip
    return reverse(f"console:{pattern.name}", kwargs=kinds)


PATTERNS = [pattern for pattern in urls.urlpatterns if isinstance(pattern, URLPattern)]


def test_every_address_of_the_console_is_looked_at_here() -> None:
    assert len(PATTERNS) == len(urls.urlpatterns)
    assert get_resolver().resolve("/").view_name == "console:home"


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.name)
@pytest.mark.parametrize("method", ["get", "post"])
def test_nothing_is_shown_or_done_without_a_login(pattern: URLPattern, method: str) -> None:
    response = getattr(Client(), method)(address(pattern))
    if pattern.name in OPEN_TO_ALL:
        assert response.status_code in {200, 302, 405, 410, 422}
        assert "/sign-in?" not in response.headers.get("Location", "")
    else:
        assert response.status_code == 302
        assert response.headers["Location"].startswith("/sign-in?next=")


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.name)
def test_looking_never_changes_anything(pattern: URLPattern, browser: Client) -> None:
    status = browser.get(address(pattern)).status_code
    assert (status == 405) == (pattern.name in POST_ONLY)
    assert browser.delete(address(pattern)).status_code == 405


def test_who_is_refused_is_one_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    viewer, client = UserFactory(role=Role.VIEWER), Client()
    client.force_login(viewer)
    client.get("/people/")
    (record,) = [one for one in caplog.records if one.name == "django.request"]
    assert record.exc_info is None
    assert record.getMessage() == (
        f"Forbidden (Permission denied): /people/, user {viewer.pk}: This needs the role admin; yours is viewer."
    )


@pytest.mark.parametrize("name", sorted(POST_ONLY | {"account", "integration", "delete", "add-check", "choose"}))
def test_a_form_without_its_token_is_refused_in_our_own_words(name: str, person: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    pattern = next(pattern for pattern in PATTERNS if pattern.name == name)
    response = client.post(address(pattern))
    assert response.status_code == 403
    assert "Please try again" in response.text


def test_a_missing_page_looks_like_ours(browser: Client) -> None:
    response = browser.get("/no-such-page")
    assert response.status_code == 404
    assert "This page is not here" in response.text


def test_pages_bring_nothing_from_elsewhere_and_no_inline_code(browser: Client) -> None:
    response = browser.get("/")
    text = response.text
    assert "style=" not in text
    assert "<style" not in text
    assert "onclick" not in text
    assert "hx-on" not in text
    assert "//cdn" not in text
    assert all("src=" in tag for tag in text.split("<script")[1:])


@pytest.mark.parametrize(("path", "status"), [("/", 200), ("/no-such-page", 404), ("/sign-in", 200)])
def test_the_policy_lets_a_page_load_from_us_only(path: str, status: int, browser: Client) -> None:
    response = (Client() if path == "/sign-in" else browser).get(path)
    assert response.status_code == status
    assert sorted(response.headers["Content-Security-Policy"].split("; ")) == POLICY  # in no order


def test_signing_in_with_name_and_password_leads_on(person: User) -> None:
    client = Client()
    given = {"username": "anna", "password": "a long enough password", "next": "/things/"}
    assert client.post("/sign-in", given).headers["Location"] == "/things/"
    assert client.get("/").status_code == 200


def test_a_wrong_password_says_so_keeps_the_name_and_betrays_no_name(person: User) -> None:
    def answer(name: str) -> str:
        response = Client().post("/sign-in", {"username": name, "password": "wrong-guess"})
        assert response.status_code == 422
        assert f'value="{name}"' in response.text
        body = re.sub(r'csrfmiddlewaretoken" value="[^"]+|data-now="\d+', "", response.text)
        return body.replace(f'value="{name}"', "")

    UserFactory(username="closed", is_active=False)
    told = answer("anna")
    assert "do not fit together" in told
    assert "wrong-guess" not in told
    assert told == answer("nobody") == answer("closed")


def test_signing_in_never_leads_to_another_site(person: User) -> None:
    given = {"username": "anna", "password": "a long enough password", "next": "https://evil.example/"}
    assert Client().post("/sign-in", given).headers["Location"] == "/"


def test_looking_at_a_sign_in_link_does_not_use_it_up(person: User) -> None:
    client, url = Client(), f"/sign-in/{SignInLink.issue(person)}"
    for _ in range(2):
        assert "Sign in" in client.get(url).text
    assert client.post(url).headers["Location"] == "/"
    assert client.get("/").status_code == 200


def test_a_used_sign_in_link_says_what_to_do(person: User) -> None:
    url = f"/sign-in/{SignInLink.issue(person)}"
    Client().post(url)
    for response in (Client().get(url), Client().post(url), Client().get("/sign-in/never-was")):
        assert response.status_code == 410
        assert "make sign-in-link" in response.text


def test_a_sign_in_link_is_not_used_up_by_who_is_signed_in_already(person: User, browser: Client) -> None:
    url = f"/sign-in/{SignInLink.issue(person)}"
    for response in (browser.get(url, follow=True), browser.post(url, follow=True)):
        assert response.redirect_chain == [("/", 302)]
        assert "You are signed in already." in response.text
    assert Client().post(url).headers["Location"] == "/"
    assert browser.get(url).headers["Location"] == "/"


def test_a_sign_in_link_of_somebody_else_changes_who_is_signed_in(browser: Client) -> None:
    url = f"/sign-in/{SignInLink.issue(UserFactory(username='ben'))}"
    assert "This link signs you in" in browser.get(url).text
    browser.post(url)
    assert "<h1>ben</h1>" in browser.get("/account").text


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/x"])
def test_a_second_tab_of_the_sign_in_leads_on(person: User, path: str) -> None:
    client = Client(enforce_csrf_checks=True)
    refused = client.post(path)
    assert refused.status_code == 403
    assert f'href="{path}">Load the page again' in refused.text
    client.force_login(person)
    assert client.post(path).headers["Location"] == "/"


def test_a_poll_after_the_session_ended_leads_the_whole_page_to_the_sign_in() -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/things/?q=hall"}
    response = Client().get("/things/live", headers=headers, follow=True)
    assert response.headers["HX-Redirect"] == "/sign-in?next=%2Fthings%2F%3Fq%3Dhall"


@pytest.mark.parametrize(
    ("referer", "place"),
    [
        ("http://testserver/jobs/?status=look", "%3Fstatus%3Dlook"),
        ("http://elsewhere.example/jobs/", "/sign-in?next=/"),
        ("", "/sign-in?next=/"),
    ],
)
def test_who_sent_a_form_after_the_session_ended_comes_back_to_its_page(referer: str, place: str) -> None:
    location = Client().post("/jobs/seen?status=look", headers={"Referer": referer}).headers["Location"]
    assert location.endswith(place)
    assert "seen" not in location


def test_signing_out_ends_the_session(browser: Client) -> None:
    browser.post("/sign-out")
    assert browser.get("/").status_code == 302


def test_who_came_by_link_is_invited_to_choose_a_password_and_stays_signed_in() -> None:
    user = User(username="first", role="admin")
    user.set_unusable_password()
    user.save()
    client = Client()
    client.force_login(user)
    assert "Choose a password" in client.get("/").text
    given = {"new_password1": "correct horse battery", "new_password2": "correct horse battery"}
    assert client.post("/account", given).status_code == 302
    assert "Choose a password" not in client.get("/").text
    given = {"username": "first", "password": "correct horse battery"}
    assert Client().post("/sign-in", given).status_code == 302


def test_tokens_are_listed_and_revoked_by_their_owner_only(
    person: User, browser: Client, caplog: pytest.LogCaptureFixture
) -> None:
    text = ApiToken.issue(person, "kitchen-tablet")
    theirs = ApiToken.authenticate(ApiToken.issue(UserFactory(), "of-another"))
    page = browser.get("/account").text
    assert "kitchen-tablet" in page
    assert "never used" in page
    assert "reads," in page
    assert "of-another" not in page
    assert text not in page
    assert theirs
    assert browser.post(f"/account/tokens/{theirs.pk}/revoke").status_code == 404
    with caplog.at_level(logging.INFO, "hi.accounts.models"):
        answer = browser.post(f"/account/tokens/{ApiToken.objects.get(user=person).pk}/revoke", follow=True)
    assert "opens nothing any more" in answer.text
    assert "No program has a token of yours." in answer.text
    assert ApiToken.authenticate(text) is None
    assert f"revoked: kitchen-tablet ({text[:8]}…), for the API, of user {person.pk}" in redact(caplog.text)


def test_a_password_that_is_too_short_is_refused_at_its_field(browser: Client) -> None:
    given = {"old_password": "a long enough password", "new_password1": "short", "new_password2": "short"}
    response = browser.post("/account", given)
    assert response.status_code == 422
    assert "too short" in response.text


def test_the_colours_are_kept_in_this_browser(browser: Client) -> None:
    response = browser.post("/theme", {"theme": "dark", "next": "/jobs/"})
    assert response.headers["Location"] == "/jobs/"
    assert 'data-theme="dark"' in browser.get("/jobs/").text
    browser.post("/theme", {"theme": "plaid"})
    assert 'data-theme="dark"' in browser.get("/jobs/").text
