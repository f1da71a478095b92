"""Trouble with real processes: breaker, refused sign-in, held removals, schedule. The tests build on each other."""

import pytest

from hi.testing.hass import SimulatedHass
from tests.e2e.hub import Hub, wait_until

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def instance_id(hub: Hub, source: SimulatedHass) -> int:
    instance_id = hub.connect(source.url, source.token)
    hub.wait_for_status(instance_id, "ACTIVE")
    return instance_id


def test_editing_the_interval_on_the_page_changes_when_the_next_sync_runs(hub: Hub, instance_id: int) -> None:
    def syncs() -> int:
        return hub.query("SELECT COUNT(*) FROM integration_job WHERE kind = 'sync' AND trigger = 'schedule'")[0][0]

    before = syncs()
    assert before <= 1  # every ten minutes, and that may just have been
    page = f"/integrations/{instance_id}/"
    hub.submit(hub.browser(), f"{page}interval", {"every": "5", "unit": "1"}, page=page)
    wait_until(lambda: syncs() >= before + 2, "two scheduled syncs", seconds=25)
    hub.submit(hub.browser(), f"{page}interval", {"every": "10", "unit": "60"}, page=page)
    assert hub.instance(instance_id)["sync_interval_seconds"] == 600


def test_five_failing_syncs_open_the_breaker_and_it_closes_by_itself(
    hub: Hub, source: SimulatedHass, instance_id: int
) -> None:
    source.fail(500)
    for _time in range(5):
        # Each is tried three times, with up to twelve seconds of waiting in between.
        job = hub.wait_for_job(hub.post(f"integrations/{instance_id}/sync"), seconds=90)
        assert job["status"] == "FAILED"
    assert hub.instance(instance_id)["breaker_state"] == "open"
    page = hub.browser().get(f"{hub.url}/integrations/{instance_id}/", timeout=10).text
    assert "hi lets the system rest" in page
    source.heal()
    source.cut()  # the listener comes back, and its good login closes the breaker
    wait_until(lambda: hub.instance(instance_id)["breaker_state"] == "closed", "the breaker closes", seconds=30)
    hub.wait_for_job(hub.post(f"integrations/{instance_id}/sync"))
    hub.wait_for_status(instance_id, "ACTIVE", seconds=40)


def test_a_large_loss_is_held_shown_and_removed_on_one_click(hub: Hub, source: SimulatedHass, instance_id: int) -> None:
    before = len(hub.get_all("entities"))
    for entity_id in sorted(source.states())[: len(source.states()) // 2]:
        source.remove_entity(entity_id)
    hub.wait_for_job(hub.post(f"integrations/{instance_id}/sync"))
    assert len(hub.get_all("entities")) == before
    page = f"/integrations/{instance_id}/"
    browser = hub.browser()
    assert "no longer lists" in browser.get(hub.url + page, timeout=10).text
    hub.submit(browser, f"{page}removals", {}, page=page)
    wait_until(lambda: len(hub.get_all("entities")) < before, "they are gone", seconds=15)
    assert hub.query("SELECT * FROM integration_repair WHERE closed_at IS NULL") == []


def test_a_refused_token_stops_after_one_attempt_and_names_the_field(
    hub: Hub, source: SimulatedHass, instance_id: int
) -> None:
    open_jobs = "SELECT id FROM integration_job WHERE status IN ('QUEUED', 'RUNNING')"
    wait_until(lambda: hub.query(open_jobs) == [], "no sync is at work, which would be an attempt of its own")
    source.refuse_token()
    source.cut()
    instance = hub.wait_for_status(instance_id, "AUTH_FAILED", seconds=20)
    assert instance["next_sync_at"] is None
    failed = source.failed_logins
    page = hub.browser().get(f"{hub.url}/", timeout=10).text
    assert "token" in page.lower()
    assert failed == 1
    assert source.failed_logins == 1
