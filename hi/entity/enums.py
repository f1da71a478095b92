"""The home's vocabulary. Plain enums, so that pure code may use them without Django."""

from enum import StrEnum


class LocationKind(StrEnum):
    BUILDING = "building"
    FLOOR = "floor"
    ROOM = "room"


class EntityType(StrEnum):
    """What a thing is. A thing with several aspects has the type of its primary state."""

    LIGHT = "light"
    SWITCH = "switch"
    SENSOR = "sensor"
    CLIMATE = "climate"
    COVER = "cover"
    FAN = "fan"
    LOCK = "lock"
    MEDIA_PLAYER = "media_player"
    CAMERA = "camera"
    SCENE = "scene"
    BUTTON = "button"
    SETTING = "setting"
    PERSON = "person"
    WEATHER = "weather"
    SERVICE = "service"
    OTHER = "other"


class EntityStateType(StrEnum):
    """What a state measures or sets. The comment names the words or the kind of value it takes."""

    ON_OFF = "on_off"  # on, off
    OPEN_CLOSE = "open_close"  # open, closed, opening, closing
    LOCK = "lock"  # locked, unlocked, locking, unlocking, open, opening, jammed
    DETECTION = "detection"  # detected, clear
    PROBLEM = "problem"  # problem, ok
    CONNECTIVITY = "connectivity"  # connected, disconnected
    PRESENCE = "presence"  # home, away
    LOW_BATTERY = "low_battery"  # low, normal
    CHARGING = "charging"  # charging, not_charging
    CLIMATE = "climate"  # a mode: heat, cool, off, ...
    MEDIA = "media"  # playing, paused, idle, off, ...
    VIDEO = "video"  # idle, recording, streaming
    CHOICE = "choice"  # one of the controller's options
    TRIGGER = "trigger"  # the time it was last triggered, ISO 8601
    TIMESTAMP = "timestamp"  # ISO 8601
    DATE = "date"
    TIME = "time"
    NUMBER = "number"  # a number with no better name; the kinds below are numbers too
    TEMPERATURE = "temperature"
    HUMIDITY = "humidity"
    PRESSURE = "pressure"
    ILLUMINANCE = "illuminance"
    POWER = "power"
    ENERGY = "energy"
    VOLTAGE = "voltage"
    CURRENT = "current"
    BATTERY = "battery"
    SIGNAL_STRENGTH = "signal_strength"
    CONCENTRATION = "concentration"
    DURATION = "duration"
    SPEED = "speed"
    VOLUME = "volume"
    MONEY = "money"
    TEXT = "text"


NUMERIC_STATE_TYPES = frozenset(
    {
        EntityStateType.NUMBER,
        EntityStateType.TEMPERATURE,
        EntityStateType.HUMIDITY,
        EntityStateType.PRESSURE,
        EntityStateType.ILLUMINANCE,
        EntityStateType.POWER,
        EntityStateType.ENERGY,
        EntityStateType.VOLTAGE,
        EntityStateType.CURRENT,
        EntityStateType.BATTERY,
        EntityStateType.SIGNAL_STRENGTH,
        EntityStateType.CONCENTRATION,
        EntityStateType.DURATION,
        EntityStateType.SPEED,
        EntityStateType.VOLUME,
        EntityStateType.MONEY,
    }
)


class StateCategory(StrEnum):
    """Why a state exists: the thing's purpose, its inner health, or its configuration."""

    PURPOSE = "purpose"
    DIAGNOSTIC = "diagnostic"
    CONFIGURATION = "configuration"


class Quality(StrEnum):
    """How far a value can be trusted. Only GOOD, STALE and RESTORED carry one."""

    GOOD = "good"
    STALE = "stale"
    RESTORED = "restored"
    UNAVAILABLE = "unavailable"
    UNKNOWN = "unknown"


class ControlType(StrEnum):
    """How a controller is set."""

    TOGGLE = "toggle"
    OPEN_CLOSE = "open_close"
    LOCK = "lock"
    NUMBER = "number"
    CHOICE = "choice"
    TEXT = "text"
    PRESS = "press"
    MODE = "mode"
    PLAYER = "player"
