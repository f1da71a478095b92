"""Programs of an admin invite people, give them roles and shut them out, under the same rules as the pages."""

from typing import Any

import pytest
from django.test import Client

from hi.accounts.models import ApiToken, User
from hi.accounts.roles import Role, Scope
from hi.integration.models import AuditEntry
from tests.api.world import ROOT, read_pages

pytestmark = pytest.mark.database


def send(api: Client, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    return getattr(api, method)(f"{ROOT}{path}", body or {}, content_type="application/json")


def test_who_is_invited_gets_a_link_that_is_told_once(api: Client) -> None:
    answer = send(api, "post", "/people", {"name": "ben", "role": "viewer"})
    assert answer.status_code == 201
    told = answer.json()
    assert (told["person"]["name"], told["person"]["role"]) == ("ben", "viewer")
    page = api.get(told["link"])
    assert page.status_code == 200
    assert told["link"].rsplit("/", 1)[-1] not in str(api.get(f"{ROOT}/people").json())
    again = send(api, "post", "/people", {"name": "Ben"})
    assert (again.status_code, again.json()["field"]) == (422, "name")


def test_an_invitation_is_withdrawn_until_somebody_has_come_by_it(api: Client, user: User) -> None:
    told = send(api, "post", "/people", {"name": "bne"}).json()
    assert send(api, "delete", f"/people/{told['person']['id']}").status_code == 204
    assert api.get(told["link"]).status_code == 410
    assert not User.objects.filter(username="bne").exists()
    assert send(api, "delete", f"/people/{told['person']['id']}").status_code == 404
    assert send(api, "delete", f"/people/{user.pk}").status_code == 422
    assert User.objects.filter(pk=user.pk).exists()


def test_a_role_is_given_and_the_last_admin_stays_one(api: Client, user: User) -> None:
    ben = User.objects.create_user("ben", role=Role.VIEWER)
    assert send(api, "patch", f"/people/{ben.pk}", {"role": "operator"}).json()["role"] == "operator"
    for change in ({"role": "viewer"}, {"is_active": False}):
        assert send(api, "patch", f"/people/{user.pk}", change).status_code == 422
    assert set(AuditEntry.objects.values_list("who", flat=True)) == {user.username}


def test_who_is_shut_out_can_do_nothing_by_a_token_either(api: Client) -> None:
    ben = User.objects.create_user("ben", role=Role.MEMBER)
    bens = Client(headers={"Authorization": f"Bearer {ApiToken.issue(ben, 'script', Scope.OPERATE)}"})
    assert bens.get(f"{ROOT}/entities").status_code == 200
    assert not send(api, "patch", f"/people/{ben.pk}", {"is_active": False}).json()["is_active"]
    assert bens.get(f"{ROOT}/entities").status_code == 401
    send(api, "patch", f"/people/{ben.pk}", {"is_active": True})
    (token,) = send(api, "patch", f"/people/{ben.pk}").json()["tokens"]
    assert send(api, "delete", f"/people/{ben.pk}/tokens/{token['id']}").json()["tokens"] == []
    assert bens.get(f"{ROOT}/entities").status_code == 401


def test_everybody_is_read_in_pages_and_signed_out(api: Client, user: User) -> None:
    others = [User.objects.create_user(name).pk for name in ("ben", "cleo")]
    pages = [[person["id"] for person in page] for page in read_pages(api, "/people", limit=2)]
    assert pages == [[user.pk, others[0]], [others[1]]]
    browser = Client()
    browser.force_login(User.objects.get(pk=others[0]))
    assert send(api, "post", f"/people/{others[0]}/sign-out").json() == {"browsers": 1}
    assert browser.get("/things/").status_code == 302
    assert send(api, "post", "/people/99/link").status_code == 404


def test_one_browser_is_signed_out_and_the_others_stay(api: Client) -> None:
    ben, cleo = (User.objects.create_user(name) for name in ("ben", "cleo"))
    at_home, at_work = (Client(headers={"User-Agent": name}) for name in ("home", "work"))
    for browser in (at_home, at_work):
        browser.force_login(ben)
        browser.get("/things/")
    told = {one["agent"]: one["id"] for one in api.get(f"{ROOT}/people/{ben.pk}/sessions").json()}
    assert told.keys() == {"home", "work"}
    assert send(api, "delete", f"/people/{cleo.pk}/sessions/{told['work']}").status_code == 404
    assert send(api, "delete", f"/people/{ben.pk}/sessions/{told['work']}").status_code == 204
    assert (at_home.get("/things/").status_code, at_work.get("/things/").status_code) == (200, 302)
    assert send(api, "delete", f"/people/{ben.pk}/sessions/{told['work']}").status_code == 404
    assert AuditEntry.objects.filter(verb="signed_out").count() == 1
