"""What cameras recorded, on the page of their thing: by day, a page at a time, and what is new while somebody looks."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from hi.console.recordings import PAGE, PAGE_OF_MORE
from hi.entity.models import EntityState
from hi.integration.media_links import MediaKind, MediaLink, read_path
from hi.integration.models import IntegrationInstance, Recording
from tests.factories import RecordingFactory, UserFactory
from tests.media.conftest import camera, lens, make_camera_state, state

__all__ = ["camera", "lens", "state"]
pytestmark = pytest.mark.either_database
HTMX = {"HX-Request": "true"}
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def keep(state: EntityState, count: int = 1, **columns: Any) -> list[Recording]:
    """So many, each a minute older than the one before."""
    given = {"instance": state.links.get().instance, "entity": state.entity}
    newest: datetime = columns.pop("began_at", None) or timezone.now()
    return [RecordingFactory(**given, began_at=newest - timedelta(minutes=n), **columns) for n in range(count)]


def rows(text: str) -> list[int]:
    return [int(pk) for pk in re.findall(r'data-live="/things/\d+/recordings/(\d+)\?play"', text)]


def find_more(text: str) -> str:
    found = re.search(r'id="recordings-more-link" href="([^"]+)"', text)
    return unescape(found[1]) if found else ""


def find_news(text: str) -> str:
    return unescape(re.search(r'id="recordings-news" class="live" hx-get="([^"]+)"', text)[1])  # type: ignore[index]


def test_a_recording_says_what_it_was_when_it_began_and_how_long_it_lasted(browser: Client, state: EntityState) -> None:
    (kept,) = keep(state, began_at=NOON, ended_at=NOON + timedelta(seconds=75), title="Motion: Porch")
    text = browser.get(f"/things/{state.entity_id}/").text
    for told in ("Motion: Porch", "12:00:00", "1 min 15 s", "Play Motion: Porch, 12:00:00", "console/cameras.js"):
        assert told in text
    assert f'src="/things/{state.entity_id}/recordings/{kept.pk}?width=320" width="320" height="180"' in text
    assert text.count('loading="lazy"') == 1


def test_they_stand_by_day_and_more_of_a_day_does_not_say_it_again(
    browser: Client, state: EntityState, settings: Any
) -> None:
    settings.TIME_ZONE = "UTC"
    midnight = timezone.now().replace(hour=0, minute=0, second=30)
    today, yesterday = keep(state, 2, began_at=midnight)
    old = keep(state, PAGE, began_at=NOON.replace(year=2024))
    text = browser.get(f"/things/{state.entity_id}/").text
    days = re.findall(r'recordings-day">([^<]+)', text)
    assert days == ["Today", "Yesterday", "26 November 2024"]
    assert rows(text) == [today.pk, yesterday.pk, *(one.pk for one in old[: PAGE - 2])]
    more = find_more(text)
    added, page = browser.get(more, headers=HTMX).text, browser.get(more).text
    assert rows(added) == rows(page) == [one.pk for one in old[PAGE - 2 :]]
    assert "recordings-day" not in added
    assert "26 November 2024" in page  # where there is no JavaScript, it is a page of its own, which leads back
    assert "recordings-first" in page
    assert "recordings-news" not in page


def test_pages_go_on_to_the_last_one_whatever_comes_meanwhile(browser: Client, state: EntityState) -> None:
    kept = keep(state, PAGE + PAGE_OF_MORE + 1)
    text = browser.get(f"/things/{state.entity_id}/").text
    found = rows(text)
    while more := find_more(text):
        keep(state, began_at=timezone.now() + timedelta(minutes=1))
        text = browser.get(more, headers=HTMX).text
        found += rows(text)
    assert found == [one.pk for one in kept]


def test_where_nothing_was_recorded_it_says_so_and_where_nothing_can_be_it_says_nothing(
    browser: Client, state: EntityState, lens: IntegrationInstance
) -> None:
    assert "Nothing has been recorded yet." in browser.get(f"/things/{state.entity_id}/").text
    lamp = make_camera_state(lens, state_type="on_off")
    assert "recorded yet" not in browser.get(f"/things/{lamp.entity_id}/").text
    keep(lamp)
    assert len(rows(browser.get(f"/things/{lamp.entity_id}/").text)) == 1


def test_new_ones_are_told_once_and_shown_when_somebody_wants(browser: Client, state: EntityState) -> None:
    keep(state)
    news = find_news(browser.get(f"/things/{state.entity_id}/").text)
    assert browser.get(news, headers=HTMX).status_code == 204
    new = keep(state, 2, began_at=timezone.now() + timedelta(minutes=5))
    told = browser.get(news, headers=HTMX).text
    assert "2 new ones: show" in told
    assert browser.get(find_news(told), headers=HTMX).status_code == 204
    shown = browser.get(f"/things/{state.entity_id}/recordings", headers=HTMX).text
    assert shown.startswith("<section")
    assert rows(shown)[:2] == [one.pk for one in new]


def test_the_first_one_is_news_too(browser: Client, state: EntityState) -> None:
    news = find_news(browser.get(f"/things/{state.entity_id}/").text)
    keep(state)
    assert "1 new one: show" in browser.get(news, headers=HTMX).text


def test_one_that_goes_on_says_so_until_it_has_ended(browser: Client, state: EntityState) -> None:
    going, other = *keep(state, ended_at=None), *keep(make_camera_state(state.links.get().instance))
    text = browser.get(f"/things/{state.entity_id}/").text
    assert "still going on" in text
    assert f'name="going" value="{going.pk}"' in text
    news = f"{find_news(text)}&going={going.pk}&going={other.pk}&going=x"
    assert browser.get(news, headers=HTMX).status_code == 204
    Recording.objects.filter(pk=going.pk).update(ended_at=going.began_at + timedelta(seconds=20))
    told = browser.get(news, headers=HTMX).text
    assert f'<span id="recording-{going.pk}-took" hx-swap-oob="true">20 s</span>' in told
    assert f"recording-{other.pk}" not in told


@pytest.mark.parametrize(("asked", "kind"), [("?width=320", "recording-picture"), ("?play&width=320", "recording")])
def test_the_address_leads_on_by_a_link_that_is_fresh(
    browser: Client, state: EntityState, asked: str, kind: str
) -> None:
    (kept,) = keep(state)
    address = f"/things/{state.entity_id}/recordings/{kept.pk}"
    answer = browser.get(address + asked)
    assert read_path(answer["Location"])[0] == MediaLink(MediaKind(kind), kept.pk, 320)
    assert "no-store" in answer["Cache-Control"]
    assert browser.get(address.replace("/things/", "/things/9")).status_code == 404
    assert Client().get(address)["Location"].startswith("/sign-in")
    viewer = Client()
    viewer.force_login(UserFactory(role="viewer"))
    assert viewer.get(address).status_code == 302
