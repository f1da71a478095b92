"""What a person reads for a value. No database: a state that is not saved shows like one that is."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from hi.console.display import Shown, format_number, show_state
from hi.entity.enums import EntityStateType as T
from hi.entity.enums import Quality
from hi.entity.models import EntityState, Sensor

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def in_utc() -> object:
    with timezone.override(UTC):
        yield


def shown(state_type: T, value: str | None, unit: str = "", precision: int | None = None, **columns: Any) -> Shown:
    told = {"quality": Quality.GOOD, "received_at": NOON - timedelta(minutes=5), "source_changed_at": NOON} | columns
    state = EntityState(state_type=state_type, value=value, unit=unit, **told)
    state.sensor = Sensor(precision=precision)
    return show_state(state, NOON)


@pytest.mark.parametrize(
    ("state_type", "value", "unit", "precision", "words"),
    [
        (T.TEMPERATURE, "21.4382", "°C", None, "21.4 °C"),
        (T.TEMPERATURE, "21", "°C", None, "21.0 °C"),
        (T.TEMPERATURE, "21.4382", "°C", 2, "21.44 °C"),
        (T.TEMPERATURE, "-0.04", "°C", None, "0.0 °C"),
        (T.TEMPERATURE, "-7.5", "°C", None, "−7.5 °C"),
        (T.HUMIDITY, "48.3", "%", None, "48 %"),
        (T.POWER, "3412.7", "W", None, "3.41 kW"),
        (T.POWER, "95.31", "W", None, "95.3 W"),
        (T.ENERGY, "18402", "kWh", None, "18,402 kWh"),
        (T.NUMBER, "0.5", "", None, "0.5"),
        (T.MONEY, "12.3", "EUR", None, "12.30 EUR"),
        (T.DURATION, "3725", "s", None, "1 h 2 min"),
        (T.NUMBER, "many", "", None, "many"),
        (T.ON_OFF, "on", "", None, "on"),
        (T.CHARGING, "not_charging", "", None, "not charging"),
        (T.DETECTION, "clear", "", None, "clear"),
        (T.PRESENCE, "home", "", None, "home"),
        (T.PRESENCE, "away", "", None, "away"),
        (T.PRESENCE, "not_home", "", None, "away"),
        (T.TEXT, "not_home", "", None, "away"),
        (T.TEXT, "above_horizon", "", None, "above horizon"),
        (T.CHOICE, "eco_50", "", None, "eco 50"),
        (T.TEXT, "snake_case in a sentence", "", None, "snake_case in a sentence"),
        (T.TEXT, "WLAN_Guest", "", None, "WLAN_Guest"),
        (T.TEXT, "photo_12.jpg", "", None, "photo_12.jpg"),
        (T.DATE, "2026-11-24", "", None, "tomorrow"),
        (T.DATE, "2027-03-05", "", None, "5 Mar 2027"),
        (T.TIMESTAMP, "2026-11-23T11:58:00+00:00", "", None, "2 min ago"),
        (T.TIMESTAMP, "2026-11-23T15:00:00+00:00", "", None, "in 3 h"),
        (T.TIMESTAMP, "soon", "", None, "soon"),
    ],
)
def test_a_value_reads_as_people_say_it(
    state_type: T, value: str, unit: str, precision: int | None, words: str
) -> None:
    assert shown(state_type, value, unit, precision).words == words


def test_a_number_that_is_none_shows_a_dash() -> None:
    assert shown(T.POWER, "nan", "W").words == "—"


@pytest.mark.parametrize(
    ("quality", "words"), [(Quality.UNAVAILABLE, "unavailable since 12:00"), (Quality.UNKNOWN, "unknown since 12:00")]
)
def test_without_a_value_there_is_a_dash_and_the_reason(quality: Quality, words: str) -> None:
    told = shown(T.TEMPERATURE, None, "°C", quality=quality)
    assert (told.words, told.freshness, told.note) == ("—", "none", words)


def test_what_was_never_heard_says_so() -> None:
    told = shown(T.TEMPERATURE, None, quality=Quality.UNKNOWN, received_at=None, source_changed_at=None)
    assert told.note == "not heard yet"


@pytest.mark.parametrize(
    ("quality", "note"), [(Quality.STALE, "last heard 11:55"), (Quality.RESTORED, "remembered from 11:55")]
)
def test_an_old_value_is_shown_as_old_and_never_as_on(quality: Quality, note: str) -> None:
    told = shown(T.ON_OFF, "on", quality=quality)
    assert (told.text, told.freshness, told.note, told.is_active) == ("on", "old", note, False)


@pytest.mark.parametrize(("value", "active"), [("on", True), ("off", False)])
def test_what_is_on_stands_out(value: str, active: bool) -> None:
    assert shown(T.ON_OFF, value).is_active is active


def test_a_type_of_a_later_version_still_shows_its_words() -> None:
    assert shown("something_new", "a_word").words == "a word"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("number", "digits", "words"),
    [(1284.0, None, "1,284"), (12.34, None, "12.3"), (1.239, None, "1.24"), (5.0, None, "5"), (-0.0, 1, "0.0")],
)
def test_a_number_keeps_about_three_digits(number: float, digits: int | None, words: str) -> None:
    assert format_number(number, digits) == words
