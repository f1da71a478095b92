"""What people add: checked, told, and kept whatever the sources do."""

from typing import Any

import pytest
from django.utils import timezone

from hi.accounts.models import User
from hi.entity.models import Entity, EntityAttribute, EntityState, Location
from hi.integration import exceptions, people, removal
from hi.integration.core.specs import EntitySpec, LocationSpec, Structure
from hi.integration.models import AuditEntry, IntegrationInstance
from tests.factories import EntityFactory, EntityStateFactory, LocationFactory, UserFactory
from tests.integration.home import FLOOR, KITCHEN, home, lamp, make_instance, sync

pytestmark = pytest.mark.database
HALL = LocationSpec("area:hall", "Hall", parent_key=FLOOR.key)


@pytest.fixture
def anna() -> User:
    return UserFactory(username="anna")


@pytest.fixture
def thing() -> Entity:
    return EntityFactory(source_name="Lamp", source_location=LocationFactory(source_name="Kitchen"))


@pytest.fixture
def instance() -> IntegrationInstance:
    return make_instance()


def deeds() -> list[tuple[str, str, str, str]]:
    return list(AuditEntry.objects.order_by("pk").values_list("who", "verb", "before", "after"))


def test_each_change_is_told_once_with_who_and_what_was(anna: User, thing: Entity) -> None:
    cellar = LocationFactory(source_name="Cellar")
    people.edit(thing, {"name": "Reading lamp", "type": "switch", "location_id": cellar.pk, "notes": "E27"}, anna)
    people.note_fact(thing, "Bought", "2024", anna)
    thing.refresh_from_db()
    assert (thing.name, thing.entity_type, thing.user_notes) == ("Reading lamp", "switch", "E27")
    assert thing.location == cellar
    assert deeds() == [
        ("anna", "renamed", "Lamp", "Reading lamp"),
        ("anna", "moved", "Kitchen", "Cellar"),
        ("anna", "retyped", "light", "switch"),
        ("anna", "noted", "", ""),
        ("anna", "noted", "", ""),
    ]
    assert set(AuditEntry.objects.values_list("entity", flat=True)) == {thing.pk}


def test_what_is_returned_takes_it_back(anna: User, thing: Entity) -> None:
    thing = EntityFactory(source_name="Lamp", user_name="Old", user_notes="first")
    given = {"name": "New", "type": "fan", "location_id": LocationFactory().pk, "notes": "second"}
    former = people.edit(thing, given, anna)
    assert former == {"name": "Old", "type": "", "location_id": 0, "notes": "first"}
    back = people.edit(thing, former, anna)
    thing.refresh_from_db()
    assert (thing.user_name, thing.user_type, thing.user_location, thing.user_notes) == ("Old", None, None, "first")
    assert back == given


def test_nothing_changed_is_nothing_told(anna: User, thing: Entity) -> None:
    same = {"name": "Lamp", "type": "light", "location_id": thing.source_location_id or 0, "notes": " "}
    assert people.edit(thing, same, anna) == {}
    thing.refresh_from_db()
    assert (thing.user_name, thing.user_type, thing.user_location) == (None, None, None)
    assert deeds() == []


def test_the_sources_own_name_is_no_name_of_yours(anna: User, thing: Entity) -> None:
    people.call(thing, "Reading lamp", anna)
    people.call(thing, "  Lamp ", anna)
    thing.refresh_from_db()
    assert thing.user_name is None


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": "x" * 121}, "name"),
        ({"name": "bell\x07"}, "name"),
        ({"name": "nul\x00"}, "name"),
        ({"notes": "half \ud800"}, "notes"),
        ({"notes": "x" * 10_001}, "notes"),
        ({"type": "spaceship"}, "type"),
        ({"location_id": 987_654}, "location_id"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_nothing_is_written(
    anna: User, thing: Entity, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(exceptions.ConfigurationError) as refused:
        people.edit(thing, {"name": "Fine", **given}, anna)
    assert refused.value.field == field
    thing.refresh_from_db()
    assert thing.user_name is None
    assert deeds() == []


def test_a_state_has_a_name_and_a_place_of_its_own(anna: User) -> None:
    state = EntityStateFactory(source_name="Power")
    cellar = LocationFactory(source_name="Cellar")
    people.edit(state, {"name": "Draw", "location_id": cellar.pk}, anna)
    state.refresh_from_db()
    assert (state.name, state.user_location) == ("Draw", cellar)
    assert set(AuditEntry.objects.values_list("entity", flat=True)) == {state.entity_id}


def test_facts_are_noted_changed_and_taken_away(anna: User, thing: Entity) -> None:
    assert people.note_fact(thing, " Filter  changed ", "May\r\n2026", anna) == ""
    assert people.note_fact(thing, "Filter changed", "June", anna) == "May\n2026"
    assert people.note_fact(thing, "Filter changed", "June", anna) is None
    assert people.note_fact(thing, "Filter changed", "", anna) == "June"
    assert not EntityAttribute.objects.exists()
    assert [verb for _who, verb, *_rest in deeds()] == ["noted", "noted", "cleared"]


def test_of_notes_and_facts_the_audit_keeps_no_word(anna: User, thing: Entity) -> None:
    for text in ("alarm 4711", "alarm 4712", ""):
        people.edit(thing, {"notes": text}, anna)
        people.note_fact(thing, "Code", text, anna)
    assert set(AuditEntry.objects.values_list("verb", "subject", "before", "after")) == {
        (verb, f"Lamp: {what}", "", "") for verb in ("noted", "cleared") for what in ("notes", "Code")
    }


def test_a_thing_takes_so_many_facts_and_no_nameless_one(
    anna: User, thing: Entity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "MAX_FACTS", 1)
    people.note_fact(thing, "One", "1", anna)
    people.note_fact(thing, "One", "2", anna)
    for name, value in (("Two", "2"), ("", "2"), ("x" * 81, "2"), ("Three", "")):
        with pytest.raises(exceptions.ConfigurationError):
            people.note_fact(thing, name, value, anna)
    assert list(EntityAttribute.objects.values_list("name", "value")) == [("One", "2")]


def furnish(thing: Entity, anna: User) -> Location:
    """Add to a thing all that people can."""
    cellar = Location.objects.create(source_name="", user_name="Cellar")
    people.edit(thing, {"name": "Mine", "type": "fan", "location_id": cellar.pk, "notes": "spare in the cellar"}, anna)
    people.edit(thing.states.get(key="power"), {"name": "Draw", "location_id": cellar.pk}, anna)
    people.note_fact(thing, "Bought", "2024", anna)
    return cellar


def assert_kept(thing: Entity, cellar: Location) -> None:
    thing = Entity.objects.get(pk=thing.pk)
    assert thing.removed_at is None
    assert (thing.name, thing.entity_type, thing.location) == ("Mine", "fan", cellar)
    assert thing.user_notes == "spare in the cellar"
    assert list(thing.attributes.values_list("name", "value")) == [("Bought", "2024")]
    power = thing.states.get(key="power")
    assert (power.name, power.user_location) == ("Draw", cellar)


def moved(*things: EntitySpec) -> Structure:
    return Structure(entities=things, locations=(FLOOR, KITCHEN, HALL), complete=True)


def test_all_of_it_survives_renames_moves_removal_return_deactivation_and_activation(
    instance: IntegrationInstance, anna: User
) -> None:
    sync(instance, home(lamp(), lamp("Other", key="other")))
    thing = Entity.objects.get(source_name="Kitchen light")
    cellar = furnish(thing, anna)
    sync(instance, moved(lamp("Ceiling", room=HALL.key), lamp("Other", key="other")))
    assert_kept(thing, cellar)
    sync(instance, home(lamp("Other", key="other")))
    assert Entity.objects.get(pk=thing.pk).removed_at
    sync(instance, home(lamp("Again"), lamp("Other", key="other")))
    assert_kept(thing, cellar)
    assert removal.cleanup_entities(instance) == 2
    sync(instance, home(lamp("And again"), lamp("Other", key="other")))
    assert_kept(thing, cellar)
    assert Entity.objects.count() == 2


def test_back_to_the_source_shows_what_it_says_by_now(instance: IntegrationInstance, anna: User) -> None:
    sync(instance, home())
    thing = Entity.objects.get()
    furnish(thing, anna)
    sync(instance, moved(lamp("Ceiling", room=HALL.key)))
    people.edit(thing, {"name": "", "type": "", "location_id": 0}, anna)
    people.edit(thing.states.get(key="power"), {"name": "", "location_id": 0}, anna)
    thing = Entity.objects.get()
    assert (thing.name, thing.entity_type) == ("Ceiling", "light")
    assert thing.location
    assert thing.location.name == "Hall"
    assert EntityState.objects.get(key="power").name == "Power"


def test_five_hundred_renames_there_are_five_hundred_here_and_no_new_row(
    instance: IntegrationInstance, anna: User
) -> None:
    sync(instance, home(*(lamp(f"Lamp {number}", key=f"lamp{number}") for number in range(500))))
    mine = Entity.objects.get(source_name="Lamp 7")
    people.call(mine, "Mine", anna)
    before = set(Entity.objects.values_list("pk", flat=True))
    result = sync(instance, home(*(lamp(f"Light {number}", key=f"lamp{number}") for number in range(500))))
    assert (result.created, result.removed) == (0, 0)
    assert set(Entity.objects.values_list("pk", flat=True)) == before
    assert Entity.objects.filter(source_name__startswith="Light ").count() == 500
    assert Entity.objects.filter(name__startswith="Light ").count() == 499
    assert Entity.objects.get(pk=mine.pk).name == "Mine"


def test_what_nobody_moved_goes_where_its_source_moves_it(instance: IntegrationInstance, anna: User) -> None:
    sync(instance, home(lamp(), lamp("Other", key="other")))
    mine = Entity.objects.get(source_name="Other")
    people.put(mine, LocationFactory(source_name="Cellar").pk, anna)
    sync(instance, moved(lamp(room=HALL.key), lamp("Other", key="other", room=HALL.key)))
    rooms = {thing.source_name: thing.location.name for thing in Entity.objects.all() if thing.location}
    assert rooms == {"Kitchen light": "Hall", "Other": "Cellar"}


def test_a_thing_that_is_gone_can_still_be_written_about(anna: User) -> None:
    gone = EntityFactory(removed_at=timezone.now())
    people.write_notes(gone, "went to the summer house", anna)
    gone.refresh_from_db()
    assert gone.user_notes == "went to the summer house"
