"""Adding an integration: choose, enter, check, start."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from hi.integration import configuration
from hi.integration.enums import IntegrationStatus, JobKind, JobStatus
from hi.integration.models import IntegrationInstance, Job
from hi.integration.quality.rules import Tier
from tests.declared import declare
from tests.factories import InstanceFactory

pytestmark = pytest.mark.either_database
CANARY = "canary-secret-91bc"
GIVEN = {"label": "Back porch", "url": "porch.local:8080", "token": CANARY}


@pytest.fixture
def draft(browser: Client, porch: str) -> IntegrationInstance:
    browser.post("/integrations/add/porch", GIVEN)
    return IntegrationInstance.objects.get()


def end_job(status: JobStatus, **columns: Any) -> None:
    Job.objects.update(status=status, **columns)


def test_a_name_that_another_got_meanwhile_is_asked_for_anew(browser: Client, draft: IntegrationInstance) -> None:
    InstanceFactory(label=draft.label, integration_type=draft.integration_type)
    told = "There is a “Back porch” already: call this one otherwise."
    answer = browser.post(f"/integrations/{draft.pk}/activate", follow=True)
    assert answer.redirect_chain[-1][0] == f"/integrations/add/{draft.pk}/check"
    assert told in answer.text
    answer = browser.post(f"/integrations/add/porch?draft={draft.pk}", GIVEN | {"url": "porch.local:81"})
    assert (answer.status_code, f'id="setting-label_error">{told}' in answer.text) == (422, True)
    assert configuration.read_configuration(draft)["url"] == "http://porch.local:8080"


def test_what_is_installed_can_be_chosen(browser: Client, porch: str) -> None:
    assert 'href="/integrations/add/porch"' in browser.get("/integrations/add").text


def test_each_kind_has_its_sign_and_says_how_good_it_is(browser: Client, porch: str, tmp_path: Path) -> None:
    declare(tmp_path / porch, Tier.SILVER)
    card = read_card(browser, porch)
    assert re.search(r'fill="oklch\([^"]+"/><text x="20" y="20.5">PO</text>', card)
    assert re.search(
        r'title="Bronze, silver, gold[^"]+"><span class="pill pill-idle"><svg .*</svg>Quality: silver', card
    )
    instance = InstanceFactory(integration_type=porch)
    assert "Quality: silver" in browser.get(f"/integrations/{instance.pk}/").text


def read_card(browser: Client, kind: str) -> str:
    text = browser.get("/integrations/add").text
    return next(card for card in text.split("<li ") if f'href="/integrations/add/{kind}"' in card)


def test_the_card_of_a_broken_one_says_so(browser: Client, porch: str, tmp_path: Path) -> None:
    (tmp_path / "porch" / "porch_gateway.py").write_text("import fountain")
    assert "does not load: No module named &#x27;fountain&#x27;" in browser.get("/integrations/add").text


def test_the_form_asks_for_what_the_service_declares(browser: Client, porch: str) -> None:
    text = browser.get("/integrations/add/porch").text
    assert "Where the porch answers." in text
    assert re.search(r'<input type="password" name="token"', text)
    assert browser.get("/integrations/add/nothing").status_code == 404


def test_settings_become_a_draft_and_its_test_begins(browser: Client, draft: IntegrationInstance, person: Any) -> None:
    assert (draft.is_draft, draft.label, draft.status) == (True, "Back porch", IntegrationStatus.INACTIVE)
    assert configuration.read_configuration(draft) == {"url": "http://porch.local:8080", "token": CANARY}
    job = Job.objects.get()
    assert (job.kind, job.instance, job.requested_by) == (JobKind.TEST_CONNECTION, draft, person)


def test_a_mistake_is_told_at_its_field_and_makes_no_draft(browser: Client, porch: str) -> None:
    response = browser.post("/integrations/add/porch", GIVEN | {"url": "http://169.254.169.254"})
    assert response.status_code == 422
    assert re.search(r'id="setting-url_error">This address cannot be a system in your home', response.text)
    assert 'value="Back porch"' in response.text
    assert 'value="http://169.254.169.254"' in response.text
    assert CANARY not in response.text
    assert not IntegrationInstance.objects.exists()


def test_every_missing_field_is_named_at_once(browser: Client, porch: str) -> None:
    text = browser.post("/integrations/add/porch", {"label": "", "url": "", "token": ""}).text
    assert 'id="setting-url_error">Address is missing.' in text
    assert 'id="setting-token_error">Access token is missing.' in text


def test_the_address_that_is_tested_is_shown(browser: Client, draft: IntegrationInstance) -> None:
    assert "http://porch.local:8080" in browser.get(f"/integrations/add/{draft.pk}/check").text


def test_while_the_test_runs_the_page_follows_it(browser: Client, draft: IntegrationInstance) -> None:
    url = f"/integrations/add/{draft.pk}/check"
    text = browser.get(url).text
    assert "Waiting for a worker." in text
    poll = re.search(r'hx-get="([^"]+)" hx-trigger="every 200ms"', text)
    assert poll
    assert browser.get(poll[1], headers={"HX-Request": "true"}).status_code == 204
    assert "Start mirroring" not in text


def test_a_good_test_offers_to_start(browser: Client, draft: IntegrationInstance) -> None:
    end_job(JobStatus.SUCCEEDED, message="It answers.")
    text = browser.get(f"/integrations/add/{draft.pk}/check").text
    assert "Start mirroring" in text
    assert "hx-trigger" not in text
    response = browser.post(f"/integrations/{draft.pk}/activate")
    assert response.headers["Location"] == f"/integrations/{draft.pk}/"
    draft.refresh_from_db()
    assert (draft.is_draft, draft.status) == (False, IntegrationStatus.ACTIVATING)
    assert Job.objects.filter(kind=JobKind.ACTIVATE, instance=draft).exists()


def test_a_bad_test_says_why_and_leads_back_with_everything_but_the_secret(
    browser: Client, draft: IntegrationInstance
) -> None:
    end_job(JobStatus.FAILED, message="The token is refused.", hint="Make a new one.")
    text = browser.get(f"/integrations/add/{draft.pk}/check").text
    assert "The token is refused." in text
    assert "Make a new one." in text
    back = re.search(r'id="check-edit" href="([^"]+)"', text)
    assert back
    form = browser.get(back[1]).text
    assert 'value="Back porch"' in form
    assert 'value="http://porch.local:8080"' in form
    assert CANARY not in form
    assert "leave empty to keep it" in form
    browser.post(back[1], {"label": "Front porch", "url": "http://porch.local:8080/hub", "token": ""})
    draft.refresh_from_db()
    assert draft.label == "Front porch"
    assert configuration.read_configuration(draft) == {"url": "http://porch.local:8080/hub", "token": CANARY}
    assert IntegrationInstance.objects.count() == 1


def test_the_test_can_be_repeated(browser: Client, draft: IntegrationInstance) -> None:
    end_job(JobStatus.FAILED)
    browser.post(f"/integrations/add/{draft.pk}/check")
    assert Job.objects.filter(status=JobStatus.QUEUED).count() == 1


def test_a_draft_can_be_discarded(browser: Client, draft: IntegrationInstance) -> None:
    assert browser.post(f"/integrations/{draft.pk}/delete").headers["Location"] == "/integrations/add"
    assert Job.objects.filter(kind=JobKind.DELETE).exists()


def test_a_draft_has_no_page_but_its_check_and_an_active_one_no_check(
    browser: Client, draft: IntegrationInstance
) -> None:
    assert browser.get(f"/integrations/{draft.pk}/").headers["Location"] == f"/integrations/add/{draft.pk}/check"
    IntegrationInstance.objects.update(is_draft=False)
    assert browser.get(f"/integrations/add/{draft.pk}/check").headers["Location"] == f"/integrations/{draft.pk}/"


@pytest.mark.parametrize("number", ["²", "9" * 30, "-1", "x", ""])
def test_numbers_in_addresses_and_forms_that_are_none_lead_nowhere(
    browser: Client, draft: IntegrationInstance, number: str
) -> None:
    assert browser.get(f"/integrations/add/{draft.integration_type}?draft={number}").status_code == 200
    assert browser.post(f"/integrations/{draft.pk}/removals", {"repair": number}).status_code == 404
    assert browser.get(f"/jobs/?integration={number}").status_code == 200
    assert browser.get(f"/things/?room={number}&shown={number}").status_code == 200
    assert browser.get(f"/things/live?t={number}.x&n={number}&k={number}").status_code in (200, 204)


def test_a_missing_name_is_filled_with_that_of_the_kind(browser: Client, porch: str) -> None:
    browser.post("/integrations/add/porch", GIVEN | {"label": " "})
    assert IntegrationInstance.objects.get().label == "porch"
