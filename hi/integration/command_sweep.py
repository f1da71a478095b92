"""What the sweep does for commands: end those that nobody will end any more, send those whose message was lost."""

from datetime import timedelta

from django.utils import timezone

from hi.integration import command_ends, commands
from hi.integration.enums import CommandStatus
from hi.integration.models import Command

# Longer than a worker's every time-out together. One that died and came back ends its own at once (`inherit`).
ON_ITS_WAY_SECONDS = 60
UNSENT_SECONDS = 2
MAX_MESSAGES = 500


def finish(command: Command, seconds: float) -> None:
    """End a command whose time is over. `seconds`: for how long it has been seen in its status, by a steady clock."""
    if command.status == CommandStatus.REQUESTED:
        if seconds >= command_ends.EXPIRY_SECONDS or command.expires_at <= timezone.now():
            command_ends.expire(command)
    elif command.status == CommandStatus.SENT:
        if seconds >= ON_ITS_WAY_SECONDS:
            command_ends.lose(command)
    elif seconds >= command.confirm_seconds:
        where = command.instance.label if command.instance else "The system"
        message = f"{where} took it, but the state that should follow has not come."
        command_ends.give_up(command, message, command_ends.LOOK_THERE)


def inherit(worker: str) -> None:
    """What an earlier process of this name was sending is lost."""
    for command in commands.find_open().filter(status=CommandStatus.SENT, worker=worker):
        command_ends.lose(command)
        commands.send_next(command.instance_id)


def send_waiting() -> None:
    """Send again what nobody has claimed, unless an older one of its state is still on its way. A worker that has the
    message twice claims it once."""
    now = timezone.now()
    waiting = commands.find_open().filter(
        ~commands.is_behind_another(),
        status=CommandStatus.REQUESTED,
        created_at__lt=now - timedelta(seconds=UNSENT_SECONDS),
        expires_at__gt=now,
    )
    for command in waiting[:MAX_MESSAGES]:
        if not commands.send(command.pk):
            return  # the broker is away; the next sweep tries again
