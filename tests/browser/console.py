"""The console in a real browser, as somebody sees it who is signed in, and what must never happen there."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, Response, expect

from hi.integration.media_links import PREFIX
from tests.e2e.hub import Hub

# Milliseconds. Real processes on a busy machine take real time; a test that passes never waits it out.
PATIENCE = 20_000
# A browser says itself what its policy refused; said once more, so that no violation hides among other messages.
REPORT_VIOLATIONS = """document.addEventListener("securitypolicyviolation", (event) =>
    console.error(`CSP ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));"""
# A ring around it, or around the whole of what it covers.
FOCUS_IS_SEEN = """["", "::after"].some((part) =>
    document.activeElement.matches(":focus-visible")
    && getComputedStyle(document.activeElement, part).outlineStyle !== "none")"""
MOST_TABS = 60

expect.set_options(timeout=PATIENCE)


class Watch:
    """Keeps what goes wrong in a context: messages of error, refused policies, failed and foreign requests."""

    def __init__(self, context: BrowserContext, host: str) -> None:
        self.troubles: list[str] = []
        self.requests = 0
        self._host = host
        self._expected: set[int] = set()
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("console", lambda message: self._hear(message.type, message.text, message.location["url"]))
        context.on("weberror", lambda error: self.troubles.append(f"uncaught: {error.error}"))
        context.on("request", self._see_request)
        context.on("requestfailed", self._see_failure)
        context.on("response", self._see_response)

    @contextmanager
    def expecting(self, status: int) -> Iterator[None]:
        """An answer of this status belongs to the test."""
        self._expected.add(status)
        yield
        self._expected.remove(status)

    def _hear(self, kind: str, text: str, url: str) -> None:
        is_expected = any(f"status of {status}" in text for status in self._expected)
        is_expected |= "status of 503" in text and _is_picture(url)
        if (kind in ("error", "warning") or "Content Security Policy" in text) and not is_expected:
            self.troubles.append(f"console {kind}: {text}")

    def _see_request(self, request: Request) -> None:
        self.requests += 1
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.netloc != self._host:
            self.troubles.append(f"asks another host: {request.url}")

    def _see_failure(self, request: Request) -> None:
        # A page that is left aborts what it still asks for.
        if request.failure != "net::ERR_ABORTED":
            self.troubles.append(f"failed: {request.url} {request.failure}")

    def _see_response(self, response: Response) -> None:
        is_expected = response.status in self._expected or (response.status == 503 and _is_picture(response.url))
        if response.status >= 400 and not is_expected:
            self.troubles.append(f"answered {response.status}: {response.url}")


def _is_picture(url: str) -> bool:
    """A camera that cannot be seen now, as one whose system a test takes away, is answered for with 503."""
    return urlsplit(url).path.startswith(PREFIX)


class Console:
    """One tab. What a test waits for it waits for with `expect`, never for a time."""

    def __init__(self, hub: Hub, page: Page, watch: Watch) -> None:
        self.hub, self.page, self.watch = hub, page, watch

    def open(self, path: str = "/") -> Page:
        self.page.goto(self.hub.url + path)
        return self.page

    def button(self, name: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("button", name=name)

    def link(self, name: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("link", name=name)

    def heading(self, name: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("heading", name=name)

    def sees(self, text: str | re.Pattern[str]) -> None:
        """Waits until the page's main part has the text."""
        expect(self.page.locator("main")).to_contain_text(text)

    @property
    def needs(self) -> Locator:
        """The cards of what needs a person."""
        return self.page.get_by_role("region", name="Needs you").locator("article")

    def tile(self, name: str) -> Locator:
        return self.page.locator("article.tile").filter(has=self.page.get_by_role("link", name=name, exact=True))

    def open_thing(self, name: str) -> Page:
        found = next(thing for thing in self.hub.get_all("entities") if thing["name"] == name)
        return self.open(f"/things/{found['id']}/")

    @property
    def dialog(self) -> Locator:
        """What is asked before something is done."""
        return self.page.get_by_role("dialog")

    @property
    def waiting(self) -> Locator:
        """The controls whose wish has not come true yet."""
        return self.page.locator(".control-pending")

    def tab_to(self, goal: Locator) -> None:
        """By the key alone, as somebody without a mouse; where the focus is can be seen all the way."""
        for _press in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            assert self.page.evaluate(FOCUS_IS_SEEN), self.page.evaluate("document.activeElement.outerHTML")
            if goal.evaluate("element => element === document.activeElement"):
                return
        raise AssertionError(f"no Tab leads to {goal}")

    def scrolls_sideways_by(self) -> int:
        """In pixels; 0 is right."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))

    @contextmanager
    def stays_loaded(self) -> Iterator[None]:
        """What happens inside happens without loading the page anew."""
        self.page.evaluate("window.stillHere = true")
        yield
        assert self.page.evaluate("window.stillHere === true"), "the page was loaded anew"


Opener = Callable[..., Console]


def sign_in_link(hub: Hub) -> str:
    """A path that signs the administrator in, once."""
    text = hub.manage("sign_in_link")
    found = re.search(r"/sign-in/\S+", text)
    assert found, text
    return found[0]


def sign_in(hub: Hub, chromium: Browser) -> Any:
    """By link, as the first time; returns what a browser remembers of it."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(hub.url + sign_in_link(hub))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(hub.url + "/")
    state = context.storage_state()
    context.close()
    return state
