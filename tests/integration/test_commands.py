"""Asking for a state to be set: what is written down, what is refused, and what is shown."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.utils import timezone

from hi.accounts.models import User
from hi.entity.enums import ControlType, Quality
from hi.entity.models import EntityState
from hi.integration import command_ends, commands, exceptions, operations
from hi.integration.enums import CommandStatus, DesiredState, IntegrationStatus
from hi.integration.models import AuditEntry, Command, IntegrationInstance
from hi.testing.redis_server import RedisServer
from hi.utils import crypto
from tests.factories import EntityStateFactory, InstanceFactory, UserFactory, mirror
from tests.integration.orders import make_state

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("redis_url")]


@pytest.fixture
def anna() -> User:
    return UserFactory(username="anna")


@pytest.fixture
def instance() -> IntegrationInstance:
    return InstanceFactory(integration_type="hass", label="Home")


@pytest.fixture
def lamp(instance: IntegrationInstance) -> EntityState:
    return make_state(instance, source_name="Light", value="off")


def test_what_is_wanted_is_written_down_with_who_wants_it(lamp: EntityState, anna: User) -> None:
    command = commands.request(lamp, "on", user=anna, key="a")
    command.refresh_from_db()
    assert (command.status, command.value, command.value_before) == (CommandStatus.REQUESTED, "on", "off")
    assert command.expires_at - command.created_at == timedelta(seconds=command_ends.EXPIRY_SECONDS)
    entry = AuditEntry.objects.get()
    assert (entry.who, entry.verb, entry.before, entry.after) == ("anna", "set", "off", "on")
    assert (entry.subject, entry.command, entry.entity) == (lamp.entity.name, command, lamp.entity)


def test_asked_twice_with_one_key_it_is_one_command(lamp: EntityState, anna: User) -> None:
    first = commands.request(lamp, "on", user=anna, key="a")
    assert commands.request(lamp, "on", user=anna, key="a") == first
    assert (Command.objects.count(), AuditEntry.objects.count()) == (1, 1)


def test_a_repeated_request_is_answered_after_its_system_was_stopped(
    lamp: EntityState, anna: User, instance: IntegrationInstance
) -> None:
    first = commands.request(lamp, "on", user=anna, key="a")
    IntegrationInstance.objects.update(desired_state=DesiredState.INACTIVE, status=IntegrationStatus.INACTIVE)
    assert commands.request(lamp, "on", user=anna, key="a") == first


def test_a_key_stands_for_one_wish_of_one_person(lamp: EntityState, anna: User) -> None:
    commands.request(lamp, "on", user=anna, key="a")
    with pytest.raises(exceptions.ConfigurationError) as caught:
        commands.request(lamp, "off", user=anna, key="a")
    assert caught.value.field == "key"
    commands.request(lamp, "off", user=UserFactory(), key="a")
    assert Command.objects.count() == 2


@pytest.mark.parametrize("key", ["", "k" * 65, "a\nb"])
def test_a_key_is_short_and_plain(lamp: EntityState, anna: User, key: str) -> None:
    with pytest.raises(exceptions.ConfigurationError) as caught:
        commands.request(lamp, "on", user=anna, key=key)
    assert caught.value.field == "key"


def test_what_the_controller_does_not_take_is_not_written_down(lamp: EntityState, anna: User) -> None:
    with pytest.raises(exceptions.ConfigurationError):
        commands.request(lamp, "dim", user=anna, key="a")
    assert (Command.objects.count(), AuditEntry.objects.count()) == (0, 0)


def test_a_state_without_a_controller_is_not_set(instance: IntegrationInstance, anna: User) -> None:
    state = EntityStateFactory()
    mirror(state.entity, instance)
    with pytest.raises(exceptions.IntegrationError, match="can be read, but not set"):
        commands.request(state, "on", user=anna, key="a")


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"desired_state": DesiredState.PAUSED, "status": IntegrationStatus.PAUSED}, "Home is paused"),
        ({"desired_state": DesiredState.INACTIVE, "status": IntegrationStatus.INACTIVE}, "Home is not running"),
        ({"desired_state": DesiredState.INACTIVE, "status": IntegrationStatus.DEACTIVATING}, "Home is being stopped"),
        ({"status": IntegrationStatus.AUTH_FAILED}, "Home refuses hi's sign-in"),
        ({"status": IntegrationStatus.FAILED}, "Home is not running"),
    ],
)
def test_nothing_is_asked_of_a_system_that_rests(
    lamp: EntityState, anna: User, columns: dict[str, str], says: str
) -> None:
    IntegrationInstance.objects.update(**columns)
    with pytest.raises(exceptions.NotRunningError, match=says):
        commands.request(lamp, "on", user=anna, key="a")
    assert not Command.objects.exists()


def test_what_has_gone_or_is_unavailable_is_not_set(lamp: EntityState, anna: User) -> None:
    EntityState.objects.update(quality=Quality.UNAVAILABLE, value=None)
    with pytest.raises(exceptions.IntegrationError, match="is unavailable"):
        commands.request(lamp, "on", user=anna, key="a")
    EntityState.objects.update(quality=Quality.UNKNOWN, removed_at=timezone.now())
    with pytest.raises(exceptions.IntegrationError, match="not there any more"):
        commands.request(lamp, "on", user=anna, key="b")
    EntityState.objects.all().delete()
    with pytest.raises(exceptions.IntegrationError):
        commands.request(lamp, "on", user=anna, key="c")


def test_a_button_that_was_never_pressed_can_be(instance: IntegrationInstance, anna: User) -> None:
    button = make_state(instance, ControlType.PRESS, value=None, quality=Quality.UNKNOWN)
    assert commands.request(button, "press", user=anna, key="a").status == CommandStatus.REQUESTED


def test_what_is_not_connected_is_not_asked(lamp: EntityState, anna: User) -> None:
    EntityState.objects.update(quality=Quality.STALE)
    with pytest.raises(exceptions.IntegrationError, match="Home is not connected now"):
        commands.request(lamp, "on", user=anna, key="a")
    assert not Command.objects.exists()


def test_a_system_that_only_tells_is_not_asked(lamp: EntityState, anna: User) -> None:
    IntegrationInstance.objects.update(integration_type="absent")
    with pytest.raises(exceptions.IntegrationError, match=r"Home can be read, but not set\."):
        commands.request(lamp, "on", user=anna, key="a")
    assert not Command.objects.exists()


def test_of_two_systems_that_have_it_the_running_one_is_asked(
    lamp: EntityState, anna: User, instance: IntegrationInstance
) -> None:
    IntegrationInstance.objects.update(desired_state=DesiredState.PAUSED, status=IntegrationStatus.PAUSED)
    cabin = InstanceFactory(integration_type="hass")
    mirror(lamp.entity, cabin)
    assert commands.request(lamp, "on", user=anna, key="a").instance == cabin


def test_a_link_that_is_a_tombstone_leads_nowhere(lamp: EntityState, anna: User, instance: IntegrationInstance) -> None:
    instance.links.update(removed_at=timezone.now())
    with pytest.raises(exceptions.IntegrationError, match="not there any more"):
        commands.request(lamp, "on", user=anna, key="a")


def test_a_code_is_kept_encrypted_and_told_to_nobody(instance: IntegrationInstance, anna: User) -> None:
    door = make_state(instance, ControlType.LOCK, options=["locked", "unlocked"], code_format="number", value="locked")
    with pytest.raises(exceptions.ConfigurationError) as caught:
        commands.request(door, "unlocked", user=anna, key="a")
    assert caught.value.field == "code"
    command = commands.request(door, "unlocked", user=anna, key="a", code="4711")
    stored = Command.objects.values_list("code", flat=True).get()
    assert stored != "4711"
    assert crypto.decrypt(stored) == "4711"
    told = [*Command.objects.filter(pk=command.pk).values("message", "subject", "value"), *AuditEntry.objects.values()]
    assert "4711" not in str(told)


def ask(state: EntityState, user: User, *values: str) -> list[Command]:
    return [commands.request(state, value, user=user, key=f"{n}") for n, value in enumerate(values)]


def statuses(*some: Command) -> list[str]:
    return [Command.objects.get(pk=command.pk).status for command in some]


def test_the_newest_wish_takes_the_place_of_those_not_on_their_way(lamp: EntityState, anna: User) -> None:
    first, second = ask(lamp, anna, "on", "off")
    assert statuses(first, second) == ["SUPERSEDED", "REQUESTED"]
    Command.objects.filter(pk=second.pk).update(status=CommandStatus.ACKNOWLEDGED)
    third = commands.request(lamp, "on", user=UserFactory(), key="b")
    assert statuses(second, third) == ["SUPERSEDED", "REQUESTED"]


def test_what_is_on_its_way_is_not_recalled(lamp: EntityState, anna: User) -> None:
    (first,) = ask(lamp, anna, "on")
    Command.objects.update(status=CommandStatus.SENT)
    commands.request(lamp, "off", user=anna, key="b")
    assert statuses(first) == ["SENT"]


def test_a_wish_for_one_state_ends_no_other(lamp: EntityState, anna: User, instance: IntegrationInstance) -> None:
    (first,) = ask(lamp, anna, "on")
    commands.request(make_state(instance), "off", user=anna, key="b")
    assert statuses(first) == ["REQUESTED"]


def test_the_message_goes_out_once_it_is_written_down_and_holds_the_id_alone(
    lamp: EntityState, anna: User, broker: redis.Redis, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        (command,) = ask(lamp, anna, "on")
        assert broker.llen("control") == 0
    (message,) = broker.lrange("control", 0, -1)
    arguments, options, _chain = json.loads(base64.b64decode(json.loads(message)["body"]))
    assert (arguments, options) == ([str(command.pk)], {})


def test_redis_being_away_is_no_error(
    lamp: EntityState,
    anna: User,
    broker: redis.Redis,
    redis_server: RedisServer,
    django_capture_on_commit_callbacks: Any,
) -> None:
    redis_server.stop()
    with django_capture_on_commit_callbacks(execute=True):
        (command,) = ask(lamp, anna, "on")
    assert statuses(command) == ["REQUESTED"]


# What is shown


def test_of_each_state_the_newest_command_is_shown_in_one_statement(
    lamp: EntityState, anna: User, instance: IntegrationInstance, django_assert_num_queries: Any
) -> None:
    fan, idle = make_state(instance), make_state(instance)
    _first, second = ask(lamp, anna, "on", "off")
    third = commands.request(fan, "on", user=anna, key="b")
    with django_assert_num_queries(1):
        latest = commands.list_latest([lamp.pk, fan.pk, idle.pk])
    assert latest == {lamp.pk: second, fan.pk: third}


def test_what_came_of_a_wish_is_shown_for_ten_minutes_or_until_the_next(lamp: EntityState, anna: User) -> None:
    (command,) = ask(lamp, anna, "on")
    now = timezone.now()
    Command.objects.update(status=CommandStatus.FAILED, created_at=now - timedelta(seconds=590), ended_at=now)
    assert commands.list_latest([lamp.pk]) == {lamp.pk: command}
    Command.objects.update(created_at=now - timedelta(seconds=601))
    assert commands.list_latest([lamp.pk]) == {}


def test_commands_are_listed_newest_first_page_by_page(lamp: EntityState, anna: User) -> None:
    some = ask(lamp, anna, "on", "off", "on")
    Command.objects.update(created_at=timezone.now())  # of one moment, by id
    first_page, following = commands.list_commands(limit=2)
    second_page, end = commands.list_commands(after=following, limit=2)
    assert (len(first_page), end) == (2, None)
    assert first_page + second_page == sorted(some, key=lambda command: command.pk)
    assert commands.list_commands(state_id=lamp.pk + 1) == ([], None)


def test_stopping_a_system_ends_what_waits_for_it(lamp: EntityState, anna: User, instance: IntegrationInstance) -> None:
    (command,) = ask(lamp, anna, "on")
    operations.pause(instance)
    command.refresh_from_db()
    assert (command.status, command.message) == ("FAILED", "Not sent: the integration was paused.")
