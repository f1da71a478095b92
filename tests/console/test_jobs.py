"""Jobs: newest first, in pages, and one with all that is known of it."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from hi.accounts.models import User
from hi.integration import job_lists
from hi.integration.enums import IntegrationStatus, JobKind, JobStatus, JobTrigger
from hi.integration.job_lists import JobFilter
from hi.integration.models import IntegrationInstance, Job
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
    for words in (
        "asked for by you",
        "Nobody answers.",
        "Is it switched on?",
        "5 s",
        "14 s",
        "no answer",
        "<dt>New</dt>",
    ):
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
    assert 'hx-trigger="every 1000ms"' in text
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


def filled(house: IntegrationInstance, number: int, **columns: object) -> list[Job]:
    now = timezone.now()
    return [
        JobFactory(instance=house, **{"created_at": now - timedelta(minutes=index)} | columns)
        for index in range(number)
    ]


def follow(browser: Client, url: str, link: str) -> Iterator[str]:
    while url:
        text = browser.get(url).text
        yield text
        found = re.search(rf'id="{link}" href="([^"]+)"', text)
        url = unescape(found[1]) if found else ""


def test_the_way_back_shows_the_same_jobs_as_the_way_there(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hi.console.views.jobs.PAGE", 3)
    filled(InstanceFactory(), 8)
    there = [ROW.findall(text) for text in follow(browser, "/jobs/", "jobs-more")]
    *_, last = [
        url for text in follow(browser, "/jobs/", "jobs-more") for url in re.findall(r'jobs-newer" href="([^"]+)', text)
    ]
    back = [ROW.findall(text) for text in follow(browser, unescape(last), "jobs-newer")]
    assert [pk for page in back[::-1] for pk in page] == [pk for page in there[:-1] for pk in page]


def test_repeats_of_the_schedule_are_one_line_that_can_be_unfolded(browser: Client) -> None:
    house = InstanceFactory(label="House")
    filled(house, 5, trigger=JobTrigger.SCHEDULE)
    text = browser.get("/jobs/").text
    assert len(ROW.findall(text)) == 1
    assert "5 times" in text
    assert "all done" in text
    link = re.search(r'class="cover" id="job-[^"]+" href="([^"]+)"', text)
    assert link
    assert len(ROW.findall(browser.get(unescape(link[1])).text)) == 5


def test_filters_combine(browser: Client, person: User) -> None:
    house, cabin = InstanceFactory(), InstanceFactory()
    wanted = JobFactory(instance=house, kind=JobKind.TEST_CONNECTION, requested_by=person)
    JobFactory(instance=cabin, kind=JobKind.TEST_CONNECTION, requested_by=person)
    JobFactory(instance=house, kind=JobKind.TEST_CONNECTION, requested_by=UserFactory())
    JobFactory(instance=house, requested_by=person)
    JobFactory(
        instance=house, kind=JobKind.TEST_CONNECTION, requested_by=person, created_at=timezone.now() - timedelta(days=8)
    )
    given = {"kind": "test_connection", "integration": house.pk, "asked": "you", "period": "week", "status": "done"}
    assert ROW.findall(browser.get("/jobs/", given).text) == [str(wanted.pk)]


@pytest.mark.parametrize(
    "given", [{"kind": "x"}, {"integration": "9" * 30}, {"integration": "²"}, {"asked": "\0"}, {"period": "-1"}]
)
def test_a_filter_that_cannot_be_read_chooses_nothing(browser: Client, given: dict[str, str]) -> None:
    JobFactory()
    assert len(ROW.findall(browser.get("/jobs/", given).text)) == 1


def test_a_search_that_ends_early_says_so_and_goes_on(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hi.integration.job_lists.LOOK", 3)
    house = InstanceFactory()
    filled(house, 8)
    wanted = [
        JobFactory(instance=house, trigger=JobTrigger.SOURCE, created_at=timezone.now() - timedelta(hours=1)),
        *filled(InstanceFactory(), 4, trigger=JobTrigger.SOURCE),
    ]
    pages = list(follow(browser, f"/jobs/?asked=source&integration={house.pk}", "jobs-more"))
    assert "Look further back" in pages[0]
    assert [pk for text in pages for pk in ROW.findall(text)] == [str(wanted[0].pk)]


def press(browser: Client, url: str, button: str, text: str = "") -> str:
    """Send the form that holds a button, as a browser would; answers the page it leads to."""
    text = text or browser.get(url).text
    form = next(form for form in re.findall(r"<form.*?</form>", text, re.DOTALL) if f'id="{button}"' in form)
    action = re.search(r'action="([^"]*)"', form)
    assert action
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form):
        fields.setdefault(name, []).append(unescape(value))
    return browser.post(unescape(action[1]), fields, follow=True).text


def test_all_that_need_a_look_are_marked_at_once_and_taken_back(browser: Client) -> None:
    house, cabin = InstanceFactory(), InstanceFactory()
    filled(house, 3, status=JobStatus.FAILED, trigger=JobTrigger.SCHEDULE)
    filled(cabin, 2, status=JobStatus.LOST)
    url = f"/jobs/?status=look&integration={house.pk}"
    assert "Mark all 3 as seen" in browser.get(url).text
    text = press(browser, url, "mark-all")
    assert "3 jobs are marked as seen" in text
    assert job_lists.count_jobs(JobFilter(needs_look=True)) == (2, False)
    assert "3 jobs need a look again" in press(browser, url, "undo", text)
    assert job_lists.count_jobs(JobFilter(needs_look=True)) == (5, False)


def test_what_fails_after_somebody_looked_stays_unseen(browser: Client) -> None:
    house = InstanceFactory()
    filled(house, 2, status=JobStatus.FAILED)
    text = browser.get("/jobs/?status=look").text
    late = JobFactory(instance=house, status=JobStatus.FAILED, ended_at=timezone.now())
    press(browser, "/jobs/?status=look", "mark-all", text)
    assert [job.pk for job in Job.objects.filter(acknowledged_at=None)] == [late.pk]


def test_a_line_marks_all_it_tells_of_and_nothing_else(browser: Client) -> None:
    house = InstanceFactory()
    told = filled(house, 3, status=JobStatus.FAILED, trigger=JobTrigger.SCHEDULE)
    other = JobFactory(instance=house, status=JobStatus.FAILED)
    press(browser, "/jobs/?status=look", f"seen-{told[0].pk}")
    assert [job.pk for job in Job.objects.filter(acknowledged_at=None)] == [other.pk]


def test_a_poll_of_what_needs_a_look_brings_nothing_until_something_changes(browser: Client) -> None:
    filled(InstanceFactory(), 2, status=JobStatus.FAILED)
    url = re.search(r'id="jobs-live"[^>]*hx-get="([^"]+)"', browser.get("/jobs/?status=look").text)
    assert url
    assert browser.get(unescape(url[1]), headers={"HX-Request": "true"}).status_code == 204


def test_a_running_job_is_cancelled_from_its_page_and_an_ended_one_is_not(browser: Client) -> None:
    job = JobFactory(status=JobStatus.RUNNING, ended_at=None)
    page = browser.get(f"/jobs/{job.pk}/").text
    assert "cancelled" in press(browser, "", "job-cancel", page)
    job.refresh_from_db()
    assert job.status == JobStatus.CANCELLED
    assert "has ended already" in press(browser, "", "job-cancel", page)


def test_cancelling_leads_nowhere_else(browser: Client) -> None:
    job = JobFactory(status=JobStatus.RUNNING, ended_at=None)
    answer = browser.post(f"/jobs/{job.pk}/cancel", {"next": "https://evil.example/"})
    assert answer.headers["Location"] == f"/jobs/{job.pk}/"


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"attempt": 2, "losses": 1}, "Second attempt: its worker died during the first"),
        ({"attempt": 3, "losses": 2}, "Third attempt: its worker died twice"),
        ({"attempt": 2, "tries": 1}, "Second attempt: it failed once and was tried again"),
        ({"attempt": 12, "tries": 11}, "12th attempt: it failed 11 times and was tried again"),
    ],
)
def test_a_job_that_was_begun_again_says_why(browser: Client, columns: dict[str, int], words: str) -> None:
    assert words in browser.get(f"/jobs/{JobFactory(**columns).pk}/").text


def test_operators_find_trace_slot_and_log(browser: Client) -> None:
    job = JobFactory(
        trace="abc123",
        worker="worker@attic",
        slot_at=timezone.now(),
        slots=3,
        slots_missed=2,
        log=["first <line>", "last"],
    )
    text = browser.get(f"/jobs/{job.pk}/").text
    for words in ("abc123", "worker@attic", "stands for 3 slots", "2 before were missed", "first &lt;line&gt;\nlast"):
        assert words in text
