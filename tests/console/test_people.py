"""The people of the home: invitations, roles, who is shut out, and where people are signed in."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from hi.accounts import sessions
from hi.accounts.models import ApiToken, OpenSession, SignInLink, User
from hi.accounts.roles import Role
from hi.integration.models import AuditEntry
from tests.factories import UserFactory

pytestmark = pytest.mark.either_database
CHOSEN = {"new_password1": "correct horse battery", "new_password2": "correct horse battery"}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"


def told() -> list[tuple[str, str, str, str, str]]:
    entries = AuditEntry.objects.order_by("pk")
    return list(entries.values_list("who", "verb", "subject", "before", "after"))


def read_link(page: str) -> str:
    found = re.search(r'id="link" type="text" value="http://testserver([^"]+)"', page)
    assert found
    return found[1]


def sign_in(user: User, agent: str = FIREFOX) -> Client:
    client = Client(headers={"User-Agent": agent})
    client.force_login(user)
    client.get("/account")
    return client


def test_an_invitation_is_shown_once_and_lets_somebody_choose_a_password_and_in(browser: Client) -> None:
    answer = browser.post("/people/", {"name": "ben", "role": "member"}, follow=True)
    link = read_link(answer.text)
    assert "no-store" in answer.headers["Cache-Control"]
    ben = User.objects.get(username="ben")
    assert (ben.role, ben.has_usable_password()) == (Role.MEMBER, False)
    listed = browser.get("/people/").text
    assert link not in listed + browser.get(f"/people/{ben.pk}/").text
    assert "Invited" in listed
    guest = Client()
    assert "Welcome, ben" in guest.get(link).text
    wrong = guest.post(link, {"new_password1": "short", "new_password2": "short"})
    assert (wrong.status_code, "too short" in wrong.text) == (422, True)
    assert guest.post(link, CHOSEN).headers["Location"] == "/"
    assert guest.get("/account").status_code == 200
    assert Client().post(link, CHOSEN).status_code == 410
    assert Client().post("/sign-in", {"username": "ben", "password": CHOSEN["new_password1"]}).status_code == 302
    assert told() == [("anna", "invited", "ben", "", "member"), ("ben", "secured", "ben", "", "")]
    assert "Invited" not in browser.get("/people/").text


def test_loading_the_page_of_a_link_anew_makes_none_and_shows_none(browser: Client, person: User) -> None:
    page = browser.post("/people/", {"name": "ben", "role": "member"}).headers["Location"]
    carried = browser.cookies["hi_once"]
    assert (carried["path"], carried["httponly"], carried["samesite"]) == (page, True, "Strict")
    assert "sign-in" not in browser.get(f"/people/{person.pk}/link").headers["Location"]  # theirs alone
    link = read_link(browser.get(page).text)
    again = browser.get(page, follow=True)
    assert again.redirect_chain == [(page.removesuffix("link"), 302)]
    assert "A link is shown once" in again.text
    assert link not in again.text
    assert SignInLink.objects.count() == 1
    assert "Welcome, ben" in Client().get(link).text
    token = link.rpartition("/")[2]
    assert token not in f"{page}{carried.value}{[one.get_decoded() for one in Session.objects.all()]}"


def test_an_invitation_works_for_three_days(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    link = read_link(browser.post("/people/", {"name": "ben", "role": "viewer"}, follow=True).text)
    row = SignInLink.objects.get()
    assert timedelta(days=2, hours=23) < row.expires_at - timezone.now() <= timedelta(days=3)
    SignInLink.objects.update(expires_at=timezone.now())
    assert Client().get(link).status_code == 410


def test_a_mistyped_invitation_is_withdrawn_and_the_name_is_free(browser: Client) -> None:
    link = read_link(browser.post("/people/", {"name": "bne", "role": "admin"}, follow=True).text)
    bne = User.objects.get(username="bne")
    page = f"/people/{bne.pk}/withdraw"
    assert page in browser.get(f"/people/{bne.pk}/").text
    assert "Withdraw the invitation of bne?" in browser.get(page).text
    assert "bne is not invited any more." in browser.post(page, follow=True).text
    assert Client().get(link).status_code == 410
    assert told() == [("anna", "invited", "bne", "", "admin"), ("anna", "withdrew", "bne", "admin", "")]
    assert browser.post("/people/", {"name": "bne", "role": "viewer"}).status_code == 302


def test_who_has_come_is_no_invitation_that_could_be_withdrawn(browser: Client) -> None:
    link = read_link(browser.post("/people/", {"name": "ben", "role": "member"}, follow=True).text)
    Client().post(link, CHOSEN)
    by_program = UserFactory(username="program", password=None)
    ApiToken.issue(by_program, "script")
    for person in (User.objects.get(username="ben"), by_program):
        page = f"/people/{person.pk}/withdraw"
        assert page not in browser.get(f"/people/{person.pk}/").text
        assert browser.get(page).status_code == 404
        assert "has been here" in browser.post(page, follow=True).text
        assert User.objects.filter(pk=person.pk).exists()


@pytest.mark.parametrize(
    ("name", "role", "said"),
    [
        ("", "viewer", "letters, digits"),
        ("two words", "viewer", "letters, digits"),
        ("x" * 151, "viewer", "at most 150"),
        ("ANNA", "viewer", "already"),
        ("ben", "owner", "no such role"),
        ("ben", "", "no such role"),
    ],
)
def test_an_invitation_that_cannot_be_is_refused_in_its_form(browser: Client, name: str, role: str, said: str) -> None:
    answer = browser.post("/people/", {"name": name, "role": role})
    assert answer.status_code == 422
    assert said in answer.text
    assert User.objects.count() == 1
    assert told() == []


def test_a_new_link_ends_the_one_before_and_a_new_password_signs_out_everywhere(browser: Client) -> None:
    ben = UserFactory(username="ben", role=Role.MEMBER)
    elsewhere = sign_in(ben)
    first, second = (read_link(browser.post(f"/people/{ben.pk}/link", follow=True).text) for _time in range(2))
    assert Client().get(first).status_code == 410
    # Who is signed in already has forgotten the password all the same.
    assert "Welcome, ben" in elsewhere.get(second).text
    assert Client().post(second, CHOSEN).status_code == 302
    assert elsewhere.get("/").status_code == 302
    assert [entry[1] for entry in told()] == ["linked", "linked", "secured"]


def test_a_role_is_given_and_holds_from_the_next_click_on(browser: Client) -> None:
    ben = UserFactory(username="ben", role=Role.VIEWER)
    theirs = sign_in(ben)
    assert theirs.post("/places/", {"name": "Attic", "kind": "room"}).status_code == 403
    browser.post(f"/people/{ben.pk}/role", {"role": "operator"})
    assert theirs.post("/places/", {"name": "Attic", "kind": "room"}).status_code == 302
    assert told()[0] == ("anna", "promoted", "ben", "viewer", "operator")
    assert "gave another role to" in browser.get("/activity/?what=people").text
    assert "no such role" in browser.post(f"/people/{ben.pk}/role", {"role": "owner"}, follow=True).text


def test_who_is_deactivated_is_out_at_once_with_tokens_and_links_and_comes_back_the_same(browser: Client) -> None:
    ben = UserFactory(username="ben", role=Role.MEMBER)
    theirs, token, link = sign_in(ben), ApiToken.issue(ben, "phone"), SignInLink.issue(ben)
    browser.post(f"/people/{ben.pk}/deactivate")
    assert theirs.get("/").status_code == 302
    assert ApiToken.authenticate(token) is None
    assert SignInLink.find(link) is None
    assert "Deactivated" in browser.get("/people/").text
    assert "activate the account first" in browser.post(f"/people/{ben.pk}/link", follow=True).text
    browser.post(f"/people/{ben.pk}/activate")
    assert ApiToken.authenticate(token)
    assert theirs.get("/").status_code == 302
    assert [entry[1] for entry in told()] == ["shut_out", "let_in"]


@pytest.mark.parametrize("deed", [("role", {"role": "operator"}), ("deactivate", {})], ids=["demoted", "deactivated"])
def test_the_last_active_admin_stays_one(browser: Client, person: User, deed: tuple[str, dict[str, str]]) -> None:
    UserFactory(username="gone", is_active=False)
    address = f"/people/{person.pk}/{deed[0]}"
    assert "is the only admin" in browser.post(address, deed[1], follow=True).text
    page = browser.get(f"/people/{person.pk}/").text
    assert "The only admin stays one" in page
    assert 'id="person-deactivate"' not in page
    UserFactory(username="invited", password=None)
    assert "Invited as an admin, but not here yet: invited." in browser.get(f"/people/{person.pk}/").text
    person.refresh_from_db()
    assert (person.role, person.is_active) == (Role.ADMIN, True)
    UserFactory(username="ben")
    browser.post(address, deed[1])
    person.refresh_from_db()
    assert (person.role, person.is_active) != (Role.ADMIN, True)
    assert browser.get("/people/").status_code in (302, 403)


def test_people_see_where_they_are_signed_in_and_sign_out_elsewhere(person: User, browser: Client) -> None:
    phone, desk = sign_in(person, SAFARI), sign_in(person)
    page = desk.get("/account").text
    assert "Safari on an iPhone" in page
    assert "Firefox on Linux" in page
    assert page.count("This one") == 1
    assert "127.0.0.1" in page
    assert not any(key in page for key in Session.objects.values_list("session_key", flat=True))
    row = OpenSession.objects.get(agent=SAFARI)
    assert "1 browser is signed out." in desk.post("/account/sessions/end", {"session": row.pk}, follow=True).text
    assert phone.get("/").status_code == 302
    assert desk.get("/").status_code == 200
    assert browser.get("/").status_code == 200
    desk.post("/account/sessions/end")
    assert browser.get("/").status_code == 302
    assert desk.get("/").status_code == 200
    assert [entry[1] for entry in told()] == ["signed_out"] * 2


def test_nobody_signs_out_somebody_else_but_an_admin_does(browser: Client) -> None:
    ben, eve = UserFactory(username="ben", role=Role.OPERATOR), UserFactory(username="eve", role=Role.OPERATOR)
    bens, eves = sign_in(ben), sign_in(eve)
    row = OpenSession.objects.get(user=ben)
    assert "0 browsers" in eves.post("/account/sessions/end", {"session": row.pk}, follow=True).text
    assert bens.get("/").status_code == 200
    browser.post(f"/people/{eve.pk}/sign-out", {"session": row.pk})
    assert bens.get("/").status_code == 200
    browser.post(f"/people/{ben.pk}/sign-out", {"session": row.pk})
    assert (bens.get("/").status_code, eves.get("/").status_code) == (302, 200)
    browser.post(f"/people/{eve.pk}/sign-out")
    assert eves.get("/").status_code == 302
    assert browser.get("/").status_code == 200


def test_a_session_that_nobody_has_used_yet_is_ended_too(browser: Client) -> None:
    ben = UserFactory(username="ben")
    fresh = Client()
    fresh.force_login(ben)
    assert not OpenSession.objects.filter(user=ben).exists()
    browser.post(f"/people/{ben.pk}/sign-out")
    assert fresh.get("/").status_code == 302


def test_a_new_password_signs_out_all_other_browsers(person: User, browser: Client) -> None:
    elsewhere = sign_in(person)
    browser.get("/")
    (own,) = OpenSession.objects.exclude(agent=FIREFOX)
    browser.post("/account", {"old_password": "a long enough password"} | CHOSEN)
    assert browser.get("/").status_code == 200
    (kept,) = OpenSession.objects.all()  # what it watches goes on
    assert (kept.pk, kept.since) == (own.pk, own.since)
    assert elsewhere.get("/").status_code == 302
    assert not OpenSession.objects.filter(agent=FIREFOX).exists()


def test_signing_out_takes_the_session_off_the_list(person: User) -> None:
    client = sign_in(person)
    assert OpenSession.objects.filter(user=person).count() == 1
    client.post("/sign-out")
    assert not OpenSession.objects.exists()


def test_use_is_noted_every_few_minutes_and_told_as_last_seen(person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    client = sign_in(person)
    long_ago = timezone.now() - timedelta(hours=2)

    def seen() -> list[Any]:
        User.objects.update(last_seen_at=long_ago)
        OpenSession.objects.update(last_used_at=long_ago)
        client.get("/account")
        person.refresh_from_db()
        return [person.last_seen_at == long_ago, OpenSession.objects.get(user=person).last_used_at == long_ago]

    assert seen() == [True, True]
    monkeypatch.setattr(sessions, "NOTE_SECONDS", 0)
    assert seen() == [False, False]


def test_an_admin_revokes_the_tokens_of_others(browser: Client) -> None:
    ben = UserFactory(username="ben")
    text = ApiToken.issue(ben, "phone")
    token = ApiToken.objects.get()
    assert "phone" in browser.get(f"/people/{ben.pk}/").text
    assert browser.post(f"/people/{UserFactory().pk}/tokens/{token.pk}/revoke").status_code == 404
    browser.post(f"/people/{ben.pk}/tokens/{token.pk}/revoke")
    assert ApiToken.authenticate(text) is None
    assert told() == [("anna", "revoked", "ben", "", str(token))]


def test_a_link_made_on_this_machine_says_that_it_leads_nowhere_else() -> None:
    near, far = (Client(headers={"Host": host}) for host in ("127.0.0.1:9411", "testserver"))
    ben = UserFactory(username="ben")
    for client in (near, far):
        client.force_login(UserFactory())
    assert "on this machine only" in near.post(f"/people/{ben.pk}/link", follow=True).text
    assert "on this machine only" not in far.post(f"/people/{ben.pk}/link", follow=True).text
