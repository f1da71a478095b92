"""The first time by a link, ever after with a password.

By its name the last of the ring: a new password ends all other sign-ins.
"""

import pytest
from playwright.sync_api import expect

from tests.browser.console import Opener, sign_in_link
from tests.e2e.hub import Hub

pytestmark = pytest.mark.browser


def test_a_link_signs_in_once_and_a_password_ever_after(hub: Hub, open_tab: Opener) -> None:
    console = open_tab()
    link = sign_in_link(hub)
    console.open(link)
    console.button("Sign in").click()
    expect(console.page).to_have_url(f"{hub.url}/")
    console.link("Choose a password").click()
    for field in console.page.locator("input[type=password]").all():
        field.fill("correct horse battery")
    console.button("Save").click()
    console.sees("You sign in with your name and password.")
    console.page.context.clear_cookies()
    with console.watch.expecting(410):
        console.open(link)
        expect(console.heading("This link no longer works")).to_be_visible()
    console.link("Sign in with a password").click()
    console.page.get_by_label("Name").fill("admin")
    console.page.get_by_label("Password").fill("correct horse battery")
    console.button("Sign in").click()
    expect(console.page).to_have_url(f"{hub.url}/")
