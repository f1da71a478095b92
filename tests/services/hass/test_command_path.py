"""From a command's row to the simulated home, as the control worker does it."""

from collections.abc import Iterator

import pytest

from hi.accounts.models import User
from hi.entity.models import EntityState
from hi.integration import commands, configuration, leases
from hi.integration.command_run import CommandRun
from hi.integration.enums import CommandStatus, DesiredState, IntegrationStatus, LeaseRole
from hi.integration.integration_factory import get_integration_gateway
from hi.integration.models import Command, IntegrationInstance
from hi.testing.hass import SimulatedHass, home
from tests.factories import UserFactory

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("redis_url")]

LIGHT = "light.kitchen_ceiling_light"
GATEWAY = get_integration_gateway("hass")


@pytest.fixture
def sim() -> Iterator[SimulatedHass]:
    with SimulatedHass.running(home=home.small(), pace=0.01) as simulator:
        yield simulator


@pytest.fixture
def instance(sim: SimulatedHass) -> IntegrationInstance:
    made = IntegrationInstance.objects.create(
        integration_type="hass", label="Home", desired_state=DesiredState.ACTIVE, status=IntegrationStatus.ACTIVE
    )
    configuration.write_configuration(made, GATEWAY.settings, {"url": sim.url, "token": sim.token})
    synchronizer = GATEWAY.build_synchronizer(made)
    lease = leases.acquire(made.pk, LeaseRole.SYNC, "test", 60)
    assert synchronizer is not None
    assert lease is not None
    synchronizer.apply(synchronizer.fetch(lambda _done, _total, _text: None), lease)
    leases.release(lease)
    EntityState.objects.update(quality="good")
    return made


@pytest.fixture
def anna() -> User:
    return UserFactory.create()


def carry_out(address: str, value: str, user: User) -> Command:
    state = EntityState.objects.get(links__address=address)
    command = commands.request(state, value, user=user, key=f"{address} {value}")
    run = CommandRun.claim(str(command.pk))
    assert run is not None
    run.carry_out(GATEWAY.build_commander)
    command.refresh_from_db()
    return command


def test_a_command_is_carried_out_once_and_waits_for_the_state(
    sim: SimulatedHass, instance: IntegrationInstance, anna: User
) -> None:
    command = carry_out(LIGHT, "off", anna)

    assert command.status == CommandStatus.ACKNOWLEDGED
    assert command.expected == ["off"]
    assert sim.states()[LIGHT].state == "off"
    assert [call["service"] for call in sim.calls] == ["turn_off"]
    assert CommandRun.claim(str(command.pk)) is None


def test_a_service_that_fails_ends_the_command_with_its_own_reason(
    sim: SimulatedHass, instance: IntegrationInstance, anna: User
) -> None:
    sim.fail_service("light.turn_off", "The bridge is asleep.")

    command = carry_out(LIGHT, "off", anna)

    assert (command.status, command.message) == (CommandStatus.FAILED, "The bridge is asleep.")


def test_a_command_for_what_has_gone_there_fails_with_that_reason_and_calls_nothing(
    sim: SimulatedHass, instance: IntegrationInstance, anna: User
) -> None:
    sim.remove_state(LIGHT)

    command = carry_out(LIGHT, "off", anna)

    assert command.status == CommandStatus.FAILED
    assert command.message == f"Home Assistant has no {LIGHT}."
    assert sim.calls == []


def test_an_answer_that_is_lost_leaves_the_command_unknown_and_is_not_sent_again(
    sim: SimulatedHass, instance: IntegrationInstance, anna: User
) -> None:
    sim.lose_answers()

    command = carry_out(LIGHT, "off", anna)

    assert command.status == CommandStatus.UNKNOWN
    assert len(sim.calls) == 1
    assert CommandRun.claim(str(command.pk)) is None
