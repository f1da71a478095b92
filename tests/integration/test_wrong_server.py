"""Two servers, one of them mirrored already or in the place of another: the simulators, jobs run where they stand."""

from collections.abc import Iterator

import pytest

from hi.entity.models import Entity, EntityState
from hi.integration import choosing, live_reports, operations, schedules
from hi.integration.enums import IntegrationStatus, ItemKind, JobKind, JobStatus, RepairKind, RunOutcome
from hi.integration.models import IntegrationInstance, Job, Lease, Repair, SourceCatalogue, SyncRun
from hi.testing.hass import SimulatedHass, home
from tests.integration.home import listen_lease
from tests.integration.test_lifecycle import reload, run
from tests.replaced import in_place_of

pytestmark = [pytest.mark.database, pytest.mark.wire, pytest.mark.usefixtures("redis_url")]
GATE = "light.kitchen_ceiling_light"
ANOTHER = "01KB1Y7N5C0000000000000000"


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
    assert SourceCatalogue.objects.get().content == {}


def test_a_tested_connection_mirrors_what_was_chosen_and_no_more(house: IntegrationInstance) -> None:
    run(operations.test_connection(house, None))
    kitchen = next(key for key, name, _parent in house.catalogue.content["places"] if name == "Kitchen")
    choosing.choose(house, choosing.clean_selection({"areas": [kitchen]}))
    choosing.choose(house, new_things="ask")
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
def live(house: IntegrationInstance) -> IntegrationInstance:
    """Mirrored, and somebody hears it."""
    run(operations.activate(house))
    listen_lease(house)
    return reload(house)


@pytest.fixture
def strange(live: IntegrationInstance, source: SimulatedHass) -> Iterator[SimulatedHass]:
    """Another home, which answers at the first one's address."""
    with in_place_of(source, home=home.small("another home"), server_id=ANOTHER) as strange:
        yield strange


def test_another_server_stops_everything_and_writes_nothing(live: IntegrationInstance, strange: SimulatedHass) -> None:
    before = set(live.links.values_list("integration_key", "removed_at"))
    job = run(operations.sync_now(live))
    assert job.status == JobStatus.FAILED
    assert set(live.links.values_list("integration_key", "removed_at")) == before
    assert reload(live).status == IntegrationStatus.FAILED
    assert not Lease.objects.exists()  # the listener, too, writes no value of another home
    assert schedules.next_run_at(live) is None
    repair = Repair.objects.get(closed_at=None)
    assert (repair.kind, repair.data) == (RepairKind.SERVER_CHANGED, {"server_id": ANOTHER, "twin": None})
    assert SyncRun.objects.exclude(outcome=RunOutcome.FAILED).count() == 1


def test_another_server_that_is_still_starting_writes_nothing_either(
    live: IntegrationInstance, strange: SimulatedHass
) -> None:
    before = set(live.links.values_list("integration_key", "removed_at"))
    strange.go_down()
    strange.come_up()
    assert run(operations.sync_now(live)).status == JobStatus.FAILED
    assert set(live.links.values_list("integration_key", "removed_at")) == before
    assert Repair.objects.get(closed_at=None).kind == RepairKind.SERVER_CHANGED


def test_the_new_server_is_taken_when_a_person_says_so(live: IntegrationInstance, strange: SimulatedHass) -> None:
    run(operations.sync_now(live))
    known = set(live.links.values_list("integration_key", flat=True))
    job = run(choosing.accept_server(Repair.objects.get(closed_at=None)))
    assert job.status == JobStatus.SUCCEEDED, job.message
    assert reload(live).server_id == ANOTHER
    assert live.links.filter(kind=ItemKind.ENTITY).exclude(integration_key__in=known).exists()
    assert Repair.objects.get(closed_at=None).kind == RepairKind.REMOVAL_REVIEW


def test_the_first_server_back_at_its_address_closes_the_card(
    live: IntegrationInstance, strange: SimulatedHass
) -> None:
    run(operations.sync_now(live))
    with in_place_of(strange, home=home.small(), server_id=live.server_id):
        job = run(operations.activate(reload(live)))
    assert job.status == JobStatus.SUCCEEDED, job.message
    assert not Repair.objects.filter(closed_at=None).exists()


def test_another_address_of_a_running_one_is_looked_at_at_once(
    house: IntegrationInstance, other: SimulatedHass
) -> None:
    run(operations.activate(house))
    live_reports.report_live(listen_lease(house))
    job = operations.update_settings(reload(house), {"url": other.url, "token": other.token})
    assert job is not None
    assert job.kind == JobKind.SYNC
    assert not Lease.objects.exists()  # whoever hears the old address writes nothing more, and nothing is set there
    assert reload(house).live_since is None
    assert reload(house).live_error == "The address was changed."


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
