"""The syncs of an integration: page by page, and each with all that is known of it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from hi.console.views import runs
from hi.integration.enums import BreakerState, IntegrationStatus, JobKind, JobStatus, RunOutcome
from hi.integration.models import IntegrationInstance
from tests.factories import InstanceFactory, JobFactory, RepairFactory, RunFactory

pytestmark = pytest.mark.database
CAUSE = "porch.local does not answer on port 80."


def visible(text: str) -> str:
    """What is read without unfolding anything."""
    return re.sub(r"<details.*?</details>", "", text, flags=re.DOTALL)


def test_pages_of_runs_follow_on_each_other_without_a_gap(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "PAGE", 2)
    house = InstanceFactory()
    at = timezone.now()
    made = [RunFactory(instance=house, started_at=at) for _number in range(5)]
    RunFactory(started_at=at)  # of another house
    url: str | None = f"/integrations/{house.pk}/runs/"
    seen: list[int] = []
    while url:
        text = browser.get(url).text
        seen += [int(pk) for pk in re.findall(r'id="run-(\d+)"', text)]
        older = re.search(r'id="runs-older" href="([^"]+)"', text)
        url = older[1].replace("&amp;", "&") if older else None
    assert seen == [run.pk for run in reversed(made)]


def test_a_run_tells_what_it_found_and_what_it_could_not_read(browser: Client) -> None:
    left = [{"kind": "entity", "key": "lamp-7", "path": "devices[3].name", "message": "is not a text"}]
    run = RunFactory(created=3, updated=5, kept_names=2, quarantined=left, message="3 new, 5 changed.")
    text = browser.get(f"/integrations/{run.instance_id}/runs/{run.pk}/").text
    for words in ("3 new, 5 changed.", "lamp-7", "devices[3].name", "is not a text", "names kept yours"):
        assert words in text
    assert f'href="/jobs/{run.job_id}/"' in text


def test_a_run_is_found_at_its_own_integration_only(browser: Client) -> None:
    run, other = RunFactory(), InstanceFactory()
    assert browser.get(f"/integrations/{other.pk}/runs/{run.pk}/").status_code == 404
    assert browser.get("/integrations/0/runs/").status_code == 404


def test_a_failure_with_the_same_reason_again_says_only_that(browser: Client) -> None:
    house = InstanceFactory()
    for minutes in (3, 2, 1):
        at = timezone.now() - timedelta(minutes=minutes)
        RunFactory(instance=house, outcome=RunOutcome.FAILED, message=CAUSE, started_at=at)
    text = browser.get(f"/integrations/{house.pk}/runs/").text
    assert text.count(CAUSE) == 1
    assert text.count("For the same reason.") == 2


@pytest.mark.parametrize(
    "columns",
    [
        {"status": IntegrationStatus.FAILED, "reason": CAUSE},
        {"status": IntegrationStatus.AUTH_FAILED, "reason": CAUSE},
        {"status": IntegrationStatus.DEGRADED, "reason": CAUSE, "sync_error": CAUSE},
        {
            "status": IntegrationStatus.DEGRADED,
            "reason": f"Syncs pause after repeated failures. {CAUSE}",
            "sync_error": CAUSE,
            "breaker_state": BreakerState.OPEN,
            "breaker_opened_at": timezone.now(),
        },
        {
            "status": IntegrationStatus.DEGRADED,
            "reason": CAUSE,
            "live_error": CAUSE,
            "live_since": None,
            "live_lost_at": timezone.now(),
        },
    ],
)
def test_a_cause_is_told_once_and_its_steps_are_one_click_away(
    browser: Client, porch: str, columns: dict[str, Any]
) -> None:
    house: IntegrationInstance = InstanceFactory(integration_type=porch, **columns)
    if house.status == IntegrationStatus.AUTH_FAILED:
        RepairFactory(instance=house, cause=f"House refused: {CAUSE}")
    failed = house.status in (IntegrationStatus.FAILED, IntegrationStatus.AUTH_FAILED)
    job = JobFactory(
        instance=house,
        kind=JobKind.ACTIVATE if failed else JobKind.SYNC,
        status=JobStatus.FAILED,
        message=CAUSE,
        hint="Is it switched on?",
        steps=[{"name": "Reach", "status": "failed", "message": CAUSE}],
    )
    if not failed:
        RunFactory(instance=house, job=job, outcome=RunOutcome.FAILED, message=CAUSE)
        RunFactory(instance=house, job=None, outcome=RunOutcome.FAILED, message=CAUSE)
    text = browser.get(f"/integrations/{house.pk}/").text
    assert visible(text).count(CAUSE) == 1
    assert "Is it switched on?" in visible(text)
    assert re.search(r"<details id=\"steps-.*?What hi tried.*?Reach.*?</details>", text, re.DOTALL)
