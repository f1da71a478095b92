"""The tree of places: what sources give, and what people make of it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from hi.accounts.models import User
from hi.entity import places
from hi.entity.grouping import Grouping, list_grouped
from hi.entity.models import Location
from hi.entity.queries import EntityFilter
from hi.integration import exceptions, housekeeping, people, place_edits
from hi.integration.models import AuditEntry, IntegrationInstance
from tests.factories import EntityFactory, LocationFactory, UserFactory
from tests.integration.home import FLOOR, KITCHEN, Structure, home, lamp, make_instance, sync

pytestmark = pytest.mark.database


@pytest.fixture
def anna() -> User:
    return UserFactory(username="anna")


@pytest.fixture
def tree() -> dict[str, Location]:
    """Two floors of one position, as two houses have them, with rooms of the same names."""
    made = {}
    for floor in ("Ground", "Cabin"):
        made[floor] = LocationFactory(source_name=floor, kind="floor", position=0)
        for room in ("Bath", "Attic"):
            made[f"{floor} {room}"] = LocationFactory(source_name=room, source_parent=made[floor])
    places.settle_order()
    return made


def shape() -> list[str]:
    return ["  " * place.depth + str(place.location.name) for place in places.read_tree()]


def test_rooms_stand_under_their_floors_by_name(tree: dict[str, Location]) -> None:
    assert shape() == ["Cabin", "  Attic", "  Bath", "Ground", "  Attic", "  Bath"]


def test_lists_by_room_keep_the_rooms_of_a_floor_together(tree: dict[str, Location], anna: User) -> None:
    for name, room in tree.items():
        EntityFactory(source_name=name, source_location=room)
    strayed = EntityFactory(source_name="Strayed", source_location=tree["Cabin Bath"])
    EntityFactory(source_name="Nowhere")
    people.put(strayed, tree["Ground Attic"].pk, anna)
    place_edits.move(tree["Cabin Attic"], tree["Ground"].pk, anna)
    place_edits.shift(tree["Ground"], -1, anna)
    rows = list_grouped(EntityFilter(), Grouping.ROOM).rows
    assert [row.entity.name for row in rows] == [
        "Ground", "Ground Attic", "Strayed", "Cabin Attic", "Ground Bath", "Cabin", "Cabin Bath", "Nowhere",
    ]  # fmt: skip
    first = list_grouped(EntityFilter(), Grouping.ROOM, limit=3)
    rest = list_grouped(EntityFilter(), Grouping.ROOM, first.following)
    assert [row.entity.pk for row in (*first.rows, *rest.rows)] == [row.entity.pk for row in rows]


def test_a_place_counts_what_is_in_it_alone_and_in_all_of_it(tree: dict[str, Location], anna: User) -> None:
    EntityFactory(source_location=tree["Ground"])
    EntityFactory.create_batch(2, source_location=tree["Ground Bath"])
    EntityFactory(source_location=tree["Ground Bath"], removed_at=timezone.now())
    EntityFactory(source_location=tree["Ground Bath"], is_hidden=True)  # lists leave it out, too
    people.put(EntityFactory(source_location=tree["Ground Bath"]), tree["Cabin Bath"].pk, anna)
    counts = {place.location.pk: (place.things, place.all_things) for place in places.read_tree()}
    assert counts[tree["Ground"].pk] == (1, 3)
    assert counts[tree["Ground Bath"].pk] == (2, 2)
    assert counts[tree["Cabin"].pk] == (0, 1)


def test_a_place_of_your_own_is_added_renamed_moved_and_told(tree: dict[str, Location], anna: User) -> None:
    shed = place_edits.add("  Shed ", "room", tree["Ground"].pk, anna)
    assert shed.is_own
    assert "  Shed" in shape()
    former = place_edits.edit(shed, {"name": "Barn", "parent_id": 0}, anna)
    assert former == {"name": "Shed", "parent_id": tree["Ground"].pk}
    assert "Barn" in shape()
    place_edits.edit(shed, former, anna)
    assert shape()[-1] == "  Shed"
    verbs = list(AuditEntry.objects.order_by("pk").values_list("who", "verb", "subject"))
    assert verbs[:3] == [("anna", "added", "Shed"), ("anna", "renamed", "Shed"), ("anna", "moved", "Barn")]


def test_a_place_cannot_stand_in_itself_however_deep(tree: dict[str, Location], anna: User) -> None:
    inner = place_edits.add("Inner", "floor", tree["Ground"].pk, anna)
    innermost = place_edits.add("Innermost", "floor", inner.pk, anna)
    for parent in (tree["Ground"], inner, innermost):
        with pytest.raises(exceptions.ConfigurationError) as refused:
            place_edits.move(tree["Ground"], parent.pk, anna)
        assert refused.value.field == "parent_id"
    assert Location.objects.get(pk=tree["Ground"].pk).user_parent is None


def test_going_back_to_the_source_is_refused_while_that_stands_in_it(tree: dict[str, Location], anna: User) -> None:
    house = LocationFactory(source_name="House", kind="floor")
    floor = LocationFactory(source_name="Level", kind="floor", source_parent=house)
    place_edits.move(floor, tree["Ground"].pk, anna)
    place_edits.move(house, floor.pk, anna)
    with pytest.raises(exceptions.ConfigurationError):
        place_edits.move(floor, 0, anna)
    assert Location.objects.get(pk=floor.pk).user_parent == tree["Ground"]


def test_places_that_a_source_has_contain_each_other_are_still_shown_once() -> None:
    first = LocationFactory(source_name="First")
    second = LocationFactory(source_name="Second", source_parent=first)
    third = LocationFactory(source_name="Third", source_parent=second)
    Location.objects.filter(pk=first.pk).update(source_parent=third)
    places.settle_order()
    assert sorted(name.strip() for name in shape()) == ["First", "Second", "Third"]
    assert not {place.depth for place in places.read_tree()} - {0, 1, 2}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda tree: place_edits.add("", "room", 0, None), "name"),
        (lambda tree: place_edits.add("Shed", "planet", 0, None), "kind"),
        (lambda tree: place_edits.add("Shed", "room", 987_654, None), "parent_id"),
        (lambda tree: place_edits.add("Level", "floor", tree["Ground Bath"].pk, None), "parent_id"),
        (lambda tree: place_edits.add("House", "building", tree["Ground"].pk, None), "parent_id"),
        (lambda tree: place_edits.edit(place_edits.add("Shed", "room", 0, None), {"name": " "}, None), "name"),
        (lambda tree: place_edits.delete(tree["Ground"], None), ""),
    ],
)
def test_what_cannot_be_is_refused(tree: dict[str, Location], change: Callable[[Any], Any], field: str) -> None:
    with pytest.raises(exceptions.ConfigurationError) as refused:
        change(tree)
    assert refused.value.field == field


def positions() -> dict[str, int | None]:
    return {str(place): place.user_position for place in Location.objects.all()}


def test_neighbours_change_places_and_follow_their_source_again_once_that_is_taken_back(
    tree: dict[str, Location], anna: User
) -> None:
    bath, before = tree["Ground Bath"], positions()
    former = place_edits.shift(bath, -1, anna)
    assert shape()[3:] == ["Ground", "  Bath", "  Attic"]
    assert place_edits.shift(bath, -1, anna) == {}
    shifted = place_edits.arrange(bath, former, anna)
    assert shape()[3:] == ["Ground", "  Attic", "  Bath"]
    assert positions() == before
    assert place_edits.shift(bath, 1, anna) == place_edits.arrange(bath, former, anna) == {}
    place_edits.arrange(bath, shifted, anna)
    assert shape()[3:] == ["Ground", "  Bath", "  Attic"]


def test_a_move_that_is_taken_back_gives_a_place_its_order_back(tree: dict[str, Location], anna: User) -> None:
    bath = tree["Ground Bath"]
    place_edits.shift(bath, -1, anna)
    former = place_edits.edit(bath, {"parent_id": tree["Cabin"].pk}, anna)
    assert shape() == ["Cabin", "  Attic", "  Bath", "  Bath", "Ground", "  Attic"]
    moved = place_edits.edit(bath, former, anna)
    assert shape() == ["Cabin", "  Attic", "  Bath", "Ground", "  Bath", "  Attic"]
    place_edits.edit(bath, moved, anna)
    bath.refresh_from_db()
    assert (bath.parent, bath.user_position) == (tree["Cabin"], None)


def test_as_its_source_has_it_takes_back_name_parent_and_order(tree: dict[str, Location], anna: User) -> None:
    bath = tree["Ground Bath"]
    place_edits.edit(bath, {"name": "Spa", "parent_id": tree["Cabin"].pk}, anna)
    place_edits.shift(bath, -1, anna)
    former = place_edits.edit(bath, {"name": "", "parent_id": 0, "position": ""}, anna)
    bath.refresh_from_db()
    assert (bath.name, bath.parent, bath.user_position) == ("Bath", tree["Ground"], None)
    assert former["name"] == "Spa"


def test_deleting_a_place_of_your_own_sends_what_is_in_it_back(tree: dict[str, Location], anna: User) -> None:
    annex = place_edits.add("Annex", "floor", 0, anna)
    thing = EntityFactory(source_location=tree["Ground Bath"])
    people.put(thing, annex.pk, anna)
    place_edits.move(tree["Cabin Bath"], annex.pk, anna)
    assert place_edits.count_inside(annex) == (1, 1)
    place_edits.delete(annex, anna)
    thing.refresh_from_db()
    assert thing.location == tree["Ground Bath"]
    assert Location.objects.get(pk=tree["Cabin Bath"].pk).parent == tree["Cabin"]
    assert AuditEntry.objects.latest("pk").verb == "removed"


def test_a_place_that_its_source_lost_is_shown_while_something_is_in_it(tree: dict[str, Location], anna: User) -> None:
    Location.objects.filter(source_name__in=["Cabin", "Bath"]).update(removed_at=timezone.now())
    assert shape() == ["Cabin", "  Attic", "Ground", "  Attic"]
    people.put(EntityFactory(), tree["Ground Bath"].pk, anna)
    assert shape() == ["Cabin", "  Attic", "Ground", "  Attic", "  Bath"]


@pytest.fixture
def instance() -> IntegrationInstance:
    return make_instance()


def test_a_sync_numbers_new_places_when_it_is_committed(
    instance: IntegrationInstance, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        sync(instance, home())
    floor, kitchen = (Location.objects.get(source_name=spec.name) for spec in (FLOOR, KITCHEN))
    assert 0 < floor.rank < kitchen.rank
    with django_capture_on_commit_callbacks() as callbacks:
        sync(instance, home(lamp("Renamed")))
    assert callbacks == []


def test_your_names_and_parents_of_places_survive_syncs(instance: IntegrationInstance, anna: User) -> None:
    sync(instance, home())
    kitchen = Location.objects.get(source_name="Kitchen")
    wing = place_edits.add("Wing", "floor", 0, anna)
    place_edits.edit(kitchen, {"name": "Galley", "parent_id": wing.pk}, anna)
    renamed = Structure(
        entities=(lamp(),),
        locations=(FLOOR, type(KITCHEN)(KITCHEN.key, "Big kitchen", KITCHEN.kind, FLOOR.key)),
        complete=True,
    )
    sync(instance, renamed)
    kitchen.refresh_from_db()
    assert (kitchen.source_name, kitchen.name, kitchen.parent) == ("Big kitchen", "Galley", wing)
    place_edits.edit(kitchen, {"name": "", "parent_id": 0}, anna)
    kitchen.refresh_from_db()
    assert (kitchen.name, kitchen.parent and kitchen.parent.name) == ("Big kitchen", FLOOR.name)


def test_housekeeping_numbers_what_two_syncs_left_unnumbered() -> None:
    floor = LocationFactory(source_name="Floor", kind="floor")
    room = LocationFactory(source_name="A room", source_parent=floor)
    housekeeping.keep_house()
    floor.refresh_from_db()
    room.refresh_from_db()
    assert (floor.rank, room.rank) == (1, 2)
