"""Choosing what is mirrored, the inbox, and the pages that mend what stopped."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from hi.accounts.models import User
from hi.integration import configuration
from hi.integration.choosing import MAX_CHOSEN
from hi.integration.core.catalogue import Catalogue, Offer, Place
from hi.integration.core.selection import Selection
from hi.integration.enums import Decision, DesiredState, IntegrationStatus, JobKind, JobStatus, RepairKind
from hi.integration.integration_factory import get_integration_gateway
from hi.integration.models import InboxItem, IntegrationInstance, IntegrationLink, Job, Repair, SourceCatalogue
from tests.factories import EntityFactory, EntityStateFactory, InstanceFactory, RepairFactory, UserFactory, mirror

pytestmark = pytest.mark.database
PLACES = (Place("f", "Ground floor"), Place("k", "Kitchen", "f"), Place("g", "Garden"))
OFFERS = (
    Offer("lamp", "Ceiling lamp", "light", "k", families={"light": 1, "update": 1}),
    Offer("pump", "Pond pump", "switch", "g", families={"switch": 1}),
    Offer("robot", "Robot", "vacuum", families={"vacuum": 1, "update": 2}),
)


@pytest.fixture
def house(porch: str) -> IntegrationInstance:
    instance = InstanceFactory(integration_type=porch, label="House")
    settings = {"url": "http://porch.local", "token": "old-secret"}
    configuration.write_configuration(instance, get_integration_gateway(porch).settings, settings)
    SourceCatalogue.objects.create(instance=instance, content=Catalogue(PLACES, OFFERS).dump())
    return instance


def page(house: IntegrationInstance) -> str:
    return f"/integrations/{house.pk}/choose"


def inbox(house: IntegrationInstance) -> str:
    return f"/integrations/{house.pk}/inbox"


def put(house: IntegrationInstance, *names: str, **columns: object) -> list[InboxItem]:
    return [
        InboxItem.objects.create(
            instance=house, integration_key=name, name=name, entity_type="light", state_count=2, **columns
        )
        for name in names
    ]


def test_places_and_kinds_are_offered_with_what_is_in_them(browser: Client, house: IntegrationInstance) -> None:
    text = re.sub(r"<[^>]+>", " ", browser.get(page(house)).text)
    told = " ".join(text.split())
    assert "Ground floor 1 thing Kitchen 1 thing" in told
    assert "In no place 1 thing" in told
    assert "Update 3 states" in told
    assert "Mirrored now: 3 things with 6 states." in told


def test_what_a_change_does_is_told_before_it_is_saved(browser: Client, house: IntegrationInstance) -> None:
    given = {"action": "preview", "areas": ["f"], "new_things": "ask"}
    part = browser.post(page(house), given, headers={"HX-Request": "true"}).text
    assert "Removes 2 things." in part
    assert "Pond pump, Robot" in part
    assert "4 states go." in part
    assert "come" not in part
    assert "<html" not in part
    whole = browser.post(page(house), given).text  # without scripts
    assert "Removes 2 things." in whole
    assert re.search(r'name="areas" value="f" checked', whole)
    assert re.search(r'value="ask" checked', whole)
    house.refresh_from_db()
    assert house.selection == {}
    assert not Job.objects.exists()


def test_saving_a_choice_asks_for_one_sync(browser: Client, house: IntegrationInstance, person: User) -> None:
    given = {"action": "save", "areas": ["k", ""], "families": ["light"], "new_things": "ask"}
    response = browser.post(page(house), given)
    assert response.headers["Location"] == f"/integrations/{house.pk}/"
    house.refresh_from_db()
    assert (house.selection, house.new_things) == ({"areas": ["", "k"], "families": ["light"]}, "ask")
    job = Job.objects.get()
    assert (job.kind, job.requested_by) == (JobKind.SYNC, person)
    text = browser.get(f"/integrations/{house.pk}/").text
    assert "2 areas, 1 kind" in text
    assert "New things wait in the inbox." in text


def test_what_is_chosen_and_gone_is_shown_and_can_be_given_up(browser: Client, house: IntegrationInstance) -> None:
    IntegrationInstance.objects.update(selection={"areas": ["k", "cellar"], "things": ["attic-fan"]})
    text = browser.get(page(house)).text
    assert "No longer offered" in text
    assert re.search(r'name="areas" value="cellar" checked', text)
    assert re.search(r'name="things" value="attic-fan" checked', text)
    browser.post(page(house), {"action": "save", "areas": ["k"]})
    house.refresh_from_db()
    assert house.selection == {"areas": ["k"]}


def test_a_form_that_cannot_be_right_changes_nothing(browser: Client, house: IntegrationInstance) -> None:
    text = browser.post(page(house), {"action": "save", "areas": ["x" * 300]}, follow=True).text
    assert "Give a list of keys." in text
    text = browser.post(page(house), {"action": "save", "new_things": "perhaps"}, follow=True).text
    assert "Choose mirror or ask." in text
    house.refresh_from_db()
    assert house.selection == {}


def test_things_are_found_by_name_place_and_kind_and_say_what_became_of_them(
    browser: Client, house: IntegrationInstance
) -> None:
    IntegrationInstance.objects.update(selection={"areas": ["k"]})
    assert rows(browser, house, "") == {"Ceiling lamp": "Mirrored", "Pond pump": "Left out", "Robot": "Left out"}
    assert rows(browser, house, "?q=garden+switch") == {"Pond pump": "Left out"}
    assert rows(browser, house, "?show=mirrored") == {"Ceiling lamp": "Mirrored"}
    assert "Nothing fits" in browser.get(f"{page(house)}?q=nowhere").text


def rows(browser: Client, house: IntegrationInstance, query: str) -> dict[str, str]:
    text = browser.get(page(house) + query).text
    return dict(re.findall(r'<span class="row-name">([^<]+)<.*?\n<span class="pill[^>]*>([^<]+)<', text))


def test_a_single_thing_is_added_dropped_ignored_and_taken_back(browser: Client, house: IntegrationInstance) -> None:
    IntegrationInstance.objects.update(selection={"areas": ["k"]})

    def do(action: str, key: str) -> None:
        browser.post(f"{page(house)}/thing", {"action": action, "key": key})

    do("add", "pump")
    assert rows(browser, house, "?q=pump") == {"Pond pump": "Named"}
    do("drop", "pump")
    assert rows(browser, house, "?q=pump") == {"Pond pump": "Left out"}
    do("ignore", "lamp")
    assert rows(browser, house, "?q=lamp") == {"Ceiling lamp": "Ignored"}
    do("ignore", "unheard of")
    assert InboxItem.objects.count() == 1
    do("unignore", "lamp")
    assert InboxItem.objects.get().decision == Decision.WAITING
    assert Job.objects.count() == 1


@pytest.mark.parametrize(
    ("role", "offered"), [("viewer", set()), ("operator", {"ignore"}), ("admin", {"add", "ignore"})]
)
def test_who_may_not_choose_sees_what_there_is_and_operators_ignore_of_it(
    house: IntegrationInstance, role: str, offered: set[str]
) -> None:
    IntegrationInstance.objects.update(selection={"areas": ["k"]})
    reader = Client()
    reader.force_login(UserFactory(role=role))
    text = reader.get(page(house)).text
    assert "Pond pump" in text
    assert set(re.findall(r'name="action" value="(add|drop|ignore)"', text)) == offered
    assert ('id="choice"' in text) == (role == "admin")


def test_each_thing_that_is_chosen_or_ignored_by_itself_comes_with_an_undo(
    browser: Client, house: IntegrationInstance
) -> None:
    IntegrationInstance.objects.update(selection={"areas": ["k"]})
    for action, back in (("add", "drop"), ("drop", "add"), ("ignore", "unignore")):
        text = browser.post(f"{page(house)}/thing", {"action": action, "key": "pump"}, follow=True).text
        undo = re.search(rf'<form class="undo" method="post" action="{page(house)}/thing">(.*?)</form>', text)
        assert undo is not None
        assert f'name="action" value="{back}"' in undo[1]
        assert 'name="key" value="pump"' in undo[1]


def test_the_last_thing_that_is_chosen_cannot_be_dropped_with_a_click(
    browser: Client, house: IntegrationInstance
) -> None:
    IntegrationInstance.objects.update(selection={"things": ["pump"]})
    text = browser.post(f"{page(house)}/thing", {"action": "drop", "key": "pump"}, follow=True).text
    assert "without it everything would be mirrored" in text
    house.refresh_from_db()
    assert house.selection == {"things": ["pump"]}
    assert not Job.objects.exists()


def test_a_choice_as_large_as_it_may_be_fits_into_one_form(browser: Client, house: IntegrationInstance) -> None:
    lists = {name: [f"{name}-{number}" for number in range(MAX_CHOSEN)] for name in ("areas", "families", "things")}
    response = browser.post(page(house), {"action": "save", "new_things": "mirror", **lists})
    assert response.status_code == 302
    house.refresh_from_db()
    assert {name: len(keys) for name, keys in house.selection.items()} == dict.fromkeys(lists, MAX_CHOSEN)


def test_five_thousand_things_come_in_pages(browser: Client, house: IntegrationInstance) -> None:
    many = tuple(Offer(f"t{n}", f"Thing {n:04}", "light", families={"light": 1}) for n in range(5000))
    SourceCatalogue.objects.update(content=Catalogue((), many).dump())
    first = browser.get(page(house)).text
    assert "Thing 0059" in first
    assert "Thing 0060" not in first
    assert len(first) < 200_000
    later = re.search(r'id="things-later" href="([^"#]+)', first)
    assert later
    assert "Thing 0060" in browser.get(later[1].replace("&amp;", "&")).text
    assert "Thing 4999" in browser.get(f"{page(house)}?from=999999").text


def test_before_the_first_sync_there_is_nothing_to_choose_from(browser: Client, porch: str) -> None:
    instance = InstanceFactory(integration_type=porch)
    assert "Here will be what there is to choose from" in browser.get(page(instance)).text


def test_a_draft_is_told_what_it_would_mirror_and_can_choose(browser: Client, house: IntegrationInstance) -> None:
    IntegrationInstance.objects.update(is_draft=True, status=IntegrationStatus.INACTIVE)
    Job.objects.create(kind=JobKind.TEST_CONNECTION, instance=house, status=JobStatus.SUCCEEDED)
    check = f"/integrations/add/{house.pk}/check"
    text = browser.get(check).text
    assert "3 things with 6 states." in text
    assert f'href="{page(house)}"' in text
    assert text.count("button-primary") == 1
    response = browser.post(page(house), {"action": "save", "areas": ["k"]})
    assert response.headers["Location"] == check
    assert "1 area" in browser.get(check).text
    assert Job.objects.count() == 1


def test_a_draft_of_a_server_that_is_connected_already_leads_there(browser: Client, house: IntegrationInstance) -> None:
    IntegrationInstance.objects.update(server_id="uuid-1")
    draft = InstanceFactory(
        integration_type=house.integration_type,
        server_id="uuid-1",
        is_draft=True,
        status=IntegrationStatus.INACTIVE,
        desired_state=DesiredState.INACTIVE,
    )
    settings = {"url": "http://other.local", "token": "x"}
    specs = get_integration_gateway(house.integration_type).settings
    configuration.write_configuration(draft, specs, settings)
    Job.objects.create(kind=JobKind.TEST_CONNECTION, instance=draft, status=JobStatus.FAILED)
    text = browser.get(f"/integrations/add/{draft.pk}/check").text
    assert "“House” is connected to this server already." in text
    assert f'id="open-twin" href="/integrations/{house.pk}/"' in text
    answer = browser.post(f"/integrations/{draft.pk}/activate", follow=True).text
    assert "“House” is connected to this server already." in answer
    draft.refresh_from_db()
    assert draft.is_draft


def test_the_inbox_is_one_need_and_a_badge(browser: Client, house: IntegrationInstance) -> None:
    put(house, "Fan", "Heater")
    home = browser.get("/").text
    assert "2 new things wait in the inbox of House." in home
    assert "One thing needs you." in home
    assert f'href="{inbox(house)}"' in home
    assert "2 new things" in browser.get("/integrations/").text
    assert '<span class="count num">2</span>' in browser.get(f"/integrations/{house.pk}/").text


def test_what_is_ticked_is_approved_or_ignored(browser: Client, house: IntegrationInstance, person: User) -> None:
    fan, heater, lamp = put(house, "Fan", "Heater", "Lamp")
    browser.post(inbox(house), {"action": "approve", "item": [fan.pk, heater.pk]})
    browser.post(inbox(house), {"action": f"ignore:{lamp.pk}"})
    decided = dict(InboxItem.objects.values_list("name", "decision"))
    assert decided == {"Fan": Decision.APPROVED, "Heater": Decision.APPROVED, "Lamp": Decision.IGNORED}
    assert InboxItem.objects.filter(decided_by=person).count() == 3
    text = browser.get(inbox(house)).text
    assert "Nothing waits" in text
    assert "2 more are approved and come with the next sync." in text
    assert "Ignored: 1" in text
    browser.post(inbox(house), {"action": f"undo:{lamp.pk}"})
    assert InboxItem.objects.get(name="Lamp").decision == Decision.WAITING


@pytest.mark.parametrize("given", [{"action": "approve"}, {"action": "approve", "item": ["x", "-1", "9" * 30]}])
def test_nothing_ticked_is_nothing_done(browser: Client, house: IntegrationInstance, given: dict[str, str]) -> None:
    put(house, "Fan")
    assert browser.post(inbox(house), given).status_code == 302
    assert InboxItem.objects.get().decision == Decision.WAITING


def test_the_inbox_of_another_integration_is_out_of_reach(browser: Client, house: IntegrationInstance) -> None:
    (fan,) = put(InstanceFactory(), "Fan")
    browser.post(inbox(house), {"action": "approve", "item": [fan.pk]})
    assert InboxItem.objects.get().decision == Decision.WAITING


def test_all_are_approved_but_none_that_came_since_the_page_was_shown(
    browser: Client, house: IntegrationInstance
) -> None:
    put(house, "Fan", "Heater", found_at=timezone.now() - timedelta(minutes=1))
    text = browser.get(inbox(house)).text
    until = re.search(r'name="until" value="([^"]+)"', text)
    assert until
    put(house, "Safe")
    browser.post(inbox(house), {"action": "approve-all", "until": until[1]})
    assert set(InboxItem.objects.filter(decision=Decision.WAITING).values_list("name", flat=True)) == {"Safe"}
    browser.post(inbox(house), {"action": "approve-all", "until": "2026-99-99"})
    assert InboxItem.objects.get(name="Safe").decision == Decision.WAITING


def test_the_inbox_is_searched_and_turned_over(browser: Client, house: IntegrationInstance) -> None:
    put(house, *(f"Lamp {number:03}" for number in range(70)), "Fan")
    first = browser.get(inbox(house)).text
    assert "Lamp 058" in first
    assert "Lamp 060" not in first
    assert "Lamp 069" in browser.get(f"{inbox(house)}?from=60").text
    assert "Lamp" not in browser.get(f"{inbox(house)}?q=fan").text
    assert "Nothing that waits is like" in browser.get(f"{inbox(house)}?q=nowhere").text


def test_a_thing_is_ignored_from_its_own_page(browser: Client, house: IntegrationInstance) -> None:
    thing = EntityFactory(source_name="Robot")
    EntityStateFactory(entity=thing)
    mirror(thing, house)
    assert f'action="/things/{thing.pk}/ignore"' in browser.get(f"/things/{thing.pk}/").text
    text = browser.post(f"/things/{thing.pk}/ignore", {"action": "ignore"}, follow=True).text
    assert "Robot is ignored from now on." in text
    assert re.search(r'<form class="undo".*name="action" value="undo"', text)
    assert InboxItem.objects.get().decision == Decision.IGNORED
    assert Job.objects.get().kind == JobKind.SYNC
    browser.post(f"/things/{thing.pk}/ignore", {"action": "undo"})
    assert InboxItem.objects.get().decision == Decision.WAITING


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("robot", "People left this out of what is mirrored from House."),
        ("wagon", "No source has this thing any more."),
        ("pump", "No source has this thing any more."),  # it is chosen, so it is the integration that rests
    ],
)
def test_what_is_left_out_is_not_told_as_lost(browser: Client, house: IntegrationInstance, key: str, told: str) -> None:
    IntegrationInstance.objects.update(selection=Selection(things=frozenset({"pump"})).dump())
    thing = EntityFactory(source_name="Robot", removed_at=timezone.now())
    links = IntegrationLink.objects.filter(entity=thing)
    mirror(thing, house)
    links.update(integration_key=key, removed_at=timezone.now())
    text = browser.get(f"/things/{thing.pk}/").text
    assert told in text
    assert ("No source" in text) == (key != "robot")
    assert "It was mirrored from House." in text
    assert ("/choose?q=Robot#things" in text) == (key == "robot")


@pytest.fixture
def refused(house: IntegrationInstance) -> IntegrationInstance:
    IntegrationInstance.objects.update(status=IntegrationStatus.AUTH_FAILED, live_since=None)
    data = {"field": "token", "hint": "Make a new one."}
    RepairFactory(instance=house, cause="House refused the sign-in: the token is unknown.", data=data)
    return house


def test_a_refused_sign_in_asks_for_the_one_field(browser: Client, refused: IntegrationInstance) -> None:
    link = re.search(r'href="([^"]+)">Enter new access token', browser.get("/").text)
    assert link
    text = browser.get(link[1]).text
    fields = re.findall(r'<input type="(?!hidden)[^"]+" name="([^"]+)"', text.partition("<main")[2])
    assert fields == ["token"]
    assert "Make a new one." in text
    assert "old-secret" not in text


def test_saving_the_field_goes_on_by_itself(browser: Client, refused: IntegrationInstance) -> None:
    response = browser.post(f"/integrations/{refused.pk}/sign-in", {"token": "new-secret"})
    assert response.headers["Location"] == f"/integrations/{refused.pk}/"
    assert Job.objects.get().kind == JobKind.ACTIVATE
    stored = configuration.read_configuration(IntegrationInstance.objects.get())
    assert stored == {"url": "http://porch.local", "token": "new-secret"}


def test_an_empty_field_tries_nothing(browser: Client, refused: IntegrationInstance) -> None:
    response = browser.post(f"/integrations/{refused.pk}/sign-in", {"token": "  "})
    assert response.status_code == 422
    assert 'id="setting-token_error">Enter the new one.' in response.text
    assert not Job.objects.exists()


def test_where_nothing_was_refused_there_is_nothing_to_enter(browser: Client, house: IntegrationInstance) -> None:
    for what in ("sign-in", "server"):
        response = browser.get(f"/integrations/{house.pk}/{what}")
        assert response.headers["Location"] == f"/integrations/{house.pk}/"


def test_another_server_is_one_need_and_one_button(browser: Client, house: IntegrationInstance) -> None:
    IntegrationInstance.objects.update(status=IntegrationStatus.FAILED, server_id="uuid-1")
    RepairFactory(
        instance=house,
        kind=RepairKind.SERVER_CHANGED,
        cause="Another server answers at the address of House now.",
        data={"server_id": "uuid-2", "twin": None},
    )
    assert "One thing needs you." in browser.get("/").text
    text = browser.get(f"/integrations/{house.pk}/server").text
    assert "It is the new one" in text
    browser.post(f"/integrations/{house.pk}/server")
    house.refresh_from_db()
    assert house.server_id == "uuid-2"
    assert Job.objects.get().kind == JobKind.ACTIVATE
    assert not Repair.objects.filter(closed_at=None).exists()


def test_a_server_that_another_mirrors_cannot_be_taken(browser: Client, house: IntegrationInstance) -> None:
    cabin = InstanceFactory(integration_type=house.integration_type, label="Cabin", server_id="uuid-2")
    RepairFactory(instance=house, kind=RepairKind.SERVER_CHANGED, data={"server_id": "uuid-2", "twin": cabin.pk})
    url = f"/integrations/{house.pk}/server"
    text = browser.get(url).text
    assert f'href="/integrations/{cabin.pk}/">Open Cabin' in text
    assert "It is the new one" not in text
    assert "“Cabin” is connected to this server already." in browser.post(url, follow=True).text
    house.refresh_from_db()
    assert house.server_id == ""
