"""A real hub, a simulated Home Assistant and a browser for each module; a context of its own for each test."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from hi.testing.hass import SimulatedHass, home
from tests.browser import chromium as the_browser
from tests.browser.console import Console, Watch, sign_in
from tests.e2e.hub import RARELY, Hub, running_hub

DESK = {"width": 1280, "height": 800}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if the_browser.is_off():
        off = pytest.mark.skip(reason="HI_TEST_BROWSER=off: NOT tested in a browser")
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(off)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    assert the_browser.find(), the_browser.MISSING
    with sync_playwright() as playwright:
        browser = the_browser.launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    quick = {"HI_LIVE_GRACE_SECONDS": "2", "HI_LEASE_SECONDS": "4"}
    with tempfile.TemporaryDirectory(prefix="hi-browser-") as name, running_hub(Path(name), **quick) as hub:
        yield hub


@pytest.fixture(scope="module")
def source() -> Iterator[SimulatedHass]:
    """The demo home: three floors, 200 entities. Nothing in it moves by itself."""
    with SimulatedHass.running(token="a-token-for-tests", home=home.demo()) as source:
        yield source


@pytest.fixture(scope="module")
def house(hub: Hub, source: SimulatedHass) -> int:
    """The source, connected and live; its instance's id."""
    instance_id = hub.connect(source.url, source.token)
    hub.wait_for_status(instance_id, "ACTIVE")
    hub.sync_every(instance_id, RARELY)
    return instance_id


@pytest.fixture(scope="module")
def signed_in(hub: Hub, chromium: Browser) -> Any:
    return sign_in(hub, chromium)


@pytest.fixture
def console(hub: Hub, chromium: Browser, signed_in: Any) -> Iterator[Console]:
    """A tab of somebody who is signed in; at the end nothing may have gone wrong in it."""
    context = chromium.new_context(storage_state=signed_in, viewport=DESK)
    watch = Watch(context, hub.url.removeprefix("http://"))
    yield Console(hub, context.new_page(), watch)
    context.close()
    assert watch.requests
    assert watch.troubles == []
