"""Setting a state by hand: what is shown, what is asked, and what is said of the outcome."""

import html
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from hi.accounts.models import User
from hi.console.controls import build_controls
from hi.entity.enums import ControlType, EntityStateType, EntityType, Quality
from hi.entity.models import Entity, EntityState
from hi.integration.enums import CommandStatus, DesiredState, IntegrationStatus
from hi.integration.models import Command, IntegrationInstance
from tests.factories import ControllerFactory, EntityStateFactory, InstanceFactory, mirror

pytestmark = pytest.mark.either_database
HTMX = {"HX-Request": "true"}
T, C = EntityStateType, ControlType


@pytest.fixture
def house(porch: str) -> IntegrationInstance:
    return InstanceFactory(integration_type=porch, label="House")


def make(
    house: IntegrationInstance, control: ControlType = C.TOGGLE, *, state: dict[str, Any] | None = None, **bounds: Any
) -> EntityState:
    made = EntityStateFactory(**{"entity__source_name": "Lamp"} | (state or {}))
    ControllerFactory(state=made, control=control, **bounds)
    mirror(made.entity, house)
    return made


def make_door(house: IntegrationInstance, **bounds: Any) -> EntityState:
    columns = {"entity__source_name": "Front door", "state_type": T.LOCK, "value": "locked"}
    return make(house, C.LOCK, state=columns, options=["locked", "unlocked"], asks_first=True, **bounds)


def press(browser: Client, state: EntityState, value: str, **given: str) -> Any:
    return browser.post(
        f"/things/states/{state.pk}/set", {"value": value, "key": "k1", "as": "tile"} | given, headers=HTMX
    )


def end(status: CommandStatus, message: str = "", hint: str = "") -> None:
    Command.objects.update(status=status, message=message, hint=hint, ended_at=timezone.now())


def test_a_lamp_has_a_switch_that_says_how_it_stands(browser: Client, house: IntegrationInstance) -> None:
    state = make(house)
    switch = re.search(r'<button class="switch"[^>]*>', browser.get("/things/").text)
    assert switch
    assert 'role="switch"' in switch[0]
    assert 'aria-checked="true"' in switch[0]
    assert 'aria-label="Lamp"' in switch[0]
    assert 'value="off"' in switch[0]
    EntityState.objects.filter(pk=state.pk).update(value="off")
    assert 'aria-checked="false"' in browser.get("/things/").text


def test_what_is_wanted_shows_on_the_control_and_not_in_the_value(browser: Client, house: IntegrationInstance) -> None:
    state = make(house)
    text = press(browser, state, "off").text
    command = Command.objects.get()
    assert (command.state_id, command.value, command.idempotency_key) == (state.pk, "off", "k1")
    assert "control-pending" in text
    assert 'aria-checked="false"' in text
    assert re.search(r'class="value"[^>]*>on<', text)
    assert 'hx-trigger="every 300ms"' in text


def test_the_same_intention_sent_twice_is_one(browser: Client, house: IntegrationInstance) -> None:
    state = make(house)
    for _ in range(2):
        press(browser, state, "off")
    assert Command.objects.count() == 1


def test_each_answer_brings_a_new_intention(browser: Client, house: IntegrationInstance) -> None:
    text = press(browser, make(house), "off").text
    key = re.search(r'name="key" value="(\w+)"', text)
    assert key
    assert key[1] != "k1"


def test_while_nothing_happens_a_poll_brings_nothing(browser: Client, house: IntegrationInstance) -> None:
    text = press(browser, make(house), "off").text
    poll = re.search(r'hx-get="([^"]+)" hx-trigger="every 300ms"', text)
    assert poll
    url = html.unescape(poll[1])
    assert browser.get(url, headers=HTMX).status_code == 204
    EntityState.objects.update(value="off")
    end(CommandStatus.CONFIRMED)
    answer = browser.get(url, headers=HTMX)
    assert "control-pending" not in answer.text
    assert "every 300ms" not in answer.text
    assert re.search(r'class="value"[^>]*>off<', answer.text)
    assert "settled" in answer.headers["HX-Trigger"]


@pytest.mark.parametrize("place", ["tile", ""])
def test_a_refusal_springs_back_with_the_systems_own_words(
    browser: Client, house: IntegrationInstance, place: str
) -> None:
    state = make(house)
    press(browser, state, "off")
    end(CommandStatus.FAILED, "The lamp is not paired.", "Pair it.")
    text = browser.get(f"/things/states/{state.pk}/control", {"as": place}, headers=HTMX).text
    assert 'aria-checked="true"' in text
    assert "control-pending" not in text
    assert 'data-say="The lamp is not paired."' in text
    assert ("Pair it." in text) == (place == "")


def test_a_failure_is_told_until_the_wish_has_come_true_after_all(browser: Client, house: IntegrationInstance) -> None:
    state = make(house)
    press(browser, state, "off")
    end(CommandStatus.UNKNOWN, "The lamp did not say whether it was done.")
    assert "control-trouble" in browser.get(f"/things/states/{state.pk}/control", headers=HTMX).text
    EntityState.objects.filter(pk=state.pk).update(value="off")
    assert "control-trouble" not in browser.get(f"/things/states/{state.pk}/control", headers=HTMX).text


def test_what_has_nothing_to_choose_from_has_no_control(browser: Client, house: IntegrationInstance) -> None:
    state = make(house, C.CHOICE, state={"state_type": T.CHOICE, "value": None}, options=[])
    assert "state-control" not in browser.get(f"/things/{state.entity_id}/").text


@pytest.mark.parametrize("status", [CommandStatus.EXPIRED, CommandStatus.UNKNOWN])
def test_an_end_without_words_is_put_into_some(
    browser: Client, house: IntegrationInstance, status: CommandStatus
) -> None:
    state = make(house)
    press(browser, state, "off")
    end(status)
    assert "It was" in browser.get(f"/things/states/{state.pk}/control", headers=HTMX).text


def test_what_cannot_be_asked_for_is_said_at_the_control(browser: Client, house: IntegrationInstance) -> None:
    state = make(house, C.NUMBER, state={"state_type": T.NUMBER, "value": "5"}, minimum=0, maximum=10)
    text = press(browser, state, "50", **{"as": ""}).text
    assert "control-trouble" in text
    assert "between 0 and 10" in text
    assert not Command.objects.exists()


def test_without_javascript_a_form_leads_back_to_its_page(browser: Client, house: IntegrationInstance) -> None:
    state = make(house)
    url = f"/things/states/{state.pk}/set"
    referer = {"Referer": "http://testserver/things/?by=type"}
    answer = browser.post(url, {"value": "off", "key": "k1"}, headers=referer)
    assert answer.url == "http://testserver/things/?by=type"
    assert Command.objects.get().value == "off"
    answer = browser.post(url, {"value": "purple", "key": "k2"}, headers=referer, follow=True)
    assert "message-error" in answer.text
    answer = browser.post(url, {"value": "on", "key": "k3", "back": "https://evil.example/"})
    assert answer.url == f"/things/{state.entity_id}/"


def test_a_lock_asks_before_anything_is_sent(browser: Client, house: IntegrationInstance) -> None:
    door = make_door(house)
    answer = press(browser, door, "unlocked")
    assert (answer.headers["HX-Retarget"], answer.headers["HX-Reswap"]) == ("body", "beforeend")
    assert "Unlock Front door?" in answer.text
    assert 'name="key" value="k1"' in answer.text
    assert not Command.objects.exists()
    assert "control-pending" in press(browser, door, "unlocked", asked="yes").text
    assert Command.objects.get().value == "unlocked"


def test_without_javascript_the_question_is_a_page(browser: Client, house: IntegrationInstance) -> None:
    door = make_door(house)
    answer = browser.post(
        f"/things/states/{door.pk}/set",
        {"value": "unlocked", "key": "k1"},
        headers={"Referer": "http://testserver/things/"},
    )
    assert "<h1" in answer.text
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', answer.text))
    assert not Command.objects.exists()
    answer = browser.post(f"/things/states/{door.pk}/set", fields)
    assert answer.url == "http://testserver/things/"
    assert Command.objects.get().value == "unlocked"


def test_a_code_is_asked_for_and_never_shown_again(browser: Client, house: IntegrationInstance) -> None:
    door = make_door(house, code_format="number")
    assert 'inputmode="numeric"' in press(browser, door, "unlocked").text
    answer = press(browser, door, "unlocked", asked="yes", code="12ab34")
    assert answer.headers["HX-Retarget"] == "#ask"
    assert "digits only" in answer.text
    assert "12ab34" not in answer.text
    assert not Command.objects.exists()
    answer = press(browser, door, "unlocked", asked="yes", code="4711")
    assert "4711" not in answer.text
    assert "4711" not in Command.objects.get().code


def test_arming_asks_for_no_code_where_the_panel_needs_none(browser: Client, house: IntegrationInstance) -> None:
    columns = {"entity__source_name": "Alarm", "state_type": T.STATUS, "value": "disarmed"}
    bounds = {"options": ["disarm", "arm_away"], "code_format": "number", "without_code": ["arm_away"]}
    panel = make(house, C.ACTION, state=columns, asks_first=True, **bounds)
    assert 'name="code"' in press(browser, panel, "disarm").text
    assert 'name="code"' not in press(browser, panel, "arm_away").text
    press(browser, panel, "arm_away", asked="yes")
    assert Command.objects.get().value == "arm_away"


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"state": {"quality": Quality.STALE}}, "House is not connected now."),
        ({"state": {"quality": Quality.UNAVAILABLE, "value": None}}, "It does not answer House now."),
        (
            {"house": {"status": IntegrationStatus.PAUSED, "desired_state": DesiredState.PAUSED}},
            "House is not running now.",
        ),
        ({"house": {"integration_type": "absent"}}, "House can only be read."),
        ({"thing": {"removed_at": timezone.now()}}, "No source has it any more."),
    ],
)
def test_what_cannot_be_set_now_says_why(
    browser: Client, house: IntegrationInstance, told: dict[str, dict[str, Any]], words: str
) -> None:
    state = make(house, state=told.get("state"))
    IntegrationInstance.objects.filter(pk=house.pk).update(**told.get("house", {"label": "House"}))
    Entity.objects.filter(pk=state.entity_id).update(**told.get("thing", {"removed_at": None}))
    text = browser.get(f"/things/states/{state.pk}/control").text
    assert words in html.unescape(text)
    assert "<fieldset disabled" in text


def test_what_was_never_used_can_be(browser: Client, house: IntegrationInstance) -> None:
    columns = {
        "entity__source_type": EntityType.SCENE,
        "state_type": T.TRIGGER,
        "value": None,
        "quality": Quality.UNKNOWN,
    }
    state = make(house, C.PRESS, state=columns)
    text = browser.get("/things/").text
    assert "Activate" in text
    assert "disabled" not in text
    press(browser, state, "press")
    assert Command.objects.get().value == "press"


@pytest.mark.parametrize(
    ("control", "state_type", "value", "bounds", "shown"),
    [
        (C.TOGGLE, T.ON_OFF, None, {}, 'value="on">|Turn on'),
        (C.OPEN_CLOSE, T.OPEN_CLOSE, "open", {"options": ["open", "closed", "stop"]}, 'value="stop"'),
        (C.LOCK, T.LOCK, "locked", {"options": ["locked", "unlocked"]}, 'value="locked" aria-pressed="true"'),
        (C.NUMBER, T.HUE, "12", {"minimum": 0, "maximum": 360, "step": 1}, "slider-hue"),
        (C.NUMBER, T.COLOR_TEMPERATURE, "3000", {"minimum": 2000, "maximum": 6500}, "slider-warmth"),
        (C.NUMBER, T.NUMBER, "12.5", {"step": 0.5}, 'type="number"'),
        (C.NUMBER, T.NUMBER, "67.974", {"minimum": 0, "maximum": 100, "step": 1}, 'step="1" value="68"'),
        (C.NUMBER, T.NUMBER, "21.3", {"minimum": 7, "step": 0.5}, 'step="0.5" value="21.5"'),
        (C.NUMBER, T.NUMBER, "66", {"minimum": 0, "step": 100 / 3}, 'value="66"'),
        (C.CHOICE, T.CHOICE, "b", {"options": list("abcdef")}, '<option value="b" selected>'),
        (C.CHOICE, T.CHOICE, None, {"options": list("abcdef")}, '<option value="" disabled selected>'),
        (C.MODE, T.CLIMATE, "heat", {"options": ["heat", "off"]}, 'value="heat" aria-pressed="true"'),
        (C.TEXT, T.TEXT, "a", {"maximum": 8}, 'maxlength="8"'),
        (C.DATE, T.DATE, "2026-11-25", {}, 'type="date"'),
        (C.TIME, T.TIME, "07:30:00", {}, 'value="07:30"'),
        (C.DATETIME, T.TEXT, "2026-11-25 07:30:00", {}, 'value="2026-11-25T07:30"'),
        (C.PRESS, T.TRIGGER, None, {}, 'value="press"'),
        (C.PLAYER, T.MEDIA, "playing", {"options": ["play", "pause"]}, 'value="play" aria-pressed="true"'),
        (C.ACTION, T.CHOICE, "docked", {"options": ["start", "return_to_base"]}, "Return to base"),
    ],
)
def test_every_way_of_setting_has_its_control(
    browser: Client,
    house: IntegrationInstance,
    control: ControlType,
    state_type: str,
    value: str | None,
    bounds: dict[str, Any],
    shown: str,
) -> None:
    quality = Quality.UNKNOWN if value is None else Quality.GOOD
    state = make(house, control, state={"state_type": state_type, "value": value, "quality": quality}, **bounds)
    text = browser.get(f"/things/states/{state.pk}/control").text
    assert any(part in re.sub(r" id=\"[^\"]*\"", "", text) for part in shown.split("|"))


@pytest.mark.parametrize(
    ("control", "value", "kept"),
    [
        (C.DATETIME, "2026-11-25T07:30", "2026-11-25 07:30:00"),
        (C.TIME, "07:30", "07:30:00"),
        (C.TEXT, " a ", " a "),
    ],
)
def test_a_browsers_spelling_becomes_ours(
    browser: Client, house: IntegrationInstance, control: ControlType, value: str, kept: str
) -> None:
    press(browser, make(house, control, state={"state_type": T.TEXT, "value": "x"}), value)
    assert Command.objects.get().value == kept


@pytest.mark.parametrize(
    ("value", "offered"),
    [("open", ["Close"]), ("closed", ["Open"]), ("opening", ["Stop"])],
)
def test_a_tile_offers_the_way_back(
    browser: Client, house: IntegrationInstance, value: str, offered: list[str]
) -> None:
    columns = {"state_type": T.OPEN_CLOSE, "value": value}
    make(house, C.OPEN_CLOSE, state=columns, options=["open", "closed", "stop"])
    form = re.search(r'<form class="control.*?</form>', browser.get("/things/").text, re.S)
    assert form
    assert re.findall(r"<span>(\w+)</span></button>", form[0]) == offered


def test_a_tile_offers_to_stop_what_moves_as_it_was_told(browser: Client, house: IntegrationInstance) -> None:
    columns = {"state_type": T.OPEN_CLOSE, "value": "closed"}
    gate = make(house, C.OPEN_CLOSE, state=columns, options=["open", "closed", "stop"])
    press(browser, gate, "open")
    EntityState.objects.update(value="opening")
    assert ">Stop<" in browser.get(f"/things/states/{gate.pk}/control", {"as": "tile"}).text


def test_a_wish_reaches_other_pages_by_their_next_poll(browser: Client, house: IntegrationInstance) -> None:
    state = make(house)
    page = browser.get("/things/").text
    mark = re.search(r'name="t" value="([^"]+)"', page)
    assert mark
    asked = {"t": mark[1], "c": re.search(r'name="c" value="([^"]*)"', page)[1]}  # type: ignore[index]
    assert browser.get("/things/live", asked).status_code == 204
    press(browser, state, "off")
    assert "control-pending" in browser.get("/things/live", asked).text


def test_controls_of_many_cost_as_much_as_of_one(
    person: User, house: IntegrationInstance, django_assert_num_queries: Any
) -> None:
    states = [make(house) for _ in range(5)]
    for some in (states[:1], states):
        with django_assert_num_queries(2):
            assert len(build_controls(some, person)) == len(some)


def test_what_can_only_be_read_has_no_address_to_set_it(browser: Client) -> None:
    state = EntityStateFactory()
    assert press(browser, state, "off").status_code == 404
    assert browser.get("/things/states/4711/control").status_code == 404
