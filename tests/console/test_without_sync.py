"""A service that has nothing to sync."""

import pytest
from django.test import Client

from hi.integration import operations
from hi.integration.exceptions import IntegrationError
from hi.integration.integration_factory import get_integration_gateway
from hi.integration.models import IntegrationInstance, Job
from tests.factories import InstanceFactory

pytestmark = pytest.mark.database


@pytest.fixture
def lamp_post(porch: str, monkeypatch: pytest.MonkeyPatch) -> IntegrationInstance:
    monkeypatch.delattr(type(get_integration_gateway(porch)), "build_synchronizer")
    return InstanceFactory(integration_type=porch, label="Lamp post")


def test_its_page_offers_no_sync(browser: Client, lamp_post: IntegrationInstance) -> None:
    text = browser.get(f"/integrations/{lamp_post.pk}/").text
    assert "Test connection" in text
    assert "Sync now" not in text


def test_asked_for_all_the_same_it_says_so_and_begins_nothing(browser: Client, lamp_post: IntegrationInstance) -> None:
    answer = browser.post(f"/integrations/{lamp_post.pk}/", {"action": "sync_entities"}, follow=True)
    assert "Lamp post has nothing to sync." in answer.text
    with pytest.raises(IntegrationError, match="nothing to sync"):
        operations.sync_now(lamp_post)
    assert not Job.objects.exists()
