import pytest
from django.test import Client

from hi.accounts.models import User
from hi.integration.enums import Decision, JobKind
from hi.integration.models import AuditEntry, InboxItem, IntegrationInstance, Job
from tests.api.world import NOON, ROOT, make_instance, read_pages

pytestmark = pytest.mark.database
JSON = "application/json"


@pytest.fixture
def house() -> IntegrationInstance:
    return make_instance()


@pytest.fixture
def fan(house: IntegrationInstance) -> InboxItem:
    return put(house, "Fan")


def put(house: IntegrationInstance, name: str) -> InboxItem:
    columns = {"entity_type": "fan", "place": "Kitchen", "families": ["fan"], "state_count": 2, "found_at": NOON}
    return InboxItem.objects.create(instance=house, integration_key=name.lower(), name=name, **columns)


def url(house: IntegrationInstance, what: str) -> str:
    return f"{ROOT}/integrations/{house.pk}/{what}"


def test_a_selection_is_read_and_chosen_anew(api: Client, house: IntegrationInstance, user: User) -> None:
    nothing = {"areas": [], "families": [], "things": [], "new_things": "mirror"}
    assert api.get(url(house, "selection")).json() == nothing
    given = {"areas": ["area:kitchen", ""], "new_things": "ask"}
    chosen = api.put(url(house, "selection"), given, content_type=JSON).json()
    assert chosen == {**nothing, "areas": ["", "area:kitchen"], "new_things": "ask"}
    assert api.get(url(house, "selection")).json() == chosen
    assert Job.objects.get().kind == JobKind.SYNC
    entry = AuditEntry.objects.get(user=user, verb="chose")
    assert (entry.before, entry.after) == ("everything; new things: mirror", "2 areas; new things: ask")


@pytest.mark.parametrize(
    "given", [{"areas": "kitchen"}, {"things": ["a\0"]}, {"families": ["x" * 256]}, {"new_things": "perhaps"}]
)
def test_a_selection_that_cannot_be_right_is_refused(
    api: Client, house: IntegrationInstance, given: dict[str, object]
) -> None:
    assert api.put(url(house, "selection"), given, content_type=JSON).status_code == 422
    house.refresh_from_db()
    assert (house.selection, house.new_things) == ({}, "mirror")


def test_the_inbox_tells_what_waits(api: Client, house: IntegrationInstance, fan: InboxItem) -> None:
    put(make_instance("Cabin"), "Heater")
    assert api.get(url(house, "inbox")).json() == {
        "items": [
            {
                "id": fan.pk,
                "key": "fan",
                "name": "Fan",
                "entity_type": "fan",
                "location": "Kitchen",
                "families": ["fan"],
                "state_count": 2,
                "decision": "waiting",
                "found_at": "2026-11-23T12:00:00.000000Z",
                "decided_at": None,
            }
        ],
        "next": None,
    }
    assert api.get(url(house, "inbox?decision=ignored")).json()["items"] == []


def test_the_inbox_comes_in_pages(api: Client, house: IntegrationInstance) -> None:
    names = [put(house, f"Fan {number}").name for number in range(5)]
    pages = list(read_pages(api, f"/integrations/{house.pk}/inbox", limit=2))
    assert [item["name"] for page in pages for item in page] == names
    assert len(pages) == 3


def test_items_are_approved_ignored_and_taken_back(
    api: Client, house: IntegrationInstance, fan: InboxItem, user: User
) -> None:
    heater = put(house, "Heater")
    foreign = put(make_instance("Cabin"), "Lamp")

    def do(what: str, *items: InboxItem) -> int:
        ids = {"ids": [item.pk for item in items]}
        answer = api.post(url(house, f"inbox/{what}"), ids, content_type=JSON)
        decided: int = answer.json()["decided"]
        return decided

    assert do("approve", fan, foreign) == 1
    assert do("ignore", heater) == 1
    assert do("ignore", heater) == 0
    assert dict(InboxItem.objects.values_list("name", "decision")) == {
        "Fan": Decision.APPROVED,
        "Heater": Decision.IGNORED,
        "Lamp": Decision.WAITING,
    }
    assert do("unignore", heater) == 1
    assert InboxItem.objects.get(name="Heater").decision == Decision.WAITING
    assert InboxItem.objects.get(name="Fan").decided_by == user


def test_what_is_chosen_of_a_draft_waits_for_its_first_sync(api: Client) -> None:
    draft = make_instance(is_draft=True, desired_state="INACTIVE", status="INACTIVE")
    answer = api.put(url(draft, "selection"), {"areas": ["area:kitchen"]}, content_type=JSON)
    assert answer.json()["areas"] == ["area:kitchen"]
    draft.refresh_from_db()
    assert draft.selection["areas"] == ["area:kitchen"]
    assert not Job.objects.exists()
