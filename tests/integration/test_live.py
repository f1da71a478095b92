"""LiveApplier: values in, current value and history out."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hi.entity.enums import Quality
from hi.entity.models import EntityState, StateHistory
from hi.integration import exceptions, leases, live
from hi.integration.core.values import RecordedEvent
from hi.integration.enums import LeaseRole
from hi.integration.listener import Recorded
from hi.integration.live import LiveApplier
from hi.integration.models import IntegrationInstance, Recording
from tests.integration.home import home, lamp, listen_lease, make_instance, reading, sync

pytestmark = pytest.mark.database


@pytest.fixture
def instance() -> IntegrationInstance:
    instance = make_instance()
    sync(instance, home())
    return instance


@pytest.fixture
def applier(instance: IntegrationInstance) -> LiveApplier:
    applier = LiveApplier(listen_lease(instance))
    applier.load()
    return applier


def light() -> EntityState:
    return EntityState.objects.get(key="light")


def test_a_snapshot_writes_values_and_what_it_lacks_is_unavailable(applier: LiveApplier) -> None:
    applier.apply_snapshot([reading("light.lamp", "on")])
    assert (light().value, light().quality) == ("on", Quality.GOOD)
    absent = EntityState.objects.get(key="power")
    assert (absent.value, absent.quality) == (None, Quality.UNAVAILABLE)


def test_every_change_goes_to_history_and_the_last_one_is_current(applier: LiveApplier) -> None:
    words = ["on", "off", "on"]
    applier.apply_changes([reading("light.lamp", word, seconds=second) for second, word in enumerate(words)])
    assert light().value == "on"
    assert list(StateHistory.objects.order_by("source_changed_at").values_list("value", flat=True)) == words


def test_the_same_change_twice_is_history_once(applier: LiveApplier) -> None:
    for _time in range(2):
        applier.apply_changes([reading("light.lamp", "on")])
    assert StateHistory.objects.count() == 1


def test_two_changes_within_one_tick_of_the_sources_clock_are_both_history(applier: LiveApplier) -> None:
    applier.apply_changes([reading("light.lamp", "on"), reading("light.lamp", "off")])
    assert list(StateHistory.objects.order_by("sequence").values_list("value", flat=True)) == ["on", "off"]
    assert light().value == "off"


def test_a_snapshot_that_says_nothing_new_writes_nothing(applier: LiveApplier) -> None:
    values = [reading("light.lamp", "on"), reading("sensor.lamp_power", "4.5", unit="W")]
    assert applier.apply_snapshot(values) == 2
    assert applier.apply_snapshot(values) == 0


def test_a_change_is_believed_even_where_the_sources_clock_went_back(applier: LiveApplier) -> None:
    applier.apply_changes([reading("light.lamp", "on", seconds=10)])
    applier.apply_changes([reading("light.lamp", "off", seconds=5)])
    assert light().value == "off"


def test_a_snapshot_is_believed_even_where_the_sources_clock_went_back(applier: LiveApplier) -> None:
    applier.apply_changes([reading("light.lamp", "on", seconds=10)])
    applier.apply_snapshot([reading("light.lamp", "off", seconds=5)])
    assert light().value == "off"


def test_stale_values_become_good_again_with_the_next_snapshot(
    instance: IntegrationInstance, applier: LiveApplier
) -> None:
    applier.apply_snapshot([reading("light.lamp", "on")])
    assert live.mark_stale(instance.pk) == 1
    assert (light().value, light().quality) == ("on", Quality.STALE)
    applier.apply_snapshot([reading("light.lamp", "on")])
    assert light().quality == Quality.GOOD


def test_what_has_no_date_and_says_the_same_after_a_gap_has_not_changed(
    instance: IntegrationInstance, applier: LiveApplier
) -> None:
    for seconds in (10, 20):
        applier.apply_snapshot([replace(reading("light.lamp", "on", seconds=seconds), is_dated=False)])
        live.mark_stale(instance.pk)
    assert StateHistory.objects.filter(value="on").count() == 1
    assert light().source_changed_at == reading("light.lamp", "on", seconds=10).source_changed_at


def test_a_state_without_a_value_has_none(applier: LiveApplier) -> None:
    applier.apply_changes([reading("light.lamp", "on")])
    applier.apply_changes([reading("light.lamp", None, seconds=1, quality=Quality.UNKNOWN)])
    assert (light().value, light().quality) == (None, Quality.UNKNOWN)


def test_an_address_nobody_has_synced_is_left_alone(applier: LiveApplier) -> None:
    assert applier.apply_changes([reading("light.unheard_of", "on")]) == 0
    assert not applier.knows("light.unheard_of")


def test_an_address_that_moved_leads_to_the_same_row_after_a_reload(
    instance: IntegrationInstance, applier: LiveApplier
) -> None:
    before = light().pk
    light_spec, power_spec = lamp().states
    moved = replace(light_spec, address="light.renamed")
    sync(instance, home(replace(lamp(), states=(moved, power_spec))))
    applier.load()
    applier.apply_changes([reading("light.renamed", "on")])
    assert (light().pk, light().value) == (before, "on")


def test_who_lost_the_lease_cannot_write_a_value(instance: IntegrationInstance, applier: LiveApplier) -> None:
    leases.revoke(instance.pk, LeaseRole.LISTEN)
    listen_lease(instance, "the next one")
    with pytest.raises(exceptions.LeaseLostError):
        applier.apply_changes([reading("light.lamp", "on")])
    assert light().value is None
    assert not StateHistory.objects.exists()


def recorded(*events: RecordedEvent, is_past: bool = False, last: int = 1) -> Recorded:
    words = [reading("light.lamp", "on", seconds=100), reading("light.lamp", "off", seconds=200)]
    return Recorded(tuple(words), events, {"last": last}, is_past)


def event(key: str, ended_at: datetime | None = None, address: str = "light.lamp") -> RecordedEvent:
    return RecordedEvent(key, address, datetime(2026, 10, 25, 1, tzinfo=UTC), ended_at, "Motion")


def test_what_is_past_goes_to_history_and_leaves_the_present_alone(applier: LiveApplier) -> None:
    applier.apply_snapshot([reading("light.lamp", "off", seconds=200)])
    applier.apply_recorded(recorded(is_past=True))
    assert (light().value, StateHistory.objects.filter(value="on").count()) == ("off", 1)
    assert applier.read_cursor() == {"last": 1}


def test_what_is_recorded_while_we_listen_is_the_present_too(applier: LiveApplier) -> None:
    applier.apply_snapshot([reading("light.lamp", "on", seconds=50)])
    applier.apply_recorded(recorded())
    assert light().value == "off"


def test_what_is_told_twice_is_there_once_and_ends_where_it_was_open(applier: LiveApplier) -> None:
    applier.apply_recorded(recorded(event("7"), is_past=True))
    ended_at = datetime(2026, 10, 25, 1, 5, tzinfo=UTC)
    applier.apply_recorded(recorded(event("7", ended_at), event("8", ended_at, "light.unknown"), is_past=True, last=8))
    assert [(row.integration_key, row.ended_at) for row in Recording.objects.all()] == [("7", ended_at)]
    assert StateHistory.objects.count() == 2
    assert applier.read_cursor() == {"last": 8}


def test_who_lost_the_lease_moves_no_cursor(instance: IntegrationInstance, applier: LiveApplier) -> None:
    leases.revoke(instance.pk, LeaseRole.LISTEN)
    with pytest.raises(exceptions.LeaseLostError):
        applier.apply_recorded(recorded(event("7"), is_past=True))
    assert not Recording.objects.exists()
    assert applier.read_cursor() == {}
