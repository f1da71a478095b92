from datetime import timedelta
from typing import Any
from unittest.mock import ANY

import pytest
from django.test import Client
from django.utils.dateparse import parse_datetime

from hi.accounts.models import User
from hi.integration import configuration, schedules
from hi.integration.enums import BreakerState, DesiredState, IntegrationStatus, JobKind, JobStatus
from hi.integration.integration_factory import get_integration_gateway
from hi.integration.models import IntegrationAttribute, IntegrationInstance, Job
from tests.api.world import NOON, ROOT, make_entity, make_instance, read_pages

pytestmark = pytest.mark.database


def test_an_integration_tells_what_it_is_and_how_it_is(api: Client) -> None:
    instance = make_instance(
        is_demo=True,
        source_version="2026.11.1",
        last_sync_at=NOON,
        live_since=NOON + timedelta(seconds=1, microseconds=500),
        sync_interval_seconds=300,
    )
    make_entity("Lamp", instance)
    assert api.get(f"{ROOT}/integrations").json() == {
        "items": [
            {
                "id": instance.pk,
                "label": "House",
                "integration_type": "absent",
                "integration_label": "absent",
                "status": "ACTIVE",
                "reason": "",
                "since": "2026-11-23T12:00:00.000000Z",
                "desired_state": "ACTIVE",
                "is_demo": True,
                "is_live": True,
                "live_since": "2026-11-23T12:00:01.000500Z",
                "last_sync_at": "2026-11-23T12:00:00.000000Z",
                "next_sync_at": None,
                "sync_interval_seconds": 300,
                "entity_count": 1,
                "state_count": 2,
                "source_version": "2026.11.1",
                "breaker_state": "closed",
            }
        ],
        "next": None,
    }


def test_one_integration_reads_as_in_the_list(api: Client) -> None:
    instance = make_instance(status=IntegrationStatus.DEGRADED, reason="It is slow.", breaker_state=BreakerState.OPEN)
    alone = api.get(f"{ROOT}/integrations/{instance.pk}").json()
    listed = api.get(f"{ROOT}/integrations").json()["items"][0]
    assert {field: alone[field] for field in listed} == listed
    assert (alone["reason"], alone["breaker_state"], alone["is_live"]) == ("It is slow.", "open", False)


def test_the_next_sync_is_the_schedules(api: Client) -> None:
    instance = make_instance()
    schedules.schedule(instance)
    told = parse_datetime(api.get(f"{ROOT}/integrations/{instance.pk}").json()["next_sync_at"])
    assert told == schedules.next_run_at(instance)


def test_no_setting_appears(api: Client) -> None:
    instance = make_instance()
    IntegrationAttribute.objects.create(instance=instance, integration_attr_key="token", value="canary", is_secret=True)
    assert "canary" not in api.get(f"{ROOT}/integrations").content.decode()


def test_drafts_are_in_no_list_and_do_nothing_but_be_tried(api: Client) -> None:
    draft = make_instance(is_draft=True)
    assert api.get(f"{ROOT}/integrations").json()["items"] == []
    assert api.get(f"{ROOT}/integrations/{draft.pk}").json()["is_draft"]
    for deed in ("sync", "pause", "deactivate"):
        assert api.post(f"{ROOT}/integrations/{draft.pk}/{deed}").status_code == 404


def test_pages_follow_without_holes_or_doubles(api: Client) -> None:
    ids = [make_instance(label).pk for label in ("C", "A", "E", "B", "D")]
    pages = list(read_pages(api, "/integrations", limit=2))
    assert [[item["id"] for item in page] for page in pages] == [ids[:2], ids[2:4], ids[4:]]


def test_the_number_of_statements_does_not_grow(api: Client, django_assert_max_num_queries: Any) -> None:
    make_instance()
    api.get(f"{ROOT}/integrations")  # notes the use of the token
    for number in range(20):
        make_entity(f"Lamp {number}", make_instance(f"House {number}"))
    with django_assert_max_num_queries(5):
        assert len(api.get(f"{ROOT}/integrations").json()["items"]) == 21


@pytest.mark.parametrize(
    ("action", "kind"),
    [("sync", JobKind.SYNC), ("test", JobKind.TEST_CONNECTION), ("deactivate", JobKind.DEACTIVATE)],
)
def test_an_action_is_accepted_with_its_job(api: Client, user: User, porch: str, action: str, kind: JobKind) -> None:
    instance = make_instance(integration_type=porch)
    response = api.post(f"{ROOT}/integrations/{instance.pk}/{action}")
    assert response.status_code == 202
    job = Job.objects.get()
    assert (job.kind, job.requested_by, job.instance) == (kind, user, instance)
    body = response.json()
    assert (body["id"], body["kind"], body["status"]) == (str(job.pk), kind, JobStatus.QUEUED)
    assert body["message"] == "Waiting for a worker."
    assert response["Location"] == f"/api/v1/jobs/{job.pk}"
    assert api.get(response["Location"]).json() == {**body, "wait_seconds": ANY}  # it waits longer by now


def test_activating_is_accepted_with_its_job(api: Client, user: User, porch: str) -> None:
    instance = make_instance(
        integration_type=porch, desired_state=DesiredState.INACTIVE, status=IntegrationStatus.INACTIVE
    )
    given = {"url": "http://porch.local", "token": "x"}
    configuration.write_configuration(instance, get_integration_gateway(porch).settings, given)
    response = api.post(f"{ROOT}/integrations/{instance.pk}/activate")
    assert response.status_code == 202
    assert response["Location"] == f"/api/v1/jobs/{response.json()['id']}"
    assert Job.objects.get().requested_by == user
    assert IntegrationInstance.objects.get().status == IntegrationStatus.ACTIVATING


def test_a_second_request_answers_with_the_job_that_already_waits(api: Client, porch: str) -> None:
    path = f"{ROOT}/integrations/{make_instance(integration_type=porch).pk}/sync"
    assert api.post(path)["Location"] == api.post(path)["Location"]


def test_a_missing_setting_is_named(api: Client, porch: str) -> None:
    instance = make_instance(integration_type=porch, status=IntegrationStatus.INACTIVE)
    response = api.post(f"{ROOT}/integrations/{instance.pk}/activate")
    assert response.status_code == 422
    assert response.json() == {
        "type": "about:blank",
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": "Address is missing. Access token is missing.",
        "field": "url",
    }
    assert not Job.objects.exists()


def test_what_cannot_be_done_now_is_a_conflict(api: Client, porch: str) -> None:
    instance = make_instance(
        integration_type=porch, status=IntegrationStatus.INACTIVE, desired_state=DesiredState.INACTIVE
    )
    response = api.post(f"{ROOT}/integrations/{instance.pk}/sync")
    assert response.status_code == 409
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["hint"] == "Activate it first."
    assert api.post(f"{ROOT}/integrations/{instance.pk}/deactivate").status_code == 409


def test_an_integration_whose_folder_has_gone_cannot_be_activated(api: Client) -> None:
    instance = make_instance(status=IntegrationStatus.INACTIVE)
    response = api.post(f"{ROOT}/integrations/{instance.pk}/activate")
    assert response.status_code == 409
    assert "not installed" in response.json()["detail"]
