"""What things say, and when they said it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from hi.integration.models import IntegrationInstance
from hi.testing.conformance.suite import needs
from hi.testing.conformance.world import World, state_at, wait_until

# Some systems tell whole seconds only.
CLOSE = timedelta(seconds=2)


class Values:
    @needs("change_value")
    def test_a_change_there_is_written_here_with_its_time(self, world: World) -> None:
        instance = world.connect()
        with world.listening(instance):
            check_a_change(world, instance)

    @needs("change_value", "move_to")
    @pytest.mark.parametrize("time_zone", ["Pacific/Kiritimati", "America/St_Johns"])
    def test_times_are_right_to_the_second_wherever_the_system_stands(self, world: World, time_zone: str) -> None:
        world.far_end.move_to(time_zone)
        instance = world.connect()
        with world.listening(instance):
            check_a_change(world, instance)

    @needs("change_value", "set_clock")
    def test_values_of_a_clock_that_is_wrong_are_taken_all_the_same(self, world: World) -> None:
        instance = world.connect()
        with world.listening(instance):
            world.far_end.set_clock(-3600)
            change = world.far_end.change_value()
            wait_until(lambda: state_at(instance, change.address).value == change.value, "the change arrives")


def check_a_change(world: World, instance: IntegrationInstance) -> None:
    changed_at, change = timezone.now(), world.far_end.change_value()
    wait_until(lambda: state_at(instance, change.address).value == change.value, "the change arrives")
    state = state_at(instance, change.address)
    assert state.source_changed_at is not None
    assert state.source_changed_at.utcoffset() == timedelta(0)
    assert changed_at - CLOSE <= state.source_changed_at <= timezone.now() + CLOSE
