"""From a state's type, value and quality to what a person reads. An old or missing value is never dressed as new."""

import math
import re
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

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
TYPE_WORDS: dict[str, str | Promise] = {
    EntityType.LIGHT: gettext_lazy("Lights"),
    EntityType.SWITCH: gettext_lazy("Switches"),
    EntityType.SENSOR: gettext_lazy("Sensors"),
    EntityType.CLIMATE: gettext_lazy("Heating and cooling"),
    EntityType.HUMIDIFIER: gettext_lazy("Humidifiers"),
    EntityType.WATER_HEATER: gettext_lazy("Water heaters"),
    EntityType.COVER: gettext_lazy("Blinds and doors"),
    EntityType.VALVE: gettext_lazy("Valves"),
    EntityType.FAN: gettext_lazy("Fans"),
    EntityType.LOCK: gettext_lazy("Locks"),
    EntityType.ALARM: gettext_lazy("Alarms"),
    EntityType.SIREN: gettext_lazy("Sirens"),
    EntityType.VACUUM: gettext_lazy("Vacuums"),
    EntityType.LAWN_MOWER: gettext_lazy("Lawn mowers"),
    EntityType.MEDIA_PLAYER: gettext_lazy("Media players"),
    EntityType.REMOTE: gettext_lazy("Remotes"),
    EntityType.CAMERA: gettext_lazy("Cameras"),
    EntityType.IMAGE: gettext_lazy("Pictures"),
    EntityType.SCENE: gettext_lazy("Scenes"),
    EntityType.SCRIPT: gettext_lazy("Scripts"),
    EntityType.AUTOMATION: gettext_lazy("Automations"),
    EntityType.BUTTON: gettext_lazy("Buttons"),
    EntityType.SETTING: gettext_lazy("Settings"),
    EntityType.PERSON: gettext_lazy("People"),
    EntityType.TRACKER: gettext_lazy("Whereabouts"),
    EntityType.ZONE: gettext_lazy("Zones"),
    EntityType.WEATHER: gettext_lazy("Weather"),
    EntityType.CALENDAR: gettext_lazy("Calendars"),
    EntityType.LIST: gettext_lazy("Lists"),
    EntityType.TIMER: gettext_lazy("Timers"),
    EntityType.COUNTER: gettext_lazy("Counters"),
    EntityType.GROUP: gettext_lazy("Groups"),
    EntityType.UPDATE: gettext_lazy("Updates"),
    EntityType.SERVICE: gettext_lazy("Services"),
    EntityType.OTHER: gettext_lazy("Other things"),
}
# What an aspect is called that has no name but its thing's.
STATE_WORDS: dict[str, str | Promise] = {
    T.ON_OFF: gettext_lazy("On or off"),
    T.OPEN_CLOSE: gettext_lazy("Open or closed"),
    T.LOCK: gettext_lazy("Lock"),
    T.LOW_BATTERY: gettext_lazy("Battery"),
    T.CLIMATE: gettext_lazy("Mode"),
    T.MEDIA: gettext_lazy("Playback"),
    T.VIDEO: gettext_lazy("Video"),
    T.TRIGGER: gettext_lazy("Last used"),
    T.PRESENCE: gettext_lazy("Whereabouts"),
    T.PROBLEM: gettext_lazy("Well or not"),
    T.CONNECTIVITY: gettext_lazy("Connection"),
    T.SOUND: gettext_lazy("Loudness"),
    T.NUMBER: gettext_lazy("Value"),
    T.TEXT: gettext_lazy("Value"),
}
# Values that many sources have alike. Any other word is the source's own and stays as it came.
VALUE_WORDS: dict[str, str | Promise] = {
    "on": pgettext_lazy("value", "on"),
    "off": pgettext_lazy("value", "off"),
    "open": pgettext_lazy("value", "open"),
    "closed": pgettext_lazy("value", "closed"),
    "opening": pgettext_lazy("value", "opening"),
    "closing": pgettext_lazy("value", "closing"),
    "locked": pgettext_lazy("value", "locked"),
    "unlocked": pgettext_lazy("value", "unlocked"),
    "locking": pgettext_lazy("value", "locking"),
    "unlocking": pgettext_lazy("value", "unlocking"),
    "jammed": pgettext_lazy("value", "jammed"),
    "home": pgettext_lazy("value", "home"),
    "away": pgettext_lazy("value", "away"),
    "not_home": pgettext_lazy("value", "away"),
    "low": pgettext_lazy("value", "low"),
    "normal": pgettext_lazy("value", "normal"),
    "charging": pgettext_lazy("value", "charging"),
    "not_charging": pgettext_lazy("value", "not charging"),
    "connected": pgettext_lazy("value", "connected"),
    "disconnected": pgettext_lazy("value", "disconnected"),
    "detected": pgettext_lazy("value", "detected"),
    "clear": pgettext_lazy("value", "clear"),
    "problem": pgettext_lazy("value", "problem"),
    "ok": pgettext_lazy("value", "ok"),
    "available": pgettext_lazy("value", "available"),
    "up_to_date": pgettext_lazy("value", "up to date"),
    "playing": pgettext_lazy("value", "playing"),
    "paused": pgettext_lazy("value", "paused"),
    "idle": pgettext_lazy("value", "idle"),
    "standby": pgettext_lazy("value", "standby"),
    "heat": pgettext_lazy("value", "heat"),
    "cool": pgettext_lazy("value", "cool"),
    "auto": pgettext_lazy("value", "auto"),
    "disarmed": pgettext_lazy("value", "disarmed"),
    "docked": pgettext_lazy("value", "docked"),
    "cleaning": pgettext_lazy("value", "cleaning"),
    "returning": pgettext_lazy("value", "returning"),
}
_CODE = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)+")
ACTIVE_WORDS: dict[str, set[str]] = {T.ON_OFF: {"on"}, T.MEDIA: {"playing"}}


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
        if state_type == T.TRIGGER and quality == Quality.UNKNOWN:
            return Shown(DASH, freshness="none", note=_("not used yet"))
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
        return _("not heard yet")
    told = _("unavailable since %(time)s") if quality == Quality.UNAVAILABLE else _("unknown since %(time)s")
    return told % {"time": times.clock(at, now)}


def _how_fresh(quality: str, heard_at: datetime | None, now: datetime) -> str:
    at = times.clock(heard_at, now) if heard_at else _("long ago")
    if quality == Quality.STALE:
        return _("last heard %(time)s") % {"time": at}
    if quality == Quality.RESTORED:
        return _("remembered from %(time)s") % {"time": at}
    return _("fresh, heard %(time)s") % {"time": at}


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
    if value in VALUE_WORDS:
        return str(VALUE_WORDS[value])
    return value.replace("_", " ") if _CODE.fullmatch(value) else value


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
        return (_("yesterday"), _("today"), _("tomorrow"))[distance + 1]
    this_year = day.year == timezone.localtime(now).year
    return format_date(day, "j M" if this_year else "j M Y")


def _moment(value: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else timezone.make_aware(moment)
