"""Commands that nobody ends any more, and those whose message was lost."""

from datetime import timedelta

import pytest
import redis
from django.utils import timezone

from hi.entity.enums import ControlType
from hi.entity.models import EntityState
from hi.integration import command_ends, command_sweep, housekeeping
from hi.integration.command_run import CommandRun
from hi.integration.commander import CONFIRM_SECONDS, MAX_CONFIRM_SECONDS
from hi.integration.enums import CommandStatus
from hi.integration.models import AuditEntry, Command, IntegrationInstance
from tests.integration.home import STEP, Sweeping, reading
from tests.integration.orders import FarEnd, address, ask, listen, make_state

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("redis_url")]


@pytest.fixture
def sweeping() -> Sweeping:
    return Sweeping()


def claim(command: Command, worker: str = "control@house") -> CommandRun:
    run = CommandRun.claim(str(command.pk), worker)
    assert run is not None
    return run


def claim_and_prepare(command: Command) -> None:
    """As far as a worker comes that dies while it sends."""

    class Died(BaseException):
        pass

    def die() -> None:
        raise Died

    far_end = FarEnd()
    far_end.on_send = die
    with pytest.raises(Died):
        far_end.carry_out(command)


def outcome() -> tuple[str, str]:
    command = Command.objects.get()
    return command.status, command.message


def test_what_nobody_took_expires(lamp: EntityState, sweeping: Sweeping) -> None:
    ask(lamp)
    sweeping.sweep()
    assert outcome()[0] == "REQUESTED"
    Command.objects.update(expires_at=timezone.now())
    sweeping.sweep(after=STEP)
    assert outcome() == ("EXPIRED", "Not sent: hi could not do it within 10 seconds.")


def test_what_nobody_took_expires_whatever_the_time_of_day_says(lamp: EntityState, sweeping: Sweeping) -> None:
    ask(lamp)
    Command.objects.update(expires_at=timezone.now() + timedelta(hours=1))
    sweeping.sweep()
    sweeping.sweep(after=command_ends.EXPIRY_SECONDS)
    assert outcome()[0] == "EXPIRED"


def test_a_message_that_was_lost_is_sent_again_until_the_command_is_too_old(
    lamp: EntityState, sweeping: Sweeping, broker: redis.Redis
) -> None:
    command = ask(lamp)
    sweeping.sweep()
    assert broker.llen("control") == 0  # its message may just be on its way
    Command.objects.update(created_at=command.created_at - timedelta(seconds=3))
    sweeping.sweep(after=1)
    assert broker.llen("control") == 1
    Command.objects.update(expires_at=timezone.now())
    sweeping.sweep(after=1)
    assert broker.llen("control") == 1


def test_what_waits_behind_another_is_not_sent_in_vain(
    lamp: EntityState, sweeping: Sweeping, broker: redis.Redis
) -> None:
    claim(ask(lamp))
    second = ask(lamp, "off")
    Command.objects.filter(pk=second.pk).update(created_at=second.created_at - timedelta(seconds=3))
    sweeping.sweep()
    assert broker.llen("control") == 0
    Command.objects.exclude(pk=second.pk).update(status=CommandStatus.UNKNOWN)
    sweeping.sweep(after=1)
    assert broker.llen("control") == 1


def test_a_worker_that_died_before_it_sent_has_sent_nothing(lamp: EntityState, sweeping: Sweeping) -> None:
    claim(ask(lamp))
    sweeping.sweep()
    sweeping.sweep(after=command_sweep.ON_ITS_WAY_SECONDS - 1)
    assert outcome()[0] == "SENT"
    sweeping.sweep(after=STEP)
    assert outcome() == ("FAILED", "Not sent: the worker that had it died.")


def test_what_a_worker_that_died_was_sending_is_unknown(lamp: EntityState, sweeping: Sweeping) -> None:
    claim_and_prepare(ask(lamp))
    sweeping.sweep()
    sweeping.sweep(after=command_sweep.ON_ITS_WAY_SECONDS)
    assert outcome() == ("UNKNOWN", "The worker that had it died, so nobody knows whether it arrived.")


def test_what_a_worker_that_died_was_sending_is_what_the_state_says(
    lamp: EntityState, instance: IntegrationInstance
) -> None:
    claim_and_prepare(ask(lamp))
    listen(instance).apply_changes([reading(address(lamp), "on")])
    command_sweep.inherit("control@house")
    assert outcome()[0] == "CONFIRMED"


def test_a_worker_that_comes_back_ends_what_it_had_at_once(lamp: EntityState, broker: redis.Redis) -> None:
    first = ask(lamp)
    claim(first, "control@house")
    ask(lamp, "off")
    command_sweep.inherit("control@cabin")
    first.refresh_from_db()
    assert first.status == CommandStatus.SENT
    command_sweep.inherit("control@house")
    first.refresh_from_db()
    assert first.status == CommandStatus.FAILED
    assert broker.llen("control") == 1  # what waited behind it


def test_a_worker_that_was_thought_dead_sends_nothing_more(lamp: EntityState) -> None:
    run = claim(ask(lamp))
    command_sweep.inherit("control@house")
    far_end = FarEnd()
    run.carry_out(lambda _instance: far_end)
    assert far_end.sent == []
    assert outcome()[0] == "FAILED"


def test_what_no_state_follows_is_unknown_after_a_while(lamp: EntityState, sweeping: Sweeping) -> None:
    FarEnd().carry_out(ask(lamp))
    sweeping.sweep()
    sweeping.sweep(after=CONFIRM_SECONDS - 1)
    assert outcome()[0] == "ACKNOWLEDGED"
    sweeping.sweep(after=STEP)
    assert outcome() == ("UNKNOWN", "Home took it, but the state that should follow has not come.")


@pytest.mark.parametrize(("seconds", "waited"), [(120, 120), (86_400, MAX_CONFIRM_SECONDS)])
def test_what_takes_long_is_given_its_time_and_no_more_than_is_sane(
    lamp: EntityState, sweeping: Sweeping, seconds: int, waited: int
) -> None:
    FarEnd(seconds=seconds).carry_out(ask(lamp))
    sweeping.sweep()
    sweeping.sweep(after=waited - 1)
    assert outcome()[0] == "ACKNOWLEDGED"
    sweeping.sweep(after=STEP)
    assert outcome()[0] == "UNKNOWN"


def test_a_press_that_nothing_follows_is_unknown(instance: IntegrationInstance, sweeping: Sweeping) -> None:
    FarEnd(expected=()).carry_out(ask(make_state(instance, ControlType.PRESS), "press"))
    sweeping.sweep()
    sweeping.sweep(after=CONFIRM_SECONDS)
    assert outcome()[0] == "UNKNOWN"


def test_each_status_has_its_own_time(lamp: EntityState, sweeping: Sweeping) -> None:
    command = ask(lamp)
    sweeping.sweep()
    sweeping.sweep(after=command_ends.EXPIRY_SECONDS - 1)
    FarEnd().carry_out(command)
    sweeping.sweep(after=CONFIRM_SECONDS - 1)
    assert outcome()[0] == "ACKNOWLEDGED"


def test_old_commands_are_forgotten_and_their_audit_stays(lamp: EntityState) -> None:
    old, young = ask(lamp), ask(lamp, "off")
    FarEnd().carry_out(young)
    month = timedelta(days=housekeeping.KEEP_DAYS, seconds=1)
    Command.objects.filter(pk=old.pk).update(created_at=old.created_at - month)
    housekeeping.keep_house()
    assert list(Command.objects.all()) == [young]
    assert AuditEntry.objects.count() == 2
