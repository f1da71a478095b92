"""plan_sync: what a sync would do, from plain data."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hi.integration.core.plan import Known, plan_sync
from hi.integration.core.specs import EntitySpec, LocationSpec, Quarantined, StateSpec, Structure, flatten
from hi.integration.enums import ItemKind, RemovalCause

pytestmark = pytest.mark.pure
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def thing(number: int, name: str = "", states: int = 1) -> EntitySpec:
    return EntitySpec(
        key=f"thing-{number}",
        name=name or f"Thing {number}",
        states=tuple(
            StateSpec(f"state-{number}-{index}", address=f"a.{number}.{index}", aspect=f"aspect{index}", name="State")
            for index in range(states)
        ),
    )


def structure(*numbers: int, **options: object) -> Structure:
    return Structure(entities=tuple(thing(number) for number in numbers), **options)  # type: ignore[arg-type]


def known_of(described: Structure) -> list[Known]:
    """What the database holds after a structure has been applied."""
    return [
        Known(item.kind, item.key, target_id, item.parent_key, item.content_hash)
        for target_id, item in enumerate(flatten(described), start=1)
    ]


def keys(items: tuple[Known, ...], kind: ItemKind = ItemKind.ENTITY) -> list[str]:
    return [link.key for link in items if link.kind is kind]


def test_everything_is_created_the_first_time_parents_before_children() -> None:
    described = Structure(
        locations=(LocationSpec("floor", "Floor"), LocationSpec("room", "Room", parent_key="floor")),
        entities=(thing(1),),
    )
    plan = plan_sync([], described, now=NOW)
    assert [item.key for item in plan.create] == ["floor", "room", "thing-1", "state-1-0"]
    assert plan.total == 4


def test_nothing_is_planned_when_nothing_changed() -> None:
    described = structure(1, 2)
    plan = plan_sync(known_of(described), described, now=NOW)
    assert plan.is_empty
    assert plan.unchanged == 4


def test_only_what_changed_is_updated() -> None:
    before = structure(1, 2)
    after = Structure(entities=(thing(1), thing(2, name="Renamed")))
    plan = plan_sync(known_of(before), after, now=NOW)
    assert [change.item.name for change in plan.update] == ["Renamed"]


def test_an_item_known_by_a_former_key_is_updated_and_not_created_again() -> None:
    before = Structure(entities=(EntitySpec("entity:light.a", "Lamp"),))
    after = Structure(entities=(EntitySpec("entity:8c57aa", "Lamp", former_keys=("entity:light.a",)),))
    plan = plan_sync(known_of(before), after, now=NOW)
    assert not plan.create
    assert not plan.remove
    assert [(change.known.key, change.item.key) for change in plan.update] == [("entity:light.a", "entity:8c57aa")]


def test_an_item_listed_twice_is_created_once() -> None:
    plan = plan_sync([], structure(1, 1), now=NOW)
    assert len(plan.create) == 2  # the thing and its state


def test_a_tombstone_is_reattached() -> None:
    described = structure(1)
    gone = [
        Known(link.kind, link.key, link.target_id, link.parent_key, link.content_hash, NOW, RemovalCause.MISSING)
        for link in known_of(described)
    ]
    plan = plan_sync(gone, described, now=NOW)
    assert len(plan.reattach) == 2
    assert not plan.create


def test_a_few_missing_things_are_removed() -> None:
    plan = plan_sync(known_of(structure(*range(20))), structure(*range(2, 20)), now=NOW)
    assert keys(plan.remove) == ["thing-0", "thing-1"]
    assert not plan.blocked


def test_an_incomplete_answer_removes_nothing() -> None:
    described = structure(2, 3, complete=False)
    plan = plan_sync(known_of(structure(1, 2, 3)), described, now=NOW)
    assert not plan.remove
    assert not plan.blocked


def test_more_than_a_fifth_missing_is_held_for_a_person() -> None:
    plan = plan_sync(known_of(structure(*range(20))), structure(*range(5, 20)), now=NOW)
    assert not plan.remove
    assert len(keys(plan.blocked)) == 5


def test_too_many_missing_states_are_held_even_where_all_things_are_there() -> None:
    before = Structure(entities=(thing(1, states=10),))
    after = Structure(entities=(thing(1, states=5),))
    plan = plan_sync(known_of(before), after, now=NOW)
    assert len(keys(plan.blocked, ItemKind.STATE)) == 5


def test_an_empty_answer_is_held_however_small_the_home() -> None:
    plan = plan_sync(known_of(structure(1)), Structure(), now=NOW)
    assert keys(plan.blocked) == ["thing-1"]


def test_the_states_of_a_thing_go_with_it_however_many_they_are() -> None:
    house = Structure(entities=tuple(thing(number, states=8) for number in range(5)))
    plan = plan_sync(known_of(house), replace(house, entities=house.entities[1:]), now=NOW)
    assert (keys(plan.remove), len(keys(plan.remove, ItemKind.STATE)), plan.blocked) == (["thing-0"], 8, ())


def test_removals_of_the_last_day_count_against_the_brake() -> None:
    described = structure(*range(10))
    gone = [
        Known(ItemKind.ENTITY, f"gone-{index}", 100 + index, removed_at=NOW - timedelta(hours=age), removal_cause=cause)
        for index, (age, cause) in enumerate(
            [
                (1, RemovalCause.MISSING),
                (2, RemovalCause.MISSING),
                (30, RemovalCause.MISSING),
                (1, RemovalCause.APPROVED),
            ]
        )
    ]
    one_less = structure(*range(1, 10))
    assert keys(plan_sync([*known_of(described), *gone[1:]], one_less, now=NOW).remove) == ["thing-0"]
    assert keys(plan_sync([*known_of(described), *gone], one_less, now=NOW).blocked) == ["thing-0"]


def test_approved_removals_pass_the_brake_and_only_those() -> None:
    approved = {(ItemKind.ENTITY, "thing-0"), (ItemKind.STATE, "state-0-0")}
    plan = plan_sync(known_of(structure(*range(6))), structure(5), now=NOW, approved=approved)
    assert keys(plan.remove) == ["thing-0"]
    assert keys(plan.blocked) == ["thing-1", "thing-2", "thing-3", "thing-4"]


def test_an_approved_thing_that_came_back_is_not_removed() -> None:
    described = structure(1)
    plan = plan_sync(known_of(described), described, now=NOW, approved={(ItemKind.ENTITY, "thing-1")})
    assert not plan.remove


@pytest.mark.parametrize(("kind", "key"), [(ItemKind.STATE, "state-0-0"), (ItemKind.ENTITY, "thing-0")])
def test_what_cannot_be_decoded_is_not_removed_nor_what_it_hangs_on_or_what_hangs_on_it(
    kind: ItemKind, key: str
) -> None:
    before = structure(*range(10))
    after = structure(*range(1, 10), quarantined=(Quarantined(kind, key, "items[0]", "no name"),))
    plan = plan_sync(known_of(before), after, now=NOW)
    assert not plan.remove
    assert not plan.blocked


def test_what_a_service_does_not_always_show_stays_as_long_as_its_thing() -> None:
    before = Structure(entities=(thing(1, states=2), thing(2, states=2), *structure(*range(3, 20)).entities))
    kept = frozenset({"state-1-1", "state-2-1", "state-never-known"})
    now = Structure(entities=(thing(1, states=1), *structure(*range(3, 20)).entities), kept=kept)

    plan = plan_sync(known_of(before), now, now=NOW)

    assert (keys(plan.remove), keys(plan.remove, ItemKind.STATE)) == (["thing-2"], ["state-2-0", "state-2-1"])
    assert plan.create == ()
