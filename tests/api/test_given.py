"""What nobody means to send, and programs send all the same, is refused with its reason; found by `make test-api`."""

from typing import Any

import pytest
from django.test import Client

from hi.integration.models import Job
from tests.api.world import ROOT, make_entity, make_instance, make_job

pytestmark = pytest.mark.database

NO_OBJECTS = ["[null, null]", "[]", '"text"', "7", "true", "null"]
BODIES = [
    ("put", "/integrations/{instance}/selection"),
    ("post", "/integrations/{instance}/selection/preview"),
    ("patch", "/integrations/{instance}"),
    ("patch", "/entities/{entity}"),
    ("post", "/jobs/acknowledge"),
    ("patch", "/people/{person}"),
]


def send(api: Client, method: str, path: str, body: Any) -> Any:
    return getattr(api, method)(ROOT + path, body, content_type="application/json")


def assert_refused(response: Any, field: str | None = None) -> None:
    assert response.status_code == 422, response.content
    assert response["Content-Type"] == "application/problem+json"
    assert field in (None, response.json()["field"])


@pytest.mark.parametrize("body", NO_OBJECTS)
@pytest.mark.parametrize(("method", "path"), BODIES)
def test_a_body_that_is_no_object_is_not_taken_for_an_empty_one(
    api: Client, user: Any, method: str, path: str, body: str
) -> None:
    house = make_instance()
    there = {"instance": house.pk, "entity": make_entity("Lamp", house).pk, "person": user.pk}
    assert_refused(send(api, method, path.format(**there), body))


def test_a_misspelt_member_does_not_widen_what_is_asked_for(api: Client) -> None:
    failed = make_job(status="FAILED")
    assert_refused(send(api, "post", "/jobs/acknowledge", {"id": [str(failed.pk)]}), "id")
    assert Job.objects.get().acknowledged_at is None


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("post", "/commands", {"state": "7", "value": "on"}, "state"),
        ("post", "/commands", {"state": True, "value": "on"}, "state"),
        ("post", "/jobs/unacknowledge", {"acknowledged_at": 0}, "acknowledged_at"),
        ("post", "/jobs/unacknowledge", {"acknowledged_at": "0"}, "acknowledged_at"),
        ("post", "/jobs/acknowledge", {"seen_at": "0001-01-01T00:00:00+23:00"}, "seen_at"),
        ("post", "/jobs/acknowledge", {"integration": "7"}, "integration"),
    ],
)
def test_a_value_of_another_type_is_not_guessed_at(
    api: Client, method: str, path: str, body: dict[str, Any], field: str
) -> None:
    assert_refused(send(api, method, path, body), field)


@pytest.mark.parametrize("since", ["0", "0.5", "2026-11-23", "0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59-23:00"])
def test_a_moment_is_a_date_with_its_time_and_zone(api: Client, since: str) -> None:
    assert_refused(api.get(f"{ROOT}/jobs", {"since": since}), "since")


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("post", "/integrations", {"integration_type": "hass", "settings": {"url": "{text}"}}),
        ("post", "/integrations", {"integration_type": "hass", "settings": {"{text}": "x"}}),
        ("post", "/integrations", {"integration_type": "{text}", "settings": {}}),
        ("patch", "/entities/{entity}", {"name": "{text}"}),
        ("patch", "/entities/{entity}", {"notes": "{text}"}),
        ("put", "/entities/{entity}/attributes/colour", {"value": "{text}"}),
        ("post", "/locations", {"name": "{text}"}),
        ("post", "/people", {"name": "{text}"}),
        ("put", "/integrations/{instance}/selection", {"things": ["{text}"]}),
        ("post", "/integrations/{instance}/offers/ignore", {"key": "{text}"}),
        ("post", "/commands", {"state": 1, "value": "{text}"}),
    ],
)
def test_text_that_no_database_keeps_is_refused(
    api: Client, method: str, path: str, body: dict[str, Any], text: str
) -> None:
    house = make_instance()
    lamp = make_entity("Lamp", house)

    def fill(part: Any) -> Any:
        if isinstance(part, str):
            return part.replace("{text}", text)
        if isinstance(part, dict):
            return {fill(key): fill(value) for key, value in part.items()}
        return [fill(one) for one in part] if isinstance(part, list) else part

    assert_refused(send(api, method, path.format(instance=house.pk, entity=lamp.pk), fill(body)))


@pytest.mark.parametrize("name", ["a%00b", "%0A", "a" * 500])
@pytest.mark.parametrize("method", ["put", "delete"])
def test_a_name_in_the_address_that_nobody_could_write_is_refused(api: Client, method: str, name: str) -> None:
    lamp = make_entity("Lamp", make_instance())
    response = send(api, method, f"/entities/{lamp.pk}/attributes/{name}", {"value": "red"})
    assert response.status_code in (404, 422), response.content
