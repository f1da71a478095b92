"""A secret that no key fits stops its own integration, which asks for it anew, and nothing else."""

import pytest
from cryptography.fernet import Fernet

from hi.entity.enums import ControlType, Quality
from hi.entity.models import EntityState
from hi.integration import configuration, exceptions, operations, schedules, trouble
from hi.integration.enums import CommandStatus, IntegrationStatus, JobKind, JobStatus, RepairKind
from hi.integration.models import Command, IntegrationInstance, Job, Lease, Repair
from hi.testing.hass import SimulatedHass
from tests.integration.orders import FarEnd, ask, make_state
from tests.integration.test_lifecycle import reload, run

pytestmark = [pytest.mark.database, pytest.mark.wire, pytest.mark.usefixtures("redis_url")]


def lose(instance: IntegrationInstance) -> None:
    foreign = Fernet(Fernet.generate_key()).encrypt(b"who knows").decode()
    instance.attributes.filter(is_secret=True).update(value=foreign)


@pytest.fixture
def running(house: IntegrationInstance) -> IntegrationInstance:
    """Mirrored, and then robbed of its secret."""
    run(operations.activate(house))
    lose(house)
    return reload(house)


def find_repair(instance: IntegrationInstance) -> Repair:
    return Repair.objects.get(instance=instance, kind=RepairKind.SECRET_LOST, closed_at=None)


def test_the_next_sync_stops_it_and_asks_for_the_secret(running: IntegrationInstance) -> None:
    things = EntityState.objects.filter(removed_at=None).count()
    job = run(operations.sync_now(running))
    assert job.status == JobStatus.FAILED
    assert job.message.startswith("A secret of House cannot be read any more")
    assert reload(running).status == IntegrationStatus.FAILED
    assert find_repair(running).data == {"fields": ["token"]}
    assert schedules.next_run_at(running) is None
    assert not Lease.objects.exists()
    assert EntityState.objects.filter(removed_at=None).count() == things
    assert not EntityState.objects.filter(removed_at=None, quality=Quality.GOOD).exists()


def test_nothing_else_is_harmed(running: IntegrationInstance, instance: IntegrationInstance) -> None:
    run(operations.sync_now(running))
    assert reload(instance).status == IntegrationStatus.ACTIVE
    assert not Repair.objects.exclude(instance=running).exists()
    assert configuration.read_public_configuration(running)["url"].startswith("http://127.0.0.1")


def test_the_secret_given_anew_starts_it_and_closes_the_card(
    running: IntegrationInstance, source: SimulatedHass
) -> None:
    before = set(EntityState.objects.values_list("pk", flat=True))
    run(operations.sync_now(running))
    assert operations.update_settings(reload(running), {"token": source.token}) is not None
    job = run(Job.objects.get(kind=JobKind.ACTIVATE, status=JobStatus.QUEUED))
    assert job.status == JobStatus.SUCCEEDED, job.message
    assert not Repair.objects.filter(closed_at=None).exists()
    assert set(EntityState.objects.filter(removed_at=None).values_list("pk", flat=True)) == before


def test_saving_without_the_secret_says_that_it_is_missing(running: IntegrationInstance) -> None:
    with pytest.raises(exceptions.ConfigurationError, match=r"Long-lived access token is missing\.") as caught:
        operations.update_settings(running, {"token": ""})
    assert caught.value.field == "token"


def test_a_test_of_the_connection_finds_it_too(running: IntegrationInstance) -> None:
    run(operations.test_connection(running, None))
    assert find_repair(running)


def test_what_is_off_is_told_when_it_shall_run(house: IntegrationInstance) -> None:
    lose(house)
    with pytest.raises(exceptions.SecretLostError, match="cannot be read any more"):
        operations.activate(house)
    assert not Repair.objects.exists()
    assert not Job.objects.exists()


def test_a_secret_that_was_given_meanwhile_stops_nothing(running: IntegrationInstance, source: SimulatedHass) -> None:
    operations.update_settings(running, {"token": source.token})
    trouble.stop_secret_lost(running.pk)
    assert not Repair.objects.exists()
    assert reload(running).status != IntegrationStatus.FAILED


def test_a_command_is_not_sent_and_the_card_is_opened(instance: IntegrationInstance, lamp: EntityState) -> None:
    configuration.write_configuration(instance, operations.get_integration_gateway("hass").settings, STORED)
    lose(instance)
    command = ask(lamp)
    claimed = FarEnd()
    claimed.on_prepare = lambda: configuration.read_configuration(instance)
    done = claimed.carry_out(command)
    assert done.status == CommandStatus.FAILED
    assert done.message.startswith("Not sent: A secret of Home cannot be read")
    assert claimed.sent == []
    assert find_repair(instance)


def test_a_code_that_cannot_be_read_is_not_sent(instance: IntegrationInstance) -> None:
    door = make_state(instance, ControlType.LOCK, options=["unlocked"], code_format="text", value="locked")
    command = ask(door, "unlocked", code="4711")
    Command.objects.update(code=Fernet(Fernet.generate_key()).encrypt(b"4711").decode())
    far_end = FarEnd()
    done = far_end.carry_out(command)
    assert (done.status, done.message) == (CommandStatus.FAILED, "Not sent: its code cannot be read.")
    assert far_end.sent == []
    assert reload(instance).status == IntegrationStatus.ACTIVE


STORED = {"url": "http://127.0.0.1:9", "token": "t0ken"}
