"""Activity: what people did, newest first, and what came of it."""

import re
from typing import Any

import pytest
from django.test import Client

from hi.accounts.models import User
from hi.console.views import activity
from hi.integration import audit
from hi.integration.audit import Verb
from hi.integration.enums import CommandStatus
from hi.integration.models import AuditEntry, Command
from tests.factories import EntityFactory, EntityStateFactory, InstanceFactory, UserFactory

pytestmark = pytest.mark.database


def lines(browser: Client, url: str = "/activity/") -> list[str]:
    """The lines without their marks: words only."""
    rows = re.findall(r'<li class="row deed">(.*?)</li>', browser.get(url).text, re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip()[9:] for row in rows]


def set_lamp(person: User, status: CommandStatus, **columns: Any) -> AuditEntry:
    state = EntityStateFactory(entity__source_name="Ceiling light", unit="%")
    command = Command.objects.create(
        state=state, value="62", requested_by=person, idempotency_key="k", status=status,
        expires_at=state.received_at, code="gAAAA-code", **columns,
    )  # fmt: skip
    audit.record(person, Verb.SET, "Ceiling light", before="off", after="62", entity=state.entity, command=command)
    return AuditEntry.objects.get(command=command)


def test_before_anybody_does_anything_it_says_what_would_be_here(browser: Client) -> None:
    text = browser.get("/activity/").text
    assert "Nothing yet" in text
    assert "Nothing like that" in browser.get("/activity/?what=set").text


def test_a_line_says_who_did_what_to_which_thing_and_what_came_of_it(browser: Client, person: User) -> None:
    entry = set_lamp(person, CommandStatus.FAILED, message="The lamp does not answer.", hint="Is it plugged in?")
    house = InstanceFactory(label="House")
    audit.record(UserFactory(username="bert"), Verb.RENAMED, "House", before="Hut", after="House", instance=house)
    assert lines(browser) == [
        "bert renamed House from Hut to House",
        "you set Ceiling light from off to 62 % The lamp does not answer. Is it plugged in? Failed",
    ]
    text = browser.get("/activity/").text
    assert f'href="/things/{entry.entity_id}/"' in text
    assert f'href="/integrations/{house.pk}/"' in text
    assert "gAAAA" not in text


def test_what_came_from_the_command_line_says_so(browser: Client, person: User) -> None:
    with audit.by_way_of("root, command line"):
        audit.record(person, Verb.RENAMED, "Lamp")
        audit.record(UserFactory(username="bert"), Verb.RENAMED, "Lamp")
    page = browser.get("/activity/").content.decode()
    assert "you (root, command line)" in page
    assert "bert (root, command line)" in page


@pytest.mark.parametrize("status", CommandStatus)
def test_every_outcome_has_a_word(browser: Client, person: User, status: CommandStatus) -> None:
    set_lamp(person, status)
    assert status not in lines(browser)[0]
    assert re.search(r'<span class="pill pill-\w+">', browser.get("/activity/").text)


def test_one_turn_of_a_slider_is_one_line_but_what_failed_stands_alone(browser: Client, person: User) -> None:
    state = EntityStateFactory(entity__source_name="Ceiling light", unit="%")

    def turn(before: str, after: str, status: CommandStatus) -> None:
        command = Command.objects.create(
            state=state, value=after, requested_by=person, idempotency_key=after, status=status,
            expires_at=state.received_at,
        )  # fmt: skip
        audit.record(
            person, Verb.SET, "Ceiling light", before=before, after=after, entity=state.entity, command=command
        )

    for number in range(20, 64, 4):
        turn(str(number), str(number + 4), CommandStatus.CONFIRMED if number == 60 else CommandStatus.SUPERSEDED)
    turn("64", "70", CommandStatus.FAILED)
    assert lines(browser) == [
        "you set Ceiling light from 64 % to 70 % Failed",
        "you set Ceiling light from 20 % to 64 %, in 11 steps Done",
    ]
    assert "in 11 steps" in browser.get(f"/things/{state.entity_id}/").text
    AuditEntry.objects.filter(after="40").update(at=AuditEntry.objects.get(after="40").at.replace(year=2025))
    assert "in 10 steps" in browser.get("/activity/").text


@pytest.mark.parametrize("verb", Verb)
def test_every_verb_has_words(browser: Client, person: User, verb: Verb) -> None:
    audit.record(person, verb, "Something", after="new")
    assert re.match(r"you [\w: ]+ Something", lines(browser)[0])


def test_filters_narrow_by_who_what_thing_and_integration(browser: Client, person: User) -> None:
    lamp, house, bert = EntityFactory(source_name="Lamp"), InstanceFactory(), UserFactory(username="bert")
    audit.record(person, Verb.SET, "Lamp", after="on", entity=lamp)
    audit.record(bert, Verb.PAUSED, "House", instance=house)
    assert lines(browser, f"/activity/?who={bert.pk}") == ["bert paused House"]
    assert lines(browser, "/activity/?what=set") == ["you set Lamp to on"]
    assert lines(browser, f"/activity/?integration={house.pk}") == ["bert paused House"]
    assert lines(browser, f"/activity/?thing={lamp.pk}") == ["you set Lamp to on"]
    assert "Only what was done to Lamp." in browser.get(f"/activity/?thing={lamp.pk}").text
    assert len(lines(browser, "/activity/?who=x&what=x&thing=-1&integration=9999999999999999999&after=x")) == 2


def test_older_pages_are_reached_by_a_link_and_only_the_first_is_live(
    browser: Client, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activity, "PAGE", 2)
    for number in range(3):
        audit.record(person, Verb.RENAMED, f"Lamp {number}")
    first = browser.get("/activity/").text
    older = re.search(r'id="activity-older" href="([^"]+)"', first)
    assert older
    assert "data-poll" in first
    second = browser.get(older[1].replace("&amp;", "&")).text
    assert "Lamp 0" in second
    assert "Lamp 1" not in second
    assert "data-poll" not in second


def test_a_poll_brings_nothing_until_somebody_does_something(browser: Client, person: User) -> None:
    audit.record(person, Verb.RENAMED, "Lamp")
    url = re.search(r'id="activity-live"[^>]*hx-get="([^"]+)"', browser.get("/activity/").text)
    assert url
    headers = {"HX-Request": "true"}
    assert browser.get(url[1], headers=headers).status_code == 204
    audit.record(person, Verb.RENAMED, "Door")
    assert "Door" in browser.get(url[1], headers=headers).text


def test_what_somebody_wrote_is_shown_as_text(browser: Client, person: User) -> None:
    audit.record(person, Verb.RENAMED, "<b>Lamp</b>", after="<script>alert(1)</script>")
    text = browser.get("/activity/").text
    assert "<script>alert" not in text
    assert "&lt;b&gt;Lamp" in text
