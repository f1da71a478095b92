"""What a selection and the decisions mirror of a described home: plain data in, plain data out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hi.entity.enums import EntityType, LocationKind
from hi.integration.core import catalogue, selection
from hi.integration.core.catalogue import Catalogue, Offer, describe_offers
from hi.integration.core.plan import Known, SyncPlan, plan_sync, protect
from hi.integration.core.selection import Choice, Selection
from hi.integration.core.specs import EntitySpec, LocationSpec, Quarantined, StateSpec, Structure, flatten
from hi.integration.enums import Decision, ItemKind, NewThings, RemovalCause

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
FLOOR = LocationSpec("floor:0", "Ground floor", LocationKind.FLOOR)
KITCHEN = LocationSpec("area:kitchen", "Kitchen", parent_key="floor:0")
GARDEN = LocationSpec("area:garden", "Garden")


def thing(key: str, place: str = "", *families: str, **columns: object) -> EntitySpec:
    states = tuple(
        StateSpec(f"{key}-{family}", f"{family}.{key}", family, family, family=family) for family in families
    )
    made = EntitySpec(key, key.title(), EntityType.LIGHT, place, states=states)
    return replace(made, **columns)  # type: ignore[arg-type]


LAMP = thing("lamp", KITCHEN.key, "light", "update")
PUMP = thing("pump", GARDEN.key, "switch")
ROBOT = thing("robot", "", "vacuum", "update")
HOME = Structure(entities=(LAMP, PUMP, ROBOT), locations=(FLOOR, KITCHEN, GARDEN))


def choose(
    structure: Structure = HOME,
    chosen: Selection | None = None,
    *,
    remembered: Catalogue | None = None,
    known: list[Known] | tuple[Known, ...] = (),
    **given: object,
) -> Choice:
    usual: dict[str, object] = {
        "before": Selection(),
        "decisions": {},
        "new_things": NewThings.MIRROR,
        "known": {link.key for link in known if link.kind is ItemKind.ENTITY},
        "offered_before": None,
    }
    offered = catalogue.merge(
        remembered or Catalogue(),
        describe_offers(structure),
        complete=structure.complete,
        protected=protect(structure, known),
    )
    return selection.choose(structure, offered, chosen or Selection(), **{**usual, **given})  # type: ignore[arg-type]


def mirrored(choice: Choice, structure: Structure = HOME) -> set[str]:
    """The keys of the things and states that are not left out."""
    items = (item for item in flatten(structure) if item.kind is not ItemKind.LOCATION)
    return {item.key for item in items if (item.kind, item.key) not in choice.left_out}


LAMP_KEYS = {"lamp", "lamp-light", "lamp-update"}
PUMP_KEYS = {"pump", "pump-switch"}
ROBOT_KEYS = {"robot", "robot-vacuum", "robot-update"}


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ({}, LAMP_KEYS | PUMP_KEYS | ROBOT_KEYS),
        ({"areas": [], "families": [], "things": []}, LAMP_KEYS | PUMP_KEYS | ROBOT_KEYS),
        ({"areas": ["area:kitchen"]}, LAMP_KEYS),
        ({"areas": ["floor:0"]}, LAMP_KEYS),  # a floor stands for its rooms
        ({"areas": [""]}, ROBOT_KEYS),  # what is in no place
        ({"families": ["update"]}, {"lamp", "lamp-update", "robot", "robot-update"}),
        ({"areas": ["area:kitchen", "area:garden"], "families": ["switch"]}, PUMP_KEYS),
        ({"areas": ["area:kitchen"], "things": ["robot"]}, LAMP_KEYS | ROBOT_KEYS),
        ({"families": ["light"], "things": ["pump"]}, {"lamp", "lamp-light"} | PUMP_KEYS),
        ({"things": ["pump"]}, PUMP_KEYS),
        ({"areas": ["area:cellar"]}, set()),
    ],
)
def test_areas_and_families_narrow_and_things_add(stored: dict[str, list[str]], expected: set[str]) -> None:
    assert mirrored(choose(chosen=Selection.read(stored))) == expected


def test_a_thing_is_in_the_places_of_its_states_too() -> None:
    far = StateSpec("lamp-far", "sensor.far", "far", "Far", location_key=GARDEN.key, family="sensor")
    structure = replace(HOME, entities=(replace(LAMP, states=(*LAMP.states, far)),))
    assert "lamp" in mirrored(choose(structure, Selection(areas=frozenset({GARDEN.key}))), structure)


def test_places_that_contain_each_other_hold_nothing_up() -> None:
    one, two = LocationSpec("one", "One", parent_key="two"), LocationSpec("two", "Two", parent_key="one")
    structure = Structure(entities=(thing("lamp", "one", "light"),), locations=(one, two))
    assert "lamp" in mirrored(choose(structure, Selection(areas=frozenset({"two"}))), structure)


def test_a_thing_without_states_stays_as_long_as_no_family_is_chosen() -> None:
    structure = Structure(entities=(thing("box"),))
    assert mirrored(choose(structure), structure) == {"box"}
    assert mirrored(choose(structure, Selection(families=frozenset({"light"}))), structure) == set()


def test_what_is_ignored_stays_out_though_it_is_chosen_by_name_and_under_its_newer_key() -> None:
    renewed = replace(PUMP, key="pump-2", former_keys=("pump",))
    structure = replace(HOME, entities=(LAMP, renewed))
    chosen = Selection(things=frozenset({"pump", "lamp"}))
    choice = choose(structure, chosen, decisions={"pump": Decision.IGNORED})
    assert mirrored(choice, structure) == LAMP_KEYS


def test_a_new_thing_waits_where_people_want_to_be_asked() -> None:
    asking = {"new_things": NewThings.ASK, "offered_before": {"lamp"}}
    choice = choose(**asking)
    assert [offer.key for offer in choice.waiting] == ["pump", "robot"]
    assert mirrored(choice) == LAMP_KEYS
    assert not choose(new_things=NewThings.MIRROR, offered_before={"lamp"}).waiting


def test_to_the_first_answer_nothing_is_new() -> None:
    choice = choose(new_things=NewThings.ASK, offered_before=None)
    assert not choice.waiting
    assert mirrored(choice) == LAMP_KEYS | PUMP_KEYS | ROBOT_KEYS


def test_what_was_mirrored_or_offered_before_or_is_approved_is_not_new() -> None:
    choice = choose(
        new_things=NewThings.ASK,
        offered_before={"lamp"},
        known=links(Structure(entities=(PUMP,))),
        decisions={"robot": Decision.APPROVED, "pump": Decision.WAITING},
    )
    assert not choice.waiting


def test_what_waits_goes_on_waiting_though_it_has_been_offered_by_now() -> None:
    asking = {"new_things": NewThings.ASK, "offered_before": {"lamp", "pump", "robot"}}
    choice = choose(decisions={"pump": Decision.WAITING}, **asking)
    assert [offer.key for offer in choice.waiting] == ["pump"]


def test_what_the_selection_leaves_out_is_no_matter_for_the_inbox() -> None:
    chosen = Selection(areas=frozenset({KITCHEN.key}))
    assert not choose(chosen=chosen, new_things=NewThings.ASK, offered_before={"lamp"}).waiting


def links(structure: Structure = HOME) -> list[Known]:
    return [
        Known(item.kind, item.key, number, item.parent_key, item.content_hash)
        for number, item in enumerate(flatten(structure))
    ]


def plan(structure: Structure, chosen: Selection, known: list[Known], before: Selection | None = None) -> SyncPlan:
    """What a sync does that gets this answer after HOME."""
    remembered = describe_offers(HOME)
    choice = choose(structure, chosen, known=known, remembered=remembered, before=before or Selection())
    return plan_sync(known, structure, now=NOW, left_out=choice.left_out, taken_away=choice.taken_away)


def test_leaving_out_nearly_everything_is_no_loss() -> None:
    many = Structure(entities=tuple(thing(f"lamp{number}", KITCHEN.key, "light") for number in range(50)))
    result = plan(many, Selection(areas=frozenset({"area:empty"})), links(many))
    assert len(result.deselect) == 100
    assert not result.remove
    assert not result.blocked


def test_a_loss_is_judged_by_what_stays() -> None:
    kitchen = tuple(thing(f"lamp{number}", KITCHEN.key, "light") for number in range(8))
    garden = tuple(thing(f"pump{number}", GARDEN.key, "switch") for number in range(92))
    whole = Structure(entities=kitchen + garden, locations=(KITCHEN, GARDEN))
    answer = replace(whole, entities=kitchen[3:] + garden)
    result = plan(answer, Selection(areas=frozenset({KITCHEN.key})), links(whole))
    assert len(result.deselect) == 2 * 92
    assert {link.key for link in result.blocked} == {f"lamp{n}{end}" for n in range(3) for end in ("", "-light")}


def test_an_incomplete_answer_takes_away_what_people_left_out_and_nothing_else() -> None:
    answer = replace(HOME, entities=(replace(LAMP, states=LAMP.states[:1]), PUMP), complete=False)
    result = plan(answer, Selection(areas=frozenset({KITCHEN.key})), links())
    assert {
        link.key for link in result.deselect
    } == PUMP_KEYS | ROBOT_KEYS  # known from before not to be in the kitchen
    assert not result.remove


def test_an_item_that_cannot_be_read_keeps_its_row_unless_its_thing_is_left_out() -> None:
    unreadable = Quarantined(ItemKind.STATE, "lamp-update", "states[1]", "no state")
    answer = replace(HOME, entities=(replace(LAMP, states=LAMP.states[:1]), PUMP, ROBOT), quarantined=(unreadable,))
    kept = plan(answer, Selection(areas=frozenset({KITCHEN.key})), links())
    assert {link.key for link in kept.deselect} == PUMP_KEYS | ROBOT_KEYS
    gone = plan(answer, Selection(areas=frozenset({GARDEN.key})), links())
    assert {link.key for link in gone.deselect} == LAMP_KEYS | ROBOT_KEYS


def test_what_is_chosen_again_comes_back_as_the_row_it_was() -> None:
    gone = [replace(link, removed_at=NOW - timedelta(1), removal_cause=RemovalCause.DESELECTED) for link in links()]
    result = plan(HOME, Selection(), gone)
    assert len(result.reattach) == len(gone)
    assert not result.create


def test_a_state_that_moves_to_a_chosen_thing_is_not_lost_with_its_old_one() -> None:
    moved = replace(LAMP, states=(*LAMP.states, replace(PUMP.states[0], location_key="")))
    answer = replace(HOME, entities=(moved, replace(PUMP, states=()), ROBOT))
    result = plan(answer, Selection(areas=frozenset({KITCHEN.key})), links())
    assert [change.item.key for change in result.update] == ["pump-switch"]
    assert "pump-switch" not in {link.key for link in result.deselect}


KITCHEN_ONLY = Selection(areas=frozenset({KITCHEN.key}))
UPDATES_ONLY = Selection(families=frozenset({"update"}))


def unreadable(kind: ItemKind, key: str) -> Quarantined:
    return Quarantined(kind, key, "rows[1]", "no name")


@pytest.mark.parametrize(
    ("chosen", "answer"),
    [
        # Its one state of the chosen kind cannot be read, while another of its states can.
        (
            UPDATES_ONLY,
            replace(
                HOME,
                entities=(replace(LAMP, states=LAMP.states[:1]), PUMP, ROBOT),
                quarantined=(unreadable(ItemKind.STATE, "lamp-update"),),
            ),
        ),
        # Its room could not be told, so it seems to be nowhere.
        (KITCHEN_ONLY, replace(HOME, entities=(replace(LAMP, location_key=""), PUMP, ROBOT), complete=False)),
        # Which room belongs to the floor could not be read.
        (
            Selection(areas=frozenset({FLOOR.key})),
            replace(HOME, locations=(FLOOR, GARDEN), quarantined=(unreadable(ItemKind.LOCATION, KITCHEN.key),)),
        ),
        (
            Selection(areas=frozenset({FLOOR.key})),
            replace(HOME, locations=(FLOOR, replace(KITCHEN, parent_key=""), GARDEN), complete=False),
        ),
    ],
)
def test_what_cannot_be_read_makes_nothing_fall_out_of_a_choice(chosen: Selection, answer: Structure) -> None:
    was = mirrored(choose(HOME, chosen))
    known = [link for link in links() if link.key in was or link.kind is ItemKind.LOCATION]
    result = plan(answer, chosen, known, before=chosen)
    assert (result.deselect, result.remove, result.blocked) == ((), (), ())


def test_what_leaves_a_choice_by_the_sources_doing_is_a_loss_like_any_other() -> None:
    lamps = tuple(thing(f"lamp{number}", KITCHEN.key, "light") for number in range(10))
    whole = Structure(entities=lamps, locations=(KITCHEN, GARDEN))
    moved = tuple(replace(lamp, location_key=GARDEN.key) for lamp in lamps)
    one = plan(replace(whole, entities=(moved[0], *lamps[1:])), KITCHEN_ONLY, links(whole), before=KITCHEN_ONLY)
    assert {link.key for link in one.remove} == {"lamp0", "lamp0-light"}
    area_gone = replace(whole, entities=tuple(replace(lamp, location_key="") for lamp in lamps), locations=(GARDEN,))
    all_of_them = plan(area_gone, KITCHEN_ONLY, links(whole), before=KITCHEN_ONLY)
    assert (all_of_them.deselect, all_of_them.remove) == ((), ())
    assert len([link for link in all_of_them.blocked if link.kind is ItemKind.ENTITY]) == 10
    assert plan(area_gone, KITCHEN_ONLY, links(whole), before=Selection()).blocked == ()


def test_what_waits_for_a_person_goes_on_waiting_when_the_choice_changes_for_something_else() -> None:
    known = [link for link in links() if link.key in LAMP_KEYS | PUMP_KEYS]
    nowhere = replace(HOME, entities=(replace(LAMP, location_key=""), PUMP, ROBOT))
    both = Selection(areas=frozenset({KITCHEN.key, GARDEN.key}))
    result = plan(nowhere, KITCHEN_ONLY, known, before=both)
    assert {link.key for link in result.deselect} == PUMP_KEYS
    assert {link.key for link in (*result.remove, *result.blocked)} == LAMP_KEYS


AREAS = ("", KITCHEN.key, GARDEN.key, FLOOR.key)
FAMILIES = ("light", "switch", "update", "vacuum")
selections = st.builds(
    Selection,
    st.frozensets(st.sampled_from(AREAS)),
    st.frozensets(st.sampled_from(FAMILIES)),
    st.frozensets(st.sampled_from(("lamp", "pump", "robot", "gone"))),
)


@st.composite
def partial_answers(draw: st.DrawFn) -> Structure:
    """HOME with rows that cannot be read: some with a key that protects them, some without, which leaves doubt."""
    quarantined: list[Quarantined] = []
    entities = []
    is_complete = True
    for entity in HOME.entities:
        if draw(st.booleans()):
            quarantined.append(unreadable(ItemKind.ENTITY, entity.key))
            quarantined += [unreadable(ItemKind.STATE, state.key) for state in entity.states]
            continue
        bad = draw(st.sets(st.sampled_from(entity.states)))
        quarantined += [unreadable(ItemKind.STATE, state.key) for state in bad]
        left = tuple(state for state in entity.states if state not in bad)
        if left:
            entities.append(replace(entity, states=left))
    places = []
    for place in HOME.locations:
        fate = draw(st.sampled_from(("read", "unreadable", "unknown")))
        if fate == "read":
            places.append(place)
        elif fate == "unreadable":
            quarantined.append(unreadable(ItemKind.LOCATION, place.key))
        else:
            is_complete = False
            entities = [replace(one, location_key="") if one.location_key == place.key else one for one in entities]
    return Structure(tuple(entities), tuple(places), is_complete, quarantined=tuple(quarantined))


@given(chosen=selections, answer=partial_answers())
def test_no_answer_that_is_only_partly_readable_removes_anything(chosen: Selection, answer: Structure) -> None:
    was = mirrored(choose(HOME, chosen))
    known = [link for link in links() if link.key in was or link.kind is ItemKind.LOCATION]
    result = plan(answer, chosen, known, before=chosen)
    assert (result.deselect, result.remove, result.blocked) == ((), (), ())


@given(before=selections, after=selections)
def test_a_choice_takes_away_what_the_preview_says(before: Selection, after: Selection) -> None:
    was = mirrored(choose(HOME, before))
    known = [link for link in links() if link.key in was or link.kind is ItemKind.LOCATION]
    result = plan(HOME, after, known, before=before)
    told = selection.compare(describe_offers(HOME), before, after, {})
    things = {link.key for link in result.deselect if link.kind is ItemKind.ENTITY}
    assert things == {offer.key for offer in told.removed}
    assert len(result.deselect) - len(things) >= told.states_removed  # where kinds change places, the net is told
    assert (result.remove, result.blocked) == ((), ())


def test_a_catalogue_survives_being_stored_and_knows_things_by_their_newest_key() -> None:
    offered = describe_offers(replace(HOME, entities=(LAMP, replace(PUMP, former_keys=("old",)))))
    lamp, pump = offered.offers
    assert Catalogue.load(offered.dump()).offers == (lamp, replace(pump, former_keys=()))
    assert Selection(things=frozenset({"old", "lamp"})).renew(offered.offers).things == {"pump", "lamp"}


def test_an_incomplete_answer_forgets_no_offer_and_an_unreadable_one_is_kept() -> None:
    whole = describe_offers(HOME)
    part = describe_offers(replace(HOME, entities=(LAMP,), locations=()))
    assert {offer.key for offer in merge(whole, part, complete=False).offers} == {"lamp", "pump", "robot"}
    assert [offer.key for offer in merge(whole, part, complete=True).offers] == ["lamp"]
    assert [offer.key for offer in merge(whole, part, complete=True, protected={"pump"}).offers] == ["lamp", "pump"]


def merge(older: Catalogue, newer: Catalogue, *, complete: bool, protected: set[str] | None = None) -> Catalogue:
    things = {(ItemKind.ENTITY, key) for key in protected or ()}
    return catalogue.merge(older, newer, complete=complete, protected=things)


def test_a_change_tells_what_it_adds_and_removes_before_it_is_made() -> None:
    offered = describe_offers(HOME)
    before, after = Selection(areas=frozenset({KITCHEN.key})), Selection(families=frozenset({"update"}))
    told = selection.compare(offered, before, after, {})
    assert ([offer.key for offer in told.added], told.removed) == (["robot"], ())
    assert (told.states_added, told.states_removed, told.things_after, told.states_after) == (1, 1, 2, 2)
    ignored = selection.compare(offered, before, after, {"robot": Decision.IGNORED})
    assert (ignored.added, ignored.states_added) == ((), 0)


def test_what_is_chosen_and_no_longer_offered_is_told() -> None:
    chosen = Selection(frozenset({"", KITCHEN.key, "area:old"}), frozenset({"light", "fan"}), frozenset({"gone"}))
    unknown = selection.list_unknown(chosen, describe_offers(HOME))
    assert unknown == Selection(frozenset({"area:old"}), frozenset({"fan"}), frozenset({"gone"}))
    renewed = Offer("new", "New", "light", former_keys=("gone",))
    assert not selection.list_unknown(chosen, Catalogue((), (renewed,))).things


def test_an_empty_selection_is_stored_as_nothing() -> None:
    assert Selection.read({"areas": [], "things": ["lamp"]}).dump() == {"things": ["lamp"]}
    assert Selection.read({}).is_everything
