"""Whatever people can do on a page, a program can do too."""

from collections.abc import Iterator

import pytest
from django.test import RequestFactory
from django.urls import URLPattern

from hi.api.api import api as hi_api
from hi.console import urls
from tests.api.world import ROOT

pytestmark = pytest.mark.pure

# Address of the console that takes a POST -> the operations of the API that do the same.
TWINS: dict[str, tuple[str, ...]] = {
    "set": ("create_command",),
    "ignore-thing": ("ignore_entity", "unignore_entity"),
    "thing-edit": ("change_entity",),
    "thing-notes": ("change_entity",),
    "thing-facts": ("note_attribute", "remove_attribute"),
    "thing-files": ("attach_file",),
    "thing-file-remove": ("remove_file",),
    "thing-state": ("change_state",),
    "places": ("add_location",),
    "place": ("change_location",),
    "place-shift": ("shift_location",),
    "place-delete": ("delete_location",),
    "add-settings": ("add_integration", "change_integration"),
    "add-check": ("test_connection",),
    "integration": ("change_integration", "sync_integration", "test_connection"),
    "activate": ("activate_integration",),
    "deactivate": ("deactivate_integration",),
    "pause": ("pause_integration",),
    "delete": ("delete_integration",),
    "interval": ("change_integration",),
    "removal-policy": ("change_integration",),
    "removals": ("approve_removals",),
    "choose": ("set_selection", "preview_selection"),
    "choose-thing": ("set_selection", "ignore_offer", "unignore_inbox_items"),
    "inbox": ("approve_inbox_items", "ignore_inbox_items", "unignore_inbox_items"),
    "sign-in-again": ("change_integration",),
    "server-changed": ("accept_server",),
    "people": ("invite_person",),
    "person-role": ("change_person",),
    "person-activate": ("change_person",),
    "person-deactivate": ("change_person",),
    "person-link": ("make_person_link",),
    "person-withdraw": ("withdraw_invitation",),
    "person-sign-out": ("sign_person_out",),
    "person-token-revoke": ("revoke_person_token",),
    "jobs-seen": ("acknowledge_jobs",),
    "jobs-unseen": ("unacknowledge_jobs",),
    "job-cancel": ("cancel_job",),
}
# A person's own sessions, password and tokens, and how their browser looks, are no matter of programs: a token that
# could change the password, or end another token, would be worth as much as the person.
WITHOUT = {"sign-in", "sign-in-link", "sign-out", "theme", "account", "end-sessions", "revoke-token"}


def list_deeds() -> Iterator[str]:
    """The addresses that take more than reading: asked for what no page takes, each says what it takes."""
    for pattern in urls.urlpatterns:
        assert isinstance(pattern, URLPattern)
        answer = pattern.callback(RequestFactory().trace("/"), **dict.fromkeys(pattern.pattern.converters, 1))
        assert answer.status_code == 405, pattern.name
        if "POST" in answer["Allow"]:
            yield str(pattern.name)


def test_each_deed_on_a_page_is_an_operation_of_the_api() -> None:
    assert set(list_deeds()) == set(TWINS) | WITHOUT


def test_every_operation_that_changes_something_is_a_deed_on_a_page() -> None:
    schema = hi_api.get_openapi_schema(path_prefix=f"{ROOT}/")
    changing = {
        operation["operationId"]
        for methods in schema["paths"].values()
        for method, operation in methods.items()
        if method != "get"
    }
    assert changing == {name for names in TWINS.values() for name in names}
