"""Pictures of the running console, for the README (`docs/images`) and for looking at every page.

Starts nothing: hi must be running, best of all as `make demo`. Without a sign-in link it asks manage.py for one.

    python scripts/screenshots.py
    python scripts/screenshots.py http://localhost:9411 http://localhost:9411/sign-in/… --all FOLDER
"""

import argparse
import itertools
import os
import re
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
ENVIRONMENT = dict(os.environ)  # of the hi that runs: the settings for tests put their own folder in its place
os.environ["DJANGO_SETTINGS_MODULE"] = "hi.settings.test"  # the addresses are wanted, no database

import django  # noqa: E402 - after the path

django.setup()

from tests.browser import chromium  # noqa: E402 - after the set-up
from tests.browser.pages import find_pages  # noqa: E402 - after the set-up

IMAGES = ROOT / "docs" / "images"
# Name -> page (a search stands for the first thing that it finds), width, light or dark.
README_PAGES = {
    "things-light": ("/things/", 1280, "light"),
    "thing-light": ("/things/?q=bedroom+ceiling", 1280, "light"),
    "camera-dark": ("/things/?q=driveway", 390, "dark"),
    "home-dark": ("/", 1280, "dark"),
    "phone-light": ("/things/", 390, "light"),
}
SCHEMES = ("light", "dark")
WIDTHS = {390: 844, 1280: 800, 2560: 1300}
FIRST_THING = re.compile(r'href="(/things/\d+/)"')
# Found by name: the first thing of the list is one of many kinds.
THINGS = ("alarm", "blind", "boiler", "front door lock", "kitchen ceiling light", "living room speaker", "thermostat")
THING = re.compile(r'href="(/things/\d+/)"')


def main() -> None:
    options = _options()
    link = options.link or _issue_link()
    base = (options.base or link.split("/sign-in/")[0]).rstrip("/")
    with sync_playwright() as playwright:
        browser = chromium.launch(playwright, options.chromium)
        state = _sign_in(browser, link)
        try:
            if options.all:
                _photograph_all(browser, state, base, options.all)
            else:
                _photograph_readme(browser, state, base)
        finally:
            browser.close()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", nargs="?", help="where hi answers (default: where the link leads)")
    parser.add_argument("link", nargs="?", help="a sign-in link that has not been used (default: a new one)")
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="every page, at each width, light and dark")
    parser.add_argument("--chromium", help="the browser (default: Chromium on PATH)")
    return parser.parse_args()


def _issue_link() -> str:
    manage = [sys.executable, ROOT / "manage.py", "sign_in_link"]
    asked = subprocess.run(manage, check=False, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)
    if asked.returncode:
        sys.exit(asked.returncode)  # it has said why
    return asked.stdout.strip()


def _sign_in(browser: Browser, link: str) -> dict[str, object]:
    context = browser.new_context()
    page = context.new_page()
    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile(r"/$"))
    state = context.storage_state()
    context.close()
    return dict(state)


def _open(browser: Browser, state: dict[str, object], width: int, scheme: str) -> BrowserContext:
    size = {"width": width, "height": WIDTHS[width]}
    return browser.new_context(storage_state=state, color_scheme=scheme, viewport=size)


def _photograph_readme(browser: Browser, state: dict[str, object], base: str) -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    for name, (path, width, scheme) in README_PAGES.items():
        context = _open(browser, state, width, scheme)
        page = context.new_page()
        found = FIRST_THING.search(_read(page, base + path)) if "?q=" in path else None
        _shoot(page, base + (found[1] if found else path), IMAGES / f"{name}.png", full=False)
        context.close()


def _photograph_all(browser: Browser, state: dict[str, object], base: str, folder: Path) -> None:
    """Every page that links lead to, and what a home that is well does not show."""
    folder.mkdir(parents=True, exist_ok=True)
    pages: dict[str, str] = {}
    for scheme, width in itertools.product(SCHEMES, WIDTHS):
        context = _open(browser, state, width, scheme)
        page = context.new_page()
        pages = pages or _find_pages(page, base)
        for name, path in pages.items():
            _shoot(page, base + path, folder / f"{name}-{scheme}-{width}.png", full=True)
            sideways = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if sideways > 0:
                print(f"{name} at {width}: scrolls sideways by {sideways} px")
        context.close()


def _find_pages(page: Page, base: str) -> dict[str, str]:
    pages = find_pages(lambda path: _read(page, base + path))
    for name in THINGS:
        if found := THING.search(_read(page, f"{base}/things/?q={name}")):
            pages[f"thing-{name.replace(' ', '-')}"] = found[1]
    return pages


def _read(page: Page, url: str) -> str:
    answer = page.request.get(url)
    return answer.text() if answer.status == 200 else ""


def _shoot(page: Page, url: str, target: Path, *, full: bool) -> None:
    size = page.viewport_size
    page.goto(url, wait_until="networkidle")
    if full and size:
        # A window as high as the page, or what stays in sight would stand in the middle of the picture.
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": size["width"], "height": height})
    page.screenshot(path=target)
    if full and size:
        page.set_viewport_size(size)
    print(target)


if __name__ == "__main__":
    main()
