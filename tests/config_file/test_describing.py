"""The hub written out: all that people decided and added, and never a secret."""

import pytest

from hi.accounts.models import User
from hi.integration import exceptions, operations, people, place_edits
from hi.integration.config_file.describing import describe
from hi.integration.models import IntegrationInstance
from tests.config_file.world import TOKEN, export, fill, make_it_theirs, thing
from tests.factories import UserFactory
from tests.integration.home import home, lamp, make_instance, sync

pytestmark = pytest.mark.database


@pytest.fixture
def user() -> User:
    return UserFactory()


def test_all_that_people_added_is_in_it(user: User) -> None:
    fill(make_instance())
    make_it_theirs(user)
    assert (
        export().split("\n", 3)[3]
        == """
integrations:
  House:
    kind: absent
    state: active
    sync_every: 10 min
    when_deactivated: remove
    new_things: mirror
    mirror: everything

places:
  own:
    Garden:
      kind: building
    Shed:
      kind: room
      inside: Garden
    Pantry:
      kind: room
      inside:
        integration: House
        key: area:kitchen
  mirrored:
    House:
      area:kitchen:  # Kitchen
        name: Küche
        inside: Garden
        position: 3

things:
  House:
    hall:  # Hall light
      states:
        hall-power:  # Power
          place:
            integration: House
            key: floor:0
    lamp:  # Kitchen light
      name: 'No'
      kind: switch
      place: Shed
      notes: |-
        One: two
        # three
      facts:
        Filter changed: '2026-01-01'
      states:
        lamp-power:  # Power
          name: Watts
"""
    )


def test_a_secret_is_only_referred_to(user: User) -> None:
    for label in ("House", "house!"):
        operations.add("hass", label, {"url": "http://house.lan:8123", "token": TOKEN}, user)
    text = export()
    assert TOKEN not in text
    assert "gAAAA" not in text
    assert text.count("env: HI_HOUSE_TOKEN\n") == 1
    assert text.count("env: HI_HOUSE_TOKEN_2\n") == 1


def test_a_draft_is_not_in_it() -> None:
    operations.create_draft("hass", "Begun", {"url": "http://house.lan:8123", "token": TOKEN})
    assert "Begun" not in export()


def test_what_a_source_has_lost_is_told_and_left_out(user: User) -> None:
    instance = make_instance()
    fill(instance)
    people.call(thing("hall"), "Gone", user)
    sync(instance, home(lamp()))
    described = describe()
    assert described.left_out == ("1 thing that its source has lost has additions of yours",)
    assert described.document.things == {}


def test_what_is_switched_off_is_in_it(user: User) -> None:
    instance = make_instance()
    fill(instance)
    people.call(thing("hall"), "Mine", user)
    instance.links.update(removed_at="2026-01-01T00:00:00Z", removal_cause="deactivated")
    assert describe().document.things["House"]["hall"].name == "Mine"


def test_two_sources_of_one_thing_name_it_once(user: User) -> None:
    cabin, house = make_instance(label="Cabin"), make_instance(label="House")
    fill(house)
    people.call(thing("lamp"), "Mine", user)
    cabin.links.create(kind="entity", integration_key="same-lamp", entity=thing("lamp"))
    assert list(describe().document.things) == ["Cabin"]


def test_two_of_one_name_are_refused_with_what_to_do(user: User) -> None:
    make_instance()
    second = make_instance()
    with pytest.raises(exceptions.IntegrationError, match="Two integrations are called “House”"):
        describe()
    operations.rename(second, "Cabin")
    place_edits.add("Shed", "room", 0, user)
    place_edits.add("Shed", "room", 0, user)
    with pytest.raises(exceptions.IntegrationError, match="Two places of your own are called “Shed”"):
        describe()


def test_it_costs_the_same_whatever_the_size(user: User, django_assert_max_num_queries: object) -> None:
    sync(make_instance(), home(*(lamp(f"Lamp {number}", key=f"l{number}") for number in range(40))))
    for number in range(40):
        people.edit(thing(f"l{number}"), {"name": f"Mine {number}", "notes": "x"}, user)
    assert IntegrationInstance.objects.count() == 1
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        describe()
