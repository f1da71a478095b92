"""From what people type to the row that is meant."""

from uuid import UUID

import pytest

from hi.cli import named
from hi.cli.refusal import RefusalError
from hi.entity.models import EntityState
from tests.factories import (
    ControllerFactory,
    EntityFactory,
    EntityStateFactory,
    InstanceFactory,
    JobFactory,
    LocationFactory,
    mirror,
)

pytestmark = pytest.mark.database


def refusal(find: object, name: str) -> str:
    with pytest.raises(RefusalError) as caught:
        find(name)  # type: ignore[operator]
    return f"{caught.value} | {caught.value.hint}"


def make_lamp(name: str = "Lamp", place: str = "Kitchen") -> EntityState:
    state = EntityStateFactory(
        entity=EntityFactory(source_name=name, source_location=LocationFactory(source_name=place))
    )
    ControllerFactory(state=state)
    return state


def test_an_integration_by_id_and_by_name() -> None:
    house = InstanceFactory(label="House")
    for name in (str(house.pk), "House", "house", " HOUSE "):
        assert named.find_integration(name) == house
    assert refusal(named.find_integration, "Hous") == "No integration is called “Hous”. | There is House."


def test_a_name_as_it_is_written_comes_before_one_that_differs_in_case() -> None:
    InstanceFactory(label="house")
    upper = InstanceFactory(label="House")
    assert named.find_integration("House") == upper


def test_what_is_ambiguous_is_told_with_all_that_are_meant() -> None:
    first, second = make_lamp(), make_lamp(place="Hall")
    assert refusal(named.find_thing, "lamp") == (
        "More than one thing is called “lamp”:\n"
        f"  {first.entity.pk}  Lamp, Kitchen\n  {second.entity.pk}  Lamp, Hall | Give the id of the one you mean."
    )


def test_a_state_by_id_address_thing_and_path() -> None:
    state = make_lamp("Kitchen/dining light")
    bright = EntityStateFactory(
        entity=state.entity, source_name="Kitchen/dining light Brightness", key="brightness", is_primary=False
    )
    ControllerFactory(state=bright)
    mirror(state.entity, InstanceFactory())
    for name in (str(state.pk), f"light.{state.pk}", "kitchen/dining light"):
        assert named.find_settable(name) == state
    for name in ("Kitchen/dining light/brightness", "kitchen/dining light / Brightness", bright.name):
        assert named.find_settable(name) == bright


def test_of_several_states_the_one_that_can_be_set_is_meant() -> None:
    sensor = EntityStateFactory(source_name="Door")
    lock = make_lamp("Door")
    assert sensor.entity.name == lock.entity.name or sensor.name == lock.name
    assert named.find_settable("Door") == lock


def test_a_removed_thing_is_found_by_its_id_only() -> None:
    gone = EntityFactory(source_name="Gone", removed_at="2026-01-01T00:00:00Z")
    assert named.find_thing(str(gone.pk)) == gone
    assert refusal(named.find_thing, "Gone").startswith("No thing is called “Gone”.")


def test_a_job_by_the_beginning_of_its_id() -> None:
    job = JobFactory(id=UUID("5517ee84-0000-4000-8000-000000000001"))
    other = JobFactory(id=UUID("5517ee84-0000-4000-8000-000000000002"))
    JobFactory(id=UUID("5518ee84-0000-4000-8000-000000000003"))
    assert named.find_job(str(job.pk)) == job
    assert named.find_job("5518") != job
    assert str(other.pk) in refusal(named.find_job, "5517EE84")
    assert "Give at least 4 characters" in refusal(named.find_job, "551")
    assert "is not the id of a job" in refusal(named.find_job, "latest")


def test_a_place_by_name_and_by_path() -> None:
    floor = LocationFactory(source_name="Floor", kind="floor")
    kitchen = LocationFactory(source_name="Kitchen", source_parent=floor)
    for name in (str(kitchen.pk), "kitchen", "Floor › Kitchen", "floor/kitchen", "Floor > Kitchen"):
        assert named.find_place(name).location == kitchen


@pytest.mark.parametrize("name", ["", "0", "9" * 30, "a\0b", "x" * 5000, "%", "'", "/", "////"])
def test_nonsense_is_refused_in_a_sentence(name: str) -> None:
    for find in (named.find_integration, named.find_thing, named.find_settable, named.find_job, named.find_place):
        assert refusal(find, name)
