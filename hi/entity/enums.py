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
    HUMIDIFIER = "humidifier"
    WATER_HEATER = "water_heater"
    COVER = "cover"
    VALVE = "valve"
    FAN = "fan"
    LOCK = "lock"
    ALARM = "alarm"
    SIREN = "siren"
    VACUUM = "vacuum"
    LAWN_MOWER = "lawn_mower"
    MEDIA_PLAYER = "media_player"
    REMOTE = "remote"
    CAMERA = "camera"
    IMAGE = "image"
    SCENE = "scene"
    SCRIPT = "script"
    AUTOMATION = "automation"
    BUTTON = "button"
    SETTING = "setting"
    PERSON = "person"
    TRACKER = "tracker"
    ZONE = "zone"
    WEATHER = "weather"
    CALENDAR = "calendar"
    LIST = "list"
    TIMER = "timer"
    COUNTER = "counter"
    GROUP = "group"
    UPDATE = "update"
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
    PRESENCE = "presence"  # home, away; of a person or a tracked thing also the name of a place
    LOW_BATTERY = "low_battery"  # low, normal
    CHARGING = "charging"  # charging, not_charging
    UPDATE = "update"  # available, up_to_date
    CLIMATE = "climate"  # a mode: heat, cool, off, ...
    MEDIA = "media"  # playing, paused, idle, off, ...
    VIDEO = "video"  # off, idle, recording, streaming
    CHOICE = "choice"  # one of the controller's options
    TRIGGER = "trigger"  # the time it was last triggered, ISO 8601
    TIMESTAMP = "timestamp"  # ISO 8601
    DATE = "date"
    TIME = "time"
    NUMBER = "number"  # a number with no better name; the kinds below are numbers too
    BRIGHTNESS = "brightness"  # percent
    HUE = "hue"  # degrees on the colour circle
    SATURATION = "saturation"  # percent
    COLOR_TEMPERATURE = "color_temperature"  # kelvin
    POSITION = "position"  # percent; 100 is fully open
    LEVEL = "level"  # percent of what the thing can do: a fan's speed, a player's volume
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
    TEMPERATURE_DIFFERENCE = "temperature_difference"
    ANGLE = "angle"  # degrees: where the wind comes from, how high the sun stands
    AREA = "area"
    CONDUCTIVITY = "conductivity"
    DATA_RATE = "data_rate"
    DATA_SIZE = "data_size"
    DISTANCE = "distance"
    FLOW = "flow"  # volume in a time
    FREQUENCY = "frequency"
    IRRADIANCE = "irradiance"
    PRECIPITATION = "precipitation"
    PRECIPITATION_RATE = "precipitation_rate"
    SOUND = "sound"
    WEIGHT = "weight"
    STATUS = "status"  # one of a few words of the thing's own: docked, armed_home, rainy, active
    TEXT = "text"


# Said of a device and not of the home.
HEALTH_STATE_TYPES = frozenset(
    {
        EntityStateType.BATTERY,
        EntityStateType.CHARGING,
        EntityStateType.LOW_BATTERY,
        EntityStateType.SIGNAL_STRENGTH,
    }
)
NUMERIC_STATE_TYPES = frozenset(
    {
        EntityStateType.NUMBER,
        EntityStateType.BRIGHTNESS,
        EntityStateType.HUE,
        EntityStateType.SATURATION,
        EntityStateType.COLOR_TEMPERATURE,
        EntityStateType.POSITION,
        EntityStateType.LEVEL,
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
        EntityStateType.TEMPERATURE_DIFFERENCE,
        EntityStateType.ANGLE,
        EntityStateType.AREA,
        EntityStateType.CONDUCTIVITY,
        EntityStateType.DATA_RATE,
        EntityStateType.DATA_SIZE,
        EntityStateType.DISTANCE,
        EntityStateType.FLOW,
        EntityStateType.FREQUENCY,
        EntityStateType.IRRADIANCE,
        EntityStateType.PRECIPITATION,
        EntityStateType.PRECIPITATION_RATE,
        EntityStateType.SOUND,
        EntityStateType.WEIGHT,
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
    """How a controller is set. The comment names the words it takes; where they are the controller's options, these
    say which of them this one takes."""

    TOGGLE = "toggle"  # on, off
    OPEN_CLOSE = "open_close"  # options, of: open, closed, stop
    LOCK = "lock"  # options, of: locked, unlocked, open
    NUMBER = "number"  # between minimum and maximum, in steps
    CHOICE = "choice"  # one of the options
    MODE = "mode"  # one of the options, as a way of working
    TEXT = "text"  # minimum and maximum are its length
    DATE = "date"  # 2026-11-25
    TIME = "time"  # 07:30:00
    DATETIME = "datetime"  # 2026-11-25 07:30:00, in the source's own zone
    PRESS = "press"  # press
    PLAYER = "player"  # options, of: play, pause, stop, next, previous, on, off
    ACTION = "action"  # one of the options, each a verb; the state that follows has a word of its own
