"""Whatever people can do on a page, a program can do too, and by the same permission."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import RequestFactory
from django.urls import URLPattern

from hi.accounts.access import Deeds
from hi.accounts.roles import Permission
from hi.api.api import api as hi_api
from hi.console import urls
from tests.api.twins import DOWNLOADS, TWINS, WITHOUT
from tests.api.world import ROOT

pytestmark = pytest.mark.pure
CONSOLE = Path(__file__).parents[2] / "hi" / "console"
TEMPLATES, VIEWS = CONSOLE / "templates", CONSOLE / "views"
# What buttons say beside `action`: what to set, how often, which way, how it looks. Not what to do.
VALUES = {"value", "seconds", "to", "theme"}


def list_deeds() -> Iterator[tuple[str, Permission | None]]:
    """What the pages take beyond reading, and what each needs. An address that is asked for what no page takes says
    what it takes."""
    for pattern in urls.urlpatterns:
        assert isinstance(pattern, URLPattern)
        answer = pattern.callback(RequestFactory().trace("/"), **dict.fromkeys(pattern.pattern.converters, 1))
        assert answer.status_code == 405, pattern.name
        if "POST" in answer["Allow"]:
            _to_look, to_change = getattr(pattern.callback, "needs", (None, None))
            if isinstance(to_change, Deeds):
                yield from ((f"{pattern.name} {action}", need) for action, need in to_change.named.items())
            else:
                yield str(pattern.name), to_change


DEEDS = dict(list_deeds())
NEEDS = hi_api.list_needs()


def test_each_deed_on_a_page_is_an_operation_of_the_api() -> None:
    assert set(DEEDS) == set(TWINS) | WITHOUT


def test_no_button_does_another_thing_than_its_address_tells() -> None:
    """Actions that are not declared are refused. A field of another name would be no action."""
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(TEMPLATES.rglob("*.html")))
    assert set(re.findall(r'<button\b[^>]*\sname="([^"]*)"', text)) == {"action"} | VALUES
    undoes = "".join(path.read_text(encoding="utf-8") for path in sorted(VIEWS.rglob("*.py")))
    said = re.findall(r'name="action"[^>]*\svalue="([^"]*)"|"action": "([^"]*)"', text + undoes)
    actions = {re.sub(r":.*", ":", one or other) for one, other in said}
    # What stands in a job's card is put in by the view that runs it again.
    assert actions - {"{{ again.action }}"} == {deed.partition(" ")[2] for deed in DEEDS if " " in deed}


# A draft is seen by those alone who may connect; the API tests any integration.
@pytest.mark.parametrize("deed", [deed for deed in TWINS if deed != "add-check"])
def test_page_and_api_ask_for_the_same_permission(deed: str) -> None:
    assert {NEEDS[operation] for operation in TWINS[deed]} == {DEEDS[deed]}


def test_every_operation_that_changes_something_is_a_deed_on_a_page() -> None:
    schema = hi_api.get_openapi_schema(path_prefix=f"{ROOT}/")
    changing = {
        operation["operationId"]
        for methods in schema["paths"].values()
        for method, operation in methods.items()
        if method != "get"
    }
    assert changing == {name for names in TWINS.values() for name in names}


@pytest.mark.parametrize("name", DOWNLOADS)
def test_what_a_page_hands_out_the_api_hands_out_by_the_same_permission(name: str) -> None:
    (view,) = [pattern.callback for pattern in urls.urlpatterns if pattern.name == name]
    assert view.needs[0] == NEEDS[DOWNLOADS[name]]
