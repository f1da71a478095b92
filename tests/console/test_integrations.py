"""The page of one integration, and what can be done from it."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.test import Client
from django.utils import timezone

from hi.integration import configuration, schedules, trouble
from hi.integration.core.settings import SettingSpec, SettingType
from hi.integration.enums import (
    BreakerState,
    DesiredState,
    IntegrationStatus,
    JobKind,
    JobStatus,
    JobTrigger,
    RunOutcome,
)
from hi.integration.integration_factory import get_integration_gateway
from hi.integration.models import IntegrationInstance, Job
from tests.factories import EntityStateFactory, InstanceFactory, JobFactory, RunFactory, mirror

pytestmark = pytest.mark.either_database
S = IntegrationStatus
CANARY = "canary-secret-5f2a"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def house(porch: str) -> IntegrationInstance:
    instance = InstanceFactory(integration_type=porch, label="House", source_version="7.1")
    specs = get_integration_gateway(porch).settings
    configuration.write_configuration(instance, specs, {"url": "http://porch.local:80", "token": CANARY})
    return instance


def page(browser: Client, instance: IntegrationInstance) -> str:
    return browser.get(f"/integrations/{instance.pk}/").text


def test_it_tells_status_address_version_and_counts(browser: Client, house: IntegrationInstance) -> None:
    mirror(EntityStateFactory().entity, house)
    text = page(browser, house)
    for words in ("House", "porch 7.1", "http://porch.local:80", "Live", "last sync", "next sync"):
        assert words in text
    assert re.search(r"<dt>thing</dt><dd[^>]*>1</dd>", text)


def test_a_secret_never_leaves(browser: Client, house: IntegrationInstance) -> None:
    given = {"action": "update_config", "url": "not an address", "token": f"{CANARY}-typed", "label": "House"}
    answers = [page(browser, house), browser.post(f"/integrations/{house.pk}/", given).text]
    assert all(CANARY not in answer for answer in answers)
    assert all("gAAAA" not in answer for answer in answers)
    assert "leave empty to keep it" in answers[0]


@pytest.mark.parametrize(
    ("action", "kind"), [("sync_entities", JobKind.SYNC), ("test_connection", JobKind.TEST_CONNECTION)]
)
def test_actions_answer_at_once_with_a_job(
    browser: Client, house: IntegrationInstance, action: str, kind: JobKind, person: Any
) -> None:
    response = browser.post(f"/integrations/{house.pk}/", {"action": action})
    assert response.headers["Location"] == f"/integrations/{house.pk}/"
    job = Job.objects.get()
    assert (job.kind, job.status, job.requested_by) == (kind, JobStatus.QUEUED, person)
    assert "Waiting for a worker." in page(browser, house)


def test_by_htmx_an_action_is_answered_with_the_live_part_that_shows_its_job(
    browser: Client, house: IntegrationInstance
) -> None:
    answer = browser.post(f"/integrations/{house.pk}/", {"action": "sync_entities"}, headers=HTMX).text
    assert 'id="instance-live"' in answer
    assert "Waiting for a worker." in answer
    assert "<html" not in answer
    assert all('<p class="message' not in text for text in (answer, page(browser, house)))


def test_an_unknown_action_is_refused_in_words(browser: Client, house: IntegrationInstance) -> None:
    answer = browser.post(f"/integrations/{house.pk}/", {"action": "explode"}, follow=True)
    assert "does not know that action" in answer.text


def test_saving_settings_keeps_the_secret_that_was_left_empty(browser: Client, house: IntegrationInstance) -> None:
    given = {"action": "update_config", "label": "Our house", "url": "http://porch.local:80/hub", "token": ""}
    assert browser.post(f"/integrations/{house.pk}/", given).status_code == 302
    house.refresh_from_db()
    assert house.label == "Our house"
    assert configuration.read_configuration(house) == {"url": "http://porch.local:80/hub", "token": CANARY}


def test_an_empty_name_is_refused_and_nothing_is_saved(browser: Client, house: IntegrationInstance) -> None:
    given = {"action": "update_config", "label": " ", "url": "http://porch.local:80/hub", "token": ""}
    response = browser.post(f"/integrations/{house.pk}/", given)
    assert response.status_code == 422
    assert 'id="setting-label_error">Give it a name.' in response.text
    assert configuration.read_configuration(house)["url"] == "http://porch.local:80"


def test_saving_what_is_stored_already_reconnects_nothing(browser: Client, house: IntegrationInstance) -> None:
    def revision_after(url: str) -> int:
        given = {"action": "update_config", "label": "House", "url": url, "token": ""}
        assert "Settings saved." in browser.post(f"/integrations/{house.pk}/", given, follow=True).text
        house.refresh_from_db()
        return house.config_revision

    first = house.config_revision
    assert revision_after("porch.local:80/") == first
    assert revision_after("http://porch.local:80/hub") == first + 1


def test_another_address_asks_for_the_secret_again_at_its_field(browser: Client, house: IntegrationInstance) -> None:
    given = {"action": "update_config", "label": "House", "url": "http://elsewhere.local", "token": ""}
    response = browser.post(f"/integrations/{house.pk}/", given)
    assert response.status_code == 422
    assert re.search(r'id="setting-token_error">Access token: enter it again', response.text)
    assert configuration.read_configuration(house) == {"url": "http://porch.local:80", "token": CANARY}


def test_a_wrong_setting_is_told_at_its_field_and_what_was_typed_stays(
    browser: Client, house: IntegrationInstance
) -> None:
    given = {"action": "update_config", "label": "New name", "url": "ftp://porch", "token": "typed"}
    response = browser.post(f"/integrations/{house.pk}/", given)
    assert response.status_code == 422
    assert 'value="ftp://porch"' in response.text
    assert 'value="New name"' in response.text
    assert re.search(r'id="setting-url_error">The address must begin with http', response.text)
    assert "hi never sends a secret back" in response.text
    house.refresh_from_db()
    assert house.label == "House"


@pytest.mark.parametrize(
    ("given", "seconds"),
    [({"seconds": "60"}, 60), ({"every": "2", "unit": "3600"}, 7200), ({"every": "0.5", "unit": "60"}, 30)],
)
def test_the_interval_is_a_preset_or_a_number(
    browser: Client, house: IntegrationInstance, given: dict[str, str], seconds: int
) -> None:
    schedules.schedule(house)
    browser.post(f"/integrations/{house.pk}/interval", given)
    house.refresh_from_db()
    assert house.sync_interval_seconds == seconds
    next_run = schedules.next_run_at(house)
    assert next_run
    assert next_run - timezone.now() <= timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "given", [{}, {"seconds": "soon"}, {"every": "1", "unit": "1"}, {"every": "99", "unit": "86400"}]
)
def test_an_interval_that_cannot_be_is_refused_with_a_reason(
    browser: Client, house: IntegrationInstance, given: dict[str, str]
) -> None:
    response = browser.post(f"/integrations/{house.pk}/interval", given, follow=True)
    assert "message-error" in response.text
    house.refresh_from_db()
    assert house.sync_interval_seconds == 600


@pytest.mark.parametrize(
    "given", [{"seconds": "0"}, {"every": "0", "unit": "60"}, {"every": "-5", "unit": "60"}, {"every": "1e308"}]
)
def test_an_interval_out_of_bounds_gets_the_sentence_about_the_bounds(
    browser: Client, house: IntegrationInstance, given: dict[str, str]
) -> None:
    response = browser.post(f"/integrations/{house.pk}/interval", given, follow=True)
    assert re.search(r"Choose between \d+ seconds and 7 days\.", response.text)


def test_pausing_and_resuming(browser: Client, house: IntegrationInstance) -> None:
    browser.post(f"/integrations/{house.pk}/pause")
    text = page(browser, house)
    assert "Paused by you." in text
    assert "Resume" in text
    browser.post(f"/integrations/{house.pk}/activate")
    house.refresh_from_db()
    assert (house.status, house.desired_state) == (S.ACTIVATING, DesiredState.ACTIVE)


def test_what_cannot_be_done_now_says_why(browser: Client, house: IntegrationInstance) -> None:
    IntegrationInstance.objects.filter(pk=house.pk).update(status=S.INACTIVE, desired_state=DesiredState.INACTIVE)
    assert "House is not active." in browser.post(f"/integrations/{house.pk}/deactivate", follow=True).text
    assert "cannot be paused now" in browser.post(f"/integrations/{house.pk}/pause", follow=True).text


def test_deactivating_and_what_then_happens_to_its_things(browser: Client, house: IntegrationInstance) -> None:
    browser.post(f"/integrations/{house.pk}/removal-policy", {"removal_policy": "keep"})
    browser.post(f"/integrations/{house.pk}/removal-policy", {"removal_policy": "burn"})
    browser.post(f"/integrations/{house.pk}/deactivate")
    house.refresh_from_db()
    assert (house.removal_policy, house.status) == ("keep", S.DEACTIVATING)


def test_deleting_asks_first_and_says_what_is_lost(browser: Client, house: IntegrationInstance) -> None:
    mirror(EntityStateFactory(entity__user_name="Mine").entity, house)
    both = EntityStateFactory().entity
    mirror(both, house)
    mirror(both, InstanceFactory())
    text = browser.get(f"/integrations/{house.pk}/delete").text
    assert "1 thing with 1 state" in text
    assert "1 name or place that you gave" in text
    assert not Job.objects.exists()
    assert browser.post(f"/integrations/{house.pk}/delete").headers["Location"] == "/integrations/"
    assert Job.objects.get().kind == JobKind.DELETE


def test_removing_the_demo_asks_first_like_any_deletion(browser: Client, house: IntegrationInstance) -> None:
    IntegrationInstance.objects.filter(pk=house.pk).update(is_demo=True)
    assert re.search(rf'href="/integrations/{house.pk}/delete">Remove the demo', page(browser, house))
    asked = browser.get(f"/integrations/{house.pk}/delete").text
    assert "<code>make demo</code> brings the demo back" in asked
    assert IntegrationInstance.objects.filter(pk=house.pk).exists()


def test_a_running_job_shows_how_far_it_is_and_what_each_step_found(
    browser: Client, house: IntegrationInstance
) -> None:
    steps = [
        {"name": "Reach", "status": "ok", "message": "port 80 answers", "hint": "", "milliseconds": 12},
        {"name": "Mirror", "status": "running", "message": "", "hint": "", "milliseconds": None},
    ]
    JobFactory(
        instance=house, status=JobStatus.RUNNING, ended_at=None, steps=steps, done=612, total=1017, message="Writing."
    )
    text = page(browser, house)
    for words in (
        "Running now",
        "612 of 1,017",
        "port 80 answers",
        "12 ms",
        "Writing.",
        '<progress max="1017" value="612"',
    ):
        assert words in text
    assert 'hx-trigger="every 1000ms"' in text


def test_a_failed_job_says_why_and_what_to_do(browser: Client, house: IntegrationInstance) -> None:
    JobFactory(instance=house, status=JobStatus.FAILED, message="Nobody answers.", hint="Is it switched on?")
    text = page(browser, house)
    assert "Nobody answers." in text
    assert "Is it switched on?" in text


def test_an_open_breaker_says_when_it_tries_again(browser: Client, house: IntegrationInstance) -> None:
    IntegrationInstance.objects.filter(pk=house.pk).update(
        status=S.DEGRADED, breaker_state=BreakerState.OPEN, breaker_opened_at=timezone.now()
    )
    assert re.search(r"After repeated failures hi lets the system rest.*Next try <time", page(browser, house))


def test_a_system_that_wants_to_be_left_alone_says_when_it_is_asked_again(
    browser: Client, house: IntegrationInstance
) -> None:
    now = timezone.now()
    IntegrationInstance.objects.filter(pk=house.pk).update(
        status=S.DEGRADED, sync_error="Asked too often.", last_slot_at=now, quiet_until=now + timedelta(minutes=5)
    )
    assert re.search(r"The last sync failed: Asked too often\..*Next try <time", page(browser, house))


def test_runs_tell_what_each_sync_did(browser: Client, house: IntegrationInstance) -> None:
    RunFactory(instance=house, created=2, reattached=1, updated=5, kept_names=3, job__trigger=JobTrigger.SCHEDULE)
    RunFactory(instance=house, outcome=RunOutcome.HELD, held=214)
    RunFactory(instance=house, outcome=RunOutcome.FAILED, message="It did not answer.")
    RunFactory(instance=house, outcome=RunOutcome.PARTIAL, message="Still starting.", removed=4)
    text = page(browser, house)
    for words in (
        "+2 1 back",
        "~5",
        "3 names",
        "the schedule",
        "−214 held",
        "It did not answer.",
        "Still starting.",
        "−4",
    ):
        assert words in text


def test_an_integration_whose_folder_has_gone_can_be_looked_at_and_deleted(browser: Client) -> None:
    instance = InstanceFactory(integration_type="vanished", label="Old cameras")
    text = page(browser, instance)
    assert "Not installed" in text
    assert "is not installed" in text
    browser.post(f"/integrations/{instance.pk}/delete")
    assert Job.objects.get().kind == JobKind.DELETE


def test_a_gateway_with_a_page_and_answers_of_its_own_is_respected(
    browser: Client, house: IntegrationInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = get_integration_gateway(house.integration_type)
    answer = {"status": "success", "message": "Done my way.", "redirect": "/jobs/"}
    monkeypatch.setattr(gateway, "manage", lambda _request, _instance: answer, raising=False)
    response = browser.post(f"/integrations/{house.pk}/", {"action": "dance"})
    assert response.headers["Location"] == "/jobs/"
    assert "Done my way." in browser.get("/jobs/").text
    answer["redirect"] = "https://evil.example/"
    assert browser.post(f"/integrations/{house.pk}/").headers["Location"] == f"/integrations/{house.pk}/"


def test_a_poll_brings_nothing_until_something_changes(browser: Client, house: IntegrationInstance) -> None:
    with time_machine.travel(timezone.now(), tick=False):  # what is drawn of 24 hours moves with them
        url = re.search(r'id="instance-live"[^>]*hx-get="([^"]+)"', page(browser, house))
        assert url
        assert browser.get(url[1], headers=HTMX).status_code == 204
    JobFactory(instance=house, status=JobStatus.RUNNING, ended_at=None)
    assert "Running now" in browser.get(url[1], headers=HTMX).text


def test_the_list_becomes_the_empty_page_by_itself_after_the_last_one(
    browser: Client, house: IntegrationInstance
) -> None:
    text = browser.get("/integrations/").text
    assert "1 system connected to hi." in text
    poll = re.search(r'id="integrations-live"[^>]*hx-get="([^"]+)"', text)
    house.delete()
    assert poll
    answer = browser.get(poll[1], headers=HTMX).text
    assert "No system is connected yet." in answer
    assert "Here will be your systems" in answer


def test_a_page_that_is_left_open_goes_when_its_integration_was_deleted(browser: Client) -> None:
    assert browser.get("/integrations/999/live", headers=HTMX).headers["HX-Redirect"] == "/integrations/"


def test_a_setting_may_be_called_label(monkeypatch: pytest.MonkeyPatch, browser: Client, house: Any) -> None:
    gateway = get_integration_gateway(house.integration_type)
    monkeypatch.setattr(type(gateway), "settings", (SettingSpec("label", "Tag", SettingType.TEXT),))
    assert page(browser, house).count('name="label"') == 1


def test_a_cut_off_system_tells_since_when_and_a_waiting_sync_does_not_run(
    browser: Client, house: IntegrationInstance
) -> None:
    lost_at = timezone.now() - timedelta(hours=2)
    rows = IntegrationInstance.objects.filter(pk=house.pk)
    rows.update(status=S.ACTIVE, since=lost_at - timedelta(hours=7), live_since=None, live_lost_at=lost_at)
    JobFactory(instance=house, kind=JobKind.SYNC, status=JobStatus.QUEUED)
    JobFactory(instance=house, kind=JobKind.TEST_CONNECTION, status=JobStatus.RUNNING)
    shown = page(browser, house)
    since = re.search(r"Reconnecting.*?<p>since <time[^>]*datetime=.([0-9T:-]+)", shown, re.DOTALL)
    assert since is not None
    assert lost_at.isoformat().startswith(since.group(1)[:16])
    assert '<dd class="num">waiting</dd>' in shown


def test_a_secret_that_no_key_fits_is_asked_for_by_one_card_and_its_own_page(
    browser: Client, house: IntegrationInstance
) -> None:
    house.attributes.filter(is_secret=True).update(value=Fernet(Fernet.generate_key()).encrypt(b"x").decode())
    trouble.stop_secret_lost(house.pk)
    for text in (page(browser, house), browser.get("/").text):
        assert "A secret of House cannot be read any more" in text
        assert "Enter new access token" in text
    url = f"/integrations/{house.pk}/sign-in"
    assert "House needs its secret again" in browser.get(url).text
    assert "Enter the new one." in browser.post(url, {"token": " "}).text
    assert browser.post(url, {"token": f"{CANARY}-new"}).status_code == 302
    house.refresh_from_db()
    assert configuration.read_configuration(house)["token"] == f"{CANARY}-new"
    assert house.status == S.ACTIVATING


def test_settings_can_be_saved_though_a_secret_is_lost(browser: Client, house: IntegrationInstance) -> None:
    house.attributes.filter(is_secret=True).update(value=Fernet(Fernet.generate_key()).encrypt(b"x").decode())
    given = {"action": "update_config", "label": "House", "url": "http://porch.local:80", "token": ""}
    assert "Access token is missing." in browser.post(f"/integrations/{house.pk}/", given).text
    assert browser.post(f"/integrations/{house.pk}/", given | {"token": CANARY}).status_code == 302


def test_diagnostics_are_a_file_to_save_and_linked_on_the_page(browser: Client, house: IntegrationInstance) -> None:
    url = f"/integrations/{house.pk}/diagnostics"
    assert f'href="{url}" download' in page(browser, house)
    response = browser.get(url)
    assert response["Content-Disposition"].startswith('attachment; filename="hi-porch-')
    assert response["Cache-Control"] == "no-store"
    told = response.json()
    assert told["integration"]["id"] == house.pk
    assert told["settings"]["token"] == "(a secret)"
    assert CANARY not in response.text
    assert browser.get("/integrations/999999/diagnostics").status_code == 404
    assert Client().get(url).status_code in (302, 403)
