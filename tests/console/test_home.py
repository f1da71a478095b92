"""Home: one true sentence, what needs a person, the systems, what happened just now."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from hi.entity.models import Entity
from hi.integration.enums import BreakerState, DesiredState, IntegrationStatus, JobKind, JobStatus, RepairKind
from hi.integration.health import recent
from hi.integration.health.findings import Finding, Level
from hi.integration.models import ConnectionGap, IntegrationInstance
from hi.integration.overview import count_needs
from hi.testing.redis_server import RedisServer
from tests.factories import EntityStateFactory, InstanceFactory, JobFactory, RepairFactory, make_well, mirror
from tests.media.conftest import camera, lens, make_camera_state

__all__ = ["camera", "lens"]
pytestmark = pytest.mark.either_database
S = IntegrationStatus


def headline(browser: Client) -> str:
    found = re.search(r"<h1>([^<]+)</h1>", browser.get("/").text)
    assert found
    return found[1]


def test_an_empty_house_is_welcomed_and_told_the_first_step(browser: Client) -> None:
    assert headline(browser) == "Welcome home."
    assert "Connect your first system" in browser.get("/").text


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({}, "Everything is alright."),
        ({"status": S.ACTIVATING}, "House is starting."),
        ({"status": S.DEGRADED}, "House is not quite well."),
        ({"live_since": None, "live_lost_at": timezone.now()}, "House is reconnecting."),
        ({"integration_type": "vanished"}, "House is not installed."),
        ({"status": S.PAUSED}, "Everything is at rest."),
        ({"status": S.FAILED}, "One thing needs you."),
        ({"status": S.AUTH_FAILED}, "One thing needs you."),
    ],
)
def test_the_first_line_is_true(browser: Client, porch: str, columns: dict[str, Any], words: str) -> None:
    InstanceFactory(**{"label": "House", "integration_type": porch} | columns)
    assert headline(browser) == words


def test_needs_are_counted_in_words_and_in_the_rail(browser: Client) -> None:
    refused = InstanceFactory(status=S.AUTH_FAILED)
    RepairFactory(instance=refused)
    RepairFactory(instance=refused, kind=RepairKind.REMOVAL_REVIEW, cause="99 things are gone.")
    InstanceFactory(status=S.FAILED)
    InstanceFactory(status=S.FAILED, is_draft=True)
    assert headline(browser) == "Three things need you."
    assert count_needs() == 3
    for page in ("/", "/jobs/"):
        assert re.search(r'id="needs-badge">3<', browser.get(page).text)


def test_only_what_is_well_counts_as_live(browser: Client, porch: str) -> None:
    InstanceFactory(integration_type=porch)
    InstanceFactory(integration_type=porch, live_since=None, live_lost_at=timezone.now())
    InstanceFactory(integration_type="vanished")
    assert "1 of 3</span> systems live" in browser.get("/").text


@pytest.mark.parametrize(
    ("wanted", "words", "action"),
    [(DesiredState.ACTIVE, "started", "activate"), (DesiredState.INACTIVE, "stopped", "deactivate")],
)
def test_what_failed_says_what_it_could_not_do_and_offers_that_again(
    browser: Client, porch: str, wanted: DesiredState, words: str, action: str
) -> None:
    house = InstanceFactory(
        label="House", integration_type=porch, status=S.FAILED, desired_state=wanted, reason="Nobody answers."
    )
    text = browser.get("/").text
    assert f"House could not be {words}: Nobody answers." in text
    assert f'action="/integrations/{house.pk}/{action}"' in text


def test_a_refused_sign_in_leads_to_the_very_field(browser: Client, porch: str) -> None:
    instance = InstanceFactory(integration_type=porch, status=S.AUTH_FAILED)
    RepairFactory(
        instance=instance, cause="The token was revoked.", consequence="Values are old.", data={"field": "token"}
    )
    text = browser.get("/").text
    assert "The token was revoked." in text
    assert "Values are old." in text
    assert f'href="/integrations/{instance.pk}/sign-in"' in text
    assert "Enter new access token" in text


def test_held_removals_lead_to_their_review(browser: Client) -> None:
    repair = RepairFactory(kind=RepairKind.REMOVAL_REVIEW)
    text = browser.get("/").text
    assert f'href="/integrations/{repair.instance_id}/#review"' in text
    assert "Review removals" in text


@pytest.mark.parametrize(
    ("columns", "word"),
    [
        ({}, "Live"),
        ({"live_since": None, "live_lost_at": timezone.now()}, "Reconnecting"),
        ({"status": S.DEGRADED, "breaker_state": BreakerState.OPEN}, "Syncs on hold"),
        ({"status": S.DEGRADED}, "Sync failing"),
        ({"status": S.AUTH_FAILED}, "Sign-in refused"),
        ({"status": S.PAUSED}, "Paused"),
        ({"status": S.INACTIVE}, "Off"),
        ({"live_since": None}, "On"),
    ],
)
def test_a_status_has_a_word(browser: Client, porch: str, columns: dict[str, Any], word: str) -> None:
    InstanceFactory(integration_type=porch, **columns)
    assert re.search(rf'<span class="pill[^>]*><svg.*?</svg>{word}</span>', browser.get("/integrations/").text)


def test_what_is_being_deleted_and_what_has_no_folder_says_so(browser: Client, porch: str) -> None:
    going = InstanceFactory(integration_type=porch, status=S.INACTIVE)
    JobFactory(instance=going, kind=JobKind.DELETE, status=JobStatus.RUNNING, ended_at=None)
    InstanceFactory(integration_type="vanished")
    text = browser.get("/integrations/").text
    assert "Deleting" in text
    assert "Not installed" in text


def test_drafts_are_among_the_integrations_only_to_go_on_with_or_throw_away(browser: Client) -> None:
    draft = InstanceFactory(label="Half done", is_draft=True, status=S.INACTIVE)
    JobFactory(
        instance=draft, kind=JobKind.TEST_CONNECTION, status=JobStatus.FAILED, message="Nobody answers at that address."
    )
    assert "Half done" not in browser.get("/").text
    text = browser.get("/integrations/").text
    assert "No system is connected yet." in text
    assert "Half done" in text
    assert "Nobody answers at that address." in text
    assert f'href="/integrations/add/{draft.pk}/check"' in text
    response = browser.post(f"/integrations/{draft.pk}/delete", {"next": "list"}, follow=True)
    assert response.redirect_chain[-1][0] == "/integrations/"
    assert "Half done" not in response.text


def test_a_demo_is_labelled(browser: Client) -> None:
    InstanceFactory(is_demo=True)
    assert "· Demo" in browser.get("/").text


def test_just_now_lists_each_state_once_newest_first_and_no_inner_health(browser: Client) -> None:
    now = timezone.now()
    for number, name in enumerate(("First", "Second", "Third")):
        EntityStateFactory(entity__source_name=name, received_at=now - timedelta(seconds=number))
    EntityStateFactory(entity__source_name="Signal of a lamp", category="diagnostic")
    text = browser.get("/").text
    names = re.findall(r'id="recent-\d+" href="[^"]+">([^<]+)<', text)
    assert names == ["First", "Second", "Third"]


def test_a_poll_brings_nothing_until_something_changes(browser: Client) -> None:
    state = EntityStateFactory(value="first")
    instance = InstanceFactory(label="House")
    mirror(state.entity, instance)
    url = re.search(r'id="home-live"[^>]*hx-get="([^"]+)"', browser.get("/").text)
    assert url
    headers = {"HX-Request": "true"}
    assert browser.get(url[1], headers=headers).status_code == 204
    IntegrationInstance.objects.filter(pk=instance.pk).update(status=S.FAILED)
    answer = browser.get(url[1], headers=headers).text
    assert "One thing needs you." in answer
    assert '<span class="count" id="needs-badge" hx-swap-oob="true">1' in answer
    assert "<html" not in answer


def test_while_hi_itself_is_ill_nothing_is_said_to_be_alright(
    browser: Client, porch: str, redis_url: str, redis_server: RedisServer
) -> None:
    InstanceFactory(integration_type=porch)
    make_well()
    recent.look()
    assert headline(browser) == "Everything is alright."
    redis_server.stop()
    recent.look()
    text = browser.get("/").text
    assert headline(browser) == "One thing needs you."
    assert re.search(r"<h3>Redis: .+</h3>", text)
    assert 'id="need-hi" href="/system/"' in text
    assert re.search(r'id="needs-badge">1<', browser.get("/activity/").text)


def test_what_about_hi_is_only_worth_a_look_is_said_quietly(browser: Client, porch: str) -> None:
    InstanceFactory(integration_type=porch)
    recent.remember([Finding("Disk", Level.WARN, "It is filling up."), Finding("Integrations", Level.WARN, "One.")])
    assert headline(browser) == "Everything is alright."
    assert "One thing about it is worth a look." in browser.get("/").text


def test_what_matters_in_passing_is_a_chip_that_leads_to_its_things(browser: Client, porch: str) -> None:
    mirror(EntityStateFactory().entity, InstanceFactory(integration_type=porch))
    text = browser.get("/").text
    assert re.search(r'href="/things/\?show=lights">Lights on <strong class="num">1<', text)
    assert "show=open" not in text


def test_a_card_draws_30_days_and_24_hours_with_words(browser: Client, porch: str) -> None:
    house = InstanceFactory(integration_type=porch)
    now = timezone.now()
    ConnectionGap.objects.create(instance=house, began_at=now - timedelta(minutes=20), ended_at=now, reason="Cut.")
    text = browser.get("/").text
    bars = re.findall(
        rf'<i id="wall-{house.pk}-\d+" class="\w+" role="img" tabindex="(-1|0)" aria-label="([^"]+)"', text
    )
    assert len(bars) == 30
    assert [tabindex for tabindex, _words in bars].count("0") == 1
    assert re.search(r'aria-label="The last 24 hours: not live for 20 min"', text)


def test_a_cause_that_a_need_tells_is_not_told_on_the_card_again(browser: Client, porch: str) -> None:
    InstanceFactory(integration_type=porch, status=S.FAILED, reason="Nobody answers.")
    assert browser.get("/").text.count("Nobody answers.") == 1


def test_home_shows_what_the_first_cameras_see(browser: Client, lens: IntegrationInstance) -> None:
    assert "Cameras" not in browser.get("/").text
    names = ("Gate", "Attic", "Yard", "Barn", "Door")
    states = {name: make_camera_state(lens, entity__source_name=name, is_primary=True) for name in names}
    Entity.objects.filter(pk=states["Attic"].entity_id).update(is_hidden=True)
    text = browser.get("/").text
    assert re.findall(r'glance-name">(\w+)<', text) == ["Barn", "Door", "Gate", "Yard"]
    gate = states["Gate"]
    for number in range(5):  # of a system that shows no pictures
        make_camera_state(InstanceFactory(), entity__source_name=f"Alley {number}", is_primary=True)
    assert browser.get("/").text.count("glance-name") == 4
    assert f'src="/things/{gate.entity_id}/states/{gate.pk}/camera?width=320"' in text
    assert 'href="/things/?q=cameras"' in text
