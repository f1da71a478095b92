"""What people set: done there, confirmed by what the system tells, refused with a reason, never done later."""

from uuid import uuid4

import pytest

from hi.integration import commands, exceptions
from hi.integration.enums import OPEN_COMMAND_STATUSES, CommandStatus
from hi.integration.integration_factory import get_integration_gateway
from hi.integration.models import Command, IntegrationInstance
from hi.tasks.control import send_command
from hi.testing.conformance.far_end import Change
from hi.testing.conformance.faults import check_told
from hi.testing.conformance.suite import Suite, needs
from hi.testing.conformance.world import World, get_anna, is_live, state_at, wait_until

VERBS = {"pick_order", "is_done", "count_orders", "refuse_orders"}


class Orders(Suite):
    def test_orders_are_looked_at_where_it_takes_any(self) -> None:
        needed = set() if get_integration_gateway(self.integration_type).takes_commands else VERBS
        assert VERBS & self.simulator.cannot.keys() == needed

    @needs("pick_order", "is_done", "count_orders")
    def test_an_order_is_done_there_once_and_confirmed_by_what_the_system_tells(self, world: World) -> None:
        instance = world.connect()
        with world.listening(instance):
            order = world.far_end.pick_order()
            assert not world.far_end.is_done(order)
            command = carry_out(request(instance, order))
            assert world.far_end.count_orders() == 1
            wait_until(lambda: find_status(command) not in OPEN_COMMAND_STATUSES, "it is known what came of it")
            assert find_status(command) == CommandStatus.CONFIRMED, command.message
            assert world.far_end.is_done(order)
            assert state_at(instance, order.address).value == order.value
            assert world.far_end.count_orders() == 1

    @needs("pick_order", "is_done", "count_orders", "refuse_orders")
    def test_an_order_that_is_refused_ends_with_the_reason_and_changes_nothing(self, world: World) -> None:
        instance = world.connect()
        with world.listening(instance):
            order = world.far_end.pick_order()
            before = state_at(instance, order.address).value
            reason = world.far_end.refuse_orders()
            command = carry_out(request(instance, order))
            assert command.status == CommandStatus.FAILED
            check_told(command.message)
            assert reason in command.message
            assert world.far_end.count_orders() <= 1
            assert not world.far_end.is_done(order)
            assert is_live(instance), "only the order was refused"
            assert state_at(instance, order.address).value == before

    @needs("pick_order", "is_done", "count_orders")
    def test_an_order_that_does_not_get_through_says_so_and_is_not_done_later(self, world: World) -> None:
        instance = world.connect()
        with world.listening(instance):
            order = world.far_end.pick_order()
            asked_for = request(instance, order)
            world.line.refuse()
            command = carry_out(asked_for)
            # Whoever looks before it sends knows that it was not sent.
            assert command.status in (CommandStatus.FAILED, CommandStatus.UNKNOWN)
            check_told(command.message)
            assert command.hint

            wait_until(lambda: not is_live(instance), "the gap is noticed")
            with pytest.raises(exceptions.NotRunningError) as caught:
                request(instance, order)
            check_told(str(caught.value))

            world.line.heal()
            wait_until(lambda: is_live(instance), "it is live again")
            assert not world.far_end.is_done(order)
            assert world.far_end.count_orders() == 0


def request(instance: IntegrationInstance, order: Change) -> Command:
    """As a person asks for it, in hi's pages."""
    return commands.request(state_at(instance, order.address), order.value, user=get_anna(), key=str(uuid4()))


def carry_out(command: Command) -> Command:
    """As the control worker does, at once."""
    send_command(str(command.pk))
    command.refresh_from_db()
    return command


def find_status(command: Command) -> str:
    command.refresh_from_db()
    return command.status
