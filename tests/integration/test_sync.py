"""EntitySynchronizer.apply: a structure becomes rows, and nothing of the user's is touched."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hi.entity.models import Controller, Entity, EntityState, Location, Sensor
from hi.integration import exceptions, jobs, leases, removal
from hi.integration.core.specs import EntitySpec
from hi.integration.enums import ItemKind, JobKind, LeaseRole, RemovalPolicy, RepairKind, RunOutcome
from hi.integration.job_run import JobRun
from hi.integration.models import IntegrationInstance, IntegrationLink, Repair, SyncRun
from tests.integration.home import FLOOR, Described, home, lamp, make_instance, sync

pytestmark = pytest.mark.database


@pytest.fixture
def instance() -> IntegrationInstance:
    return make_instance()


def many(number: int) -> list[EntitySpec]:
    return [lamp(f"Lamp {index}", key=f"lamp{index}") for index in range(number)]


def test_a_first_sync_makes_places_things_states_sensors_controllers_and_their_links(
    instance: IntegrationInstance,
) -> None:
    result = sync(instance, home())
    thing = Entity.objects.get()
    assert (thing.name, thing.entity_type, thing.source_details) == ("Kitchen light", "light", {"Maker": "Lumen"})
    assert thing.location is not None
    assert thing.location.name == "Kitchen"
    assert thing.location.parent is not None
    assert thing.location.parent.name == FLOOR.name
    assert set(thing.states.values_list("key", "state_type", "is_primary")) == {
        ("light", "on_off", True),
        ("power", "power", False),
    }
    assert Controller.objects.get().control == "toggle"
    assert Sensor.objects.get().precision == 1
    assert instance.links.count() == 5
    assert (result.synced, result.removed, result.total) == (5, 0, 5)


def test_a_second_sync_changes_nothing(instance: IntegrationInstance) -> None:
    sync(instance, home())
    revision = instance.structure_revision
    before = list(IntegrationLink.objects.values())
    result = sync(instance, home())
    assert list(IntegrationLink.objects.values()) == before
    assert (result.created, result.updated, result.removed) == (0, 0, 0)
    assert instance.structure_revision == revision


def test_the_number_of_statements_does_not_grow_with_the_home(instance: IntegrationInstance) -> None:
    other = make_instance(label="Cabin")
    with CaptureQueriesContext(
        connection,
    ) as few:
        sync(instance, home(*many(2)))
    with CaptureQueriesContext(connection) as more:
        sync(other, home(*many(40)))
    assert len(more) <= len(few) + 6  # SQLite splits one insert of many rows by its parameters


def test_the_number_of_statements_does_not_grow_with_what_has_changed(instance: IntegrationInstance) -> None:
    def renamed(number: int) -> list[EntitySpec]:
        return [lamp(f"Renamed {number}-{index}", key=f"lamp{index}") for index in range(number)]

    sync(instance, home(*many(40)))
    with CaptureQueriesContext(connection) as few:
        sync(instance, home(*renamed(2), *many(40)[2:]))
    with CaptureQueriesContext(connection) as more:
        sync(instance, home(*renamed(40)))
    assert len(more) == len(few)
    assert set(Entity.objects.values_list("name", flat=True)) == {f"Renamed 40-{index}" for index in range(40)}


def test_a_renamed_thing_keeps_its_row_and_the_users_name(instance: IntegrationInstance) -> None:
    sync(instance, home())
    thing = Entity.objects.get()
    Entity.objects.update(user_name="My lamp")
    sync(instance, home(lamp("Ceiling light")))
    renamed = Entity.objects.get()
    assert (renamed.pk, renamed.source_name, renamed.name) == (thing.pk, "Ceiling light", "My lamp")
    assert SyncRun.objects.latest("pk").kept_names == 1


def test_a_thing_moves_with_its_source_unless_the_user_placed_it(instance: IntegrationInstance) -> None:
    sync(instance, home())
    cellar = Location.objects.create(source_name="Cellar")
    sync(instance, home(lamp(room="")))
    assert Entity.objects.get().location is None
    Entity.objects.update(user_location=cellar)
    sync(instance, home())
    assert Entity.objects.get().location == cellar


def test_a_removed_thing_is_a_tombstone_and_comes_back_as_the_same_row(instance: IntegrationInstance) -> None:
    things = many(12)
    sync(instance, home(*things))
    ids = set(Entity.objects.values_list("pk", flat=True))
    result = sync(instance, home(*things[1:]))
    assert result.removed == 3  # the thing and its two states
    gone = Entity.objects.get(name="Lamp 0")
    assert gone.removed_at is not None
    assert gone.states.filter(removed_at=None).count() == 0
    sync(instance, home(*things))
    assert set(Entity.objects.filter(removed_at=None).values_list("pk", flat=True)) == ids
    assert EntityState.objects.filter(removed_at__isnull=False).count() == 0


def test_an_incomplete_answer_is_applied_and_removes_nothing(instance: IntegrationInstance) -> None:
    things = many(12)
    sync(instance, home(*things))
    sync(instance, home(*things[:3], lamp("New", key="new"), complete=False))
    assert Entity.objects.filter(removed_at=None).count() == 13
    assert SyncRun.objects.latest("pk").outcome == RunOutcome.PARTIAL


def test_a_large_loss_opens_one_review_that_each_run_brings_up_to_date(instance: IntegrationInstance) -> None:
    things = many(10)
    sync(instance, home(*things))
    sync(instance, home(*things[:4]))
    assert Entity.objects.filter(removed_at=None).count() == 10
    assert SyncRun.objects.latest("pk").outcome == RunOutcome.HELD
    review = Repair.objects.get(closed_at=None)
    assert len([key for key in review.data["keys"] if key[0] == ItemKind.ENTITY]) == 6
    sync(instance, home(*things[:5]))
    assert len([key for key in Repair.objects.get(closed_at=None).data["keys"] if key[0] == ItemKind.ENTITY]) == 5
    assert "Lamp 9" in [name for _kind, _key, name in Repair.objects.get(closed_at=None).data["keys"]]
    sync(instance, home(*things))
    assert not Repair.objects.filter(closed_at=None).exists()


def test_approved_removals_that_are_still_missing_go(instance: IntegrationInstance) -> None:
    things = many(10)
    sync(instance, home(*things))
    sync(instance, home(*things[:4]))
    review = Repair.objects.get(kind=RepairKind.REMOVAL_REVIEW)
    approved = {(ItemKind(kind), key) for kind, key, _name in review.data["keys"]}
    sync(instance, home(*things[:5]), approved=approved)  # one of them came back meanwhile
    assert Entity.objects.filter(removed_at=None).count() == 5
    assert not Repair.objects.filter(closed_at=None).exists()


def test_a_run_whose_lease_is_lost_writes_nothing(instance: IntegrationInstance) -> None:
    lease = leases.acquire(instance.pk, LeaseRole.SYNC, "late", 60)
    assert lease is not None
    leases.revoke(instance.pk)
    with pytest.raises(exceptions.LeaseLostError):
        Described(instance).apply(home(), lease)
    assert not Entity.objects.exists()
    assert not SyncRun.objects.exists()


def test_values_are_never_written_by_a_sync(instance: IntegrationInstance) -> None:
    sync(instance, home())
    EntityState.objects.filter(key="power").update(value="12", unit="W", quality="good")
    sync(instance, home(lamp("Renamed")))
    state = EntityState.objects.get(key="power")
    assert (state.value, state.unit, state.quality) == ("12", "W", "good")


def test_cleaning_up_hides_and_the_next_sync_brings_back_the_same_rows(instance: IntegrationInstance) -> None:
    sync(instance, home(*many(3)))
    before = set(EntityState.objects.values_list("pk", flat=True))
    assert removal.cleanup_entities(instance) == 3
    assert not Entity.objects.filter(removed_at=None).exists()
    sync(instance, home(*many(3)))
    assert set(EntityState.objects.filter(removed_at=None).values_list("pk", flat=True)) == before


def test_cleaning_up_keeps_everything_where_the_policy_says_so(instance: IntegrationInstance) -> None:
    sync(instance, home(*many(3)))
    instance.removal_policy = RemovalPolicy.KEEP
    assert removal.cleanup_entities(instance) == 0
    assert Entity.objects.filter(removed_at=None).count() == 3


def test_deleting_deletes_what_only_this_instance_mirrors(instance: IntegrationInstance) -> None:
    sync(instance, home(*many(2)))
    other = make_instance(label="Cabin")
    shared = Entity.objects.get(name="Lamp 0")
    IntegrationLink.objects.create(instance=other, kind=ItemKind.ENTITY, integration_key="same", entity=shared)
    run = JobRun.claim(str(jobs.enqueue(JobKind.DELETE, instance).pk), 0)
    assert run is not None
    removal.delete_instance(instance, run)
    assert run.job.checkpoint["things"] == 1
    assert list(Entity.objects.all()) == [shared]
    assert not IntegrationInstance.objects.filter(label="House").exists()


def test_an_upgrade_of_the_source_is_told_with_what_came_and_went(instance: IntegrationInstance) -> None:
    light, power = lamp().states
    voltage = replace(power, key="lamp-voltage", address="sensor.lamp_voltage", aspect="voltage", name="Voltage")
    sync(instance, replace(home(), source_version="1.36.33"))
    instance.refresh_from_db()
    told = sync(instance, replace(home(replace(lamp(), states=(light, voltage))), source_version="1.38.0")).message
    assert told.startswith("Version 1.38.0 in place of 1.36.33; new: Voltage; gone: Power. 1 new,")
    instance.refresh_from_db()
    assert "in place of" not in sync(instance, replace(home(), source_version="1.38.0")).message
