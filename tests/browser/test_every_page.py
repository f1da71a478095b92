"""Every page can be used by everybody: nothing serious that axe knows of, and no scrolling sideways, in both themes, on
a phone and on a desk."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from hi.console import urls
from tests.browser.console import Console, Watch, sign_in_link
from tests.browser.pages import find_pages
from tests.e2e.hub import Hub

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("house")]
WIDTHS = {390: 844, 1280: 800}
THEMES = ("light", "dark")
# What fades from one theme into the other has neither's contrast meanwhile.
END_MOTION = """document.getAnimations().forEach((motion) => {
    try { motion.finish(); } catch { motion.cancel(); }
})"""
SERIOUS = ("serious", "critical")
# Not found by following links: before a sign-in, and for the console's own requests.
NO_LINK_LEADS_TO = {"sign-in", "sign-in-link", "things-live", "integration-live"}


@pytest.fixture
def pages(console: Console, house: int) -> dict[str, str]:
    """Those of a home with one integration that is live, a draft of another and a job or two."""
    draft = console.hub.submit(
        console.hub.browser(),
        "/integrations/add/hass",
        {"label": "Cabin", "url": "http://127.0.0.1:9", "token": "x"},
    )

    def read(path: str) -> str:
        answer = console.page.request.get(console.hub.url + path)
        return answer.text() if answer.status == 200 else ""

    return find_pages(read) | {"add-check": draft.url.removeprefix(console.hub.url)}


def looks(page: Page) -> Iterator[str]:
    """The page as it is now in each theme and width; yields what to call it."""
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        for theme in THEMES:
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
            page.evaluate(END_MOTION)
            yield f"{theme}, {width} px"


def findings(page: Page) -> list[str]:
    found: dict[str, Any] = Axe().run(page).response
    return [
        f"{one['impact']}: {one['id']} at {', '.join(str(node['target']) for node in one['nodes'][:3])}"
        for one in found["violations"]
        if one["impact"] in SERIOUS
    ]


def inspect(console: Console, name: str) -> list[str]:
    wrong = []
    for look in looks(console.page):
        wrong += [f"{name}, {look}: {finding}" for finding in findings(console.page)]
        if by := console.scrolls_sideways_by():
            wrong.append(f"{name}, {look}: scrolls sideways by {by} px")
    return wrong


def test_no_page_shuts_anybody_out_in_either_theme_on_a_phone_or_a_desk(
    console: Console, pages: dict[str, str]
) -> None:
    wrong = []
    with console.watch.expecting(404):
        for name, path in pages.items():
            console.open(path)
            wrong += inspect(console, name)
    assert wrong == []


def test_every_page_is_reached_by_a_link(console: Console, pages: dict[str, str]) -> None:
    """So that the pages above are all there are. What only acts, and what a home does not have, is no page here."""
    samples = {"IntConverter": "1", "UUIDConverter": "0" * 8 + "-0000-0000-0000-" + "0" * 12}
    unreached = []
    for pattern in urls.urlpatterns:
        path = "/" + str(pattern.pattern)
        for parameter, converter in pattern.pattern.converters.items():
            sample = samples.get(type(converter).__name__, "x")
            path = re.sub(rf"<(\w+:)?{parameter}>", sample, path)
        if pattern.name not in pages and console.page.request.head(console.hub.url + path).status == 200:
            unreached.append(pattern.name)
    assert set(unreached) <= NO_LINK_LEADS_TO
    console.open("/")


def test_signing_in_shuts_nobody_out_either(hub: Hub, chromium: Browser) -> None:
    context = chromium.new_context()
    watch = Watch(context, hub.url.removeprefix("http://"))
    console = Console(hub, context.new_page(), watch)
    wrong = []
    with watch.expecting(410):
        for name, path in {"sign-in": "/sign-in", "link": sign_in_link(hub), "old link": "/sign-in/used-up"}.items():
            console.open(path)
            wrong += inspect(console, name)
    context.close()
    assert wrong == []
    assert watch.troubles == []
