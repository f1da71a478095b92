"""Somebody is invited, comes in with a password of their own, and may as much as their role says."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import inspect
from tests.browser.console import Console, Opener
from tests.e2e.hub import Hub

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("house")]
PASSWORD = "correct horse battery"
REFUSE_THE_CLIPBOARD = """() => {
    document.execCommand = () => false;
    navigator.clipboard.writeText = () => Promise.reject();
}"""


def test_who_is_invited_chooses_a_password_and_is_offered_what_their_role_allows(
    hub: Hub, console: Console, open_tab: Opener
) -> None:
    wrong = []
    console.open("/account")
    console.link("People").click()
    with console.watch.expecting(422):
        console.page.get_by_label("Name").fill("two words")
        console.button("Make an invitation").click()
        console.sees("letters, digits")
        wrong += inspect(console, "refused invitation")
    console.page.get_by_label("Name").fill("ben")
    console.page.get_by_label("Viewer").check()
    console.button("Make an invitation").click()
    link = console.page.get_by_label("Link").input_value()
    wrong += inspect(console, "link")
    console.button("Copy").press("Enter")
    console.sees("It is copied.")
    assert console.page.evaluate("getSelection().toString()") == link
    console.page.evaluate(REFUSE_THE_CLIPBOARD)
    console.button("Copy").press("Enter")
    console.sees("It is selected: copy it from here.")
    console.link("Done").click()
    console.link("Withdraw invitation").click()
    expect(console.heading("Withdraw the invitation of ben?")).to_be_visible()
    wrong += inspect(console, "withdrawing")
    console.link("Keep it").click()

    guest = open_tab()
    guest.open(link.removeprefix(hub.url))
    expect(guest.heading("Welcome, ben")).to_be_visible()
    wrong += inspect(guest, "invitation")
    for field in guest.page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    guest.button("Save and sign in").click()
    expect(guest.page).to_have_url(f"{hub.url}/")
    expect(guest.link("Add an integration")).to_have_count(0)
    guest.open_thing("Kitchen ceiling light")
    expect(guest.page.get_by_role("switch").first).to_be_disabled()
    guest.sees("Setting this needs the role member.")
    expect(guest.page.locator("#edit-head")).to_have_count(0)
    wrong += inspect(guest, "thing, looked at only")
    with guest.watch.expecting(403):
        guest.open("/people/")
        expect(guest.heading("You may not do this")).to_be_visible()
        wrong += inspect(guest, "not allowed")

    console.page.reload()
    wrong += inspect(console, "person")
    console.page.get_by_label("Member").check()
    console.button("Save").click()
    expect(console.page.get_by_label("Member")).to_be_checked()
    console.sees("Chrome on Linux")
    guest.open_thing("Kitchen ceiling light")
    expect(guest.page.get_by_role("switch").first).to_be_enabled()

    # What was offered when the page was opened is refused, and told, once the role is another.
    console.page.get_by_label("Viewer").check()
    console.button("Save").click()
    expect(console.page.get_by_label("Viewer")).to_be_checked()
    with guest.watch.expecting(403):
        guest.page.get_by_role("switch").first.click()
        guest.sees("This needs the role member: an admin can give it to you.")
    expect(guest.page.get_by_role("switch").first).to_be_disabled()

    console.button("Sign out everywhere").click()
    console.sees("Signed in nowhere.")
    guest.open("/things/")
    expect(guest.heading("Sign in")).to_be_visible()
    console.button("Deactivate").click()
    expect(console.page.locator("#person-activate")).to_be_visible()
    wrong += inspect(console, "person who is deactivated")
    assert wrong == []


def test_people_see_what_they_are_signed_in_on(console: Console, open_tab: Opener, hub: Hub) -> None:
    console.open("/account")
    console.sees("This one")
    console.sees("Chrome on Linux")
