"""A command while a worker carries it out: claim, prepare, send, once.

It is marked SENT before anything else, and that mark is given once: whatever crashes then, it never goes out twice.
What the network does happens outside of transactions.
"""

import logging
import time
from collections.abc import Callable
from contextlib import ExitStack

from django.db import IntegrityError, InterfaceError, OperationalError, close_old_connections, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from hi.entity.models import EntityState
from hi.integration import breaker, command_ends, commands, exceptions, status, trouble, watching
from hi.integration.commander import MAX_CONFIRM_SECONDS, Commander, Order, PreparedOrder
from hi.integration.core.backoff import CLOCK_TOLERANCE
from hi.integration.enums import CommandStatus, ItemKind
from hi.integration.models import Command, IntegrationInstance, IntegrationLink
from hi.utils import crypto, trace
from hi.utils.redact import redact, register_secret
from hi.utils.update_returning import update_returning

logger = logging.getLogger(__name__)
OUR_FAULT = "This is a fault in hi, not in what you did; the log has the details."

BuildCommander = Callable[[IntegrationInstance], Commander | None]


class CommandRun:
    """The only attempt at one command. Whoever holds it is the only one that may send it."""

    def __init__(self, command: Command) -> None:
        self.command = command
        self._claimed_at = time.monotonic()

    @classmethod
    def claim(cls, command_id: str, worker: str = "") -> "CommandRun | None":
        """Take the command for this worker. None if it was taken or has ended, if it is too old (which ends it), or if
        it must wait for others of its state or system that are on their way, whose end sends the message again."""
        now = timezone.now()
        # One that was asked for in the future tells of a clock that was set back: nobody knows how old it is.
        is_fresh = Q(expires_at__gt=now, created_at__lte=now + CLOCK_TOLERANCE)
        waiting = Command.objects.filter(pk=command_id, status=CommandStatus.REQUESTED)
        try:
            with transaction.atomic():
                commands.lock_open_beside(command_id)
                free = waiting.filter(is_fresh, ~commands.is_crowded())
                claimed = update_returning(free, status=CommandStatus.SENT, worker=worker, sent_at=now)
        except IntegrityError:
            return None
        if claimed:
            return cls(claimed[0])
        for command in waiting.filter(~is_fresh):
            command_ends.expire(command)
        return None

    def carry_out(self, build_commander: BuildCommander) -> None:
        with trace.bind(self.command.trace):
            try:
                self._carry_out(build_commander)
            except (OperationalError, InterfaceError) as err:
                # The row stays as it is; the sweep finds out what came of it.
                logger.warning("command %s could not reach the database: %s", self.command.pk, err)
                close_old_connections()
            else:
                commands.send_next(self.command.instance_id)

    def _carry_out(self, build_commander: BuildCommander) -> None:
        with ExitStack() as closing:
            try:
                commander, prepared = self._prepare(build_commander, closing)
            except exceptions.AuthenticationError as err:
                self._stop_refused(err)
                self._fail(f"Not sent: {err}", err.hint)
            except exceptions.SecretLostError as err:
                if self.command.instance_id is not None:
                    trouble.stop_secret_lost(self.command.instance_id)
                self._fail(f"Not sent: {err}", err.hint)
            except (exceptions.OrderRefusedError, exceptions.BreakerOpenError) as err:
                self._fail(str(err), err.hint)
            except exceptions.IntegrationError as err:
                self._fail(f"Not sent: {err}", err.hint or command_ends.ASK_AGAIN)
            except (OperationalError, InterfaceError):
                raise
            except Exception:
                logger.exception("command %s met an unexpected error before it was sent", self.command.pk)
                self._fail("Not sent: hi met an unexpected error.", OUR_FAULT)
            else:
                if self._may_send(prepared):
                    self._send(commander, prepared)

    def _prepare(self, build_commander: BuildCommander, closing: ExitStack) -> tuple[Commander, PreparedOrder]:
        """An open breaker holds a command back. Its own failure does not count: impatient clicks on one dead system
        must not stop its syncs."""
        instance = self.command.instance
        if instance is None:
            raise exceptions.OrderRefusedError("The integration has been deleted meanwhile.")
        commander = build_commander(instance)
        if commander is None:
            raise exceptions.OrderRefusedError(f"{instance.label} can be read, but not set.")
        order = self._order()
        closing.enter_context(commander)
        return commander, breaker.call(instance.pk, lambda: commander.prepare(order), counts=False)

    def _order(self) -> Order:
        """Raises OrderRefusedError if the source has lost the state meanwhile."""
        command = self.command
        link = IntegrationLink.objects.filter(
            instance_id=command.instance_id, kind=ItemKind.STATE, state_id=command.state_id, removed_at=None
        ).first()
        if link is None or command.state_id is None:
            raise exceptions.OrderRefusedError(f"{command.subject} is not there any more.")
        try:
            code = crypto.decrypt(command.code) if command.code else ""
        except crypto.DecryptionError as err:
            raise exceptions.OrderRefusedError("Not sent: its code cannot be read.", hint="Ask again.") from err
        register_secret(code)
        return Order(link.address, command.value, code)

    def _may_send(self, prepared: PreparedOrder) -> bool:
        """The last look before it goes out, and what the sweep needs to know should this process die from here on."""
        command = self.command
        values = {
            "expected": list(prepared.expected),
            "tolerance": prepared.tolerance,
            "denied_by": list(prepared.denied_by),
            "confirm_seconds": min(prepared.seconds, MAX_CONFIRM_SECONDS),
            "code": "",
        }
        for name, value in values.items():
            setattr(command, name, value)
        running = IntegrationInstance.objects.filter(status.heard(), pk=OuterRef("instance_id"))
        newer = command_ends.find_newer(command)
        is_late = time.monotonic() - self._claimed_at > command_ends.EXPIRY_SECONDS
        ready = Command.objects.filter(
            Exists(running), ~Exists(newer), pk=command.pk, status=CommandStatus.SENT, expires_at__gt=timezone.now()
        )
        if not is_late and ready.update(**values):
            return True
        if is_late or command.expires_at <= timezone.now():
            command_ends.expire(command)
        elif newer.exists():
            command_ends.end(command, CommandStatus.SUPERSEDED, message=command_ends.OVERTAKEN)
        else:
            is_cut_off = command.instance is not None and status.is_running(command.instance)
            self._fail(f"Not sent: the integration was {'cut off' if is_cut_off else 'stopped'}.")
        return False

    def _send(self, commander: Commander, prepared: PreparedOrder) -> None:
        state = EntityState.objects.filter(commands=self.command.pk).only("received_at").first()
        heard_at = state.received_at if state is not None else None
        try:
            commander.send(prepared)
        except exceptions.OrderRefusedError as err:
            self._fail(str(err), err.hint)
        except exceptions.AuthenticationError as err:
            self._stop_refused(err)
            self._fail(str(err), err.hint)
        except exceptions.IntegrationError as err:
            self._give_up(f"Sent, but nobody knows whether it arrived: {err}")
        except Exception:
            logger.exception("command %s met an unexpected error while it was sent", self.command.pk)
            self._give_up("hi met an unexpected error while it was sent.")
        else:
            command_ends.acknowledge(self.command, heard_at)
            watching.expect(min(prepared.seconds, MAX_CONFIRM_SECONDS))

    def _stop_refused(self, err: exceptions.AuthenticationError) -> None:
        if self.command.instance is not None:
            trouble.stop_refused(self.command.instance.pk, err, self.command.instance.config_revision)

    def _fail(self, message: str, hint: str = "") -> None:
        command_ends.end(self.command, CommandStatus.FAILED, message=redact(message), hint=redact(hint))

    def _give_up(self, message: str) -> None:
        command_ends.give_up(self.command, redact(message), command_ends.LOOK_THERE)
