"""What people add on a thing's page: with and without scripts, refused at its field, taken back by Undo."""

import re
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from hi.entity.enums import ControlType, StateCategory
from hi.entity.models import Entity
from hi.integration import people
from hi.integration.models import AuditEntry
from tests.factories import (
    ControllerFactory,
    EntityFactory,
    EntityStateFactory,
    InstanceFactory,
    LocationFactory,
    SensorFactory,
    mirror,
)

pytestmark = pytest.mark.database
HTMX = {"HX-Request": "true"}
FORM = re.compile(r'<form class="undo" method="post" action="([^"]+)">(.*?)</form>', re.DOTALL)
FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@pytest.fixture
def lamp() -> Entity:
    thing = EntityFactory(
        source_name="Lamp",
        source_location=LocationFactory(source_name="Kitchen", source_parent=LocationFactory(source_name="Ground")),
        source_labels=["night", "guests"],
    )
    EntityStateFactory(entity=thing, source_name="Power", key="power")
    mirror(thing, InstanceFactory(label="House"))
    return thing


def undo(browser: Client, text: str) -> str:
    """Press the Undo of a page."""
    found = FORM.search(text)
    assert found, text[:2000]
    fields = {name: unescape(value) for name, value in FIELD.findall(found[2]) if name != "csrfmiddlewaretoken"}
    return browser.post(found[1], fields, follow=True).text


def test_name_kind_and_place_are_changed_by_a_plain_form_and_taken_back(browser: Client, lamp: Entity) -> None:
    cellar = LocationFactory(source_name="Cellar")
    form = browser.get(f"/things/{lamp.pk}/edit").text
    assert 'placeholder="Lamp"' in form
    assert "As House says: Ground › Kitchen" in form
    given = {"name": "Reading <b>lamp", "type": "fan", "location_id": str(cellar.pk)}
    text = browser.post(f"/things/{lamp.pk}/edit", given, follow=True).text
    assert "<h1>Reading &lt;b&gt;lamp</h1>" in text
    assert "Cellar" in text
    text = undo(browser, text)
    assert "<h1>Lamp</h1>" in text
    assert "Ground › Kitchen" in text
    assert "<h1>Reading" in undo(browser, text)
    assert AuditEntry.objects.filter(who="anna", entity=lamp).count() == 9


def test_a_place_that_its_source_lost_stays_chosen(browser: Client, lamp: Entity) -> None:
    cellar = LocationFactory(source_name="Cellar", removed_at=timezone.now())
    LocationFactory(source_name="Nobody's", removed_at=timezone.now())
    people.put(lamp, cellar.pk, None)
    form = browser.get(f"/things/{lamp.pk}/edit").text
    assert f'<option value="{cellar.pk}" selected>Cellar</option>' in form
    assert "Nobody" not in form


def test_htmx_gets_the_part_alone_with_the_message_beside_it(browser: Client, lamp: Entity) -> None:
    url = f"/things/{lamp.pk}/notes"
    form = browser.get(url, headers=HTMX).text
    assert form.startswith('<section id="thing-notes"')
    assert "<textarea" in form
    saved = browser.post(url, {"notes": "E27\n2700 K"}, headers=HTMX).text
    assert "<html" not in saved
    assert "E27<br>2700 K" in saved
    assert 'hx-swap-oob="true"' in saved
    assert "<textarea" not in browser.get(f"{url}?cancel", headers=HTMX).text


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_what_is_refused_says_why_and_loses_nothing_that_was_typed(
    browser: Client, lamp: Entity, headers: dict[str, str]
) -> None:
    given = {"name": "bell\x07", "location_id": "99999"}
    answer = browser.post(f"/things/{lamp.pk}/edit", given, headers=headers)
    assert answer.status_code == (200 if headers else 422)
    assert 'role="alert"' in answer.text
    assert "bell" in answer.text
    given = {"name": "", "value": "a value that took long to type"}
    assert given["value"] in browser.post(f"/things/{lamp.pk}/facts", given, headers=headers).text
    notes = browser.post(f"/things/{lamp.pk}/notes", {"notes": "x" * 10_001}, headers=headers).text
    assert "10,001 characters, and 10,000 are the most" in notes
    assert "x" * 10_001 in notes


def test_facts_are_added_edited_and_removed_and_that_is_undone(browser: Client, lamp: Entity) -> None:
    url = f"/things/{lamp.pk}/facts"
    browser.post(url, {"name": "Bought", "value": "2024\nin a shop"})
    assert "2024\nin a shop</textarea>" in browser.get(f"{url}?name=Bought").text.replace("\r", "")
    text = browser.post(url, {"name": "Bought", "value": ""}, follow=True).text
    assert not lamp.attributes.exists()
    undo(browser, text)
    assert list(lamp.attributes.values_list("name", "value")) == [("Bought", "2024\nin a shop")]


def test_markup_in_notes_and_facts_is_text(browser: Client, lamp: Entity) -> None:
    evil = "<script>alert(1)</script>"
    browser.post(f"/things/{lamp.pk}/notes", {"notes": evil})
    browser.post(f"/things/{lamp.pk}/facts", {"name": evil, "value": evil})
    for page in (f"/things/{lamp.pk}/", f"/things/{lamp.pk}/about", f"/things/{lamp.pk}/notes"):
        assert "<script>alert" not in browser.get(page).text


def test_a_state_has_a_page_for_its_name_and_place(browser: Client, lamp: Entity) -> None:
    state = lamp.states.get()
    url = f"/things/{lamp.pk}/states/{state.pk}/"
    assert f'href="{url}"' in browser.get(f"/things/{lamp.pk}/").text
    assert "where the thing is" in browser.get(url).text
    text = browser.post(url, {"name": "Draw", "location_id": "0"}, follow=True).text
    assert "Draw" in text
    undo(browser, text)
    assert lamp.states.get().user_name is None
    assert browser.post(url, {"name": "x" * 121}).status_code == 422
    assert browser.get(f"/things/{EntityFactory().pk}/states/{state.pk}/").status_code == 404


def test_the_page_tells_origin_labels_raw_facts_and_what_people_did(browser: Client, lamp: Entity) -> None:
    state = lamp.states.get()
    SensorFactory(state=state, device_class="power_factor", state_class="total_increasing", precision=3)
    ControllerFactory(state=state, control=ControlType.NUMBER, minimum=0, maximum=10, step=2)
    browser.post(f"/things/{lamp.pk}/edit", {"name": "Reading lamp"})
    text = browser.get(f"/things/{lamp.pk}/").text
    assert re.search(r'Mirrored from <a id="origin-\d+"[^>]*>House</a> as', text)
    for words in (
        f"light.{state.pk}", f"state-{state.pk}", f"thing-{lamp.pk}", "power_factor", "total_increasing",
        "last changed", "0 to 10, in steps of 2", "night", "guests", "Lamp at its source",
        "renamed <strong>Lamp</strong>", "from Lamp to Reading lamp",
    ):  # fmt: skip
        assert words in text


def test_sections_fold_what_is_much_and_what_its_source_hides(browser: Client) -> None:
    thing = EntityFactory()
    EntityStateFactory.create_batch(9, entity=thing, is_primary=False, category=StateCategory.DIAGNOSTIC)
    EntityStateFactory(entity=thing, is_primary=False, is_hidden=True, source_name="Secret level")
    EntityStateFactory(entity=thing, source_name="Main")
    text = browser.get(f"/things/{thing.pk}/").text
    assert re.findall(r'<details class="fold" id="(fold-\w+)"', text) == ["fold-diagnostic", "fold-hidden"]
    assert text.index("Main") < text.index("Secret level")


def test_a_hidden_thing_and_one_that_is_gone_say_so(browser: Client) -> None:
    hidden = EntityFactory(is_hidden=True)
    assert "Its source hides this thing from people" in browser.get(f"/things/{hidden.pk}/").text
    gone = EntityFactory(is_hidden=True, removed_at=timezone.now())
    mirror(gone, InstanceFactory(label="Cabin"))
    gone.links.update(removed_at=timezone.now())
    text = browser.get(f"/things/{gone.pk}/").text
    assert "Gone since" in text
    assert "No source has this thing any more." in text
    assert "It was mirrored from Cabin." in text
    assert browser.post(f"/things/{gone.pk}/notes", {"notes": "sold"}).status_code == 302


def test_what_is_typed_is_outside_of_what_polls_swap(browser: Client, lamp: Entity) -> None:
    text = browser.get(f"/things/{lamp.pk}/edit").text
    for part in ("thing-live", "thing-about"):
        url = re.search(rf'id="{part}"[^>]* hx-get="([^"]+)"', text)
        assert url
        answer = browser.get(unescape(url[1]), headers=HTMX)
        assert answer.status_code == 204
    assert "<form" not in browser.get(f"/things/{lamp.pk}/", headers=HTMX).text


def test_a_poll_of_its_origin_brings_what_people_did(browser: Client, lamp: Entity) -> None:
    before = browser.get(f"/things/{lamp.pk}/about").text
    assert "What people did" not in before
    browser.post(f"/things/{lamp.pk}/notes", {"notes": "E27"})
    after = browser.get(f"/things/{lamp.pk}/about").text
    assert "you wrote down <strong>Lamp: notes</strong>" in after
    assert "E27" not in after  # that is on the page as long as somebody keeps it, and nowhere else
