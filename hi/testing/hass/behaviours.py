"""How single things in a house behave: a table from what an entity is to how it moves."""

from collections.abc import Callable

from hi.testing.hass.lights import switched
from hi.testing.hass.model import State, isoformat
from hi.testing.hass.sun import sun_position
from hi.testing.hass.world import Change, World

Behaviour = Callable[[World, State], list[Change]]


def _number(state: State) -> float | None:
    try:
        return float(state.state)
    except ValueError:
        return None


def drift(low: float, high: float, step: float, decimals: int) -> Behaviour:
    """Wanders between two bounds and comes back to the middle."""

    def move(world: World, state: State) -> list[Change]:
        value = _number(state)
        if value is None:
            return []
        moved = value + world.random.gauss(0, step) + ((low + high) / 2 - value) * 0.02
        moved = round(max(low, min(high, moved)), decimals)
        if moved == round(value, decimals):
            moved = round(moved + (10**-decimals if moved < high else -(10**-decimals)), decimals)
        return [Change(state.entity_id, f"{moved:.{decimals}f}")]

    return move


def daily(peak: float, decimals: int) -> Behaviour:
    """Follows the sun: light in the garden, power from the roof, with clouds."""

    def move(world: World, state: State) -> list[Change]:
        clouds = world.random.uniform(0.75, 1.0)
        return [Change(state.entity_id, f"{peak * world.daylight * clouds:.{decimals}f}")]

    return move


def power(world: World, state: State) -> list[Change]:
    usual = world.usual.setdefault(state.entity_id, _number(state) or 0.0)
    plug = world.neighbour(state, "switch.outlet")
    if plug and plug.state == "off":
        return [Change(state.entity_id, "0.0")]
    return [Change(state.entity_id, f"{max(0.0, usual * world.random.gauss(1.0, 0.05)):.1f}")]


def house_power(world: World, state: State) -> list[Change]:
    """What the meter at the street reads: all that runs, less what the roof gives."""
    load = 170.0 + world.random.uniform(-15, 15)
    for other in world.home.states.values():
        if other.entity_id == state.entity_id or other.entity_id not in world.home.entities:
            continue
        if other.kind == "sensor.power":
            sign = -1 if world.home.lives.get(other.entity_id) == "solar" else 1
            load += sign * (_number(other) or 0.0)
        elif other.domain == "light" and other.state == "on":
            load += 8.0
    return [Change(state.entity_id, f"{max(0.0, load):.0f}")]


def count(per_second: float, decimals: int) -> Behaviour:
    """Only grows; a counter of energy by what its device draws."""

    def move(world: World, state: State) -> list[Change]:
        value, since = _number(state), world.counted.setdefault(state.entity_id, world.now)
        if value is None:
            return []
        meter = world.neighbour(state, "sensor.power") if state.kind == "sensor.energy" else None
        speed = (_number(meter) or 0.0) / 3.6e6 if meter else per_second
        moved = round(value + speed * (world.now - since), decimals)
        if moved <= value:
            return []
        world.counted[state.entity_id] = world.now
        return [Change(state.entity_id, f"{moved:.{decimals}f}")]

    return move


def pulse(shortest: float, longest: float, rest: str = "off", active: str = "on") -> Behaviour:
    """Becomes active, and rests again by itself."""

    def move(world: World, state: State) -> list[Change]:
        if state.state != rest:
            return []
        end = world.random.uniform(shortest, longest)
        return [Change(state.entity_id, active), Change(state.entity_id, rest, after=end)]

    return move


def motion(world: World, state: State) -> list[Change]:
    """Somebody walks by, and in the evening finds the light going on."""
    changes = pulse(12, 45)(world, state)
    if changes and world.evening:
        changes += [
            Change(lamp.entity_id, "on", switched(lamp.attributes, True), after=0.4)
            for lamp in _lamps_near(world, state)[:1]
            if lamp.state == "off"
        ]
    return changes


def _lamps_near(world: World, state: State) -> list[State]:
    home, row = world.home, world.home.entities.get(state.entity_id)
    area = home.devices[row["device_id"]]["area_id"] if row and row["device_id"] else None
    return [
        lamp
        for lamp in home.states.values()
        if lamp.domain == "light"
        and (lamp_row := home.entities.get(lamp.entity_id))
        and lamp_row["device_id"]
        and area == home.devices[lamp_row["device_id"]]["area_id"]
    ]


def lamp(world: World, state: State) -> list[Change]:
    share = 0.55 if world.evening else 0.04 if world.hour < 6.5 else 0.15
    on = world.random.random() < share
    if on == (state.state == "on"):
        return []
    brightness = world.random.choice((90, 130, 180, 220, 255))
    return [Change(state.entity_id, "on" if on else "off", switched(state.attributes, on, brightness))]


def plug(world: World, state: State) -> list[Change]:
    row = world.home.entities.get(state.entity_id)
    if row and row["entity_category"] == "config":
        return []
    on = state.state == "off"
    changes = [Change(state.entity_id, "on" if on else "off")]
    if meter := world.neighbour(state, "sensor.power"):
        usual = world.usual.setdefault(meter.entity_id, _number(meter) or 60.0)
        changes.append(Change(meter.entity_id, f"{usual if on else 0.0:.1f}"))
    return changes


def blind(world: World, state: State) -> list[Change]:
    position = state.attributes.get("current_position")
    if state.state not in ("open", "closed"):
        return []
    if position is None:
        steps = (("opening", 0.0), ("open", 12.0), ("closing", 80.0), ("closed", 92.0))
        return [Change(state.entity_id, step, after=after) for step, after in steps] if state.state == "closed" else []
    target = world.random.choice((0, 20) if world.evening or world.hour < 6.5 else (60, 80, 100))
    if target == position:
        return []
    end = {"current_position": target}
    moving = Change(state.entity_id, "opening" if target > position else "closing")
    return [moving, Change(state.entity_id, "open" if target else "closed", end, after=14.0)]


def thermostat(world: World, state: State) -> list[Change]:
    attributes, row = state.attributes, world.neighbour(state, "sensor.temperature")
    current, target = attributes.get("current_temperature"), attributes.get("temperature")
    if current is None or target is None:
        return []
    heating = attributes.get("hvac_action") == "heating"
    current = round(current + (0.1 if heating else -0.1), 1)
    heating = current < target + 0.4 if heating else current < target - 0.4
    action = {"current_temperature": current, "hvac_action": "heating" if heating else "idle"}
    changes = [Change(state.entity_id, state.state, action)]
    return changes + ([Change(row.entity_id, f"{current}")] if row else [])


# phase: watts
_PHASES = {"off": 0.6, "washing": 310.0, "rinsing": 120.0, "spinning": 540.0, "drying": 1450.0, "cooling": 210.0}
_PHASES |= {"finished": 1.1, "disconnected": 0.0, "connected": 0.0, "charging": 7360.0}


def appliance(world: World, state: State) -> list[Change]:
    phases = state.attributes["options"]
    phase = phases[(phases.index(state.state) + 1) % len(phases)]
    changes = [Change(state.entity_id, phase)]
    if meter := world.neighbour(state, "sensor.power"):
        world.usual[meter.entity_id] = _PHASES[phase]
        changes.append(Change(meter.entity_id, f"{_PHASES[phase]:.1f}"))
    if left := world.neighbour(state, "sensor.duration"):
        remaining = 0 if phase in ("off", "finished") else 18 * (len(phases) - 1 - phases.index(phase))
        changes.append(Change(left.entity_id, str(remaining)))
    return changes


def inverter(world: World, state: State) -> list[Change]:
    status = "producing" if world.daylight else "sleeping"
    return [Change(state.entity_id, status)] if status != state.state else []


# title, artist
_TITLES = (
    ("Blue in Green", "Miles Davis"),
    ("Teardrop", "Massive Attack"),
    ("Clair de lune", "Claude Debussy"),
    ("Heroes", "David Bowie"),
    ("Sinnerman", "Nina Simone"),
)
_MEDIA = (
    "media_content_type",
    "media_duration",
    "media_position",
    "media_position_updated_at",
    "media_title",
    "media_artist",
)


def player(world: World, state: State) -> list[Change]:
    if state.state == "playing" and world.random.random() < 0.3:
        return [Change(state.entity_id, "paused"), Change(state.entity_id, "playing", after=25.0)]
    if state.state == "playing" and not world.evening and world.random.random() < 0.4:
        rest = "off" if state.attributes.get("device_class") == "tv" else "idle"
        return [Change(state.entity_id, rest, dict.fromkeys(_MEDIA))]
    title, artist = world.random.choice(_TITLES)
    values = ("music", world.random.randrange(150, 320), 0, isoformat(world.now), title, artist)
    return [Change(state.entity_id, "playing", dict(zip(_MEDIA, values, strict=True)))]


def fan(world: World, state: State) -> list[Change]:
    on = state.state == "off"
    return [Change(state.entity_id, "on" if on else "off", {"percentage": 33 if on else None})]


def battery(world: World, state: State) -> list[Change]:
    level = _number(state)
    return [Change(state.entity_id, f"{level - 1:.0f}")] if level and level > 5 else []


def doorbell(world: World, state: State) -> list[Change]:
    return [Change(state.entity_id, isoformat(world.now), {"event_type": "pressed"})]


def robot(world: World, state: State) -> list[Change]:
    if state.state != "docked":
        return []
    busy = "mowing" if state.domain == "lawn_mower" else "cleaning"
    steps = ((busy, 0.0), ("returning", 120.0), ("docked", 150.0))
    return [Change(state.entity_id, step, after=after) for step, after in steps]


def sun(world: World, state: State) -> list[Change]:
    elevation, azimuth = sun_position(world.now)
    attributes = {"elevation": elevation, "azimuth": azimuth, "rising": azimuth < 180.0}
    return [Change(state.entity_id, "above_horizon" if elevation > -0.8 else "below_horizon", attributes)]


# What an entity is (its `life`, or its domain and device class, or its domain): how often it moves, and how.
BEHAVIOURS: dict[str, tuple[float, Behaviour]] = {
    "sensor.temperature": (4, drift(17, 24, 0.12, 1)),
    "outdoor": (4, drift(2, 22, 0.2, 1)),
    "fridge": (3, drift(3, 7, 0.15, 1)),
    "freezer": (3, drift(-21, -16, 0.15, 1)),
    "flow": (3, drift(28, 62, 1.2, 1)),
    "sensor.humidity": (3, drift(38, 66, 0.5, 1)),
    "sensor.pressure": (1, drift(990, 1035, 0.3, 1)),
    "water_pressure": (0.3, drift(1.4, 1.9, 0.01, 2)),
    "sensor.carbon_dioxide": (5, drift(420, 1250, 14, 0)),
    "sensor.pm25": (2, drift(1, 25, 1, 0)),
    "sensor.volatile_organic_compounds": (2, drift(60, 420, 9, 0)),
    "sensor.illuminance": (3, drift(2, 400, 16, 0)),
    "daylight": (4, daily(60000, 0)),
    "solar": (8, daily(4600, 0)),
    "inverter": (1, inverter),
    "house": (24, house_power),
    "sensor.power": (6, power),
    "sensor.energy": (2, count(0.0, 2)),
    "sensor.gas": (1, count(8e-5, 3)),
    "sensor.water": (1, count(3e-4, 3)),
    "sensor.precipitation": (0.1, count(2e-4, 1)),
    "sensor.voltage": (4, drift(226, 236, 0.4, 1)),
    "sensor.current": (3, drift(0.6, 12, 0.4, 1)),
    "sensor.wind_speed": (3, drift(0, 34, 1.4, 1)),
    "sensor.data_rate": (6, drift(0.2, 240, 18, 1)),
    "sensor.signal_strength": (0.5, drift(-86, -42, 1.5, 0)),
    "sensor.battery": (0.02, battery),
    "appliance": (0.6, appliance),
    "charger": (0.3, appliance),
    "binary_sensor.motion": (8, motion),
    "binary_sensor.door": (2, pulse(8, 40)),
    "binary_sensor.window": (0.6, pulse(60, 600)),
    "binary_sensor.occupancy": (1, pulse(15, 40)),
    "binary_sensor.heat": (1, pulse(60, 240)),
    "lock": (0.5, pulse(25, 90, "locked", "unlocked")),
    "valve": (0.3, pulse(60, 300, "closed", "open")),
    "light": (5, lamp),
    "switch": (0.5, plug),
    "switch.outlet": (0.3, plug),
    "cover": (1.5, blind),
    "climate": (4, thermostat),
    "media_player": (3, player),
    "fan": (0.6, fan),
    "event": (0.2, doorbell),
    "vacuum": (0.3, robot),
    "lawn_mower": (0.2, robot),
    "sun": (0.5, sun),
    "person": (0.1, pulse(120, 900, "home", "not_home")),
}
