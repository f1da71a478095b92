"""How a command ends: confirmed by the state that follows, or otherwise. For all who find out: the worker that sent it,
the listener that hears the state, the sweep, and whoever stops the instance.

A move is one UPDATE, guarded by the status that the mover saw. What needs the command and its state together is done
under the instance's lock, which the writer of values holds too: so a state that comes while a command is being
acknowledged is seen by one of the two.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from django.db import connections, router, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from hi.entity.enums import Quality
from hi.entity.models import EntityState
from hi.integration import leases, metrics
from hi.integration.core.orders import is_answer
from hi.integration.core.values import StateValue
from hi.integration.enums import CommandStatus
from hi.integration.models import Command
from hi.integration.models.command import OPEN_COMMANDS

logger = logging.getLogger(__name__)
# Not sent by then, it never is: nobody wants a door to open later than they asked.
EXPIRY_SECONDS = 10
# Asked with every batch of values, so without the ORM's share of the time; the condition is that of the index of
# open commands.
IS_ANY_WAITING = """
    SELECT 1 FROM integration_command
    WHERE instance_id = %s AND status = 'ACKNOWLEDGED'
    AND NOT (NOT (status = 'REQUESTED') AND NOT (status = 'SENT') AND NOT (status = 'ACKNOWLEDGED'))
    LIMIT 1
"""
CONFIRMED = "Done: the state says so."
OVERTAKEN = "Something newer was wanted."
ASK_AGAIN = "Ask for it again."
LOOK_THERE = "Look at what its state says before you ask again."


def end(command: Command, to: CommandStatus, *, message: str, hint: str = "", still: Q | None = None) -> bool:
    """False, with nothing changed, if the command is no longer in the status in which it was read, or not `still` as
    the mover saw it."""
    values = {"status": to, "ended_at": timezone.now(), "message": message, "hint": hint, "code": ""}
    if not Command.objects.filter(still or Q(), pk=command.pk, status=command.status, ended_at=None).update(**values):
        return False
    command.status = to
    metrics.command_ended(command, to)
    logger.info("command %s (%s) is %s: %s", command.pk, command, to, message)
    return True


def supersede(state_id: int) -> None:
    """Somebody wants something newer of this state. What is on its way comes to its own end."""
    older = Command.objects.filter(
        OPEN_COMMANDS, state_id=state_id, status__in=[CommandStatus.REQUESTED, CommandStatus.ACKNOWLEDGED]
    )
    for command in older:
        end(command, CommandStatus.SUPERSEDED, message=OVERTAKEN)


def cancel_waiting(instance_id: int, *, reason: str) -> None:
    """End the instance's commands that have not been sent; their messages will claim nothing.

    Call it in the transaction that stops the instance, after `leases.lock_instance`.
    """
    waiting = Command.objects.filter(OPEN_COMMANDS, instance_id=instance_id, status=CommandStatus.REQUESTED)
    for command in waiting.defer("code").order_by("created_at"):
        end(command, CommandStatus.FAILED, message=reason)


def confirm(instance_id: int, rows: Sequence[tuple[int, StateValue]]) -> None:
    """End the commands that these values of states, just written, are the answer to.

    Call it in the transaction that writes them. Where nothing is waited for it costs one statement, which reads an
    index of open commands only.
    """
    with connections[router.db_for_write(Command)].cursor() as cursor:
        cursor.execute(IS_ANY_WAITING, [instance_id])
        if cursor.fetchone() is None:
            return
    waiting = Command.objects.filter(OPEN_COMMANDS, instance_id=instance_id, status=CommandStatus.ACKNOWLEDGED)
    commands = {command.state_id: command for command in waiting.order_by("created_at")}
    for state_id, value in rows:
        command = commands.get(state_id)
        if command is not None and _end_by(command, value.value, value.quality):
            del commands[state_id]


def find_newer(command: Command) -> QuerySet[Command]:
    """What was wanted of its state since. Asking for one ends all older ones but that on its way, so any other is
    newer."""
    others = Command.objects.filter(OPEN_COMMANDS, state_id=command.state_id, state__isnull=False)
    return others.exclude(pk=command.pk)


def acknowledge(command: Command, heard_before: datetime | None) -> None:
    """The system took it. Its state may have followed already, or have been so before; else it is waited for.

    `heard_before`: when the state had last been heard of before the command was sent.
    """
    with transaction.atomic():
        _lock(command)
        now = timezone.now()
        state = _find_state(command)
        is_newer = state is not None and state.received_at != heard_before
        if not Command.objects.filter(pk=command.pk, status=command.status).update(acknowledged_at=now):
            return
        if state is not None and _end_by(command, state.value, state.quality, is_newer=is_newer):
            return
        if find_newer(command).exists():
            end(command, CommandStatus.SUPERSEDED, message="It was done, but something newer is wanted.")
        else:
            Command.objects.filter(pk=command.pk, status=command.status).update(status=CommandStatus.ACKNOWLEDGED)
            command.status = CommandStatus.ACKNOWLEDGED


def expire(command: Command) -> None:
    """Too late to be sent."""
    message = f"Not sent: hi could not do it within {EXPIRY_SECONDS} seconds."
    end(command, CommandStatus.EXPIRED, message=message, hint=ASK_AGAIN)


def lose(command: Command) -> None:
    """Whoever had it has died. What the system was not even asked for it cannot have done."""
    if command.expected is None:
        message = "Not sent: the worker that had it died."
        unsent = Q(expected__isnull=True)
        end(command, CommandStatus.FAILED, message=message, hint=ASK_AGAIN, still=unsent)
    else:
        give_up(command, "The worker that had it died, so nobody knows whether it arrived.", LOOK_THERE)


def give_up(command: Command, message: str, hint: str = "") -> None:
    """Nobody will hear what came of it: it is what the state says, or else unknown."""
    with transaction.atomic():
        _lock(command)
        state = _find_state(command)
        if state is not None and command.expected and _answers(command, state.value, state.quality):
            end(command, CommandStatus.CONFIRMED, message=CONFIRMED)
        else:
            end(command, CommandStatus.UNKNOWN, message=message, hint=hint)


def _end_by(command: Command, value: str | None, quality: str, *, is_newer: bool = True) -> bool:
    """Whether the state's value was the answer, which ends it. What it said before may be so already, but denies
    nothing."""
    if is_newer and quality == Quality.GOOD and value in command.denied_by:
        message = f"It was tried, but then the state said: {value}."
        return end(command, CommandStatus.FAILED, message=message, hint=LOOK_THERE)
    if (command.expected or is_newer) and _answers(command, value, quality):
        return end(command, CommandStatus.CONFIRMED, message=CONFIRMED)
    return False


def _answers(command: Command, value: str | None, quality: str) -> bool:
    if not command.expected:  # any report of what is there
        return quality != Quality.UNAVAILABLE
    return quality == Quality.GOOD and is_answer(value, command.expected, command.tolerance)


def _find_state(command: Command) -> EntityState | None:
    return EntityState.objects.filter(commands=command.pk).first()


def _lock(command: Command) -> None:
    if command.instance_id is not None:
        leases.lock_instance(command.instance_id)
