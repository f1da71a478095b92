"""Every page can be used by everybody: nothing serious that axe knows of, and no scrolling sideways, in both themes, on
a phone and on a desk."""

import re
from collections.abc import Iterator
from contextlib import nullcontext

import pytest
import requests
from django.urls import URLPattern
from playwright.sync_api import expect

from hi.console import urls
from hi.testing.hass import DeviceSpec, SimulatedHass, specs
from tests.browser.axe import inspect
from tests.browser.console import Console, Opener, sign_in_link
from tests.browser.pages import find_pages
from tests.e2e.hub import Hub

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("house")]
# Can be asked for, and is not among the pages.
NO_PAGE = {
    "sign-in": "before anybody is signed in: below",
    "sign-in-link": "before anybody is signed in: below",
    "sign-in-again": "only while a token is refused: test_connecting",
    "server-changed": "only while another server answers: test_connecting",
    "person-link": "only once, after it was made: test_people",
    "person-withdraw": "only of who never came: test_people",
    "things-live": "a part, polled",
    "integration-live": "a part, polled",
    "thing-about": "a part, fetched when it is opened",
    "control": "a part, fetched after a command",
    "thing-camera": "leads to a picture",
    "thing-recording": "leads to a picture",
    "thing-recordings": "the page of a thing, from older recordings on: test_cameras",
    "thing-recordings-news": "a part, polled",
    "thing-file": "a file that somebody keeps",
    "diagnostics": "a file to save",
}


@pytest.fixture(scope="module")
def reader(hub: Hub) -> requests.Session:
    return hub.browser()


@pytest.fixture(scope="module")
def own_place(hub: Hub, house: int, reader: requests.Session) -> Iterator[str]:
    """What a person has added, and may delete."""
    shed = {"name": "Shed", "kind": "room", "parent_id": "0"}
    added = hub.submit(reader, "/places/#add-title", shed, page="/places/").url
    path = f"/places/{added.rpartition('#place-')[2]}/"
    yield path
    hub.submit(reader, f"{path}delete", {})


@pytest.fixture(scope="module")
def pages(hub: Hub, house: int, reader: requests.Session, own_place: str) -> Iterator[dict[str, str]]:
    """Those of a home with one integration that is live, a draft of another, a place of its own and a job or two."""
    settings = {"label": "Cabin", "url": "http://127.0.0.1:9", "token": "x"}
    draft = hub.submit(reader, "/integrations/add/hass", settings).url.removeprefix(hub.url)

    def read(path: str) -> str:
        answer = reader.get(hub.url + path, timeout=10)
        return answer.text if answer.status_code == 200 else ""

    yield find_pages(read) | {"add-check": draft, "place-delete": f"{own_place}delete"}
    hub.submit(reader, draft.replace("add/", "").replace("/check", "/delete"), {})


def test_no_page_shuts_anybody_out_in_either_theme_on_a_phone_or_a_desk(
    console: Console, pages: dict[str, str]
) -> None:
    wrong = []
    for name, path in pages.items():
        with console.watch.expecting(404) if name == "missing" else nullcontext():
            assert console.open(path).url == console.hub.url + path  # and not where it leads
            wrong += inspect(console, name)
    assert wrong == []


def test_every_page_is_inspected(hub: Hub, reader: requests.Session, pages: dict[str, str]) -> None:
    """So that the pages above are all there are."""
    asked_for = {pattern.name for pattern in urls.urlpatterns if can_be_asked_for(hub, reader, pattern)}
    assert asked_for - pages.keys() == NO_PAGE.keys()


def can_be_asked_for(hub: Hub, reader: requests.Session, pattern: URLPattern) -> bool:
    """Otherwise it only acts. That is told of any thing, whether there is such a thing or not."""
    samples = {"IntConverter": "1", "UUIDConverter": "0" * 8 + "-0000-0000-0000-" + "0" * 12}
    path = "/" + str(pattern.pattern)
    for parameter, converter in pattern.pattern.converters.items():
        path = re.sub(rf"<(\w+:)?{parameter}>", samples.get(type(converter).__name__, "x"), path)
    return reader.head(hub.url + path, timeout=10).status_code != 405


def test_what_opens_on_a_page_shuts_nobody_out_either(console: Console, source: SimulatedHass) -> None:
    wrong = []
    console.open_thing("Alarm")
    console.link("Add a note").click()
    console.link("Add a fact").click()
    console.link("Add a file").click()
    console.page.locator("#edit-head").click()
    console.page.get_by_label("Name").wait_for()
    console.page.get_by_text("Details").click()
    wrong += inspect(console, "forms")
    console.button("Arm away").click()
    console.dialog.get_by_label("Code").fill("9999")
    wrong += inspect(console, "dialog")
    console.dialog.get_by_role("button", name="Arm away").click()
    console.page.locator(".control-trouble").wait_for()
    wrong += inspect(console, "refusal")
    console.open("/integrations/add/hass")
    console.page.get_by_text("Certificate of an https address").click()
    console.page.get_by_label("Certificate of the authority").wait_for()
    wrong += inspect(console, "certificate")
    with console.watch.expecting(422):
        console.button("Test the connection").click()
        console.page.locator(".field-wrong").first.wait_for()
        wrong += inspect(console, "error in a form")
    assert wrong == []


def test_what_waits_for_a_person_shuts_nobody_out_either(console: Console, cabin: SimulatedHass) -> None:
    instance_id = console.hub.connect(cabin.url, cabin.token, label="Cabin")
    console.hub.wait_for_status(instance_id, "ACTIVE")
    wrong = []
    console.open(f"/integrations/{instance_id}/choose")
    console.page.get_by_role("radio", name="Ask me").check()
    console.button("Save and sync").click()
    console.sees("New things wait in the inbox.")
    cabin.add_device(DeviceSpec("Fish tank heater", "Kitchen", "shelly", "Shelly", "Plug S", (specs.switch(),)))
    for gone in ("Kitchen ceiling light", "Front door", "Front door lock", "Kitchen thermostat"):
        cabin.remove_device(gone)
    console.hub.wait_for_job(console.hub.post(f"integrations/{instance_id}/sync"))
    console.open(f"/integrations/{instance_id}/")
    expect(console.heading("Held for you")).to_be_visible()
    wrong += inspect(console, "removals that are held")
    console.open(f"/integrations/{instance_id}/inbox")
    expect(console.button("Approve Fish tank heater")).to_be_visible()
    wrong += inspect(console, "inbox")
    assert wrong == []


def test_signing_in_shuts_nobody_out_either(hub: Hub, open_tab: Opener) -> None:
    console = open_tab()
    wrong = []
    with console.watch.expecting(410):
        for name, path in {"sign-in": "/sign-in", "link": sign_in_link(hub), "old link": "/sign-in/used-up"}.items():
            console.open(path)
            wrong += inspect(console, name)
    assert wrong == []
