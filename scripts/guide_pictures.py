"""The user guide's own pictures (`docs/images/guide-*`), of what a home that is well does not show.

    python -m scripts.guide_pictures

Starts a hub and a simulated home of its own, connects it as the guide says, and lets happen what is to be seen.
"""

import os
import tempfile
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "hi.settings.test"

import django

django.setup()

from playwright.sync_api import Page, sync_playwright  # noqa: E402 - after the set-up

from hi.testing.hass import SimulatedHass, home, specs  # noqa: E402 - after the set-up
from tests.browser import chromium  # noqa: E402 - after the set-up
from tests.browser.console import sign_in  # noqa: E402 - after the set-up
from tests.e2e.hub import Hub, running_hub, wait_until  # noqa: E402 - after the set-up

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
NEW = "switch.garage_plug", "light.workbench_lamp"
SIZE = {"width": 1100, "height": 700}


def main() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="hi-guide-") as folder,
        SimulatedHass.running(token="a-token-for-pictures", home=home.demo()) as source,
        running_hub(Path(folder)) as hub,
        sync_playwright() as playwright,
    ):
        browser = chromium.launch(playwright)
        state = sign_in(hub, browser)
        context = browser.new_context(storage_state=state, viewport=SIZE, color_scheme="light")
        photograph(context.new_page(), hub, source)
        browser.close()


def photograph(page: Page, hub: Hub, source: SimulatedHass) -> None:
    _connect(page, hub, source)
    _ask(page, hub)
    _let_new_things_wait(page, hub, source)
    _lose_things(page, hub, source)


def _connect(page: Page, hub: Hub, source: SimulatedHass) -> None:
    page.goto(f"{hub.url}/integrations/add/hass")
    page.fill("[name=label]", "House")
    page.fill("[name=url]", source.url)
    page.fill("[name=token]", source.token)
    page.locator("main form button.button-primary").click()
    page.wait_for_selector("#check-start")
    _shoot(page, "test")
    page.click("#check-start")
    hub.wait_for_status(1, "ACTIVE")


def _ask(page: Page, hub: Hub) -> None:
    page.goto(f"{hub.url}/things/?q=front+door+lock")
    page.locator("main .tile form button").first.click()
    page.wait_for_selector("#ask-title")
    _shoot(page, "ask")


def _let_new_things_wait(page: Page, hub: Hub, source: SimulatedHass) -> None:
    page.goto(f"{hub.url}/integrations/1/choose")
    page.check("[name=new_things][value=ask]")
    page.click("#choose-save")
    wait_until(lambda: hub.instance(1)["last_sync_at"] and not _open_jobs(hub), "the choice has taken effect", 30)
    source.add_entity(specs.switch("Garage plug", on=True))
    source.add_entity(specs.light(name="Workbench lamp"))
    wait_until(lambda: len(hub.get("integrations/1/inbox")["items"]) == 2, "two things wait", 30)
    page.goto(f"{hub.url}/integrations/1/inbox")
    _shoot(page, "inbox")


def _lose_things(page: Page, hub: Hub, source: SimulatedHass) -> None:
    """More than a sync may remove by itself; what waits in the inbox goes on waiting."""
    for entity_id in sorted(source.states())[::2]:
        if entity_id not in NEW:
            source.remove_entity(entity_id)
    wait_until(lambda: "Held for you" in page.request.get(f"{hub.url}/").text(), "removals are held", 30)
    page.goto(f"{hub.url}/")
    _shoot(page, "needs")


def _open_jobs(hub: Hub) -> bool:
    return any(job["status"] in ("QUEUED", "RUNNING") for job in hub.get("jobs")["items"])


def _shoot(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    target = IMAGES / f"guide-{name}.png"
    page.screenshot(path=target)
    print(target)


if __name__ == "__main__":
    main()
