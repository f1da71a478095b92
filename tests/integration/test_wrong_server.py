"""Two servers, one of them mirrored already or in the place of another: the simulators, jobs run where they stand."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from hi.entity.models import Entity, EntityState
from hi.integration import choosing, operations, schedules
from hi.integration.core.specs import Structure
from hi.integration.enums import IntegrationStatus, ItemKind, JobKind, JobStatus, RepairKind, RunOutcome
from hi.integration.models import IntegrationInstance, Job, Lease, Repair, SourceCatalogue, SyncRun
from hi.integration.synchronizer import Tell
from hi.services.hass.hass_gateway import HassSynchronizer
from hi.testing.hass import SimulatedHass, home
from tests.integration.home import listen_lease
from tests.integration.test_lifecycle import reload, run

pytestmark = [pytest.mark.database, pytest.mark.wire, pytest.mark.usefixtures("redis_url", "names")]
GATE = "light.kitchen_ceiling_light"


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the server at an address calls itself for good; by default its address."""
    names: dict[str, str] = {}
    fetch = HassSynchronizer.fetch

    def fetch_named(self: HassSynchronizer, tell: Tell) -> Structure:
        url = self.configuration["url"]
        return replace(fetch(self, tell), server_id=names.get(url, url))

    monkeypatch.setattr(HassSynchronizer, "fetch", fetch_named)
    return names


@pytest.fixture
def other() -> Iterator[SimulatedHass]:
    with SimulatedHass.running(token="another-token", home=home.small()) as other:
        yield other


def draft(label: str, source: SimulatedHass) -> IntegrationInstance:
    return operations.create_draft("hass", label, {"url": source.url, "token": source.token})


def test_a_draft_learns_what_there_is_and_mirrors_nothing_yet(house: IntegrationInstance) -> None:
    job = run(operations.test_connection(house, None))
    assert job.status == JobStatus.SUCCEEDED, job.message
    assert job.steps[-1]["name"] == "Look around"
    assert "things in" in job.steps[-1]["message"]
    assert SourceCatalogue.objects.get(instance=house).settled_at is None
    assert reload(house).server_id
    assert not Entity.objects.exists()


def test_changed_settings_make_a_draft_forget_what_it_learnt(house: IntegrationInstance, other: SimulatedHass) -> None:
    run(operations.test_connection(house, None))
    operations.update_settings(reload(house), {"url": other.url, "token": other.token})
    assert reload(house).server_id == ""
    assert not SourceCatalogue.objects.exists()


def test_a_tested_connection_mirrors_what_was_chosen_and_no_more(house: IntegrationInstance) -> None:
    run(operations.test_connection(house, None))
    kitchen = next(key for key, name, _parent in house.catalogue.content["places"] if name == "Kitchen")
    choosing.set_selection(house, choosing.clean_selection({"areas": [kitchen]}))
    choosing.set_new_things(house, "ask")
    run(operations.activate(house))
    mirrored = Entity.objects.filter(removed_at=None)
    assert mirrored.exists()
    assert mirrored.count() < len(house.catalogue.content["things"])
    assert not house.inbox.exists()


def test_the_connection_test_refuses_a_server_that_is_mirrored_already(
    house: IntegrationInstance, source: SimulatedHass
) -> None:
    run(operations.activate(house))
    again = draft("Again", source)
    job = run(operations.test_connection(again, None))
    assert job.status == JobStatus.FAILED
    assert job.message == "“House” is connected to this server already."
    assert reload(again).is_draft


def test_an_activation_without_a_test_is_refused_before_it_writes(
    house: IntegrationInstance, source: SimulatedHass
) -> None:
    run(operations.activate(house))
    again = draft("Again", source)
    job = run(operations.activate(again))
    assert job.status == JobStatus.FAILED
    assert "“House” is connected to this server already." in job.message
    assert not again.links.exists()
    assert reload(again).status == IntegrationStatus.FAILED
    assert Repair.objects.get(instance=again, closed_at=None).data["twin"] == house.pk


def test_two_homes_live_side_by_side_though_their_names_are_the_same(
    house: IntegrationInstance, other: SimulatedHass
) -> None:
    cabin = draft("Cabin", other)
    for instance in (house, cabin):
        job = run(operations.activate(instance))
        assert job.status == JobStatus.SUCCEEDED, job.message
    lights = EntityState.objects.filter(links__address=GATE)
    assert lights.count() == 2
    assert {link.instance_id for light in lights for link in light.links.all()} == {house.pk, cabin.pk}
    other.remove_entity(GATE)
    run(operations.sync_now(cabin))
    left = EntityState.objects.get(links__address=GATE, removed_at=None)
    assert left.links.get().instance_id == house.pk


@pytest.fixture
def replaced(house: IntegrationInstance, source: SimulatedHass, names: dict[str, str]) -> IntegrationInstance:
    """Mirrored, live, and then another server answers at its address."""
    run(operations.activate(house))
    listen_lease(house)
    names[source.url] = "another server"
    return house


@pytest.fixture
def strange(names: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """It has nothing of what the first one had."""
    fetch = HassSynchronizer.fetch

    def fetch_strange(self: HassSynchronizer, tell: Tell) -> Structure:
        found = fetch(self, tell)
        if found.server_id != "another server":
            return found
        things = tuple(
            replace(
                thing,
                key=f"new-{thing.key}",
                former_keys=(),
                states=tuple(replace(state, key=f"new-{state.key}", former_keys=()) for state in thing.states),
            )
            for thing in found.entities
        )
        return replace(found, entities=things)

    monkeypatch.setattr(HassSynchronizer, "fetch", fetch_strange)


@pytest.mark.usefixtures("strange")
def test_another_server_stops_everything_and_writes_nothing(replaced: IntegrationInstance) -> None:
    before = set(replaced.links.values_list("integration_key", "removed_at"))
    job = run(operations.sync_now(replaced))
    assert job.status == JobStatus.FAILED
    assert set(replaced.links.values_list("integration_key", "removed_at")) == before
    assert reload(replaced).status == IntegrationStatus.FAILED
    assert not Lease.objects.exists()  # the listener, too, writes no value of another home
    assert schedules.next_run_at(replaced) is None
    repair = Repair.objects.get(closed_at=None)
    assert (repair.kind, repair.data) == (
        RepairKind.SERVER_CHANGED,
        {"server_id": "another server", "twin": None},
    )
    assert SyncRun.objects.exclude(outcome=RunOutcome.FAILED).count() == 1


@pytest.mark.usefixtures("strange")
def test_the_new_server_is_taken_when_a_person_says_so(replaced: IntegrationInstance) -> None:
    run(operations.sync_now(replaced))
    job = run(choosing.accept_server(Repair.objects.get(closed_at=None)))
    assert job.status == JobStatus.SUCCEEDED, job.message
    assert reload(replaced).server_id == "another server"
    assert replaced.links.filter(integration_key__startswith="new-", kind=ItemKind.ENTITY).exists()
    assert Repair.objects.get(closed_at=None).kind == RepairKind.REMOVAL_REVIEW


@pytest.mark.usefixtures("strange")
def test_the_first_server_back_at_its_address_closes_the_card(
    replaced: IntegrationInstance, source: SimulatedHass, names: dict[str, str]
) -> None:
    run(operations.sync_now(replaced))
    del names[source.url]
    job = run(operations.activate(reload(replaced)))
    assert job.status == JobStatus.SUCCEEDED, job.message
    assert not Repair.objects.filter(closed_at=None).exists()


def test_another_address_of_a_running_one_is_looked_at_at_once(
    house: IntegrationInstance, other: SimulatedHass
) -> None:
    run(operations.activate(house))
    job = operations.update_settings(reload(house), {"url": other.url, "token": other.token})
    assert job is not None
    assert job.kind == JobKind.SYNC


def test_a_token_wrong_again_is_one_more_attempt_and_one_card(
    source: SimulatedHass, house: IntegrationInstance
) -> None:
    run(operations.activate(house))
    source.revoke_token()
    run(operations.sync_now(house))
    assert reload(house).status == IntegrationStatus.AUTH_FAILED
    tried = source.failed_logins
    operations.update_settings(house, {"token": "wrong-again"})
    run(Job.objects.get(kind=JobKind.ACTIVATE, status=JobStatus.QUEUED))
    assert source.failed_logins == tried + 1
    assert Repair.objects.filter(closed_at=None).count() == 1
    assert not Job.objects.filter(status=JobStatus.QUEUED).exists()
