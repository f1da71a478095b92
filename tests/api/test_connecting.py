"""Programs connect, change and let go what people do with pages."""

from typing import Any

import pytest
from django.test import Client
from django.utils.dateparse import parse_datetime

from hi.integration import configuration
from hi.integration.enums import DesiredState, IntegrationStatus, JobKind, RepairKind
from hi.integration.models import AuditEntry, IntegrationInstance, Job, Repair, SyncRun
from tests.api.world import ROOT, make_instance, read_pages
from tests.factories import RepairFactory

pytestmark = pytest.mark.database
TOKEN = "a-token-that-nobody-may-read"


def send(api: Client, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    return getattr(api, method)(f"{ROOT}{path}", body or {}, content_type="application/json")


def kind(api: Client) -> dict[str, Any]:
    found: dict[str, Any] = api.get(f"{ROOT}/integrations/kinds").json()[0]
    return found


def connect(api: Client, **more: Any) -> Any:
    settings = {
        setting["key"]: TOKEN if setting["type"] == "secret" else "http://192.0.2.7:8123"
        for setting in kind(api)["settings"]
        if setting["required"]
    }
    return send(
        api,
        "post",
        "/integrations",
        {"integration_type": kind(api)["integration_type"], "label": "House", "settings": settings, **more},
    )


def test_a_kind_tells_what_it_asks_for(api: Client) -> None:
    found = kind(api)
    assert {setting["type"] for setting in found["settings"]} >= {"url", "secret"}
    assert any(setting["required"] for setting in found["settings"])


def test_a_system_is_connected_by_a_job_that_names_it(api: Client) -> None:
    answer = connect(api)
    job = answer.json()
    assert (answer.status_code, job["kind"]) == (202, JobKind.ACTIVATE)
    assert answer["Location"] == f"{ROOT}/jobs/{job['id']}"
    one = api.get(f"{ROOT}/integrations/{job['integration_id']}").json()
    assert (one["label"], one["status"], one["is_draft"]) == ("House", IntegrationStatus.ACTIVATING, False)
    assert one["secrets"]
    assert TOKEN not in str(one)
    instance = IntegrationInstance.objects.get(pk=one["id"])
    assert TOKEN in configuration.read_configuration(instance).values()


def test_its_settings_can_be_tried_before_it_is_activated(api: Client) -> None:
    job = connect(api, activate=False).json()
    assert job["kind"] == JobKind.TEST_CONNECTION
    assert api.get(f"{ROOT}/integrations").json()["items"] == []
    path = f"/integrations/{job['integration_id']}"
    assert send(api, "patch", path, {"label": "Cabin"}).json()["label"] == "Cabin"
    assert send(api, "post", f"{path}/activate").status_code == 202
    assert [one["label"] for one in api.get(f"{ROOT}/integrations").json()["items"]] == ["Cabin"]


def test_of_two_drafts_of_one_name_the_second_needs_another(api: Client) -> None:
    first, second = (f"/integrations/{connect(api, activate=False).json()['integration_id']}" for _draft in range(2))
    assert send(api, "post", f"{first}/activate").status_code == 202
    for refused in (send(api, "post", f"{second}/activate"), send(api, "patch", second, {"label": "House"})):
        assert (refused.status_code, refused.json()["field"]) == (422, "label")
        assert "There is a “House” already" in refused.json()["detail"]
    draft = api.get(f"{ROOT}{second}").json()
    assert (draft["is_draft"], draft["status"]) == (True, IntegrationStatus.INACTIVE)
    assert send(api, "patch", second, {"label": "Cabin"}).status_code == 200
    assert send(api, "post", f"{second}/activate").status_code == 202


def test_what_cannot_be_right_is_refused_with_its_field_and_nothing_is_stored(api: Client) -> None:
    answer = connect(api, settings={"url": "ftp://house"})
    assert (answer.status_code, answer.json()["field"]) == (422, "url")
    answer = connect(api, integration_type="spaceship")
    assert (answer.status_code, answer.json()["field"]) == (422, "integration_type")
    assert not IntegrationInstance.objects.exists()


def test_it_is_changed_as_a_whole_or_not_at_all(api: Client) -> None:
    path = f"/integrations/{connect(api).json()['integration_id']}"
    change = {"label": "Cabin", "sync_interval_seconds": 3600, "removal_policy": "keep"}
    one = send(api, "patch", path, change).json()
    assert {field: one[field] for field in change} == change
    answer = send(api, "patch", path, {"label": "Barn", "sync_interval_seconds": 1})
    assert (answer.status_code, answer.json()["field"]) == (422, "sync_interval_seconds")
    answer = send(api, "patch", path, {"label": "Barn", "settings": {"tokn": "x"}})
    assert (answer.status_code, answer.json()["field"]) == (422, "settings")
    assert api.get(f"{ROOT}{path}").json()["label"] == "Cabin"


def test_a_secret_that_is_left_out_stays(api: Client) -> None:
    job = connect(api).json()
    send(api, "patch", f"/integrations/{job['integration_id']}", {"settings": {"url": "http://192.0.2.7:8123/"}})
    instance = IntegrationInstance.objects.get(pk=job["integration_id"])
    assert TOKEN in configuration.read_configuration(instance).values()
    assert not AuditEntry.objects.filter(after__contains=TOKEN).exists()


def test_it_rests_and_it_goes(api: Client) -> None:
    instance = make_instance()
    paused = send(api, "post", f"/integrations/{instance.pk}/pause").json()
    assert (paused["status"], paused["desired_state"]) == (IntegrationStatus.PAUSED, DesiredState.PAUSED)
    gone = send(api, "delete", f"/integrations/{instance.pk}")
    assert (gone.status_code, gone.json()["kind"]) == (202, JobKind.DELETE)
    assert Job.objects.filter(instance=instance, kind=JobKind.DELETE).exists()


def test_removals_are_approved_only_as_they_were_seen(api: Client) -> None:
    instance = make_instance()
    keys = [["entity", "lamp", "Lamp"]]
    repair = RepairFactory(instance=instance, kind=RepairKind.REMOVAL_REVIEW, data={"keys": keys})
    (told,) = api.get(f"{ROOT}/repairs", {"integration": instance.pk}).json()["items"]
    assert (told["items"], told["setting"]) == (["Lamp"], None)
    path = f"/repairs/{repair.pk}/approve"
    assert send(api, "post", path, {"seen_at": "2020-01-01T00:00:00+00:00"}).status_code == 409
    job = send(api, "post", path, {"seen_at": told["updated_at"]})
    assert job.status_code == 202
    assert Job.objects.get(pk=job.json()["id"]).arguments == {"approved": [["entity", "lamp"]]}


def test_another_server_is_accepted_once(api: Client) -> None:
    repair = RepairFactory(
        instance=make_instance(status=IntegrationStatus.FAILED),
        kind=RepairKind.SERVER_CHANGED,
        data={"server_id": "new", "twin": None},
    )
    assert send(api, "post", f"/repairs/{repair.pk}/accept").json()["kind"] == JobKind.ACTIVATE
    assert api.get(f"{ROOT}/repairs").json()["items"] == []
    assert send(api, "post", f"/repairs/{repair.pk}/accept").status_code == 409


def test_open_repairs_are_read_in_pages(api: Client) -> None:
    made = [RepairFactory(instance=make_instance(str(number))).pk for number in range(5)]
    Repair.objects.filter(pk=made[1]).update(closed_at=parse_datetime("2026-11-23T12:00:00Z"))
    pages = [[item["id"] for item in page] for page in read_pages(api, "/repairs", limit=2)]
    assert pages == [[made[0], made[2]], made[3:]]


def test_syncs_are_read_in_pages_newest_first(api: Client) -> None:
    instance = make_instance()
    runs = [SyncRun.objects.create(instance=instance, created=number).pk for number in range(3)]
    pages = [[item["id"] for item in page] for page in read_pages(api, f"/integrations/{instance.pk}/runs", limit=2)]
    assert pages == [runs[:0:-1], runs[:1]]
    one = api.get(f"{ROOT}/integrations/{instance.pk}/runs/{runs[2]}").json()
    assert (one["created"], one["outcome"]) == (2, "applied")
    assert api.get(f"{ROOT}/integrations/{make_instance().pk}/runs/{runs[2]}").status_code == 404


def test_deeds_are_told_with_who_did_them(api: Client) -> None:
    instance = make_instance()
    send(api, "patch", f"/integrations/{instance.pk}", {"label": "Cabin"})
    (deed,) = api.get(f"{ROOT}/activity", {"integration": instance.pk}).json()["items"]
    assert (deed["verb"], deed["before"], deed["after"]) == ("renamed", "House", "Cabin")
    assert deed["who"]


def test_hi_says_whether_it_is_well(api: Client) -> None:
    told = api.get(f"{ROOT}/system").json()
    assert told["level"] in {"ok", "warn", "bad"}
    assert {finding["subject"] for finding in told["findings"]} >= {"Processes"}
