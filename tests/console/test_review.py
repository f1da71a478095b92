"""Removals that wait for a person: all are named, and only what was seen is approved."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from hi.integration.enums import RepairKind
from hi.integration.models import IntegrationInstance, Job, Repair
from tests.factories import InstanceFactory, RepairFactory

pytestmark = pytest.mark.database


@pytest.fixture
def house(porch: str) -> IntegrationInstance:
    return InstanceFactory(integration_type=porch, label="House")


def page(browser: Client, instance: IntegrationInstance) -> str:
    return browser.get(f"/integrations/{instance.pk}/").text


def test_held_removals_are_listed_and_settled_with_one_button(browser: Client, house: IntegrationInstance) -> None:
    keys = [["entity", f"key-{number}", f"Lamp {number}"] for number in range(50)] + [["state", "s", "A state"]]
    RepairFactory(instance=house, kind=RepairKind.REMOVAL_REVIEW, data={"keys": keys})
    text = page(browser, house)
    shown, _details, unfolded = text.partition("<details")
    assert "Lamp 39" in shown
    assert "Lamp 40" not in shown
    assert "and 10 things and 1 state more" in unfolded
    assert "Lamp 49" in unfolded
    browser.post(f"/integrations/{house.pk}/removals", removals_form(text))
    assert Job.objects.get().arguments == {"approved": [[kind, key] for kind, key, _name in keys]}


def removals_form(text: str) -> dict[str, str]:
    """What the button of the review sends."""
    form = re.search(r'action="/integrations/\d+/removals">(.*?)</form>', text)
    assert form
    return dict(re.findall(r'<input type="hidden" name="(repair|seen_at)" value="([^"]+)"', form[1]))


def test_nobody_approves_a_list_that_they_have_not_seen(browser: Client, house: IntegrationInstance) -> None:
    data = {"keys": [["entity", "a", "A lamp"]]}
    repair = RepairFactory(instance=house, kind=RepairKind.REMOVAL_REVIEW, data=data)
    seen = removals_form(page(browser, house))
    data["keys"].append(["entity", "b", "The front door"])
    Repair.objects.filter(pk=repair.pk).update(data=data, updated_at=timezone.now())
    for sent in (seen, {"repair": str(repair.pk)}):
        text = browser.post(f"/integrations/{house.pk}/removals", sent, follow=True).text
        assert "The list has changed since you saw it." in text
        assert "The front door" in text
        assert not Job.objects.exists()
    browser.post(f"/integrations/{house.pk}/removals", removals_form(text))
    assert Job.objects.exists()


@pytest.mark.parametrize("repair", ["", "x", "999"])
def test_a_review_that_is_not_there_is_a_missing_page(browser: Client, house: IntegrationInstance, repair: str) -> None:
    assert browser.post(f"/integrations/{house.pk}/removals", {"repair": repair}).status_code == 404
