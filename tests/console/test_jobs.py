"""Jobs: newest first, in pages, and one with all that is known of it."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from hi.accounts.models import User
from hi.integration.enums import IntegrationStatus, JobKind, JobStatus, JobTrigger
from hi.integration.models import Job
from tests.factories import InstanceFactory, JobFactory, UserFactory

pytestmark = pytest.mark.database
ROW = re.compile(r'id="job-([0-9a-f-]{36})"')


def test_without_any_job_the_page_says_what_would_be_here(browser: Client) -> None:
    assert "No jobs yet" in browser.get("/jobs/").text


def test_pages_have_no_holes_and_no_doubles(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hi.console.views.jobs.PAGE", 3)
    house, now = InstanceFactory(), timezone.now()
    for number in range(10):  # three at a time share their moment
        JobFactory(instance=house, created_at=now - timedelta(seconds=number // 3))
    url, seen = "/jobs/", []
    while url:
        text = browser.get(url).text
        seen += ROW.findall(text)
        more = re.search(r'id="jobs-more" href="([^"]+)"', text)
        url = more[1].replace("&amp;", "&") if more else ""
    assert seen == [str(pk) for pk in Job.objects.order_by("-created_at", "id").values_list("pk", flat=True)]


@pytest.mark.parametrize("after", ["x", "2026-01-01_x", "2026-01-01T00:00:00_" + "0" * 32, "\0_"])
def test_an_unreadable_place_to_go_on_begins_at_the_beginning(browser: Client, after: str) -> None:
    JobFactory()
    assert len(ROW.findall(browser.get("/jobs/", {"after": after}).text)) == 1


def test_a_status_selects(browser: Client) -> None:
    house = InstanceFactory()
    kept = [JobFactory(instance=house, status=status) for status in (JobStatus.FAILED, JobStatus.LOST)]
    JobFactory(instance=house)
    assert set(ROW.findall(browser.get("/jobs/", {"status": "failed"}).text)) == {str(job.pk) for job in kept}
    assert len(ROW.findall(browser.get("/jobs/", {"status": "nonsense"}).text)) == 3


def test_a_poll_brings_nothing_until_something_changes(browser: Client) -> None:
    job = JobFactory(message="First words.")
    url = re.search(r'id="jobs-live"[^>]*hx-get="([^"]+)"', browser.get("/jobs/?status=done").text)
    assert url
    poll = url[1].replace("&amp;", "&")
    assert browser.get(poll, headers={"HX-Request": "true"}).status_code == 204
    Job.objects.filter(pk=job.pk).update(message="Other words.")
    assert "Other words." in browser.get(poll, headers={"HX-Request": "true"}).text


def test_one_job_tells_who_asked_how_long_and_how_it_ended(browser: Client, person: User) -> None:
    now = timezone.now()
    job = JobFactory(
        requested_by=person,
        status=JobStatus.FAILED,
        created_at=now - timedelta(seconds=20),
        started_at=now - timedelta(seconds=15),
        ended_at=now - timedelta(seconds=1),
        message="Nobody answers.",
        hint="Is it switched on?",
        error="Traceback: <secret place>",
        steps=[{"name": "Reach", "status": "failed", "message": "no answer", "hint": "", "milliseconds": 5000}],
        result={"created": 3},
    )
    text = browser.get(f"/jobs/{job.pk}/").text
    for words in ("asked for by you", "Nobody answers.", "Is it switched on?", "5 s", "14 s", "no answer", "Created"):
        assert words in text
    assert "Traceback: &lt;secret place&gt;" in text
    assert "hx-trigger" not in text


@pytest.mark.parametrize(
    ("kind", "status", "button"),
    [
        (JobKind.SYNC, IntegrationStatus.DEGRADED, "Sync again"),
        (JobKind.SYNC, IntegrationStatus.INACTIVE, ""),
        (JobKind.TEST_CONNECTION, IntegrationStatus.INACTIVE, "Test again"),
        (JobKind.ACTIVATE, IntegrationStatus.FAILED, "Try again"),
        (JobKind.ACTIVATE, IntegrationStatus.ACTIVE, ""),
        (JobKind.DELETE, IntegrationStatus.FAILED, ""),
    ],
)
def test_a_job_that_went_wrong_can_be_asked_for_again(
    browser: Client, porch: str, kind: JobKind, status: IntegrationStatus, button: str
) -> None:
    house = InstanceFactory(integration_type=porch, status=status)
    lost = JobFactory(instance=house, kind=kind, status=JobStatus.LOST)
    told = re.search(r'id="job-again"[^>]*>([^<]+)<', browser.get(f"/jobs/{lost.pk}/").text)
    assert (told[1] if told else "") == button
    done = JobFactory(instance=house, kind=kind)
    assert "job-again" not in browser.get(f"/jobs/{done.pk}/").text


def test_an_open_job_is_followed(browser: Client) -> None:
    job = JobFactory(status=JobStatus.RUNNING, ended_at=None, done=1, total=4, phase="Read", message="Reading.")
    text = browser.get(f"/jobs/{job.pk}/").text
    assert 'hx-trigger="every 1s"' in text
    assert "1 of 4" in text
    assert "Reading." in text


@pytest.mark.parametrize(
    ("trigger", "words"),
    [(JobTrigger.SCHEDULE, "the schedule"), (JobTrigger.SOURCE, "the source"), (JobTrigger.USER, "hi")],
)
def test_what_asked_for_a_job_has_a_name(browser: Client, trigger: JobTrigger, words: str) -> None:
    assert f"by {words}" in browser.get(f"/jobs/{JobFactory(trigger=trigger).pk}/").text


def test_somebody_else_is_named(browser: Client) -> None:
    job = JobFactory(requested_by=UserFactory(username="bert"))
    assert "asked for by bert" in browser.get(f"/jobs/{job.pk}/").text


def test_a_job_outlives_what_it_deleted(browser: Client) -> None:
    job = JobFactory(kind=JobKind.DELETE, instance=None, subject="Old house")
    assert "Delete Old house" in browser.get(f"/jobs/{job.pk}/").text


def test_a_job_that_never_was_is_a_missing_page(browser: Client) -> None:
    assert browser.get("/jobs/00000000-0000-0000-0000-000000000001/").status_code == 404
