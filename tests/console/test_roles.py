"""What each role may do on the pages: every address, and every button of every page."""

import html
import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from hi.accounts.access import find_need
from hi.accounts.models import User
from hi.accounts.roles import Role, is_allowed
from hi.entity.models import EntityState
from hi.integration.models import Command, IntegrationInstance
from tests.api.twins import DOWNLOADS
from tests.console.addresses import find_addresses
from tests.console.big_world import build_world
from tests.console.test_access import OPEN_TO_ALL, PATTERNS, POST_ONLY, address
from tests.factories import ControllerFactory, EntityStateFactory, InstanceFactory, UserFactory, mirror

pytestmark = [pytest.mark.either_database, pytest.mark.long]
V, M, O, A = Role  # noqa: E741 - as in the table
# Who may look, and who may send something, by action where there are several; None where nothing can be sent.
TABLE: dict[str, tuple[Role, Role | dict[str, Role] | None]] = {
    "home": (V, None),
    "sign-out": (V, V),
    "account": (V, V),
    "end-sessions": (V, V),
    "people": (A, A),
    "person": (A, None),
    "person-role": (A, A),
    "person-activate": (A, A),
    "person-deactivate": (A, A),
    "person-link": (A, A),
    "person-withdraw": (A, A),
    "person-sign-out": (A, A),
    "person-token-revoke": (A, A),
    "revoke-token": (V, V),
    "things": (V, None),
    "things-live": (V, None),
    "set": (M, M),
    "control": (V, None),
    "thing": (V, None),
    "ignore-thing": (O, {"ignore": O, "undo": O}),
    "thing-about": (V, None),
    "thing-recordings": (V, None),
    "thing-recordings-news": (V, None),
    "thing-recording": (V, None),
    "thing-edit": (O, O),
    "thing-notes": (O, O),
    "thing-facts": (O, O),
    "thing-files": (O, O),
    "thing-file": (V, None),
    "thing-file-remove": (O, O),
    "thing-state": (O, O),
    "thing-camera": (V, None),
    "places": (V, O),
    "place": (O, O),
    "place-shift": (O, O),
    "place-delete": (O, O),
    "integrations": (V, None),
    "add": (A, None),
    "add-settings": (A, A),
    "add-check": (A, A),
    "integration": (V, A),
    "integration-live": (V, None),
    "runs": (V, None),
    "run": (V, None),
    "activate": (A, A),
    "deactivate": (A, A),
    "pause": (A, A),
    "delete": (A, A),
    "diagnostics": (A, None),
    "interval": (A, A),
    "removal-policy": (A, A),
    "removals": (O, O),
    "choose": (V, {"preview": V, "save": A}),
    "choose-thing": (O, {"add": A, "drop": A, "ignore": O, "unignore": O}),
    "inbox": (O, {"approve": O, "approve-all": O, "ignore": O, "approve:1": O, "ignore:1": O, "undo:1": O}),
    "sign-in-again": (A, A),
    "server-changed": (A, A),
    "jobs": (V, None),
    "jobs-seen": (O, O),
    "jobs-unseen": (O, O),
    "job": (V, None),
    "job-cancel": (O, O),
    "activity": (V, None),
    "system": (V, None),
}
OUTSIDE_THE_CONSOLE = {"ready", "deep", "metrics"}


def at_least(role: Role, needed: Role) -> bool:
    return list(Role).index(role) >= list(Role).index(needed)


def sign_in(role: Role) -> Client:
    client = Client()
    client.force_login(UserFactory(role=role))
    return client


def walk(patterns: Any) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns)
        else:
            yield pattern


def test_every_view_names_what_it_needs_or_is_open_to_all() -> None:
    """The API asks by itself: `tests/api/test_roles.py` has its operations."""
    views = list(walk(get_resolver().url_patterns))
    silent = [one for one in views if not hasattr(one.callback, "needs")]
    assert all(getattr(one.callback, "login_required", True) is False for one in silent)
    of_the_api = [
        one for one in get_resolver().url_patterns if isinstance(one, URLResolver) and one.app_name == "ninja"
    ]
    assert len(of_the_api) == 1
    others = {str(one.name) for one in silent} - {str(one.name) for one in walk(of_the_api)}
    assert others == OPEN_TO_ALL | OUTSIDE_THE_CONSOLE


def test_the_table_holds_every_address() -> None:
    assert set(TABLE) == {str(pattern.name) for pattern in PATTERNS} - OPEN_TO_ALL


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("pattern", [one for one in PATTERNS if one.name in TABLE], ids=lambda one: one.name)
def test_nobody_gets_beyond_their_role(pattern: URLPattern, role: Role) -> None:
    looks, sends = TABLE[str(pattern.name)]
    if pattern.name not in POST_ONLY:
        assert (sign_in(role).get(address(pattern)).status_code == 403) != at_least(role, looks)
    needed = sends if isinstance(sends, dict) else {"": sends}
    for action, least in needed.items():
        refused = sign_in(role).post(address(pattern), {"action": action}).status_code
        if least is None:
            assert refused in (403, 405)
        else:
            assert (refused == 403) != at_least(role, least)


@pytest.mark.parametrize("name", ["choose", "choose-thing", "inbox", "ignore-thing"])
def test_what_an_address_does_not_take_is_refused(name: str, browser: Client) -> None:
    [pattern] = [one for one in PATTERNS if one.name == name]
    given = ({}, {"action": "sell"}, {"action": "approve-all:"})
    assert [browser.post(address(pattern), one).status_code for one in given] == [400, 400, 400]


@pytest.mark.parametrize(
    "action", ["sync_entities", "test_connection", "update_config", "something_of_its_own", "test_connection:and_more"]
)
@pytest.mark.parametrize("role", Role)
def test_operators_run_what_admins_set_up(porch: str, role: Role, action: str) -> None:
    instance = InstanceFactory(integration_type=porch)
    needed = O if action in ("sync_entities", "test_connection") else A
    answer = sign_in(role).post(f"/integrations/{instance.pk}/", {"action": action})
    assert (answer.status_code == 403) != at_least(role, needed)


def test_who_may_not_is_told_who_can_change_that() -> None:
    UserFactory(username="anna")
    UserFactory(username="zoe", is_active=False)
    member = sign_in(M)
    answer = member.post("/places/", {"name": "Attic"})
    assert answer.status_code == 403
    assert "This needs the role operator, and yours is member." in answer.text
    assert "anna" in answer.text
    assert "zoe" not in answer.text
    by_htmx = member.post("/places/1/shift", headers={"HX-Request": "true"})
    assert (by_htmx.status_code, by_htmx.headers["HX-Refresh"]) == (403, "true")
    assert "This needs the role operator" in member.get("/").text


@pytest.fixture
def house(porch: str) -> IntegrationInstance:
    return InstanceFactory(integration_type=porch, label="House")


def make(house: IntegrationInstance, **bounds: Any) -> EntityState:
    state: EntityState = EntityStateFactory(entity__source_name="Thing")
    ControllerFactory(state=state, **bounds)
    mirror(state.entity, house)
    return state


@pytest.mark.parametrize(
    ("bounds", "needed"),
    [({}, M), ({"asks_first": True}, O), ({"code_format": "number"}, O), ({"asks_first": True, "code_format": "x"}, O)],
)
@pytest.mark.parametrize("role", Role)
def test_members_set_what_is_everyday_and_operators_the_rest(
    house: IntegrationInstance, role: Role, bounds: dict[str, Any], needed: Role
) -> None:
    state, browser = make(house, **bounds), sign_in(role)
    may = at_least(role, needed)
    for place in ("/things/", f"/things/{state.entity_id}/"):
        page = browser.get(place).text
        assert (f"Setting this needs the role {needed.label}." in page) != may
        assert ("disabled" in page.partition('class="switch"')[2].partition(">")[0]) != may
    given = {"value": "off", "key": "k", "asked": "yes", "code": "1234" if "code_format" in bounds else ""}
    assert (browser.post(f"/things/states/{state.pk}/set", given).status_code == 403) != may
    assert Command.objects.exists() == may


class Offers(HTMLParser):
    """What a page offers to do: method, address, fields. Forms whose every button is off offer nothing."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.found: set[tuple[str, str, str]] = set()
        self._path = path
        self._form: dict[str, Any] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        for attribute in ("href", "hx-get", "src"):
            if given.get(attribute, "").startswith(("/", "?")) and "/static/" not in given[attribute]:
                self.found.add(("GET", html.unescape(given[attribute]), ""))
        if tag == "form" and given.get("method") == "post":
            self._form = {"action": given.get("action") or self._path, "actions": set(), "on": False, "off": False}
        elif self._form is not None:
            self._form["off"] |= tag == "fieldset" and "disabled" in given
            if tag in ("button", "input") and given.get("name") == "action":
                self._form["actions"].add(given.get("value", ""))
            self._form["on"] |= tag == "button" and "disabled" not in given

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._form is not None:
            if self._form["on"] and not self._form["off"]:
                for action in self._form["actions"] or {""}:
                    self.found.add(("POST", self._form["action"], action))
            self._form = None


@cache
def needed_for(method: str, path: str, action: str) -> Any:
    """`path` without its query: many links of a page differ in nothing else."""
    view = resolve(path).func
    if not getattr(view, "login_required", True):
        return None
    request = RequestFactory().generic(method, "/")
    query = QueryDict(mutable=True)
    query["action"] = action
    request.POST = query  # type: ignore[assignment]
    return find_need(view, request)


def test_no_page_offers_what_its_reader_may_not_do(browser: Client, person: User, porch: str) -> None:
    found = find_addresses(build_world(person, porch, states=120), browser)
    # Sorted, searched or filtered, a list offers the same.
    addresses = [page for page in found if "?" not in page.name]
    readers = {role: sign_in(role) for role in Role}
    seen: dict[Role, int] = dict.fromkeys(Role, 0)
    beyond, handed_out = [], set()
    for page in addresses:
        for role, reader in readers.items():
            answer = page.get(reader)
            if answer.status_code == 403:
                assert role != A, page
                continue
            if "Content-Disposition" in answer.headers:
                handed_out.add(page.name)
                continue
            offers = Offers(page.path.partition("?")[0])
            offers.feed(answer.text)
            seen[role] += len(offers.found)
            for method, path, action in offers.found:
                full = path if path.startswith("/") else page.path
                need = needed_for(method, re.split("[?#]", full)[0], action)
                if need is not None and not is_allowed(role, need):
                    beyond.append((role.value, page.name, method, path, action))
    assert beyond == []
    assert handed_out == set(DOWNLOADS)
    assert seen[V] < seen[O] < seen[A]
