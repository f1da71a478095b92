"""Every page can be used by everybody: nothing serious that axe knows of, and no scrolling sideways, in both themes, on
a phone and on a desk."""

import re
from collections.abc import Iterator

import pytest
import requests

from hi.console import urls
from hi.testing.hass import SimulatedHass
from tests.browser.axe import inspect
from tests.browser.console import Console, Opener, sign_in_link
from tests.browser.pages import find_pages
from tests.e2e.hub import Hub

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("house")]
# Not found by following links: before a sign-in, and for the console's own requests.
NO_LINK_LEADS_TO = {"sign-in", "sign-in-link", "things-live", "integration-live", "thing-about", "control"}


@pytest.fixture(scope="module")
def reader(hub: Hub) -> requests.Session:
    return hub.browser()


@pytest.fixture(scope="module")
def pages(hub: Hub, house: int, reader: requests.Session) -> Iterator[dict[str, str]]:
    """Those of a home with one integration that is live, a draft of another and a job or two."""
    settings = {"label": "Cabin", "url": "http://127.0.0.1:9", "token": "x"}
    draft = hub.submit(reader, "/integrations/add/hass", settings).url.removeprefix(hub.url)

    def read(path: str) -> str:
        answer = reader.get(hub.url + path, timeout=10)
        return answer.text if answer.status_code == 200 else ""

    yield find_pages(read) | {"add-check": draft}
    hub.submit(reader, draft.replace("add/", "").replace("/check", "/delete"), {})


def test_no_page_shuts_anybody_out_in_either_theme_on_a_phone_or_a_desk(
    console: Console, pages: dict[str, str]
) -> None:
    wrong = []
    with console.watch.expecting(404):
        for name, path in pages.items():
            console.open(path)
            wrong += inspect(console, name)
    assert wrong == []


def test_every_page_is_reached_by_a_link(hub: Hub, reader: requests.Session, pages: dict[str, str]) -> None:
    """So that the pages above are all there are. What only acts, and what a home does not have, is no page here."""
    samples = {"IntConverter": "1", "UUIDConverter": "0" * 8 + "-0000-0000-0000-" + "0" * 12}
    unreached = []
    for pattern in urls.urlpatterns:
        path = "/" + str(pattern.pattern)
        for parameter, converter in pattern.pattern.converters.items():
            sample = samples.get(type(converter).__name__, "x")
            path = re.sub(rf"<(\w+:)?{parameter}>", sample, path)
        if pattern.name not in pages and reader.head(hub.url + path, timeout=10).status_code == 200:
            unreached.append(pattern.name)
    assert set(unreached) <= NO_LINK_LEADS_TO


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
    assert wrong == []


def test_signing_in_shuts_nobody_out_either(hub: Hub, open_tab: Opener) -> None:
    console = open_tab()
    wrong = []
    with console.watch.expecting(410):
        for name, path in {"sign-in": "/sign-in", "link": sign_in_link(hub), "old link": "/sign-in/used-up"}.items():
            console.open(path)
            wrong += inspect(console, name)
    assert wrong == []
