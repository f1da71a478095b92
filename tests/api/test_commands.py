from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from hi.accounts.models import ApiToken, User
from hi.accounts.roles import Role
from hi.entity.enums import ControlType
from hi.entity.models import Controller, EntityState
from hi.integration.enums import CommandStatus, DesiredState, IntegrationStatus
from hi.integration.models import Command, IntegrationInstance
from tests.api.world import NOON, ROOT, make_entity, make_instance, read_pages

pytestmark = pytest.mark.database
PATH = f"{ROOT}/commands"


@pytest.fixture
def lamp() -> EntityState:
    return make_lamp()


def make_lamp(**controller: Any) -> EntityState:
    state: EntityState = make_entity("Hall lamp", make_instance(integration_type="hass")).states.get(is_primary=True)
    Controller.objects.create(**{"state": state, "control": ControlType.TOGGLE} | controller)
    return state


def post(api: Client, body: dict[str, Any], **headers: str) -> Any:
    return api.post(PATH, body, content_type="application/json", headers=headers)


def test_a_command_is_accepted_and_told_where_its_location_says(api: Client, lamp: EntityState) -> None:
    answer = post(api, {"state": lamp.pk, "value": "off"})
    assert answer.status_code == 202
    told = answer.json()
    assert answer["Location"] == f"{PATH}/{told['id']}"
    assert api.get(answer["Location"]).json() == told
    assert {
        name: told[name] for name in ("state_id", "subject", "value", "value_before", "requested_by", "status")
    } == {
        "state_id": lamp.pk,
        "subject": "Hall lamp",
        "value": "off",
        "value_before": "on",
        "requested_by": "anna",
        "status": "REQUESTED",
    }


def test_the_outcome_is_told(api: Client, lamp: EntityState) -> None:
    told = post(api, {"state": lamp.pk, "value": "off"}).json()
    Command.objects.update(status=CommandStatus.FAILED, ended_at=NOON, message="It has no power.", hint="Plug it in.")
    told = api.get(f"{PATH}/{told['id']}").json()
    assert [told[name] for name in ("status", "ended_at", "message", "hint")] == [
        "FAILED",
        "2026-11-23T12:00:00.000000Z",
        "It has no power.",
        "Plug it in.",
    ]


def test_asked_twice_with_the_same_key_it_is_one_command(api: Client, lamp: EntityState) -> None:
    body = {"state": lamp.pk, "value": "off"}
    first, second = (post(api, body, **{"Idempotency-Key": "click-1"}) for _time in range(2))
    assert second.status_code == 202
    assert first.json() == second.json()
    third = post(api, {**body, "value": "on"}, **{"Idempotency-Key": "click-1"})
    assert (third.status_code, third.json()["field"]) == (422, "Idempotency-Key")
    assert Command.objects.count() == 1


def test_without_a_key_each_request_is_a_command(api: Client, lamp: EntityState) -> None:
    for _time in range(2):
        post(api, {"state": lamp.pk, "value": "off"})
    assert Command.objects.count() == 2


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"value": "dim"}, "value"),
        ({"value": "off", "code": "1234"}, "code"),
        ({"value": "o" * 300}, "value"),
        ({"value": "off\0"}, "value"),
        ({"value": True}, "value"),
        ({}, "value"),
    ],
)
def test_what_cannot_be_asked_for_is_a_problem_that_names_the_field(
    api: Client, lamp: EntityState, body: dict[str, Any], field: str
) -> None:
    answer = post(api, {"state": lamp.pk, **body})
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert not Command.objects.exists()


def test_a_key_that_is_too_long_is_refused(api: Client, lamp: EntityState) -> None:
    answer = post(api, {"state": lamp.pk, "value": "off"}, **{"Idempotency-Key": "k" * 65})
    assert (answer.status_code, answer.json()["field"]) == (422, "Idempotency-Key")


def test_a_token_that_was_not_made_for_it_sets_nothing_and_reads_all(user: User, lamp: EntityState) -> None:
    reader = Client(headers={"Authorization": f"Bearer {ApiToken.issue(user, 'dashboard')}"})
    answer = post(reader, {"state": lamp.pk, "value": "off"})
    detail = "This needs a token of the scope operate; yours is of read."
    assert (answer.status_code, answer.json()["detail"]) == (403, detail)
    assert "SCOPE=operate" in answer.json()["hint"]
    assert not Command.objects.exists()
    assert reader.get(PATH).status_code == 200


@pytest.mark.parametrize(("role", "status"), [(Role.VIEWER, 403), (Role.MEMBER, 403), (Role.OPERATOR, 202)])
def test_what_asks_first_is_set_by_operators_alone(
    api: Client, user: User, lamp: EntityState, role: Role, status: int
) -> None:
    User.objects.filter(pk=user.pk).update(role=role)
    Controller.objects.filter(state=lamp).update(asks_first=True)
    answer = post(api, {"state": lamp.pk, "value": "off"})
    assert answer.status_code == status
    assert Command.objects.exists() == (status == 202)
    if status == 403:
        assert answer.json()["hint"] == "An admin can give you another role."


def test_a_state_that_is_not_there_is_not_found(api: Client) -> None:
    assert post(api, {"state": 4711, "value": "on"}).status_code == 404
    assert api.get(f"{PATH}/{uuid4()}").status_code == 404


def test_what_cannot_be_done_now_is_a_conflict(api: Client, lamp: EntityState) -> None:
    IntegrationInstance.objects.update(desired_state=DesiredState.PAUSED, status=IntegrationStatus.PAUSED)
    answer = post(api, {"state": lamp.pk, "value": "off"})
    assert answer.status_code == 409
    assert answer.json()["detail"] == "House is paused, so nothing can be set there."


def test_a_code_is_asked_for_and_never_told(api: Client) -> None:
    door = make_lamp(control=ControlType.LOCK, options=["locked", "unlocked"], code_format="number")
    assert post(api, {"state": door.pk, "value": "unlocked"}).json()["field"] == "code"
    answer = post(api, {"state": door.pk, "value": "unlocked", "code": "471100"})
    assert b"471100" not in answer.content
    assert Command.objects.get().code not in api.get(PATH).content.decode()


def test_commands_are_listed_in_pages_and_by_state(api: Client, lamp: EntityState) -> None:
    other = make_lamp()
    for _time in range(3):
        post(api, {"state": lamp.pk, "value": "off"})
    post(api, {"state": other.pk, "value": "off"})
    pages = list(read_pages(api, "/commands", limit=3))
    assert [len(page) for page in pages] == [3, 1]
    listed = [command["id"] for page in pages for command in page]
    assert sorted(listed) == sorted(str(pk) for pk in Command.objects.values_list("pk", flat=True))
    assert [one["state_id"] for one in api.get(PATH, {"state": other.pk}).json()["items"]] == [other.pk]
    assert api.get(PATH, {"sate": other.pk}).status_code == 422
