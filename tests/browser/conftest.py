"""A real hub, a simulated Home Assistant and a browser for the whole ring; a context of its own for each test.

Whoever changes the home puts it back: the next test finds it as it was.
"""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from hi.testing.hass import SimulatedHass, home
from hi.testing.zoneminder import SimulatedZoneMinder
from tests.browser import chromium as the_browser
from tests.browser.console import Console, Opener, Watch, sign_in
from tests.e2e.hub import RARELY, Hub, running_hub, wait_until

DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if the_browser.is_off():
        off = pytest.mark.skip(reason="HI_TEST_BROWSER=off: NOT tested in a browser")
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(off)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    assert the_browser.find(), the_browser.MISSING
    with sync_playwright() as playwright:
        browser = the_browser.launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def hub(chromium: Browser, initialised: Path) -> Iterator[Hub]:
    """Started for whoever looks at it: without a browser, not at all."""
    quick = {"HI_LIVE_GRACE_SECONDS": "2", "HI_LEASE_SECONDS": "4", "HI_MEDIA_URL_SECONDS": "6"}
    with tempfile.TemporaryDirectory(prefix="hi-browser-") as name:
        shutil.copytree(initialised, name, copy_function=shutil.copy2, dirs_exist_ok=True)
        with running_hub(Path(name), **quick) as hub:
            yield hub


@pytest.fixture(scope="package")
def running_source() -> Iterator[SimulatedHass]:
    """The demo home, of three floors. Nothing in it moves by itself, and what takes time is there in a blink."""
    with SimulatedHass.running(token="a-token-for-tests", home=home.demo(), pace=0.05) as source:
        yield source


@pytest.fixture(scope="package")
def house(hub: Hub, running_source: SimulatedHass) -> int:
    """The source, connected and live; its instance's id."""
    instance_id = hub.connect(running_source.url, running_source.token)
    hub.wait_for_status(instance_id, "ACTIVE")
    hub.sync_every(instance_id, RARELY)
    return instance_id


@pytest.fixture
def source(running_source: SimulatedHass, house: int) -> Iterator[SimulatedHass]:
    """The home that is mirrored, without faults, and with no service called yet."""
    running_source.core.calls.clear()
    yield running_source
    running_source.heal()


@pytest.fixture
def _as_before(hub: Hub) -> Iterator[None]:
    """What is connected meanwhile is not any more in the end."""

    def connected() -> set[int]:
        return {one["id"] for one in hub.get("integrations")["items"]}

    before = connected()
    yield
    browser = hub.browser()
    for left in connected() - before:
        hub.submit(browser, f"/integrations/{left}/delete", {})
    wait_until(lambda: connected() == before, "what was connected is deleted", seconds=30)


@pytest.fixture
def cabin(_as_before: None) -> Iterator[SimulatedHass]:
    """A second home."""
    with SimulatedHass.running(token="another-token-for-tests", home=home.small()) as cabin:
        yield cabin


@pytest.fixture
def cameras(hub: Hub, _as_before: None) -> Iterator[SimulatedZoneMinder]:
    """Connected, and read. What nobody but hi may know of them is found again wherever it gets to."""
    secret = {"user": "canary-user", "password": "canary-password", "camera_secret": "canary-camera"}
    with SimulatedZoneMinder.running(**secret, cameras={"Gate": "Modect"}) as cameras:
        instance_id = hub.connect(
            cameras.url, kind="zoneminder", label="Cameras", user=cameras.user, password=cameras.password
        )
        hub.wait_for_status(instance_id, "ACTIVE")
        hub.sync_every(instance_id, RARELY)
        yield cameras


@pytest.fixture(scope="package")
def signed_in(chromium: Browser, hub: Hub) -> Any:
    return sign_in(hub, chromium)


@pytest.fixture
def open_tab(chromium: Browser, hub: Hub) -> Iterator[Opener]:
    """Opens tabs, each in a context made with the options given; at the end nothing may have gone wrong in any."""
    watches = []

    def open_one(**options: Any) -> Console:
        context = chromium.new_context(**{"viewport": DESK, **options})
        watches.append((context, Watch(context, hub.url.removeprefix("http://"))))
        return Console(hub, context.new_page(), watches[-1][1])

    yield open_one
    for context, _watch in watches:
        context.close()
    assert all(watch.requests for _context, watch in watches)
    assert [trouble for _context, watch in watches for trouble in watch.troubles] == []


@pytest.fixture
def console(open_tab: Opener, signed_in: Any) -> Console:
    """A tab of somebody who is signed in."""
    return open_tab(storage_state=signed_in)


@pytest.fixture
def phone(open_tab: Opener, signed_in: Any) -> Console:
    """The same on a phone: narrow, and touched."""
    return open_tab(storage_state=signed_in, viewport=PHONE, has_touch=True, is_mobile=True)


@pytest.fixture
def plain(open_tab: Opener, signed_in: Any) -> Console:
    """The same without JavaScript."""
    return open_tab(storage_state=signed_in, java_script_enabled=False)
