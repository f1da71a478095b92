"""A simulated Home Assistant becomes rows: fetch, convert, plan and apply as the worker does it."""

from collections.abc import Iterator

import pytest

from hi.entity.models import Controller, Entity, EntityState, Location
from hi.integration import configuration, exceptions, leases
from hi.integration.app_config import describe
from hi.integration.enums import DesiredState, IntegrationStatus, ItemKind, LeaseRole
from hi.integration.integration_factory import get_integration_gateway
from hi.integration.models import IntegrationInstance
from hi.integration.synchronizer import SyncResult
from hi.services.hass.client import HassClient
from hi.services.hass.hass_gateway import fetch_settled
from hi.testing.hass import SimulatedHass, home
from tests.services.hass import captured

pytestmark = pytest.mark.database

LIGHT = "light.kitchen_ceiling_light"


@pytest.fixture
def sim() -> Iterator[SimulatedHass]:
    with SimulatedHass.running(home=home.small()) as simulator:
        yield simulator


@pytest.fixture
def instance(sim: SimulatedHass) -> IntegrationInstance:
    made = IntegrationInstance.objects.create(
        integration_type="hass",
        label="Simulated",
        desired_state=DesiredState.ACTIVE,
        status=IntegrationStatus.ACTIVE,
    )
    configure(made, {"url": sim.url, "token": sim.token})
    return made


def configure(instance: IntegrationInstance, values: dict[str, str]) -> None:
    configuration.write_configuration(instance, get_integration_gateway("hass").settings, values)


def sync(instance: IntegrationInstance) -> SyncResult:
    synchronizer = get_integration_gateway("hass").build_synchronizer(instance)
    lease = leases.acquire(instance.pk, LeaseRole.SYNC, "test", 60)
    assert synchronizer is not None
    assert lease is not None
    said: list[str] = []
    try:
        return synchronizer.apply(synchronizer.fetch(lambda _done, _total, text: said.append(text)), lease)
    finally:
        leases.release(lease)
        assert said


def rows() -> set[tuple[int, str]]:
    return set(EntityState.objects.filter(removed_at=None).values_list("pk", "links__address"))


def test_the_gateway_is_found_and_introduces_itself() -> None:
    info = describe("hass")

    assert (info.label, info.badge, info.hue, info.installed) == ("Home Assistant", "HA", 240, True)
    own, shared = ["url", "token"], ["tls_check", "tls_authority", "tls_fingerprint"]
    assert [spec.key for spec in get_integration_gateway("hass").settings] == [*own, *shared]


def test_a_broken_token_is_refused_without_touching_the_network(instance: IntegrationInstance) -> None:
    configure(instance, {"url": "http://192.0.2.1:8123", "token": "“quoted”"})

    with pytest.raises(exceptions.ConfigurationError) as caught:
        get_integration_gateway("hass").validate_configuration(instance)

    assert caught.value.field == "token"


def test_every_entity_is_one_state_and_a_second_sync_changes_nothing(
    sim: SimulatedHass, instance: IntegrationInstance
) -> None:
    first = sync(instance)
    again = sync(instance)

    addresses = sorted(address for _pk, address in rows())
    assert [address for address in addresses if "#" not in address] == sorted(sim.states())
    assert f"{LIGHT}#brightness" in addresses
    assert first.created == first.total == again.synced
    assert (again.created, again.updated, again.removed) == (0, 0, 0)
    assert Location.objects.get(source_name="Kitchen").parent == Location.objects.get(source_name="Ground floor")
    assert Controller.objects.filter(state__links__address=LIGHT).exists()


def test_a_renamed_entity_is_the_same_row(sim: SimulatedHass, instance: IntegrationInstance) -> None:
    sync(instance)
    before = {address: pk for pk, address in rows()}

    sim.rename_entity(LIGHT, "light.lamp")
    sim.rename_device("Coffee machine", "Espresso machine")
    result = sync(instance)

    after = {address: pk for pk, address in rows()}
    assert after["light.lamp"] == before[LIGHT]
    assert after["light.lamp#brightness"] == before[f"{LIGHT}#brightness"]
    assert (result.created, result.removed) == (0, 0)
    assert Entity.objects.filter(name="Espresso machine").count() == 1


def test_an_entity_that_gets_a_registry_row_is_the_same_row(sim: SimulatedHass, instance: IntegrationInstance) -> None:
    name = "sensor.bin_collection"
    sync(instance)
    before = rows()

    sim.home.entities[name] = captured.entry(name, id="a new registry id", original_name="Bins")
    result = sync(instance)

    assert rows() == before
    assert (result.created, result.removed) == (0, 0)
    assert instance.links.get(address=name).integration_key == "a new registry id"
    assert instance.links.filter(kind=ItemKind.ENTITY, integration_key="entity:a new registry id").exists()


def test_an_integration_that_did_not_load_renames_and_removes_nothing(
    sim: SimulatedHass, instance: IntegrationInstance
) -> None:
    sync(instance)
    names = set(EntityState.objects.values_list("name", "entity__name"))

    sim.make_unavailable("sensor.coffee_machine_power", LIGHT, restored=True)
    result = sync(instance)

    assert set(EntityState.objects.values_list("name", "entity__name")) == names
    assert (result.created, result.removed) == (0, 0)


def test_a_starting_server_removes_nothing(sim: SimulatedHass, instance: IntegrationInstance) -> None:
    sync(instance)
    before = rows()
    sim.go_down()
    sim.come_up(entities=2)

    result = sync(instance)

    assert rows() == before
    assert result.removed == 0
    assert "not fully started" in result.message


def test_what_is_gone_from_a_running_server_goes(sim: SimulatedHass, instance: IntegrationInstance) -> None:
    sync(instance)

    sim.remove_device("Front door lock")
    result = sync(instance)

    assert result.removed == 2, "the thing and its one state"
    assert not Entity.objects.filter(removed_at=None, name="Front door lock").exists()


def test_an_entity_in_the_midst_of_a_rename_is_waited_for(sim: SimulatedHass) -> None:
    """Home Assistant changes the row at once; its loop takes the state away and adds it again some turns later."""
    row = sim.home.entities[LIGHT]
    row["entity_id"] = "light.lamp"

    def turn(_seconds: float) -> None:
        row["entity_id"] = LIGHT
        sim.rename_entity(LIGHT, "light.lamp")

    with HassClient({"url": sim.url, "token": sim.token}) as client:
        found = fetch_settled(client, turn)

    assert found.is_settled
    assert {state["entity_id"] for state in found.states} == set(sim.states())


def test_what_has_a_row_and_stays_without_a_state_holds_nothing_up_for_long(sim: SimulatedHass) -> None:
    sim.home.remove_state(LIGHT)
    waits: list[float] = []

    with HassClient({"url": sim.url, "token": sim.token}) as client:
        found = fetch_settled(client, waits.append)

    assert (found.is_settled, len(waits)) == (True, 1)


def test_a_home_in_which_entities_go_on_moving_is_not_settled(sim: SimulatedHass) -> None:
    going = iter(sorted(sim.home.entities.keys() & sim.states()))
    sim.home.remove_state(next(going))

    with HassClient({"url": sim.url, "token": sim.token}) as client:
        found = fetch_settled(client, lambda _seconds: sim.home.remove_state(next(going)))

    assert not found.is_settled
