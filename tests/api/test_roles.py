"""What each role and each scope may do: every operation of the API."""

import json
from collections import defaultdict
from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, RequestFactory

from hi.accounts.models import ApiToken, User
from hi.accounts.roles import Role, Scope
from hi.api.api import api as hi_api
from hi.api.auth import BearerToken
from tests.api.world import ROOT

pytestmark = pytest.mark.either_database
READ, OPERATE, ADMINISTER = (Scope.READ, Role.VIEWER), (Scope.OPERATE, Role.OPERATOR), (Scope.ADMIN, Role.ADMIN)
TABLE: dict[str, tuple[Scope, Role]] = {
    "list_integrations": READ,
    "get_integration": READ,
    "sync_integration": OPERATE,
    "test_connection": OPERATE,
    "activate_integration": ADMINISTER,
    "deactivate_integration": ADMINISTER,
    "get_selection": READ,
    "set_selection": ADMINISTER,
    "list_inbox": READ,
    "approve_inbox_items": OPERATE,
    "ignore_inbox_items": OPERATE,
    "unignore_inbox_items": OPERATE,
    "list_entities": READ,
    "get_entity": READ,
    "change_entity": OPERATE,
    "note_attribute": OPERATE,
    "remove_attribute": OPERATE,
    "list_locations": READ,
    "create_command": (Scope.OPERATE, Role.MEMBER),
    "list_commands": READ,
    "get_command": READ,
    "list_jobs": READ,
    "get_job": READ,
    "cancel_job": OPERATE,
    "acknowledge_jobs": OPERATE,
    "unacknowledge_jobs": OPERATE,
    "list_kinds": READ,
    "add_integration": ADMINISTER,
    "change_integration": ADMINISTER,
    "pause_integration": ADMINISTER,
    "delete_integration": ADMINISTER,
    "preview_selection": READ,
    "list_offers": READ,
    "ignore_offer": OPERATE,
    "list_history": READ,
    "get_camera": READ,
    "list_recordings": READ,
    "list_runs": READ,
    "get_run": READ,
    "list_repairs": READ,
    "approve_removals": OPERATE,
    "accept_server": ADMINISTER,
    "change_state": OPERATE,
    "attach_file": OPERATE,
    "get_file": READ,
    "remove_file": OPERATE,
    "ignore_entity": OPERATE,
    "unignore_entity": OPERATE,
    "add_location": OPERATE,
    "change_location": OPERATE,
    "shift_location": OPERATE,
    "delete_location": OPERATE,
    "list_activity": READ,
    "get_system": READ,
    "get_diagnostics": ADMINISTER,
    "list_people": ADMINISTER,
    "invite_person": ADMINISTER,
    "change_person": ADMINISTER,
    "make_person_link": ADMINISTER,
    "withdraw_invitation": ADMINISTER,
    "sign_person_out": ADMINISTER,
    "list_person_sessions": ADMINISTER,
    "end_person_session": ADMINISTER,
    "revoke_person_token": ADMINISTER,
    "follow_changes": READ,
}


def list_operations() -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Name -> method, path with samples of what is not there, description."""
    schema = hi_api.get_openapi_schema(path_prefix=f"{ROOT}/")
    uuid = str(UUID(int=1))
    return {
        operation["operationId"]: (
            method.upper(),
            path.format_map(defaultdict(lambda: 1, name="filter", command_id=uuid, job_id=uuid)),
            operation,
        )
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    }


OPERATIONS = list_operations()


def ask(name: str, role: Role, scope: Scope) -> Any:
    user = User.objects.create_user(f"{role}-{scope}", role=role)
    method, path, _operation = OPERATIONS[name]
    headers = {"Authorization": f"Bearer {ApiToken.issue(user, 'tests', scope)}"}
    return Client(headers=headers).generic(method, path, json.dumps({}), "application/json")


def test_the_table_holds_every_operation() -> None:
    assert set(TABLE) == set(OPERATIONS)


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("role", Role)
def test_no_token_does_more_than_the_role_of_its_owner_allows(name: str, role: Role) -> None:
    _scope, needed = TABLE[name]
    answer = ask(name, role, Scope.ADMIN)
    may = list(Role).index(role) >= list(Role).index(needed)
    assert (answer.status_code == 403) != may
    if not may:
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["detail"] == f"This needs the role {needed}; yours is {role}."


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("scope", Scope)
def test_no_token_does_more_than_its_scope_allows(name: str, scope: Scope) -> None:
    needed, _role = TABLE[name]
    answer = ask(name, Role.ADMIN, scope)
    may = list(Scope).index(scope) >= list(Scope).index(needed)
    assert (answer.status_code == 403) != may
    if not may:
        assert answer.json()["detail"] == f"This needs a token of the scope {needed}; yours is of {scope}."
        assert answer.json()["hint"].endswith(f"SCOPE={needed}")


@pytest.mark.parametrize("name", TABLE)
def test_the_description_tells_what_an_operation_needs(name: str) -> None:
    scope, role = TABLE[name]
    described = OPERATIONS[name][2]
    assert described["description"].endswith(f"Needs the scope {scope}, of somebody with the role {role}.")
    assert (described["security"], described["x-role"]) == ([{"BearerToken": [scope]}], role)


def test_an_operation_that_names_no_permission_opens_to_nobody(token: str, rf: RequestFactory) -> None:
    with pytest.raises(ImproperlyConfigured, match="does not say"):
        BearerToken().authenticate(rf.get("/api/v1/new"), token)
    assert BearerToken().authenticate(rf.get("/api/v1/new"), "hi_wrong") is None
