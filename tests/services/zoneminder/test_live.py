"""A simulated ZoneMinder kept live by a ListenerHub: over downtime, over an upgrade, over a change of the clock."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from hi.entity.models import Entity, EntityState, StateHistory
from hi.integration import choosing, operations
from hi.integration.enums import IntegrationStatus, ItemKind, JobTrigger
from hi.integration.models import IntegrationCursor, IntegrationInstance, IntegrationLink, Job, Recording, SyncRun
from hi.tasks import lifecycle
from hi.testing.zoneminder import SimulatedZoneMinder
from tests.e2e.hub import wait_until
from tests.tasks.test_listening import is_live, listening, run_waiting_syncs

pytestmark = [pytest.mark.database(transaction=True), pytest.mark.wire, pytest.mark.usefixtures("redis_url", "quick")]
# Half an hour before the clocks of Berlin go back from 03:00 to 02:00.
BEFORE_THE_CHANGE = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.fixture
def quick(settings: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.HI_LISTENER_POLL_SECONDS = 0.05  # type: ignore[attr-defined]
    monkeypatch.setattr("hi.integration.poller.PACE", 0.01)
    monkeypatch.setattr("hi.integration.poller.LOOK_SECONDS", 0.02)
    monkeypatch.setattr("hi.integration.live_session.SYNC_DEBOUNCE_SECONDS", 0.05)
    monkeypatch.setattr("hi.integration.jobs.SOURCE_PAUSE_SECONDS", 0)


@pytest.fixture
def instance(sim: SimulatedZoneMinder, config: dict[str, str]) -> Iterator[IntegrationInstance]:
    sim.set_clock(BEFORE_THE_CHANGE)
    instance = operations.create_draft("zoneminder", "Cameras", config)
    job = operations.activate(instance)
    lifecycle.activate_integration(str(job.pk), 0)
    return instance


def state_of(address: str) -> EntityState:
    return EntityState.objects.get(links__address=address, links__removed_at=None)


def motion_of(number: int) -> list[tuple[str | None, datetime]]:
    rows = StateHistory.objects.filter(state_id=state_of(f"{number}.motion").pk, value__isnull=False)
    return list(rows.order_by("source_changed_at", "sequence").values_list("value", "source_changed_at"))


def test_three_hundred_events_of_an_hour_of_downtime_across_a_change_of_the_clock_are_history_once_each(
    sim: SimulatedZoneMinder, instance: IntegrationInstance
) -> None:
    with listening():
        wait_until(lambda: IntegrationCursor.objects.exists(), "it has read what there was")
    events = []
    for number in range(300):
        began = BEFORE_THE_CHANGE + timedelta(seconds=30 + number * 12)
        events.append((sim.add_event(1 + number % 4, began, began + timedelta(seconds=7.5)), 1 + number % 4, began))
    sim.set_clock(BEFORE_THE_CHANGE + timedelta(hours=1, minutes=5))
    for _time in range(2):  # the second one finds nothing new
        with listening():
            wait_until(lambda: Recording.objects.count() == 300 and is_live(instance), "all are there")
        instance.refresh_from_db()
    recorded = {int(row.integration_key): (row.began_at, row.ended_at) for row in Recording.objects.all()}
    assert recorded == {key: (began, began + timedelta(seconds=7.5)) for key, _monitor, began in events}
    for monitor in range(1, 5):
        own = [began for _key, number, began in events if number == monitor]
        edges = [edge for at in own for edge in (("detected", at), ("clear", at + timedelta(seconds=7.5)))]
        within = BEFORE_THE_CHANGE, BEFORE_THE_CHANGE + timedelta(hours=2)
        assert [edge for edge in motion_of(monitor) if within[0] <= edge[1] <= within[1]] == edges
    assert state_of("4.motion").value == "clear"


def test_an_event_that_was_open_when_we_left_is_closed_when_we_are_back(
    sim: SimulatedZoneMinder, instance: IntegrationInstance
) -> None:
    with listening():
        wait_until(lambda: is_live(instance), "it is live")
        number = sim.begin_event(1)
        wait_until(lambda: state_of("1.motion").value == "detected", "it moves")
    sim.advance(600)
    sim.end_event(number)
    with listening():
        recording = wait_until(lambda: Recording.objects.filter(ended_at__isnull=False).first(), "it has ended")
    assert state_of("1.motion").value == "clear"
    assert recording.ended_at is not None
    assert recording.ended_at - recording.began_at >= timedelta(seconds=600)


def test_what_a_new_monitor_recorded_before_a_sync_knew_it_is_not_passed_over(
    sim: SimulatedZoneMinder, instance: IntegrationInstance
) -> None:
    def is_read() -> int:
        return int(IntegrationCursor.objects.get().position["last"])

    with listening():
        wait_until(IntegrationCursor.objects.exists, "it has read what there was")
        before = is_read()
        monitor = sim.add_monitor("Shed")
        event = sim.begin_event(monitor)
        wait_until(lambda: Job.objects.filter(trigger=JobTrigger.SOURCE).exists(), "a sync is asked for")
        sim.end_event(event)
        other = sim.begin_event(1)
        wait_until(lambda: Recording.objects.filter(integration_key=str(other)).exists(), "a later one is written")
        sim.end_event(other)
        wait_until(lambda: not Recording.objects.filter(ended_at=None).exists(), "and its end")
        assert is_read() == before
    with listening():  # it is read again, as after a crash
        wait_until(lambda: is_live(instance), "it is live")
        assert not Recording.objects.filter(entity__name="Shed").exists()
        run_waiting_syncs()
        wait_until(lambda: is_read() == other, "all is read")
    assert [word for word, _at in motion_of(monitor)] == ["detected", "clear"]
    assert state_of(f"{monitor}.motion").value == "clear"
    assert Recording.objects.get(integration_key=str(event)).ended_at is not None


def test_what_is_not_mirrored_holds_up_the_reading_until_the_next_sync_alone(
    sim: SimulatedZoneMinder, instance: IntegrationInstance
) -> None:
    choosing.ignore_entity(Entity.objects.get(links__integration_key="monitor.2"))
    run_waiting_syncs()
    with listening():
        wait_until(IntegrationCursor.objects.exists, "it has read what there was")
        event = sim.begin_event(2)
        sim.end_event(event)
        wait_until(lambda: Job.objects.filter(trigger=JobTrigger.SOURCE).exists(), "a sync is asked for")
        run_waiting_syncs()
        wait_until(lambda: IntegrationCursor.objects.get().position["last"] == event, "it is read up to there")
    assert not Recording.objects.filter(integration_key=str(event)).exists()


def test_an_upgrade_under_a_live_instance_loses_and_doubles_nothing(
    sim: SimulatedZoneMinder, instance: IntegrationInstance
) -> None:
    def is_upgraded() -> bool:
        run_waiting_syncs()
        instance.refresh_from_db()
        return instance.source_version == "1.38.0"

    links = IntegrationLink.objects.filter(kind=ItemKind.ENTITY)
    things = set(Entity.objects.values_list("pk", "name"))
    before = set(links.values_list("integration_key", "entity_id", "removed_at"))
    videos = {address: state_of(address).pk for address in ("1.video", "1.motion", "4.alarm")}
    with listening():
        wait_until(lambda: is_live(instance), "it is live")
        sim.set_version("1.38.0")
        wait_until(is_upgraded, "the new version is noticed")
        wait_until(lambda: state_of("1.recording").value == "OnMotion", "the new states say something")
    assert set(Entity.objects.values_list("pk", "name")) == things
    assert set(links.values_list("integration_key", "entity_id", "removed_at")) == before
    assert {address: state_of(address).pk for address in videos} == videos
    assert not EntityState.objects.filter(key="function", removed_at=None).exists()
    message = SyncRun.objects.filter(instance=instance, removed__gt=0).latest("started_at").message
    assert message.startswith(
        "Version 1.38.0 in place of 1.36.33; new: Analysing, Capturing, Recording; gone: Function. 12 new"
    )
    instance.refresh_from_db()
    assert instance.status == IntegrationStatus.ACTIVE
