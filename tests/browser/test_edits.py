"""What people add to a thing is theirs: no sync and no change at the source takes it away."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from hi.testing.hass import SimulatedHass
from tests.browser.console import Console
from tests.e2e.hub import wait_until

pytestmark = pytest.mark.browser
THEIRS = "Dishwasher"


@pytest.fixture(autouse=True)
def as_it_was(source: SimulatedHass) -> Iterator[None]:
    yield
    source.rename_device(THEIRS, None)
    source.move_device(THEIRS, "Kitchen")


def edit_head(console: Console, name: str, place: str) -> None:
    console.page.locator("#edit-head").click()
    console.page.get_by_label("Name").fill(name)
    places = console.page.get_by_label("Place")
    words = next(word for word in places.locator("option").all_inner_texts() if re.search(place, word))
    places.select_option(label=words)
    console.button("Save").click()


def sync(console: Console, instance_id: int) -> None:
    """As somebody who asks for it, and waits."""
    before = console.hub.instance(instance_id)["last_sync_at"]
    console.open(f"/integrations/{instance_id}/")
    console.button("Sync now").click()
    wait_until(lambda: console.hub.instance(instance_id)["last_sync_at"] > before, "the sync ends")


def test_what_somebody_adds_outlives_syncs_and_changes_at_the_source(
    console: Console, source: SimulatedHass, house: int, tmp_path: Path
) -> None:
    manual = tmp_path / "manual.txt"
    kept_file = console.page.get_by_role("link", name="manual.txt", exact=True)
    manual.write_text("Descale it in spring.")
    address = console.open_thing(THEIRS).url.removeprefix(console.hub.url)
    with console.stays_loaded():
        edit_head(console, "Old faithful", "Utility room")
        expect(console.heading("Old faithful")).to_be_visible()
        console.link("Add a note").click()
        console.page.get_by_role("textbox", name="Your notes").fill("Bought in May.")
        console.button("Save").click()
        console.sees("Bought in May.")
        console.link("Add a fact").click()
        console.page.get_by_label("What", exact=True).fill("Warranty")
        console.page.get_by_label("Fact", exact=True).fill("until 2030")
        console.button("Save").click()
        console.sees("until 2030")
        console.link("Add a file").click()
        console.page.locator("#file").set_input_files(manual)
        console.button("Add").click()
        expect(kept_file).to_be_visible()

    source.rename_device(THEIRS, "Plate cleaner")
    source.move_device(THEIRS, "Garage")
    sync(console, house)
    console.open(address)
    expect(console.heading("Old faithful")).to_be_visible()
    expect(console.page.locator(".page-head")).to_contain_text("Utility room")
    expect(console.page.locator(".page-head")).to_contain_text("Plate cleaner at its source")
    for kept in ("Bought in May.", "Warranty", "until 2030"):
        console.sees(kept)
    with console.page.expect_download() as download:
        kept_file.click()
    assert download.value.path().read_text() == "Descale it in spring."

    edit_head(console, "", "^As House says")
    expect(console.heading("Plate cleaner")).to_be_visible()
    expect(console.page.locator(".page-head")).to_contain_text("Garage")
    console.sees("Bought in May.")


def test_a_form_works_without_javascript(plain: Console, house: int) -> None:
    plain.open_thing("Night light")
    plain.link("Add a note").click()
    plain.page.get_by_role("textbox", name="Your notes").fill("The bulb is from the cellar.")
    plain.button("Save").click()
    plain.sees("The bulb is from the cellar.")
    plain.link("Edit your notes").click()
    plain.page.get_by_role("textbox", name="Your notes").fill("")
    plain.button("Save").click()
    expect(plain.link("Add a note")).to_be_visible()


def test_an_edit_is_undone_with_one_touch_on_a_phone(phone: Console, house: int) -> None:
    phone.open_thing("Night light")
    phone.page.locator("#edit-head").tap()
    assert phone.scrolls_sideways_by() == 0
    long = "Moon" * 25  # one word, with nothing to break it at
    phone.page.get_by_label("Name").fill(long)
    phone.button("Save").tap()
    expect(phone.heading(long)).to_be_visible()
    assert phone.scrolls_sideways_by() == 0
    phone.button("Undo").tap()
    expect(phone.heading("Night light")).to_be_visible()
    phone.page.reload()
    expect(phone.page.locator("#deeds-title + ul")).to_contain_text(long)
    assert phone.scrolls_sideways_by() == 0
    phone.page.get_by_role("navigation", name="Main").get_by_role("link", name="Things").tap()
    expect(phone.heading("Things")).to_be_visible()
    assert phone.scrolls_sideways_by() == 0
