"""ListenerHub in this process, against the simulator: who is listened to, until when, and what it writes."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from cryptography.fernet import Fernet

from hi.entity.enums import Quality
from hi.entity.models import EntityState, StateHistory
from hi.integration import leases, operations, status
from hi.integration.enums import IntegrationStatus, JobKind, JobStatus, JobTrigger, LeaseRole, RepairKind
from hi.integration.models import IntegrationInstance, IntegrationLink, Job, Lease, Repair
from hi.tasks import lifecycle, sync
from hi.testing.conformance.world import listening
from hi.testing.hass import SimulatedHass, home, specs
from tests.certificates import self_signed
from tests.e2e.hub import wait_until
from tests.replaced import in_place_of

pytestmark = [
    pytest.mark.database(transaction=True),
    pytest.mark.wire,
    pytest.mark.usefixtures("redis_url", "quick"),
]
LIGHT = "light.kitchen_ceiling_light"


@pytest.fixture
def source() -> Iterator[SimulatedHass]:
    with SimulatedHass.running(token="a-good-token", home=home.small()) as source:
        yield source


@pytest.fixture
def instance(source: SimulatedHass) -> IntegrationInstance:
    instance = operations.create_draft("hass", "House", {"url": source.url, "token": source.token})
    job = operations.activate(instance)
    lifecycle.activate_integration(str(job.pk), 0)
    return instance


def value_of(address: str) -> str | None:
    state_id = IntegrationLink.objects.values_list("state_id", flat=True).get(address=address, removed_at=None)
    return EntityState.objects.values_list("value", flat=True).get(pk=state_id)


def is_live(instance: IntegrationInstance) -> bool:
    instance.refresh_from_db()
    return instance.live_since is not None


def run_waiting_syncs() -> None:
    for job in Job.objects.filter(kind=JobKind.SYNC, status=JobStatus.QUEUED):
        sync.sync_entities(str(job.pk), job.attempt)


def test_a_synced_instance_becomes_active_with_its_first_snapshot(
    source: SimulatedHass, instance: IntegrationInstance
) -> None:
    with listening():
        wait_until(lambda: is_live(instance) and instance.status == IntegrationStatus.ACTIVE, "it is ACTIVE")
        assert value_of(LIGHT) == "on"
        assert StateHistory.objects.exists()


def test_a_change_there_is_written_here(source: SimulatedHass, instance: IntegrationInstance) -> None:
    with listening():
        wait_until(lambda: is_live(instance), "it is live")
        source.set_state(LIGHT, "off")
        wait_until(lambda: value_of(LIGHT) == "off", "the change arrives")


def test_every_change_of_a_burst_is_history_and_the_last_is_current(
    source: SimulatedHass, instance: IntegrationInstance
) -> None:
    with listening():
        wait_until(lambda: is_live(instance), "it is live")
        before = StateHistory.objects.count()
        for index in range(200):
            source.set_state(LIGHT, "on" if index % 2 else "off")
        wait_until(lambda: StateHistory.objects.count() == before + 200, "all are written")
        # History is written first, and the current value after it.
        wait_until(lambda: value_of(LIGHT) == "on", "the last is current")
        assert StateHistory.objects.count() == before + 200


def test_stopping_gives_the_lease_back_and_leaves_no_socket(
    source: SimulatedHass, instance: IntegrationInstance
) -> None:
    with listening():
        wait_until(lambda: is_live(instance), "it is live")
        assert Lease.objects.get().role == LeaseRole.LISTEN
    assert not Lease.objects.exists()
    assert not is_live(instance)
    source.wait_for(lambda: source.connections == 0)
    assert set(EntityState.objects.filter(value__isnull=False).values_list("quality", flat=True)) == {Quality.STALE}


def test_a_paused_instance_is_let_go(source: SimulatedHass, instance: IntegrationInstance) -> None:
    with listening():
        wait_until(lambda: is_live(instance), "it is live")
        operations.pause(instance)
        source.wait_for(lambda: source.connections == 0)
        wait_until(lambda: not Lease.objects.exists(), "the lease is given back")


def test_changed_settings_make_it_connect_anew(source: SimulatedHass, instance: IntegrationInstance) -> None:
    with listening():
        wait_until(lambda: is_live(instance), "it is live")
        logins = source.logins
        same_server = source.url.replace("127.0.0.1", "localhost")
        operations.update_settings(instance, {"url": same_server, "token": source.token})
        source.wait_for(lambda: source.logins > logins)
        wait_until(lambda: is_live(instance), "it is live again")


def test_a_listener_that_lost_its_lease_stops_and_writes_nothing(
    source: SimulatedHass, instance: IntegrationInstance
) -> None:
    with listening():
        wait_until(lambda: is_live(instance), "it is live")
        leases.revoke(instance.pk)
        assert leases.acquire(instance.pk, LeaseRole.LISTEN, "another machine", 60)
        source.wait_for(lambda: source.connections == 0)
        source.set_state(LIGHT, "off")
        assert value_of(LIGHT) == "on"
    assert Lease.objects.get().holder == "another machine"


def test_something_new_there_asks_for_one_sync_and_then_has_its_value(
    source: SimulatedHass, instance: IntegrationInstance
) -> None:
    with listening():
        wait_until(lambda: is_live(instance), "it is live")
        added = source.add_entity(specs.switch("Added", on=True))
        wait_until(lambda: Job.objects.filter(trigger=JobTrigger.SOURCE).exists(), "a sync is asked for")
        run_waiting_syncs()
        wait_until(lambda: value_of(added) == "on", "its value is here")
    assert Job.objects.filter(trigger=JobTrigger.SOURCE).count() == 1


def test_all_that_one_session_asks_for_has_its_id(source: SimulatedHass, instance: IntegrationInstance) -> None:
    with listening():
        wait_until(lambda: is_live(instance), "it is live")
        for number in (1, 2):
            source.add_entity(specs.switch(f"Added {number}", on=True))
            asked = Job.objects.filter(trigger=JobTrigger.SOURCE)
            wait_until(lambda: asked.count() == number, "a sync is asked for")  # noqa: B023 - called at once
            run_waiting_syncs()
    first, second = asked.values_list("trace", flat=True)
    assert first == second
    assert first != Job.objects.get(kind=JobKind.ACTIVATE).trace


def test_after_a_cut_it_comes_back_with_everything_it_missed(
    source: SimulatedHass, instance: IntegrationInstance
) -> None:
    with listening():
        wait_until(lambda: is_live(instance), "it is live")
        source.go_down()
        wait_until(lambda: not is_live(instance), "the gap is noticed")
        assert EntityState.objects.filter(quality=Quality.STALE).exists()
        source.set_state(LIGHT, "off")
        source.come_up()
        source.finish_starting()
        wait_until(lambda: is_live(instance), "it is live again")
        assert value_of(LIGHT) == "off"
        assert not EntityState.objects.filter(quality=Quality.STALE).exists()


def test_after_a_gap_a_sync_looks_for_what_changed_meanwhile(
    source: SimulatedHass, instance: IntegrationInstance
) -> None:
    with listening():
        wait_until(lambda: is_live(instance), "it is live")
        assert not Job.objects.filter(trigger=JobTrigger.SOURCE).exists()
        source.cut()
        wait_until(lambda: Job.objects.filter(trigger=JobTrigger.SOURCE).exists(), "a sync is asked for")


def test_a_token_refused_while_listening_stops_everything_after_one_attempt(
    source: SimulatedHass, instance: IntegrationInstance
) -> None:
    with listening():
        wait_until(lambda: is_live(instance), "it is live")
        source.refuse_token()
        source.cut()
        wait_until(lambda: Repair.objects.filter(kind=RepairKind.AUTHENTICATION).exists(), "a card is opened")
        wait_until(lambda: not Lease.objects.exists(), "the lease is given back")
    instance.refresh_from_db()
    assert instance.status == IntegrationStatus.AUTH_FAILED
    assert source.failed_logins == 1


def test_a_secret_that_no_key_fits_opens_its_card_when_a_listener_begins(instance: IntegrationInstance) -> None:
    instance.attributes.filter(is_secret=True).update(value=Fernet(Fernet.generate_key()).encrypt(b"x").decode())
    with listening():
        wait_until(lambda: Repair.objects.filter(kind=RepairKind.SECRET_LOST).exists(), "a card is opened")
    instance.refresh_from_db()
    assert instance.status == IntegrationStatus.FAILED
    assert not Lease.objects.exists()


def test_a_certificate_that_is_accepted_no_more_ends_the_connection_at_once(instance: IntegrationInstance) -> None:
    instance.refresh_from_db()
    good, server_id = self_signed(), instance.server_id
    with SimulatedHass.running(home=home.small(), tls=good.context, server_id=server_id) as secure:
        pinned = {"tls_check": "fingerprint", "tls_fingerprint": good.fingerprint}
        operations.update_settings(instance, {"url": secure.url, "token": secure.token, **pinned})
        with listening():
            wait_until(lambda: is_live(instance), "it is live")
            operations.update_settings(instance, {"tls_fingerprint": self_signed().fingerprint})
            wait_until(lambda: secure.connections == 0, "the connection ends")
            wait_until(lambda: "pinned certificate" in live_error(instance), "and the page says why")
            operations.update_settings(instance, {"tls_check": "authority", "tls_authority": good.pem})
            wait_until(lambda: is_live(instance), "it is live again")


def live_error(instance: IntegrationInstance) -> str:
    return IntegrationInstance.objects.get(pk=instance.pk).live_error


def test_an_instance_is_not_listened_to_while_its_activation_still_works(
    source: SimulatedHass, instance: IntegrationInstance
) -> None:
    status.move(instance.pk, IntegrationStatus.FAILED)
    operations.activate(instance)
    with listening():
        wait_until(lambda: Job.objects.filter(status=JobStatus.QUEUED).exists(), "the job waits")
        assert source.connections == 0
        assert not Lease.objects.exists()


BLOCKED = """
import time, types
import django
django.setup()
from hi.tasks import listening

class Hub:
    def __init__(self, name): pass
    async def run(self): time.sleep(30)  # where it should have awaited

listening.ListenerHub, listening.LOOK_SECONDS = Hub, 0.2
step = listening.ListenerStep(types.SimpleNamespace(hostname="listener@here"))
step.start(None)
step._thread.join()
"""


def test_a_listener_whose_loop_stands_still_ends_its_process() -> None:
    ended = subprocess.run([sys.executable, "-c", BLOCKED], capture_output=True, text=True, timeout=20, check=False)
    assert ended.returncode == os.EX_SOFTWARE
    assert "stands still" in ended.stderr


def test_of_another_server_at_its_address_no_value_is_written(
    source: SimulatedHass, instance: IntegrationInstance
) -> None:
    def error() -> str:
        instance.refresh_from_db()
        return instance.live_error

    with listening():
        wait_until(lambda: is_live(instance), "it is live")
        told = StateHistory.objects.count()
        with in_place_of(source, home=home.small()) as other:  # with things of the same names
            other.set_state(LIGHT, "off")
            refused = "Another server answers at the address of House now."
            wait_until(lambda: error() == refused, "the other server is noticed")
            light = EntityState.objects.get(links__address=LIGHT)
            assert (light.value, light.quality) == ("on", Quality.STALE)
            assert StateHistory.objects.count() == told
            assert not is_live(instance)
            run_waiting_syncs()  # its things are the same: it is the same home, which calls itself otherwise
            wait_until(lambda: is_live(instance) and value_of(LIGHT) == "off", "it is live again")
