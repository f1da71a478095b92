"""What stands in the rooms of a big home."""

from dataclasses import dataclass

from hi.entity.enums import ControlType, EntityStateType, EntityType, StateCategory

T = EntityStateType
FLOORS = ("Cellar", "Ground floor", "First floor", "Attic", "Garden")
ROOMS = (
    *("Kitchen", "Hall", "Living room", "Dining room", "Bedroom", "Guest room", "Children's room", "Bathroom"),
    *("Office", "Library", "Studio", "Workshop", "Laundry", "Pantry", "Wine cellar", "Boiler room", "Garage"),
    *("Terrace", "Orchard", "Greenhouse", "Pool house", "Sauna", "Gym", "Music room", "Winter garden"),
)


@dataclass(frozen=True, slots=True)
class Aspect:
    """One state. `domain` begins its address; a `control` makes it settable."""

    name: str
    state_type: EntityStateType
    values: tuple[str, ...]
    unit: str = ""
    device_class: str = ""
    control: str = ""
    category: StateCategory = StateCategory.PURPOSE
    options: tuple[str, ...] = ()
    domain: str = "sensor"

    @property
    def key(self) -> str:
        return self.name.lower().replace(" ", "_") or "state"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing; the first aspect is what it is about."""

    name: str
    entity_type: EntityType
    weight: int
    aspects: tuple[Aspect, ...]


def _numbers(low: int, high: int) -> tuple[str, ...]:
    return tuple(f"{number / 10:.1f}" for number in range(low * 10, high * 10, max(1, (high - low) // 4)))


def _inner(name: str, state_type: EntityStateType, values: tuple[str, ...], unit: str = "") -> Aspect:
    return Aspect(name, state_type, values, unit, name.lower(), category=StateCategory.DIAGNOSTIC)


ON = ("off", "off", "off", "on")
BATTERY = _inner("Battery", T.BATTERY, _numbers(5, 100), "%")
LOW = _inner("Low battery", T.LOW_BATTERY, (*(("normal",) * 30), "low"))
SIGNAL = _inner("Signal", T.SIGNAL_STRENGTH, ("-61", "-70", "-82"), "dBm")
TEMPERATURE = Aspect("Temperature", T.TEMPERATURE, _numbers(17, 25), "°C", "temperature")
HUMIDITY = Aspect("Humidity", T.HUMIDITY, _numbers(35, 70), "%", "humidity")
POWER = Aspect("Power", T.POWER, _numbers(0, 80), "W", "power")
ENERGY = Aspect("Energy", T.ENERGY, _numbers(0, 400), "kWh", "energy")
BRIGHTNESS = Aspect("Brightness", T.BRIGHTNESS, ("20", "60", "100"), "%", control=ControlType.NUMBER, domain="light")


def _switch(domain: str) -> Aspect:
    return Aspect("", T.ON_OFF, ON, control=ControlType.TOGGLE, domain=domain)


def _options(state_type: EntityStateType, control: ControlType, domain: str, *values: str) -> Aspect:
    return Aspect("", state_type, values, control=control, options=values, domain=domain)


KINDS = (
    Kind("Ceiling light", EntityType.LIGHT, 16, (_switch("light"), BRIGHTNESS, SIGNAL)),
    Kind("Reading lamp", EntityType.LIGHT, 8, (_switch("light"), BRIGHTNESS)),
    Kind("Socket", EntityType.SWITCH, 10, (_switch("switch"), POWER, ENERGY)),
    Kind(
        "Motion sensor",
        EntityType.SENSOR,
        8,
        (
            Aspect("", T.DETECTION, ("clear", "clear", "detected"), device_class="motion", domain="binary_sensor"),
            Aspect("Illuminance", T.ILLUMINANCE, _numbers(0, 200), "lx", "illuminance"),
            TEMPERATURE,
            LOW,
        ),
    ),
    Kind(
        "Window",
        EntityType.SENSOR,
        12,
        (Aspect("", T.OPEN_CLOSE, ("closed",) * 9 + ("open",), device_class="window", domain="binary_sensor"), LOW),
    ),
    Kind("Climate sensor", EntityType.SENSOR, 10, (TEMPERATURE, HUMIDITY, BATTERY, SIGNAL)),
    Kind(
        "Thermostat",
        EntityType.CLIMATE,
        6,
        (_options(T.CLIMATE, ControlType.MODE, "climate", "off", "heat", "auto"), TEMPERATURE, HUMIDITY, LOW),
    ),
    Kind(
        "Door lock", EntityType.LOCK, 2, (_options(T.LOCK, ControlType.LOCK, "lock", "locked", "unlocked"), LOW, SIGNAL)
    ),
    Kind(
        "Blind",
        EntityType.COVER,
        6,
        (_options(T.OPEN_CLOSE, ControlType.OPEN_CLOSE, "cover", "open", "closed"), SIGNAL),
    ),
    Kind(
        "Speaker",
        EntityType.MEDIA_PLAYER,
        3,
        (_options(T.MEDIA, ControlType.PLAYER, "media_player", "playing", "paused", "off"), POWER),
    ),
    Kind("Scene", EntityType.SCENE, 4, (_options(T.TRIGGER, ControlType.PRESS, "scene", "2026-11-25T10:00:00+00:00"),)),
    Kind("Camera", EntityType.CAMERA, 3, (Aspect("", T.VIDEO, ("idle", "recording", "off"), domain="camera"),)),
    Kind("Automation", EntityType.AUTOMATION, 5, (_switch("automation"),)),
    Kind("Air monitor", EntityType.SENSOR, 3, (TEMPERATURE, HUMIDITY, POWER, ENERGY, BATTERY, SIGNAL)),
)
WEIGHTS = tuple(kind.weight for kind in KINDS)
