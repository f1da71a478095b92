from datetime import timedelta

import pytest
from django.test import Client

from hi.entity.models import EntityState, StateHistory
from tests.api.world import NOON, ROOT, make_entity, read_pages

pytestmark = pytest.mark.database


@pytest.fixture
def state() -> EntityState:
    """A lamp that was on and off for eleven minutes; another one changed as well."""
    lamp, other = (make_entity(name).states.order_by("pk")[0] for name in ("Lamp", "Other"))
    StateHistory.objects.bulk_create(
        StateHistory(
            state_id=state.pk,
            value=("on", "off")[number % 2],
            quality="good",
            # Two within one tick of the source's clock.
            source_changed_at=NOON + timedelta(minutes=number // 2),
            sequence=number % 2,
            received_at=NOON + timedelta(hours=1),
        )
        for state in (lamp, other)
        for number in range(11)
    )
    return lamp


def test_changes_come_newest_first_each_once_whatever_the_page(api: Client, state: EntityState) -> None:
    address = f"{ROOT}/entities/{state.entity_id}/states/{state.pk}/history"
    changes = api.get(address).json()
    assert changes["next"] is None
    assert [one["value"] for one in changes["items"]] == [*("on", "off") * 5, "on"]
    assert changes["items"][0] == {
        "value": "on",
        "unit": "",
        "quality": "good",
        "source_changed_at": "2026-11-23T12:05:00.000000Z",
        "received_at": "2026-11-23T13:00:00.000000Z",
    }
    pages = list(read_pages(api, address.removeprefix(ROOT), limit=3))
    assert [len(page) for page in pages] == [3, 3, 3, 2]
    assert [one for page in pages for one in page] == changes["items"]


def test_a_state_of_another_thing_is_not_there(api: Client, state: EntityState) -> None:
    answer = api.get(f"{ROOT}/entities/{state.entity_id + 1}/states/{state.pk}/history")
    assert answer.status_code == 404
    assert answer.json()["detail"] == f"Entity {state.entity_id + 1} has no state {state.pk}."
