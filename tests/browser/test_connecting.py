"""From an empty hi to a living home, and back on its feet when the token is revoked."""

import re

import pytest
from playwright.sync_api import Browser, expect

from hi.testing.hass import SimulatedHass
from tests.browser.console import Console, Watch, sign_in_link
from tests.e2e.hub import Hub

pytestmark = pytest.mark.browser


def test_a_link_signs_in_once_and_a_password_ever_after(hub: Hub, chromium: Browser) -> None:
    context = chromium.new_context()
    watch = Watch(context, hub.url.removeprefix("http://"))
    console = Console(hub, context.new_page(), watch)
    link = sign_in_link(hub)
    console.open(link)
    console.button("Sign in").click()
    console.heading("Welcome home.").wait_for()
    console.link("Choose a password").click()
    for field in console.page.locator("input[type=password]").all():
        field.fill("correct horse battery")
    console.button("Save").click()
    expect(console.page.locator("main")).to_contain_text("You sign in with your name and password.")
    context.clear_cookies()
    with watch.expecting(410):
        console.open(link)
        expect(console.heading("This link no longer works")).to_be_visible()
    console.link("Sign in with a password").click()
    console.page.get_by_label("Name").fill("admin")
    console.page.get_by_label("Password").fill("correct horse battery")
    console.button("Sign in").click()
    expect(console.heading("Welcome home.")).to_be_visible()
    context.close()
    assert watch.troubles == []


def test_connecting_shows_each_step_of_the_test_and_of_the_first_sync_as_it_happens(
    console: Console, source: SimulatedHass
) -> None:
    console.open("/")
    console.link("Add an integration").click()
    console.link("Home Assistant").click()
    console.page.get_by_label("Name").fill("Seaside house")
    console.page.get_by_label("Address").fill(source.url)
    console.page.get_by_label(re.compile("token", re.I)).fill(source.token)
    source.stall()  # so that what happens can be seen before it has
    console.button("Test the connection").click()
    expect(console.heading("Testing Seaside house")).to_be_visible()
    with console.stays_loaded():
        source.unstall()
        expect(console.heading("Seaside house answers")).to_be_visible()
        expect(console.page.locator(".step-ok")).not_to_have_count(0)
    source.stall()
    console.button("Start mirroring").click()
    expect(console.page.get_by_role("progressbar").first).to_be_visible()
    with console.stays_loaded():
        source.unstall()
        expect(console.page.locator(".status-now")).to_contain_text("Live")
        expect(console.page.locator(".runs tbody tr")).to_have_count(1)
    console.open("/")
    expect(console.heading("Everything is alright.")).to_be_visible()


def test_a_revoked_token_stops_everything_and_one_field_resumes_it(console: Console, source: SimulatedHass) -> None:
    console.open("/")
    with console.stays_loaded():
        source.revoke_token()
        source.close_connections()
        expect(console.needs).to_contain_text("Sign-in refused")
    assert source.failed_logins == 1  # one try, and then no more until somebody says something new
    console.link(re.compile("^Enter new")).click()
    source.heal()
    console.page.get_by_label(re.compile("token", re.I)).fill(source.token)
    console.button("Save settings").click()
    expect(console.page.locator(".status-now")).to_contain_text("Live")
    expect(console.needs).to_have_count(0)
    assert source.failed_logins == 0
