"""Two at the same command, or at one state, in the same moment; each on a connection of its own."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import pytest
from django.db import connections, transaction

from hi.accounts.models import User
from hi.entity.models import EntityState
from hi.integration import command_ends, commands, leases
from hi.integration.command_run import CommandRun
from hi.integration.core.values import StateValue
from hi.integration.enums import CommandStatus
from hi.integration.models import AuditEntry, Command, IntegrationInstance
from tests.factories import UserFactory
from tests.integration.home import reading
from tests.integration.orders import FarEnd, address, ask, make_state

pytestmark = [pytest.mark.database(transaction=True), pytest.mark.usefixtures("redis_url")]
Result = TypeVar("Result")
TOGETHER = 6


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(TOGETHER) as threads:
        yield threads


def with_own_connection(action: Callable[[], Result]) -> Result:
    try:
        return action()
    finally:
        connections.close_all()


def at_once(threads: ThreadPoolExecutor, *actions: Callable[[], Result]) -> list[Result]:
    barrier = threading.Barrier(len(actions))

    def act(action: Callable[[], Result]) -> Result:
        barrier.wait(10)
        return with_own_connection(action)

    running: list[Future[Result]] = [threads.submit(act, action) for action in actions]
    return [one.result(30) for one in running]


def test_of_many_that_claim_a_command_one_has_it(lamp: EntityState, threads: ThreadPoolExecutor) -> None:
    command = ask(lamp)
    runs = at_once(threads, *[lambda: CommandRun.claim(str(command.pk))] * TOGETHER)
    assert sum(run is not None for run in runs) == 1


def test_of_many_messages_one_sends(lamp: EntityState, threads: ThreadPoolExecutor) -> None:
    far_end, command = FarEnd(), ask(lamp)
    at_once(threads, *[lambda: far_end.carry_out(command)] * TOGETHER)
    assert len(far_end.sent) == 1


def test_many_requests_with_one_key_are_one_command(lamp: EntityState, threads: ThreadPoolExecutor) -> None:
    anna: User = UserFactory()
    asked = at_once(threads, *[lambda: commands.request(lamp, "on", user=anna, key="click")] * TOGETHER)
    assert len({command.pk for command in asked}) == 1
    assert (Command.objects.count(), AuditEntry.objects.count()) == (1, 1)


def test_of_many_wishes_for_a_state_one_is_left(lamp: EntityState, threads: ThreadPoolExecutor) -> None:
    anna: User = UserFactory()

    def slide(number: int) -> Callable[[], Command]:
        return lambda: commands.request(lamp, ("on", "off")[number % 2], user=anna, key=f"{number}")

    asked = at_once(threads, *[slide(number) for number in range(TOGETHER)])
    statuses = [Command.objects.get(pk=command.pk).status for command in asked]
    assert sorted(statuses) == [CommandStatus.REQUESTED, *[CommandStatus.SUPERSEDED] * (TOGETHER - 1)]


def test_of_many_commands_of_a_state_one_is_on_its_way(lamp: EntityState, threads: ThreadPoolExecutor) -> None:
    waiting = [ask(lamp, ("on", "off")[number % 2]) for number in range(TOGETHER)]
    Command.objects.update(status=CommandStatus.REQUESTED, ended_at=None)

    def claim(command: Command) -> Callable[[], CommandRun | None]:
        return lambda: CommandRun.claim(str(command.pk))

    runs = at_once(threads, *[claim(command) for command in waiting])
    assert sum(run is not None for run in runs) == 1
    assert Command.objects.filter(status=CommandStatus.REQUESTED).count() == TOGETHER - 1


def test_of_many_that_claim_for_one_system_a_few_have_theirs(
    instance: IntegrationInstance, threads: ThreadPoolExecutor
) -> None:
    def claim(command: Command) -> Callable[[], CommandRun | None]:
        return lambda: CommandRun.claim(str(command.pk))

    waiting = [ask(make_state(instance)) for _number in range(TOGETHER)]
    runs = at_once(threads, *[claim(command) for command in waiting])
    assert sum(run is not None for run in runs) == commands.MAX_AT_ONCE


@pytest.mark.parametrize("word", ["on", "off"])
def test_a_state_that_is_written_while_its_command_is_acknowledged_is_not_missed(
    lamp: EntityState, instance: IntegrationInstance, threads: ThreadPoolExecutor, word: str
) -> None:
    run = CommandRun.claim(str(ask(lamp).pk))
    assert run is not None
    run.command.expected = ["on"]
    value = reading(address(lamp), word)
    has_looked, is_acknowledging = threading.Event(), threading.Event()

    def write() -> None:
        """As the applier does, but slowly: it has looked for commands before it commits the value."""
        with transaction.atomic():
            leases.lock_instance(instance.pk)
            EntityState.objects.filter(pk=lamp.pk).update(value=value.value, quality=value.quality)
            command_ends.confirm(instance.pk, [(lamp.pk, value)])
            has_looked.set()
            is_acknowledging.wait(10)

    writing = threads.submit(with_own_connection, write)
    assert has_looked.wait(10)
    acknowledging = threads.submit(with_own_connection, lambda: command_ends.acknowledge(run.command, None))
    is_acknowledging.set()
    writing.result(30)
    acknowledging.result(30)
    expected = CommandStatus.CONFIRMED if word == "on" else CommandStatus.ACKNOWLEDGED
    assert Command.objects.get().status == expected


def test_a_command_ends_once_however_many_end_it(
    lamp: EntityState, instance: IntegrationInstance, threads: ThreadPoolExecutor
) -> None:
    FarEnd().carry_out(ask(lamp))
    value: StateValue = reading(address(lamp), "on")

    def confirm() -> bool:
        with transaction.atomic():
            leases.lock_instance(instance.pk)
            command_ends.confirm(instance.pk, [(lamp.pk, value)])
        return False

    def give_up() -> bool:
        return command_ends.end(Command.objects.get(), CommandStatus.UNKNOWN, message="Too late.")

    _first, gave_up = at_once(threads, confirm, give_up)
    ended = Command.objects.get()
    assert ended.status == (CommandStatus.UNKNOWN if gave_up else CommandStatus.CONFIRMED)
