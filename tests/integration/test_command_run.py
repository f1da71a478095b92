"""A command on its way: claimed once, prepared, sent once, and what comes of it."""

from datetime import timedelta
from typing import Any

import pytest
import redis
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hi.entity.enums import ControlType, Quality
from hi.entity.models import EntityState
from hi.integration import breaker, command_ends, command_run, commands, exceptions, live_reports, operations, watching
from hi.integration.command_run import CommandRun
from hi.integration.enums import CommandStatus, IntegrationStatus
from hi.integration.live import LiveApplier
from hi.integration.models import Command, IntegrationInstance, Repair
from tests.factories import InstanceFactory
from tests.integration.home import reading
from tests.integration.orders import FarEnd, address, ask, listen, make_state, raising

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("redis_url")]
LOST = exceptions.ConnectionError("Home hung up.")


@pytest.fixture
def applier(lamp: EntityState, instance: IntegrationInstance) -> LiveApplier:
    return listen(instance)


@pytest.fixture
def far_end() -> FarEnd:
    return FarEnd()


# Claiming


def test_a_command_is_claimed_once(lamp: EntityState) -> None:
    command = ask(lamp)
    run = CommandRun.claim(str(command.pk), "control@house")
    assert run is not None
    assert (run.command.status, run.command.worker) == (CommandStatus.SENT, "control@house")
    assert CommandRun.claim(str(command.pk)) is None


def test_what_has_ended_is_not_claimed(lamp: EntityState) -> None:
    first = ask(lamp)
    ask(lamp, "off")
    assert CommandRun.claim(str(first.pk)) is None
    assert CommandRun.claim("00000000-0000-0000-0000-000000000000") is None


def test_one_of_a_state_is_on_its_way_and_its_end_sends_the_next(
    lamp: EntityState, far_end: FarEnd, broker: redis.Redis
) -> None:
    def ask_for_more() -> None:
        second = ask(lamp, "off")
        assert CommandRun.claim(str(second.pk)) is None
        assert Command.objects.get(pk=second.pk).status == CommandStatus.REQUESTED
        assert broker.llen("control") == 0

    far_end.on_send = ask_for_more
    first = far_end.carry_out(ask(lamp))
    assert first.status == CommandStatus.SUPERSEDED
    assert broker.llen("control") == 1
    assert far_end.carry_out(Command.objects.get(status=CommandStatus.REQUESTED)).status == CommandStatus.CONFIRMED
    assert [order.value for order in far_end.sent] == ["on", "off"]


def test_what_comes_too_late_is_never_sent(lamp: EntityState, far_end: FarEnd) -> None:
    command = ask(lamp)
    Command.objects.update(expires_at=timezone.now())
    ended = far_end.carry_out(command)
    assert (ended.status, ended.message) == (
        CommandStatus.EXPIRED,
        "Not sent: hi could not do it within 10 seconds.",
    )
    assert far_end.prepared == []


def test_a_clock_that_was_set_back_makes_no_command_young_again(lamp: EntityState, far_end: FarEnd) -> None:
    command = ask(lamp)
    hour = timedelta(hours=1)
    Command.objects.update(created_at=command.created_at + hour, expires_at=command.expires_at + hour)
    assert far_end.carry_out(command).status == CommandStatus.EXPIRED


def test_a_slow_system_keeps_a_few_hands_and_no_more(
    instance: IntegrationInstance, far_end: FarEnd, broker: redis.Redis
) -> None:
    asked = [ask(make_state(instance)) for _lamp in range(commands.MAX_AT_ONCE + 2)]
    runs = [CommandRun.claim(str(command.pk)) for command in asked]
    assert [run is not None for run in runs] == [True] * commands.MAX_AT_ONCE + [False] * 2
    elsewhere = ask(make_state(InstanceFactory(integration_type="hass")))
    assert CommandRun.claim(str(elsewhere.pk)) is not None
    assert runs[0] is not None
    runs[0].carry_out(lambda _instance: far_end)
    assert broker.llen("control") == 2
    assert CommandRun.claim(str(asked[-1].pk)) is not None
    assert CommandRun.claim(str(asked[-2].pk)) is None
    assert Command.objects.get(pk=asked[-2].pk).status == CommandStatus.REQUESTED


# On its way


def test_the_system_is_told_what_is_wanted_and_taken_at_its_word(lamp: EntityState, far_end: FarEnd) -> None:
    command = far_end.carry_out(ask(lamp))
    assert [(order.address, order.value) for order in far_end.sent] == [(address(lamp), "on")]
    assert (command.status, command.expected) == (CommandStatus.ACKNOWLEDGED, ["on"])
    assert command.acknowledged_at is not None
    assert far_end.is_closed
    assert watching.is_watched()  # so that what comes of it is soon asked for


def test_a_code_goes_along_once_and_is_wiped_before_it_is_sent(instance: IntegrationInstance, far_end: FarEnd) -> None:
    door = make_state(instance, ControlType.LOCK, options=["unlocked"], code_format="text", value="locked")
    command = ask(door, "unlocked", code="Sésame")
    left: list[str] = []
    far_end.on_send = lambda: left.extend(Command.objects.values_list("code", flat=True))
    far_end.carry_out(command)
    assert ([order.code for order in far_end.sent], left) == (["Sésame"], [""])


@pytest.mark.parametrize("reason", ["prepare", "expire", "stop", "supersede"])
def test_a_code_is_wiped_whatever_becomes_of_the_command(
    instance: IntegrationInstance, far_end: FarEnd, reason: str
) -> None:
    door = make_state(instance, ControlType.LOCK, options=["unlocked"], code_format="text", value="locked")
    command = ask(door, "unlocked", code="Sésame")
    if reason == "prepare":
        far_end.on_prepare = raising(LOST)
    elif reason == "expire":
        Command.objects.update(expires_at=timezone.now())
    elif reason == "stop":
        operations.pause(instance)
    else:
        ask(door, "unlocked", code="Sésame")
    far_end.carry_out(command)
    assert Command.objects.get(pk=command.pk).code == ""


def test_what_expires_while_it_is_prepared_is_not_sent(
    lamp: EntityState, far_end: FarEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = timezone.now() + timedelta(seconds=command_ends.EXPIRY_SECONDS + 1)
    far_end.on_prepare = lambda: monkeypatch.setattr(timezone, "now", lambda: later)
    assert far_end.carry_out(ask(lamp)).status == CommandStatus.EXPIRED
    assert far_end.sent == []


def test_what_takes_too_long_is_not_sent_whatever_the_time_of_day_says(
    lamp: EntityState, far_end: FarEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(command_run.time, "monotonic", lambda: now[0])
    far_end.on_prepare = lambda: now.append(now.pop() + command_ends.EXPIRY_SECONDS + 1)
    assert far_end.carry_out(ask(lamp)).status == CommandStatus.EXPIRED
    assert far_end.sent == []


def test_a_system_that_nobody_hears_any_more_is_told_nothing(
    lamp: EntityState, far_end: FarEnd, instance: IntegrationInstance
) -> None:
    IntegrationInstance.objects.update(live_since=timezone.now())
    far_end.on_prepare = lambda: live_reports.mark_lost(instance.pk, "Another server answers.")
    command = far_end.carry_out(ask(lamp))
    assert (command.status, command.message) == (CommandStatus.FAILED, "Not sent: the integration was cut off.")
    assert far_end.sent == []
    with pytest.raises(exceptions.NotRunningError, match="not connected"):
        ask(lamp, "off")


def test_a_system_that_is_stopped_meanwhile_is_told_nothing_more(
    lamp: EntityState, far_end: FarEnd, instance: IntegrationInstance
) -> None:
    far_end.on_prepare = lambda: operations.pause(instance)
    command = far_end.carry_out(ask(lamp))
    assert (command.status, command.message) == (CommandStatus.FAILED, "Not sent: the integration was stopped.")
    assert far_end.sent == []


def test_what_was_overtaken_while_it_was_prepared_is_not_sent_and_the_newer_is(
    lamp: EntityState, far_end: FarEnd, broker: redis.Redis
) -> None:
    far_end.on_prepare = lambda: ask(lamp, "off")
    first = far_end.carry_out(ask(lamp))
    assert (first.status, first.message) == (CommandStatus.SUPERSEDED, "Something newer was wanted.")
    assert far_end.sent == []
    far_end.on_prepare = list
    assert broker.llen("control") == 1
    far_end.carry_out(Command.objects.get(status=CommandStatus.REQUESTED))
    assert [order.value for order in far_end.sent] == ["off"]


def test_what_the_sweep_has_ended_meanwhile_is_not_sent(lamp: EntityState, far_end: FarEnd) -> None:
    far_end.on_prepare = lambda: command_ends.lose(Command.objects.get())
    command = far_end.carry_out(ask(lamp))
    assert (command.status, command.message) == (CommandStatus.FAILED, "Not sent: the worker that had it died.")
    assert far_end.sent == []


# Failures


def test_a_refusal_is_told_in_the_systems_own_words(lamp: EntityState, far_end: FarEnd) -> None:
    refusal = exceptions.OrderRefusedError("Home has no light.lamp.", hint="Sync it.")
    far_end.on_prepare = raising(refusal)
    command = far_end.carry_out(ask(lamp))
    assert (command.status, command.message, command.hint) == ("FAILED", "Home has no light.lamp.", "Sync it.")
    far_end.on_prepare, far_end.on_send = list, raising(refusal)
    assert far_end.carry_out(ask(lamp)).message == "Home has no light.lamp."
    assert len(far_end.sent) == 1


def test_a_system_that_is_away_before_anything_was_sent_is_a_failure(lamp: EntityState, far_end: FarEnd) -> None:
    far_end.on_prepare = raising(LOST)
    command = far_end.carry_out(ask(lamp))
    assert (command.status, command.message) == ("FAILED", "Not sent: Home hung up.")
    assert far_end.sent == []


def test_a_system_that_is_lost_while_it_is_told_leaves_nobody_knowing(lamp: EntityState, far_end: FarEnd) -> None:
    far_end.on_send = raising(LOST)
    command = far_end.carry_out(ask(lamp))
    assert command.status == CommandStatus.UNKNOWN
    assert command.message == "Sent, but nobody knows whether it arrived: Home hung up."
    assert far_end.carry_out(command).status == CommandStatus.UNKNOWN
    assert len(far_end.sent) == 1


def test_a_state_that_follows_a_lost_connection_still_confirms(
    lamp: EntityState, far_end: FarEnd, applier: LiveApplier
) -> None:
    def turn_on_and_hang_up() -> None:
        applier.apply_changes([reading(address(lamp), "on")])
        raise LOST

    far_end.on_send = turn_on_and_hang_up
    assert far_end.carry_out(ask(lamp)).status == CommandStatus.CONFIRMED


@pytest.mark.parametrize("when", ["on_prepare", "on_send"])
def test_a_refused_sign_in_stops_the_instance(
    lamp: EntityState, far_end: FarEnd, instance: IntegrationInstance, when: str
) -> None:
    setattr(far_end, when, raising(exceptions.AuthenticationError("The token was refused.", field="token")))
    other = ask(make_state(instance))
    assert far_end.carry_out(ask(lamp)).status == CommandStatus.FAILED
    instance.refresh_from_db()
    assert instance.status == IntegrationStatus.AUTH_FAILED
    assert Repair.objects.filter(closed_at=None).exists()
    other.refresh_from_db()
    assert (other.status, other.message) == ("FAILED", "Not sent: the sign-in was refused.")


def test_a_sign_in_with_older_settings_stops_nothing(
    lamp: EntityState, far_end: FarEnd, instance: IntegrationInstance
) -> None:
    def change_settings() -> None:
        IntegrationInstance.objects.update(config_revision=instance.config_revision + 1)
        raise exceptions.AuthenticationError("The token was refused.")

    far_end.on_prepare = change_settings
    assert far_end.carry_out(ask(lamp)).status == CommandStatus.FAILED
    instance.refresh_from_db()
    assert instance.status == IntegrationStatus.ACTIVE


def test_an_unexpected_error_is_told_as_what_it_is(lamp: EntityState, far_end: FarEnd) -> None:
    far_end.on_prepare = raising(RuntimeError("boom"))
    command = far_end.carry_out(ask(lamp))
    assert (command.status, command.message) == ("FAILED", "Not sent: hi met an unexpected error.")
    far_end.on_prepare, far_end.on_send = list, raising(RuntimeError("boom"))
    assert far_end.carry_out(ask(lamp)).status == CommandStatus.UNKNOWN


@pytest.mark.database(transaction=True)
def test_a_database_that_goes_away_leaves_the_rest_to_the_sweep(lamp: EntityState, far_end: FarEnd) -> None:
    far_end.on_prepare = raising(OperationalError("the server closed the connection"))
    assert far_end.carry_out(ask(lamp)).status == CommandStatus.SENT


def test_an_open_breaker_holds_a_command_back_at_once(
    lamp: EntityState, far_end: FarEnd, instance: IntegrationInstance, settings: Any
) -> None:
    for _time in range(settings.HI_BREAKER_FAIL_MAX):
        with pytest.raises(exceptions.ConnectionError):
            breaker.call(instance.pk, raising(LOST))
    command = far_end.carry_out(ask(lamp))
    assert command.status == CommandStatus.FAILED
    assert command.message.startswith("Not tried: the last")
    assert far_end.prepared == []


def test_commands_that_fail_open_no_breaker(
    lamp: EntityState, far_end: FarEnd, instance: IntegrationInstance, settings: Any
) -> None:
    far_end.on_prepare = raising(LOST)
    for _time in range(settings.HI_BREAKER_FAIL_MAX + 1):
        assert far_end.carry_out(ask(lamp)).message == "Not sent: Home hung up."
    assert breaker.call(instance.pk, lambda: "goes on") == "goes on"


def test_a_system_that_only_tells_is_not_set(lamp: EntityState) -> None:
    run = CommandRun.claim(str(ask(lamp).pk))
    assert run is not None
    run.carry_out(lambda _instance: None)
    assert Command.objects.get().message == "Home can be read, but not set."


def test_what_was_removed_or_deleted_meanwhile_says_so(
    lamp: EntityState, far_end: FarEnd, instance: IntegrationInstance
) -> None:
    command = ask(lamp)
    instance.links.update(removed_at=timezone.now())
    assert far_end.carry_out(command).message == f"{command.subject} is not there any more."
    instance.links.update(removed_at=None)
    command = ask(lamp)
    instance.delete()
    assert far_end.carry_out(command).message == "The integration has been deleted meanwhile."
    assert far_end.sent == []


# What follows


def test_the_state_that_follows_confirms(lamp: EntityState, far_end: FarEnd, applier: LiveApplier) -> None:
    command = far_end.carry_out(ask(lamp))
    applier.apply_changes([reading(address(lamp), "off")])
    assert Command.objects.get().status == CommandStatus.ACKNOWLEDGED
    applier.apply_changes([reading(address(lamp), "on", seconds=1)])
    command.refresh_from_db()
    assert (command.status, command.message) == (CommandStatus.CONFIRMED, "Done: the state says so.")
    assert command.ended_at is not None


def test_what_is_under_way_is_waited_for(lamp: EntityState, applier: LiveApplier) -> None:
    FarEnd(denied_by=("jammed",)).carry_out(ask(lamp))
    applier.apply_changes([reading(address(lamp), "turning on")])
    assert Command.objects.get().status == CommandStatus.ACKNOWLEDGED
    applier.apply_changes([reading(address(lamp), "on", seconds=1)])
    assert Command.objects.get().status == CommandStatus.CONFIRMED


def test_a_state_that_says_that_it_did_not_work_is_a_failure(lamp: EntityState, applier: LiveApplier) -> None:
    FarEnd(denied_by=("jammed",)).carry_out(ask(lamp))
    applier.apply_changes([reading(address(lamp), "jammed")])
    command = Command.objects.get()
    assert (command.status, command.message) == ("FAILED", "It was tried, but then the state said: jammed.")


def test_what_did_not_work_before_the_system_has_answered_is_a_failure(lamp: EntityState, applier: LiveApplier) -> None:
    far_end = FarEnd(denied_by=("jammed",))
    far_end.on_send = lambda: applier.apply_changes([reading(address(lamp), "jammed")])
    assert far_end.carry_out(ask(lamp)).status == CommandStatus.FAILED


def test_what_did_not_work_before_it_was_asked_for_denies_nothing(lamp: EntityState, applier: LiveApplier) -> None:
    applier.apply_changes([reading(address(lamp), "jammed")])
    assert FarEnd(denied_by=("jammed",)).carry_out(ask(lamp)).status == CommandStatus.ACKNOWLEDGED


def test_a_snapshot_confirms_too(lamp: EntityState, far_end: FarEnd, applier: LiveApplier) -> None:
    far_end.carry_out(ask(lamp))
    applier.apply_snapshot([reading(address(lamp), "on")])
    assert Command.objects.get().status == CommandStatus.CONFIRMED


def test_a_value_that_is_not_sure_confirms_nothing(lamp: EntityState, far_end: FarEnd, applier: LiveApplier) -> None:
    far_end.carry_out(ask(lamp))
    applier.apply_changes([reading(address(lamp), "on", quality=Quality.RESTORED)])
    assert Command.objects.get().status == CommandStatus.ACKNOWLEDGED


def test_a_value_on_the_way_confirms_though_another_follows_in_the_same_batch(
    lamp: EntityState, far_end: FarEnd, applier: LiveApplier
) -> None:
    far_end.carry_out(ask(lamp))
    words = ("on", "off")
    applier.apply_changes([reading(address(lamp), word, seconds=number) for number, word in enumerate(words)])
    assert Command.objects.get().status == CommandStatus.CONFIRMED


def test_a_number_confirms_as_near_as_its_system_is_exact(instance: IntegrationInstance) -> None:
    dimmer = make_state(instance, ControlType.NUMBER, value="0", minimum=0, maximum=100)
    applier = listen(instance)
    FarEnd(tolerance=0.4).carry_out(ask(dimmer, "50"))
    applier.apply_changes([reading(address(dimmer), "49")])
    assert Command.objects.get().status == CommandStatus.ACKNOWLEDGED
    applier.apply_changes([reading(address(dimmer), "49.8", seconds=1)])
    assert Command.objects.get().status == CommandStatus.CONFIRMED


def test_a_state_that_follows_before_the_system_has_answered_confirms(
    lamp: EntityState, far_end: FarEnd, applier: LiveApplier
) -> None:
    far_end.on_send = lambda: applier.apply_changes([reading(address(lamp), "on")])
    command = far_end.carry_out(ask(lamp))
    assert command.status == CommandStatus.CONFIRMED
    assert command.acknowledged_at is not None


def test_what_was_so_already_is_confirmed_at_once(lamp: EntityState, far_end: FarEnd) -> None:
    EntityState.objects.update(value="on")
    assert far_end.carry_out(ask(lamp)).status == CommandStatus.CONFIRMED
    assert len(far_end.sent) == 1


def test_an_old_value_is_no_answer(lamp: EntityState, far_end: FarEnd) -> None:
    command = ask(lamp)
    EntityState.objects.update(value="on", quality=Quality.STALE)  # the connection is lost meanwhile
    assert far_end.carry_out(command).status == CommandStatus.ACKNOWLEDGED


@pytest.fixture
def button(instance: IntegrationInstance) -> EntityState:
    return make_state(instance, ControlType.PRESS, value="2026-11-25T07:00:00+00:00")


def test_a_press_is_confirmed_by_any_report_that_follows(button: EntityState, instance: IntegrationInstance) -> None:
    applier = listen(instance)
    command = FarEnd(expected=()).carry_out(ask(button, "press"))
    assert command.status == CommandStatus.ACKNOWLEDGED
    applier.apply_changes([reading(address(button), None, quality=Quality.UNAVAILABLE)])
    assert Command.objects.get().status == CommandStatus.ACKNOWLEDGED
    applier.apply_changes([reading(address(button), "2026-11-25T08:00:00+00:00", seconds=1)])
    assert Command.objects.get().status == CommandStatus.CONFIRMED


def test_a_press_is_confirmed_by_a_report_before_the_answer(button: EntityState, instance: IntegrationInstance) -> None:
    applier = listen(instance)
    far_end = FarEnd(expected=())
    far_end.on_send = lambda: applier.apply_changes([reading(address(button), "2026-11-25T08:00:00+00:00")])
    assert far_end.carry_out(ask(button, "press")).status == CommandStatus.CONFIRMED


def test_a_report_of_another_system_confirms_nothing_here(
    lamp: EntityState, far_end: FarEnd, applier: LiveApplier
) -> None:
    far_end.carry_out(ask(lamp))
    cabin = InstanceFactory(integration_type="hass")
    hut = make_state(cabin, value="off")
    listen(cabin).apply_changes([reading(address(hut), "on")])
    assert Command.objects.get().status == CommandStatus.ACKNOWLEDGED


def test_writing_values_costs_one_statement_for_commands(lamp: EntityState, applier: LiveApplier) -> None:
    with CaptureQueriesContext(connection) as captured:
        applier.apply_changes([reading(address(lamp), word, seconds=n) for n, word in enumerate(["on", "off"] * 50)])
    assert len([one for one in captured.captured_queries if "integration_command" in one["sql"]]) == 1


def test_what_has_ended_ends_no_second_time(lamp: EntityState, far_end: FarEnd) -> None:
    far_end.on_prepare = raising(LOST)
    command = far_end.carry_out(ask(lamp))
    assert not command_ends.end(command, CommandStatus.UNKNOWN, message="Who knows.")
    assert Command.objects.get().status == CommandStatus.FAILED
