"""From an address to a living home, back on its feet when the token is revoked, and gone when it is deleted."""

import re

import pytest
from playwright.sync_api import expect

from hi.testing.hass import SimulatedHass, home
from tests.browser.axe import inspect
from tests.browser.console import Console

pytestmark = pytest.mark.browser


def test_connecting_shows_each_step_of_the_test_and_of_the_first_sync_as_it_happens(
    console: Console, cabin: SimulatedHass
) -> None:
    console.open("/")
    console.link("Add an integration").click()
    console.link("Home Assistant").click()
    console.page.get_by_label("Name").fill("Cabin")
    console.page.get_by_label("Address").fill(cabin.url)
    console.page.get_by_label(re.compile("token", re.I)).fill(cabin.token)
    cabin.stall()  # so that what happens can be seen before it has
    console.button("Test the connection").click()
    expect(console.heading("Testing Cabin")).to_be_visible()
    with console.stays_loaded():
        cabin.unstall()
        expect(console.heading("Cabin answers")).to_be_visible()
        expect(console.page.locator(".step-ok")).not_to_have_count(0)
    cabin.stall()
    console.button("Start mirroring").click()
    expect(console.page.get_by_role("progressbar").first).to_be_visible()
    with console.stays_loaded():
        cabin.unstall()
        expect(console.page.locator(".status-now")).to_contain_text("Live")
        expect(console.page.locator(".runs tbody tr")).to_have_count(1)
    console.link("Delete").click()
    console.button("Delete Cabin").click()
    expect(console.page).to_have_url(f"{console.hub.url}/integrations/")
    expect(console.link("Cabin")).to_have_count(0)


def test_a_revoked_token_stops_everything_and_one_field_resumes_it(
    console: Console, house: int, source: SimulatedHass
) -> None:
    console.open("/")
    with console.stays_loaded():
        source.revoke_token()
        source.close_connections()
        expect(console.needs).to_contain_text("Sign-in refused")
    assert inspect(console, "needs you") == []
    assert source.failed_logins == 1  # one try, and then no more until somebody says something new
    console.link(re.compile("^Enter new")).click()
    assert inspect(console, "signing in again") == []
    source.heal()
    console.page.get_by_label(re.compile("token", re.I)).fill(source.token)
    console.button("Save and go on").click()
    expect(console.page.locator(".status-now")).to_contain_text("Live")
    expect(console.needs).to_have_count(0)
    assert source.failed_logins == 0


def test_another_server_at_the_address_changes_nothing_until_somebody_says_what_it_is(
    console: Console, cabin: SimulatedHass
) -> None:
    instance_id = console.hub.connect(cabin.url, cabin.token, label="Cabin")
    console.hub.wait_for_status(instance_id, "ACTIVE")
    things = len(console.hub.get_all("entities"))
    console.open(f"/integrations/{instance_id}/")
    cabin.stop()
    with SimulatedHass.running(token=cabin.token, home=home.demo("another home"), port=cabin.port):
        need = console.page.get_by_role("region", name="Needs you").get_by_role("link")
        expect(need).to_be_visible()
        need.click()
        expect(console.heading(re.compile("Another server answers"))).to_be_visible()
        assert inspect(console, "another server") == []
        assert len(console.hub.get_all("entities")) == things
        console.button("It is the new one").click()
        expect(console.page.locator(".status-now")).to_contain_text("Live")
        assert len(console.hub.get_all("entities")) > things
