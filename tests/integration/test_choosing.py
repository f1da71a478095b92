"""Choosing what is mirrored, and what a sync makes of it."""

from dataclasses import replace

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from hi.accounts.models import User
from hi.entity.models import Entity, EntityState
from hi.integration import choosing, exceptions, offers, servers
from hi.integration.core.selection import Selection
from hi.integration.core.specs import EntitySpec, Quarantined, StateSpec, Structure
from hi.integration.enums import (
    Decision,
    DesiredState,
    IntegrationStatus,
    ItemKind,
    JobKind,
    NewThings,
    RemovalCause,
    RepairKind,
)
from hi.integration.models import AuditEntry, InboxItem, IntegrationInstance, IntegrationLink, Job, Repair, SyncRun
from tests.factories import UserFactory
from tests.integration.home import FLOOR, KITCHEN, home, make_instance, sync

pytestmark = pytest.mark.database


@pytest.fixture
def instance() -> IntegrationInstance:
    return make_instance()


@pytest.fixture
def person() -> User:
    return UserFactory(username="anna")


def thing(key: str, family: str, room: str = "") -> EntitySpec:
    states = (StateSpec(f"{key}-{family}", f"{family}.{key}", family, family, family=family, is_primary=True),)
    return EntitySpec(key, key.title(), location_key=room, states=states)


PUMP = thing("pump", "switch")
LAMP = thing("lamp", "light", KITCHEN.key)
HOUSE = home(LAMP, PUMP)


def seen() -> set[str]:
    return set(Entity.objects.filter(removed_at=None).values_list("source_name", flat=True))


def waiting() -> list[str]:
    return list(InboxItem.objects.filter(decision=Decision.WAITING).order_by("name").values_list("name", flat=True))


def ask(instance: IntegrationInstance, *first: EntitySpec) -> None:
    """Mirrored once, and from now on new things wait."""
    sync(instance, home(*first))
    choosing.choose(instance, new_things=NewThings.ASK)


def test_what_is_left_out_goes_at_once_and_comes_back_as_the_row_it_was(instance: IntegrationInstance) -> None:
    sync(instance, HOUSE)
    row = Entity.objects.get(source_name="Pump")
    Entity.objects.filter(pk=row.pk).update(user_name="My pump")
    choosing.choose(instance, Selection(areas=frozenset({KITCHEN.key})))
    result = sync(instance, HOUSE)
    assert seen() == {"Lamp"}
    assert (result.removed, result.held) == (2, 0)
    causes = IntegrationLink.objects.exclude(removed_at=None).values_list("removal_cause", flat=True)
    assert set(causes) == {RemovalCause.DESELECTED}
    choosing.choose(instance, Selection())
    sync(instance, HOUSE)
    back = Entity.objects.get(source_name="Pump")
    assert (back.pk, back.user_name, back.removed_at) == (row.pk, "My pump", None)


def test_leaving_out_everything_is_no_loss_for_anybody_to_review(instance: IntegrationInstance) -> None:
    sync(instance, HOUSE)
    choosing.choose(instance, Selection(areas=frozenset({"area:cellar"})))
    sync(instance, HOUSE)
    assert seen() == set()
    assert not Repair.objects.exists()


def test_a_family_that_is_left_out_takes_its_states_and_leaves_the_thing(instance: IntegrationInstance) -> None:
    both = replace(LAMP, states=(*LAMP.states, replace(PUMP.states[0], key="lamp-switch")))
    sync(instance, home(both))
    choosing.choose(instance, Selection(families=frozenset({"light"})))
    sync(instance, home(both))
    assert seen() == {"Lamp"}
    assert list(EntityState.objects.filter(removed_at=None).values_list("source_name", flat=True)) == ["light"]


def test_a_selection_by_area_survives_a_new_name_of_the_area(instance: IntegrationInstance) -> None:
    choosing.choose(instance, Selection(areas=frozenset({KITCHEN.key})))
    sync(instance, HOUSE)
    renamed = replace(HOUSE, locations=(FLOOR, replace(KITCHEN, name="Cooking")))
    sync(instance, renamed)
    assert seen() == {"Lamp"}


def test_an_area_that_the_source_deletes_takes_nothing_away_before_a_person_has_looked(
    instance: IntegrationInstance,
) -> None:
    lamps = tuple(thing(f"lamp{number}", "light", KITCHEN.key) for number in range(4))
    sync(instance, home(*lamps))
    choosing.choose(instance, Selection(areas=frozenset({KITCHEN.key})))
    sync(instance, home(*lamps))
    homeless = replace(home(*(replace(lamp, location_key="") for lamp in lamps)), locations=(FLOOR,))
    for _time in range(2):  # the second time it is what the source offered all along
        assert sync(instance, homeless).held >= 8
        assert len(seen()) == 4
    assert Repair.objects.get().cause.startswith(
        "House no longer has among what you chose, or no longer lists, 4 things"
    )
    choosing.choose(instance, Selection())
    sync(instance, homeless)
    assert not Repair.objects.filter(cause__contains="chose", closed_at=None).exists()


def test_a_chosen_thing_that_gets_another_key_stays_chosen_by_it(instance: IntegrationInstance) -> None:
    choosing.choose(instance, Selection(things=frozenset({"pump"})))
    sync(instance, HOUSE)
    sync(instance, home(LAMP, replace(PUMP, key="pump-2", former_keys=("pump",))))
    assert seen() == {"Pump"}
    assert instance.selection == {"things": ["pump-2"]}
    assert choosing.preview(instance, Selection()).things_after == 2
    assert [offer.key for offer in choosing.preview(instance, Selection(things=frozenset({"lamp"}))).removed] == [
        "pump-2"
    ]


def test_a_new_thing_waits_until_it_is_approved(instance: IntegrationInstance, person: User) -> None:
    ask(instance, LAMP)
    result = sync(instance, HOUSE)
    assert seen() == {"Lamp"}
    item = InboxItem.objects.get()
    assert (item.name, item.families, item.state_count, item.decision) == ("Pump", ["switch"], 1, Decision.WAITING)
    assert "1 new thing waits in the inbox." in result.message
    Job.objects.all().delete()
    assert choosing.approve(instance, InboxItem.objects.all(), person) == 1
    assert Job.objects.get().kind == JobKind.SYNC
    sync(instance, HOUSE)
    assert seen() == {"Lamp", "Pump"}
    assert not InboxItem.objects.exists()
    assert AuditEntry.objects.filter(verb="approved", subject="Pump", user=person, instance=instance).exists()


def test_the_first_complete_sync_mirrors_everything(instance: IntegrationInstance) -> None:
    choosing.choose(instance, new_things=NewThings.ASK)
    sync(instance, replace(home(LAMP), complete=False))
    sync(instance, HOUSE)
    assert seen() == {"Lamp", "Pump"}
    assert waiting() == []


def test_a_wider_selection_mirrors_what_was_offered_all_along_without_asking(instance: IntegrationInstance) -> None:
    choosing.choose(instance, Selection(areas=frozenset({KITCHEN.key})))
    ask(instance, LAMP, PUMP)
    choosing.choose(instance, Selection())
    sync(instance, home(LAMP, PUMP, thing("robot", "vacuum")))
    assert seen() == {"Lamp", "Pump"}
    assert waiting() == ["Robot"]


def test_when_nobody_asks_any_more_what_waits_is_mirrored(instance: IntegrationInstance) -> None:
    ask(instance, LAMP)
    sync(instance, HOUSE)
    choosing.choose(instance, new_things=NewThings.MIRROR)
    sync(instance, HOUSE)
    assert seen() == {"Lamp", "Pump"}
    assert not InboxItem.objects.exists()


def test_the_inbox_follows_what_the_source_says(instance: IntegrationInstance) -> None:
    ask(instance, LAMP)
    sync(instance, home(LAMP, PUMP, thing("robot", "vacuum")))
    moved = replace(PUMP, name="Garden pump", location_key=KITCHEN.key)
    unreadable = Quarantined(ItemKind.ENTITY, "robot", "devices[2]", "no name")
    sync(instance, replace(home(LAMP, moved), quarantined=(unreadable,)))
    assert waiting() == ["Garden pump", "Robot"]
    assert InboxItem.objects.get(integration_key="pump").place == "Kitchen"
    sync(instance, home(LAMP, complete=False))
    assert waiting() == ["Garden pump", "Robot"]
    sync(instance, home(LAMP))
    assert waiting() == []


def test_a_thing_that_gets_another_key_waits_as_the_one_it_was(instance: IntegrationInstance) -> None:
    ask(instance, LAMP)
    sync(instance, HOUSE)
    item = InboxItem.objects.get()
    sync(instance, home(LAMP, replace(PUMP, key="pump-2", former_keys=("pump",))))
    assert (InboxItem.objects.get().pk, InboxItem.objects.get().integration_key) == (item.pk, "pump-2")


def test_to_ignore_sticks_until_it_is_undone(instance: IntegrationInstance, person: User) -> None:
    sync(instance, HOUSE)
    row = Entity.objects.get(source_name="Pump")
    choosing.ignore_entity(row, person)
    assert AuditEntry.objects.filter(verb="ignored", subject="Pump", entity=row).exists()
    sync(instance, HOUSE)
    assert seen() == {"Lamp"}
    sync(instance, home(LAMP))
    sync(instance, HOUSE)
    assert seen() == {"Lamp"}
    assert InboxItem.objects.get().families == ["switch"]
    choosing.unignore(instance, InboxItem.objects.all(), person)
    sync(instance, HOUSE)
    assert Entity.objects.get(source_name="Pump", removed_at=None).pk == row.pk
    assert not InboxItem.objects.exists()


def test_what_was_ignored_in_the_inbox_waits_again_when_that_is_undone(instance: IntegrationInstance) -> None:
    ask(instance, LAMP)
    sync(instance, HOUSE)
    choosing.ignore(instance, InboxItem.objects.all())
    sync(instance, HOUSE)
    assert waiting() == []
    choosing.unignore(instance, InboxItem.objects.all())
    sync(instance, HOUSE)
    assert waiting() == ["Pump"]
    assert seen() == {"Lamp"}


def test_an_offered_thing_that_is_not_mirrored_can_be_ignored_too(instance: IntegrationInstance) -> None:
    choosing.choose(instance, Selection(things=frozenset({"lamp"})))
    sync(instance, HOUSE)
    assert choosing.ignore_offer(instance, "pump")
    assert not choosing.ignore_offer(instance, "unheard of")
    choosing.choose(instance, Selection())
    sync(instance, HOUSE)
    assert seen() == {"Lamp"}


def test_nothing_mirrored_cannot_be_ignored() -> None:
    with pytest.raises(exceptions.IntegrationError, match="not mirrored"):
        choosing.ignore_entity(Entity.objects.create(source_name="Chair"))


def test_what_is_chosen_and_what_happens_to_new_things_is_one_change(
    instance: IntegrationInstance, person: User
) -> None:
    choosing.choose(instance, Selection(areas=frozenset({KITCHEN.key})), new_things="ask", user=person)
    assert (Job.objects.count(), AuditEntry.objects.count()) == (1, 1)
    choosing.choose(instance, new_things="mirror")
    instance.refresh_from_db()
    assert (instance.selection, instance.new_things) == ({"areas": [KITCHEN.key]}, "mirror")


def test_two_people_who_each_name_a_thing_both_get_theirs(instance: IntegrationInstance) -> None:
    choosing.choose(instance, Selection(things=frozenset({"lamp"})))
    seen_by_the_other = IntegrationInstance.objects.get()
    choosing.name_thing(instance, "pump")
    choosing.name_thing(seen_by_the_other, "robot")
    choosing.unname_thing(instance, "lamp")
    assert IntegrationInstance.objects.get().selection == {"things": ["pump", "robot"]}


def test_to_name_no_more_the_last_that_is_chosen_is_refused(instance: IntegrationInstance) -> None:
    assert choosing.name_thing(instance, "lamp") is None  # everything is chosen already
    choosing.choose(instance, Selection(things=frozenset({"lamp"})))
    with pytest.raises(exceptions.IntegrationError, match="everything would be mirrored"):
        choosing.unname_thing(instance, "lamp")
    assert IntegrationInstance.objects.get().selection == {"things": ["lamp"]}


def test_many_decisions_are_one_line_in_the_book_and_one_sync(instance: IntegrationInstance) -> None:
    ask(instance, LAMP)
    Job.objects.all().delete()
    sync(instance, home(LAMP, *(thing(f"pump{number}", "switch") for number in range(8))))
    before = AuditEntry.objects.count()
    assert choosing.approve(instance, InboxItem.objects.all()) == 8
    assert AuditEntry.objects.count() == before + 1
    entry = AuditEntry.objects.get(verb="approved")
    assert (entry.subject, entry.after) == ("8 things of House", "Pump0, Pump1, Pump2, Pump3, Pump4 and 3 more")
    assert Job.objects.count() == 1
    assert choosing.approve(instance, InboxItem.objects.all()) == 0


def test_what_does_not_run_is_chosen_without_a_sync(instance: IntegrationInstance) -> None:
    IntegrationInstance.objects.update(status=IntegrationStatus.PAUSED, desired_state=DesiredState.PAUSED)
    assert choosing.choose(instance, Selection(things=frozenset({"lamp"}))) is None
    assert not Job.objects.exists()
    assert IntegrationInstance.objects.get().selection == {"things": ["lamp"]}


def test_the_same_choice_again_is_no_change(instance: IntegrationInstance) -> None:
    assert choosing.choose(instance, Selection()) is None
    assert choosing.choose(instance, new_things=NewThings.MIRROR) is None
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    "given", [{"rooms": []}, {"areas": "kitchen"}, {"things": [1]}, {"things": ["a\0b"]}, {"areas": ["k"] * 5001}]
)
def test_a_selection_that_cannot_be_right_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(exceptions.ConfigurationError):
        choosing.clean_selection(given)


def test_new_things_are_mirrored_or_asked_about_and_nothing_else(instance: IntegrationInstance) -> None:
    with pytest.raises(exceptions.ConfigurationError):
        choosing.choose(instance, new_things="perhaps")


def test_the_statements_of_a_sync_do_not_grow_with_what_is_left_out_or_waits(instance: IntegrationInstance) -> None:
    def many(number: int) -> Structure:
        return home(LAMP, *(thing(f"pump{index}", "switch") for index in range(number)))

    ask(instance, LAMP)
    counts = []
    for number in (10, 60):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            sync(instance, many(number))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_change_is_told_before_it_is_made(instance: IntegrationInstance) -> None:
    sync(instance, HOUSE)
    told = choosing.preview(instance, Selection(areas=frozenset({KITCHEN.key})))
    assert ([offer.name for offer in told.removed], told.states_removed, told.things_after) == (["Pump"], 1, 1)


def served(server_id: str, *things: EntitySpec) -> Structure:
    return replace(home(*things or (LAMP, PUMP)), server_id=server_id)


def test_a_server_is_remembered_and_one_without_a_name_is_taken_as_it_comes(instance: IntegrationInstance) -> None:
    sync(instance, served("uuid-1"))
    assert instance.server_id == "uuid-1"
    sync(instance, served(""))
    assert instance.server_id == "uuid-1"


def test_another_server_replaces_nothing(instance: IntegrationInstance) -> None:
    sync(instance, served("uuid-1"))
    with pytest.raises(exceptions.WrongServerError, match="Another server answers at the address of House"):
        sync(instance, served("uuid-2", thing("robot", "vacuum")))
    assert seen() == {"Lamp", "Pump"}
    assert SyncRun.objects.count() == 1
    assert [offer.key for offer in offers.read_catalogue(instance).offers] == ["lamp", "pump"]


def test_a_server_that_does_not_say_who_it_is_must_have_most_of_what_is_mirrored(instance: IntegrationInstance) -> None:
    sync(instance, served("uuid-1"))
    strange = served("", thing("robot", "vacuum"))
    with pytest.raises(exceptions.ConnectionError, match="does not say yet which one it is"):
        sync(instance, replace(strange, complete=False))
    with pytest.raises(exceptions.WrongServerError):
        sync(instance, strange)
    assert seen() == {"Lamp", "Pump"}
    sync(instance, replace(served("", LAMP, PUMP, thing("fan", "fan")), complete=False))
    assert seen() == {"Lamp", "Pump", "Fan"}
    assert instance.server_id == "uuid-1"


def test_a_server_that_only_calls_itself_otherwise_is_the_same(instance: IntegrationInstance) -> None:
    sync(instance, served("uuid-1"))
    sync(instance, served("uuid-2", LAMP, PUMP, thing("robot", "vacuum")))
    assert instance.server_id == "uuid-2"
    assert seen() == {"Lamp", "Pump", "Robot"}


def test_the_same_server_twice_is_refused_and_named(instance: IntegrationInstance) -> None:
    sync(instance, served("uuid-1"))
    cabin = make_instance(label="Cabin")
    with pytest.raises(exceptions.WrongServerError, match="“House” is connected to this server already") as caught:
        sync(cabin, served("uuid-1"))
    assert caught.value.twin_id == instance.pk
    assert not cabin.links.exists()
    other_kind = make_instance(label="Other", integration_type="other")
    sync(other_kind, served("uuid-1"))


def test_the_database_itself_refuses_the_same_server_twice(instance: IntegrationInstance) -> None:
    IntegrationInstance.objects.update(server_id="uuid-1")
    make_instance(label="Draft", server_id="uuid-1", is_draft=True)
    make_instance(label="Nameless")
    make_instance(label="Nameless too")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_instance(label="Cabin", server_id="uuid-1")


def test_of_two_drafts_of_one_server_that_begin_at_once_one_is_told_why_not(instance: IntegrationInstance) -> None:
    draft = make_instance(label="Draft", server_id="uuid-1", is_draft=True)
    IntegrationInstance.objects.filter(pk=instance.pk).update(server_id="uuid-1")
    # The other one had not been there yet when this one looked.
    with pytest.raises(exceptions.WrongServerError, match="“House” is connected to this server already"):
        servers._write(draft, "uuid-1", is_draft=False)
    draft.refresh_from_db()
    assert draft.is_draft


def test_another_server_is_taken_once_a_person_says_so(instance: IntegrationInstance, person: User) -> None:
    sync(instance, served("uuid-1", LAMP, PUMP, thing("fan", "fan")))
    choosing.choose(instance, new_things=NewThings.ASK)
    IntegrationInstance.objects.update(status=IntegrationStatus.FAILED)
    repair = Repair.objects.create(
        instance=instance, kind=RepairKind.SERVER_CHANGED, data={"server_id": "uuid-2", "twin": None}
    )
    seen_by_another = Repair.objects.get(pk=repair.pk)
    job = choosing.accept_server(repair, person)
    assert job.kind == JobKind.ACTIVATE
    repair.refresh_from_db()
    assert repair.closed_at is not None
    instance.refresh_from_db()
    result = sync(instance, served("uuid-2", thing("robot", "vacuum")))
    assert "Robot" in seen()  # of a new server nothing is new
    assert result.held == 6  # the old one's things wait for a person
    with pytest.raises(exceptions.IntegrationError, match="already settled"):
        choosing.accept_server(seen_by_another, person)
