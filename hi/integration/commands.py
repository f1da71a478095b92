"""Commands: what people want a state to be. `request` writes one down, and its message goes to the control worker.

The row is the truth. Its moves, each one guarded UPDATE: requested here, claimed and sent by `command_run.py`, ended
by `command_ends.py`, which the listener, the worker and the sweep share.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta
from enum import Enum, auto
from uuid import UUID

import redis
from celery import current_app
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from kombu.exceptions import OperationalError

from hi.accounts.models import User
from hi.accounts.roles import NotAllowed, Permission
from hi.entity.enums import ControlType, Quality
from hi.entity.models import Controller, EntityState
from hi.entity.queries import MAX_PAGE
from hi.integration import audit, command_ends, exceptions, leases, metrics, status
from hi.integration.commander import MAX_CONFIRM_SECONDS
from hi.integration.core.orders import clean_code, clean_order
from hi.integration.core.specs import ControllerSpec
from hi.integration.enums import CommandStatus, IntegrationStatus, ItemKind
from hi.integration.integration_factory import get_integration_gateway
from hi.integration.models import Command, IntegrationInstance
from hi.integration.models.command import OPEN_COMMANDS
from hi.utils import crypto, keyset, trace
from hi.utils.keyset import Cursor

logger = logging.getLogger(__name__)
TASK = "hi.tasks.control.send_command"
# How far back pages look for a wish: so long what came of it can be read where it was made, or until the next one.
SHOWN_SECONDS = MAX_CONFIRM_SECONDS + 120
MAX_KEY = 64
# A system that does not answer keeps so many threads of a worker, and leaves the others to those that do.
MAX_AT_ONCE = 3


class Obstacle(Enum):
    """Why a state cannot be set now."""

    GONE = auto()
    READ_ONLY = auto()
    NOT_RUNNING = auto()
    NOT_CONNECTED = auto()
    UNAVAILABLE = auto()


def request(state: EntityState, value: str, *, user: User, key: str, code: str = "") -> Command:
    """Ask for a state to be set. The same `key` of the same person asks once, however often it comes.

    Raises NotAllowed where the person's role does not reach so far, ConfigurationError with its `field` ("value",
    "code" or "key") for what cannot be asked for, and IntegrationError (NotRunningError where the system is off) for
    what cannot be done now.
    """
    found = EntityState.objects.select_related("entity", "controller").filter(pk=state.pk).first()
    if found is None or not hasattr(found, "controller"):
        raise exceptions.IntegrationError(f"{state.name} can be read, but not set.")
    require_allowed(found.controller, user)
    spec = read_spec(found.controller)
    value = clean_order(spec, value)
    if not key or len(key) > MAX_KEY or not key.isprintable():
        raise exceptions.ConfigurationError(f"A key has between 1 and {MAX_KEY} plain characters.", field="key")
    if earlier := _find_earlier(user, key, found, value):
        return earlier
    code = clean_code(spec, value, code)
    instance = _find_instance(found)
    try:
        with transaction.atomic():
            return _insert(found, value, instance, user=user, key=key, code=code)
    except IntegrityError:  # the same key, at the same moment
        earlier = _find_earlier(user, key, found, value)
        if earlier is None:
            raise
        return earlier


def _insert(
    state: EntityState, value: str, instance: IntegrationInstance, *, user: User, key: str, code: str
) -> Command:
    # Until this ends nobody stops the instance, and no command of its changes its status.
    leases.lock_instance(instance.pk)
    _require_running(IntegrationInstance.objects.get(pk=instance.pk))
    if earlier := _find_earlier(user, key, state, value):
        return earlier
    command_ends.supersede(state.pk)
    now = timezone.now()
    command = Command.objects.create(
        state=state,
        instance=instance,
        subject=_name(state)[:520],
        value=value,
        value_before=state.value or "",
        code=crypto.encrypt(code) if code else "",
        requested_by=user,
        idempotency_key=key,
        trace=trace.current() or trace.new(),
        created_at=now,
        expires_at=now + timedelta(seconds=command_ends.EXPIRY_SECONDS),
    )
    audit.record(
        user,
        audit.Verb.SET,
        command.subject,
        before=command.value_before,
        after=value,
        entity=state.entity,
        instance=instance,
        command=command,
    )
    transaction.on_commit(lambda: send(command.pk))
    return command


def _find_earlier(user: User, key: str, state: EntityState, value: str) -> Command | None:
    """What this person asked for with this key before. Raises ConfigurationError if that was something else."""
    earlier = Command.objects.filter(requested_by=user, idempotency_key=key).first()
    if earlier is not None and (earlier.state_id, earlier.value) != (state.pk, value):
        raise exceptions.ConfigurationError("This key was used for another command before.", field="key")
    return earlier


def is_guarded(controller: Controller) -> bool:
    """Whether a person is asked before it is set: a lock, a garage door, an alarm."""
    return controller.asks_first or bool(controller.code_format)


def find_need(controller: Controller) -> Permission:
    return Permission.SET_GUARDED if is_guarded(controller) else Permission.SET


def require_allowed(controller: Controller, user: User) -> None:
    """Raises NotAllowed for somebody who may not set it at all, whatever the value."""
    if not user.may(find_need(controller)):
        raise NotAllowed(find_need(controller), user.role)


def read_spec(controller: Controller) -> ControllerSpec:
    return ControllerSpec(
        control=ControlType(controller.control),
        minimum=controller.minimum,
        maximum=controller.maximum,
        options=tuple(controller.options),
        code_format=controller.code_format,
        without_code=tuple(controller.without_code),
    )


def find_obstacle(
    state: EntityState, sources: Sequence[IntegrationInstance]
) -> tuple[Obstacle | None, IntegrationInstance | None]:
    """Why the state cannot be set now, and which of its sources (the first one first) that is about. Without an
    obstacle: the source that is to be told."""
    if not sources or state.removed_at is not None or state.entity.removed_at is not None:
        return Obstacle.GONE, None
    settable = [instance for instance in sources if _takes_commands(instance)]
    if not settable:
        return Obstacle.READ_ONLY, sources[0]
    running = list(filter(status.runs, settable))
    if not running:
        return Obstacle.NOT_RUNNING, settable[0]
    instance = next(filter(status.is_heard, running), None)
    if instance is None or state.quality == Quality.STALE:
        return Obstacle.NOT_CONNECTED, instance or running[0]
    return (Obstacle.UNAVAILABLE if state.quality == Quality.UNAVAILABLE else None), instance


def _takes_commands(instance: IntegrationInstance) -> bool:
    try:
        return get_integration_gateway(instance.integration_type).takes_commands
    except exceptions.IntegrationError:
        return False


def _find_instance(state: EntityState) -> IntegrationInstance:
    """Which of those that have the state now is to be told. Raises IntegrationError where it cannot be set now."""
    linked = IntegrationInstance.objects.filter(
        links__state=state, links__kind=ItemKind.STATE, links__removed_at=None
    ).order_by("links__pk")
    obstacle, instance = find_obstacle(state, list(linked))
    if instance is None:
        raise exceptions.IntegrationError(f"{_name(state)} is not there any more, so it cannot be set.")
    if obstacle is Obstacle.READ_ONLY:
        raise exceptions.IntegrationError(f"{instance.label} can be read, but not set.")
    _require_running(instance)
    if obstacle is Obstacle.NOT_CONNECTED:
        raise _not_connected(instance)
    if obstacle is Obstacle.UNAVAILABLE:
        raise exceptions.IntegrationError(
            f"{_name(state)} is unavailable, so it cannot be set now.",
            hint="Look whether it has power and is in reach.",
        )
    return instance


def _not_connected(instance: IntegrationInstance) -> exceptions.NotRunningError:
    return exceptions.NotRunningError(
        f"{instance.label} is not connected now, so nothing can be set there.", hint="hi goes on trying to connect."
    )


def _require_running(instance: IntegrationInstance) -> None:
    if status.is_heard(instance):
        return
    if status.runs(instance):
        raise _not_connected(instance)
    why = {
        IntegrationStatus.PAUSED: ("is paused", "Activate it first."),
        IntegrationStatus.AUTH_FAILED: ("refuses hi's sign-in", "Correct its settings first."),
        IntegrationStatus.DEACTIVATING: ("is being stopped", "Activate it again when it has stopped."),
    }
    says, hint = why.get(IntegrationStatus(instance.status), ("is not running", "Activate it first."))
    raise exceptions.NotRunningError(f"{instance.label} {says}, so nothing can be set there.", hint=hint)


def _name(state: EntityState) -> str:
    """The state as people call it."""
    return state.entity.name if state.is_primary else f"{state.entity.name}: {state.name}"


def send(command_id: UUID) -> bool:
    """Send the command's message, best effort: what cannot be sent now, the sweep sends. Twice is harmless, since a
    worker claims the row."""
    try:
        current_app.signature(TASK, args=[str(command_id)]).apply_async()
    except (OperationalError, redis.RedisError) as err:
        logger.warning("command %s waits: the broker does not answer (%s)", command_id, err)
        return False
    metrics.message_sent(TASK)
    return True


def send_next(instance_id: int | None) -> None:
    """Send what had to wait until a command of the instance had come off its way."""
    waiting = find_open().filter(~is_behind_another(), instance_id=instance_id, status=CommandStatus.REQUESTED)
    for command in waiting[:MAX_AT_ONCE]:
        send(command.pk)


def list_latest(state_ids: Iterable[int]) -> dict[int, Command]:
    """State id -> its newest command of the last SHOWN_SECONDS. One statement."""
    begin = timezone.now() - timedelta(seconds=SHOWN_SECONDS)
    recent = Command.objects.filter(state_id__in=list(state_ids), created_at__gt=begin).order_by("created_at")
    return {command.state_id: command for command in recent.defer("code") if command.state_id is not None}


def list_commands(
    *, state_id: int | None = None, after: Cursor[UUID] | None = None, limit: int = 50
) -> tuple[list[Command], Cursor[UUID] | None]:
    """One page of commands, newest first, with who asked for them, and where the next page begins."""
    limit = min(limit, MAX_PAGE)
    commands: QuerySet[Command] = Command.objects.select_related("requested_by").defer("code")
    if state_id is not None:
        commands = commands.filter(state_id=state_id)
    order = ("-created_at", "id")
    return keyset.read_page(commands, order, limit, lambda command: (command.created_at, command.pk), after)


def find_open() -> QuerySet[Command]:
    """All that have not ended, oldest first, without their codes."""
    return Command.objects.filter(OPEN_COMMANDS).defer("code").order_by("created_at")


def is_behind_another() -> Q:
    """The condition on commands that wait for one of their state that is on its way: its end sends them."""
    return Q(Exists(Command.objects.filter(state=OuterRef("state"), status=CommandStatus.SENT)))


def is_crowded() -> Q:
    """The condition on commands whose system has as many on their way as one may have."""
    at_work = Command.objects.filter(OPEN_COMMANDS, instance=OuterRef("instance"), status=CommandStatus.SENT)
    return Q(Exists(at_work[MAX_AT_ONCE - 1 : MAX_AT_ONCE]))


def lock_open_beside(command_id: str) -> None:
    """Let one claim of a system's commands follow the other, so that each counts what the others have taken. Not by the
    instance's lock: a sync that applies much would hold all claims up."""
    system = Command.objects.filter(pk=command_id).values("instance")
    beside = find_open().filter(instance__in=system).select_for_update(no_key=True)
    list(beside.values_list("pk"))
