"""From a state's type, value and quality to what a person reads. An old or missing value is never dressed as new."""

import math
import re
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from hi.console import times
from hi.entity.enums import NUMERIC_STATE_TYPES, EntityStateType, EntityType, Quality
from hi.entity.models import EntityState, StateHistory

T = EntityStateType
DASH = "—"
# Digits after the point where the source does not say; the other kinds get three significant ones.
DIGITS: dict[str, int] = {
    T.TEMPERATURE: 1,
    T.HUMIDITY: 0,
    T.BATTERY: 0,
    T.ILLUMINANCE: 0,
    T.SIGNAL_STRENGTH: 0,
    T.MONEY: 2,
    T.BRIGHTNESS: 0,
    T.HUE: 0,
    T.SATURATION: 0,
    T.COLOR_TEMPERATURE: 0,
    T.POSITION: 0,
    T.LEVEL: 0,
    T.ANGLE: 0,
    T.SOUND: 0,
    T.TEMPERATURE_DIFFERENCE: 1,
}
BIGGER_UNITS = {"W": "kW", "Wh": "kWh", "VA": "kVA"}
SECONDS_PER_UNIT = {"s": 1, "min": 60, "h": 3600, "d": 86_400}
FRESHNESS: dict[str, str] = {Quality.GOOD: "good", Quality.STALE: "old", Quality.RESTORED: "old"}
TYPE_WORDS: dict[str, str] = {
    EntityType.LIGHT: "Lights",
    EntityType.SWITCH: "Switches",
    EntityType.SENSOR: "Sensors",
    EntityType.CLIMATE: "Heating and cooling",
    EntityType.HUMIDIFIER: "Humidifiers",
    EntityType.WATER_HEATER: "Water heaters",
    EntityType.COVER: "Blinds and doors",
    EntityType.VALVE: "Valves",
    EntityType.FAN: "Fans",
    EntityType.LOCK: "Locks",
    EntityType.ALARM: "Alarms",
    EntityType.SIREN: "Sirens",
    EntityType.VACUUM: "Vacuums",
    EntityType.LAWN_MOWER: "Lawn mowers",
    EntityType.MEDIA_PLAYER: "Media players",
    EntityType.REMOTE: "Remotes",
    EntityType.CAMERA: "Cameras",
    EntityType.IMAGE: "Pictures",
    EntityType.SCENE: "Scenes",
    EntityType.SCRIPT: "Scripts",
    EntityType.AUTOMATION: "Automations",
    EntityType.BUTTON: "Buttons",
    EntityType.SETTING: "Settings",
    EntityType.PERSON: "People",
    EntityType.TRACKER: "Whereabouts",
    EntityType.ZONE: "Zones",
    EntityType.WEATHER: "Weather",
    EntityType.CALENDAR: "Calendars",
    EntityType.LIST: "Lists",
    EntityType.TIMER: "Timers",
    EntityType.COUNTER: "Counters",
    EntityType.GROUP: "Groups",
    EntityType.UPDATE: "Updates",
    EntityType.SERVICE: "Services",
    EntityType.OTHER: "Other things",
}
# What an aspect is called that has no name but its thing's.
STATE_WORDS: dict[str, str] = {
    T.ON_OFF: "On or off",
    T.OPEN_CLOSE: "Open or closed",
    T.LOCK: "Lock",
    T.LOW_BATTERY: "Battery",
    T.CLIMATE: "Mode",
    T.MEDIA: "Playback",
    T.VIDEO: "Video",
    T.TRIGGER: "Last used",
    T.PRESENCE: "Whereabouts",
    T.PROBLEM: "Well or not",
    T.CONNECTIVITY: "Connection",
    T.SOUND: "Loudness",
    T.NUMBER: "Value",
    T.TEXT: "Value",
}
# Codes that sources send as a text and that underscores alone do not make a word of.
CODE_WORDS = {"not_home": "away"}
_CODE = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)+")
ACTIVE_WORDS: dict[str, set[str]] = {T.ON_OFF: {"on"}, T.MEDIA: {"playing"}, T.VIDEO: {"recording", "streaming"}}


@dataclass(frozen=True, slots=True)
class Shown:
    """A value as it is read. `freshness`: good, old, none. `note` says since when there is none, or how old it is;
    `at` is set where the value itself is a moment."""

    text: str
    unit: str = ""
    freshness: str = "good"
    note: str = ""
    at: datetime | None = None
    is_active: bool = False

    @property
    def words(self) -> str:
        return f"{self.text} {self.unit}".strip()

    @property
    def is_long(self) -> bool:
        return len(self.text) > 12


def show_state(state: EntityState, now: datetime | None = None) -> Shown:
    sensor = getattr(state, "sensor", None)
    return _show(
        state.state_type, state.value, state.unit, state.quality, sensor.precision if sensor else None,
        changed_at=state.source_changed_at, received_at=state.received_at, now=now or timezone.now(),
    )  # fmt: skip


def show_change(change: StateHistory, state: EntityState, now: datetime | None = None) -> Shown:
    """What a state said at some time: old by nature, so its quality then is what counts."""
    sensor = getattr(state, "sensor", None)
    return _show(
        state.state_type, change.value, change.unit, change.quality, sensor.precision if sensor else None,
        changed_at=change.source_changed_at, received_at=change.received_at, now=now or timezone.now(),
    )  # fmt: skip


def _show(
    state_type: str,
    value: str | None,
    unit: str,
    quality: str,
    precision: int | None,
    *,
    changed_at: datetime | None,
    received_at: datetime | None,
    now: datetime,
) -> Shown:
    freshness = FRESHNESS.get(quality, "none")
    if value is None or freshness == "none":
        return Shown(DASH, freshness="none", note=_why_none(quality, changed_at or received_at, now))
    note = _how_fresh(quality, received_at or changed_at, now)
    active = freshness == "good" and value in ACTIVE_WORDS.get(state_type, ())
    moment = _moment(value) if state_type in (T.TIMESTAMP, T.TRIGGER) else None
    if moment is not None:
        return Shown(moment_words(moment, now), "", freshness, note, moment)
    text, unit = _words(state_type, value, unit, precision, now)
    return Shown(text, unit, freshness, note, is_active=active)


def _why_none(quality: str, at: datetime | None, now: datetime) -> str:
    if at is None:
        return "not heard yet"
    word = "unavailable" if quality == Quality.UNAVAILABLE else "unknown"
    return f"{word} since {times.clock(at, now)}"


def _how_fresh(quality: str, heard_at: datetime | None, now: datetime) -> str:
    at = times.clock(heard_at, now) if heard_at else "long ago"
    if quality == Quality.STALE:
        return f"last heard {at}"
    if quality == Quality.RESTORED:
        return f"remembered from {at}"
    return f"fresh, heard {at}"


def moment_words(moment: datetime, now: datetime) -> str:
    return times.ago(moment, now) if moment <= now else times.until(moment, now)


def _words(state_type: str, value: str, unit: str, precision: int | None, now: datetime) -> tuple[str, str]:
    if state_type in NUMERIC_STATE_TYPES:
        return _number_words(state_type, value, unit, precision)
    if state_type == T.DATE:
        return _date_words(value, now), ""
    return read_word(value), unit


def read_word(value: str) -> str:
    """`above_horizon` as people read it: above horizon. Anything but such a code is left as it is."""
    return CODE_WORDS.get(value) or (value.replace("_", " ") if _CODE.fullmatch(value) else value)


def _number_words(state_type: str, value: str, unit: str, precision: int | None) -> tuple[str, str]:
    try:
        number = float(value)
    except ValueError:
        return value, unit
    if not math.isfinite(number):
        return DASH, ""
    if state_type == T.DURATION and unit in SECONDS_PER_UNIT and number >= 0:
        return times.span(round(number * SECONDS_PER_UNIT[unit])), ""
    if unit in BIGGER_UNITS and abs(number) >= 1000:
        return format_number(number / 1000, None), BIGGER_UNITS[unit]
    return format_number(number, DIGITS.get(state_type) if precision is None else precision), unit


def format_number(number: float, digits: int | None) -> str:
    """1,284 and 3.41: with so many digits after the point, or with about three significant ones."""
    if digits is None:
        size = abs(number)
        text = f"{number:,.{0 if size >= 100 else 1 if size >= 10 else 2}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    else:
        text = f"{number:,.{min(digits, 6)}f}"
    if not text.strip("-0.,"):
        text = text.lstrip("-")  # no minus zero
    return text.replace("-", "−")


def _date_words(value: str, now: datetime) -> str:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return value
    distance = (day - timezone.localtime(now).date()).days
    if distance in (-1, 0, 1):
        return ("yesterday", "today", "tomorrow")[distance + 1]
    this_year = day.year == timezone.localtime(now).year
    return f"{day.day} {day:%b}" if this_year else f"{day.day} {day:%b} {day.year}"


def _moment(value: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else timezone.make_aware(moment)
