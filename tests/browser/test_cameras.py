"""Somebody watches a camera, and what it recorded; what hi asks for the pictures does not get to the browser."""

import base64
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Locator, expect

from hi.testing.hass import SimulatedHass
from hi.testing.zoneminder import SimulatedZoneMinder
from tests.browser.axe import inspect
from tests.browser.console import Console, Opener
from tests.e2e.hub import Hub
from tests.e2e.process import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("house")]
PASSWORD = "correct horse battery"
JSON_WEB_TOKEN = re.compile(rb"eyJ[\w-]+\.eyJ")


@pytest.fixture
def viewer(hub: Hub, open_tab: Opener, tmp_path: Path) -> Iterator[Console]:
    """A tab of somebody who may look and no more, with all that goes over its network written down."""
    invitation = hub.post("people", {"name": "vera", "role": "viewer"}, status=201)
    tab = open_tab(record_har_path=tmp_path / "network.har", record_har_content="embed")
    tab.open(invitation["link"].removeprefix(hub.url))
    for field in tab.page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    tab.button("Save and sign in").click()
    expect(tab.page).to_have_url(f"{hub.url}/")
    yield tab
    page = f"/people/{invitation['person']['id']}/"
    hub.submit(hub.browser(), f"{page}deactivate", {}, page=page)


def test_a_viewer_watches_a_camera_and_its_recordings_and_learns_nothing_of_where_they_come_from(
    hub: Hub, viewer: Console, source: SimulatedHass, cameras: SimulatedZoneMinder, tmp_path: Path
) -> None:
    page, wrong = viewer.page, list[str]()
    gate, state = find_camera(hub, "Gate")
    outlives_news(page.locator(f"#home-picture-{state}"), source)
    page.locator(f"#home-camera-{state}").press("Enter")
    expect(page).to_have_url(f"{hub.url}/things/{gate}/")
    viewer.sees("Nothing has been recorded yet.")
    for minutes in range(1, 9):
        begin = cameras.now() - timedelta(minutes=minutes)
        lost = cameras.add_event(1, begin, begin + timedelta(seconds=2.5), notes=f"Motion: {minutes}")
    recordings = page.get_by_role("region", name="Recordings")
    articles = recordings.get_by_role("article")
    recordings.get_by_role("link", name="8 new ones: show").press("Enter")
    expect(articles).to_have_count(6)
    expect(articles.first.get_by_role("button")).to_be_focused()
    page.get_by_role("link", name="Show more").press("Enter")
    expect(articles).to_have_count(8)
    wrong += inspect(viewer, "camera")

    viewer.button("Watch live").press("Enter")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    moves(page.locator(".camera canvas"))
    links = hub.get(f"entities/{gate}/states/{state}/camera")
    clip = hub.get(f"entities/{gate}/recordings")["items"][0]["clip"]
    streams = [read_stream(hub.url + link) for link in (links["stream"], clip)]
    viewer.button("Stop").press("Enter")
    expect(viewer.button("Watch live")).to_be_focused()
    viewer.button("Watch live").press("Enter")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    with viewer.watch.expecting(503):
        cameras.set_function(1, "None")
        viewer.sees("The camera is off, or cannot be reached now.")
        cameras.set_function(1, "Modect")
        expect(page.get_by_text("The camera is off, or cannot be reached now.")).to_have_count(0, timeout=30_000)

    first = articles.first
    first.get_by_role("button").press("Enter")
    moves(first.locator("canvas"))
    wrong += inspect(viewer, "recording")
    expect(first).to_contain_text("This was all.")
    first.get_by_role("button").press("Enter")
    expect(first).to_contain_text("Playing")
    page.keyboard.press("Escape")
    expect(first.locator("canvas")).to_be_hidden()
    expect(first.get_by_role("button")).to_be_focused()

    with viewer.watch.expecting(503):
        cameras.delete_event(lost)
        articles.last.get_by_role("button").click()
        expect(articles.last).to_contain_text("It cannot be shown now.")
        cameras.go_down()
        page.reload()
        viewer.sees("The camera is off, or cannot be reached now.")
        assert page.locator("img[data-picture]").evaluate("image => image.naturalWidth") == 16
        wrong += inspect(viewer, "camera that is off")
    assert wrong == []

    html = page.content()
    page.context.close()
    host, port = cameras.url.split("/")[2].split(":")
    canaries = [cameras.user, cameras.password, cameras.camera_secret, f"{host}:{port}", "nph-zms"]
    network = list(read_network(tmp_path / "network.har"))
    assert sum(b"\xff\xd8\xff" in part for part in network) > 5  # pictures are among them
    for part in [*network, *streams, html.encode()]:
        assert [canary for canary in canaries if canary.encode() in part] == []
        assert not JSON_WEB_TOKEN.search(part)
    wait_until(lambda: hub.session.get(hub.url + links["snapshot"], timeout=10).status_code == 403, "it has its time")


def find_camera(hub: Hub, name: str) -> tuple[int, int]:
    """Of the thing, and of what it sees."""
    thing: dict[str, Any] = next(one for one in hub.get_all("entities") if one["name"] == name)
    return thing["id"], next(state["id"] for state in thing["states"] if state["state_type"] == "video")


def read_stream(url: str) -> bytes:
    """The beginning of a stream, which the browser's log leaves out, with its head."""
    with requests.get(url, stream=True, timeout=10) as answer:
        assert answer.status_code == 200
        return bytes(answer.raw.read(60_000)) + repr(answer.headers).encode()


def test_a_choice_that_is_not_confirmed_is_not_shown(hub: Hub, console: Console, cameras: SimulatedZoneMinder) -> None:
    gate, _state = find_camera(hub, "Gate")
    console.open(f"/things/{gate}/")
    choice = console.page.get_by_role("combobox", name="Function")
    expect(choice).to_have_value("Modect")
    choice.select_option("Record")
    expect(console.dialog).to_contain_text("Set Function to “Record”?")
    console.page.keyboard.press("Escape")
    expect(choice).to_have_value("Modect")
    expect(choice).to_be_focused()


def outlives_news(picture: Locator, source: SimulatedHass) -> None:
    """What is new beside it does not make it load anew."""
    picture.evaluate("image => { image.isTheSame = true }")
    news = picture.page.get_by_role("listitem").filter(has_text="Kitchen ceiling light")
    source.set_state("light.kitchen_ceiling_light", "off")
    expect(news).to_contain_text("off")
    source.set_state("light.kitchen_ceiling_light", "on")
    expect(news.first).to_contain_text("on")
    expect(picture).to_have_js_property("isTheSame", True)


def moves(canvas: Locator) -> None:
    """Waits until other pictures have come."""
    expect(canvas).to_be_visible()
    before = canvas.evaluate("canvas => canvas.toDataURL()")
    wait_until(lambda: canvas.evaluate("canvas => canvas.toDataURL()") != before, "the picture moves")


def read_network(har: Path) -> Iterator[bytes]:
    """Every address, head and body of what a browser asked, and was answered."""
    for entry in json.loads(har.read_text())["log"]["entries"]:
        content = entry["response"]["content"]
        body = content.pop("text", "")
        yield base64.b64decode(body) if content.get("encoding") == "base64" else body.encode()
        yield json.dumps(entry).encode()
