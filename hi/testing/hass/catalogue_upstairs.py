"""The demo home, continued: garden, upper floors, and what belongs to no device."""

from typing import Any

from hi.testing.hass.catalogue import contact, lamp, leak, motion, plug, smoke
from hi.testing.hass.specs import (
    DeviceSpec,
    EntitySpec,
    battery,
    binary,
    button,
    camera,
    climate,
    cover,
    fan,
    media_player,
    other,
    select,
    sensor,
    switch,
    update,
)

GARDEN: tuple[DeviceSpec, ...] = (
    DeviceSpec(
        "Weather station",
        "Garden",
        "ecowitt",
        "Ecowitt",
        "WS69",
        (
            sensor("temperature", 12.3, life="outdoor"),
            sensor("humidity", 71),
            sensor("pressure", 1016.4),
            sensor("wind", 11.5),
            sensor("rain", 0.4),
            sensor("illuminance", 8200, life="daylight"),
            battery(77),
        ),
    ),
    DeviceSpec("Garden lights", "Garden", "shelly", "Shelly", "Plus 1", (switch(),)),
    DeviceSpec("Garden camera", "Garden", "reolink", "Reolink", "RLC-810A", (camera(), binary("motion"))),
    DeviceSpec(
        "Garden irrigation",
        "Garden",
        "mqtt",
        "Gardena",
        "Water control",
        (other("valve", None, "closed", supported_features=3), battery(43)),
    ),
    DeviceSpec(
        "Lawn mower",
        "Garden",
        "mqtt",
        "Husqvarna",
        "Automower 305",
        (other("lawn_mower", None, "docked", supported_features=7), battery(100)),
    ),
)

FIRST_FLOOR: tuple[DeviceSpec, ...] = (
    lamp("Landing light", "Landing", "brightness"),
    motion("Landing motion", "Landing", 79),
    smoke("Landing smoke detector", "Landing", 90),
    lamp("Bedroom ceiling light", "Bedroom"),
    lamp("Bedside lamp left", "Bedroom", "effects"),
    lamp("Bedside lamp right", "Bedroom", "effects"),
    DeviceSpec("Bedroom blinds", "Bedroom", "somfy", "Somfy", "io", (cover(0, "blind"), battery(61))),
    DeviceSpec("Bedroom radiator", "Bedroom", "zha", "Eurotronic", "SPZB0001", (climate(18.2, 18.0), battery(49))),
    DeviceSpec(
        "Bedroom climate sensor",
        "Bedroom",
        "zha",
        "Sonoff",
        "SNZB-02D",
        (sensor("temperature", 18.2), sensor("humidity", 52.0), battery(83)),
    ),
    contact("Bedroom window", "Bedroom", "window", 92),
    contact("Balcony door", "Bedroom", "door", 68),
    DeviceSpec("Bedroom speaker", "Bedroom", "sonos", "Sonos", "One SL", (media_player("idle"),)),
    lamp("Children's room light", "Children's room", "color"),
    DeviceSpec("Night light", "Children's room", "shelly", "Shelly", "Plus 1", (switch(on=True),)),
    DeviceSpec("Children's room radiator", "Children's room", "zha", "Eurotronic", "SPZB0001", (climate(19.4, 19.5),)),
    contact("Children's room window", "Children's room", "window", 59),
    lamp("Guest room light", "Guest room"),
    lamp("Bathroom light", "Bathroom", "brightness"),
    DeviceSpec(
        "Bathroom climate sensor",
        "Bathroom",
        "zha",
        "Sonoff",
        "SNZB-02D",
        (sensor("temperature", 21.9), sensor("humidity", 61.0), battery(14)),
    ),
    DeviceSpec("Bathroom fan", "Bathroom", "mqtt", "Itho", "CVE-S", (fan(33, ("low", "medium", "high")),)),
    leak("Bathroom leak sensor", "Bathroom", 95),
    plug("Towel rail", "Bathroom", 0.0, 212.9, on=False),
)

TOP_FLOOR: tuple[DeviceSpec, ...] = (
    lamp("Office light", "Office"),
    plug("Desk", "Office", 94.5, 655.02),
    contact("Office window", "Office", "window", 73),
    DeviceSpec(
        "Office air monitor",
        "Office",
        "airgradient",
        "AirGradient",
        "ONE",
        (sensor("co2", 810), sensor("temperature", 22.3), sensor("humidity", 41.0)),
    ),
    DeviceSpec("Office blinds", "Office", "somfy", "Somfy", "io", (cover(100, "blind"),)),
    DeviceSpec(
        "Roof solar",
        "Attic",
        "solaredge",
        "SolarEdge",
        "SE5000H",
        (
            sensor("power", 1830, life="solar"),
            sensor("energy", 6.42, "Energy today"),
            sensor("energy", 18402.5, "Energy total", life="still"),
            sensor("enum", "producing", "Status", ("off", "sleeping", "producing", "fault"), life="inverter"),
            sensor("temperature", 38.0, "Inverter temperature", life="flow"),
        ),
    ),
    DeviceSpec(
        "Router",
        "Attic",
        "fritz",
        "AVM",
        "FRITZ!Box 7590",
        (
            binary("connectivity", on=True, life="still"),
            sensor("data_rate", 12.4),
            sensor("timestamp", "2026-01-04T05:12:30+00:00", "Last restart"),
            button("Restart", "restart", "config"),
            update("FRITZ!OS", "8.02", "8.03"),
        ),
    ),
    DeviceSpec(
        "Zigbee bridge",
        "Attic",
        "zha",
        "Silicon Labs",
        "EZSP",
        (binary("connectivity", on=True, life="still"), sensor("signal", -48, "Channel noise")),
    ),
    lamp("Attic light", "Attic", "onoff"),
    leak("Attic leak sensor", "Attic", 3),
    DeviceSpec(
        "Robot vacuum",
        None,
        "roborock",
        "Roborock",
        "S7",
        (
            other(
                "vacuum", None, "docked", fan_speed_list=["quiet", "max"], fan_speed="quiet", supported_features=12348
            ),
            battery(100),
            select("Mop intensity", "low", "medium", "high"),
        ),
    ),
)

_SUN = ("dawn", "dusk", "midnight", "noon", "rising", "setting")
SERVICES: tuple[DeviceSpec, ...] = (
    DeviceSpec(
        "Sun",
        None,
        "sun",
        None,
        None,
        tuple(sensor("timestamp", "unknown", f"Next {event}", life="sun_time") for event in _SUN),
        {"entry_type": "service"},
    ),
)


def _input(domain: str, name: str, state: str, **attributes: Any) -> EntitySpec:
    return other(domain, name, state, **attributes, editable=True)


# With a registry row but no device: (platform, entity)
HELPERS: tuple[tuple[str, EntitySpec], ...] = (
    ("input_boolean", _input("input_boolean", "Guest mode", "off", icon="mdi:account")),
    ("input_boolean", _input("input_boolean", "Holiday mode", "off")),
    (
        "input_number",
        _input(
            "input_number",
            "Evening brightness",
            "60.0",
            min=0.0,
            max=100.0,
            step=5.0,
            mode="slider",
            unit_of_measurement="%",
        ),
    ),
    ("input_select", _input("input_select", "House mode", "Home", options=["Home", "Away", "Night"])),
    ("input_text", _input("input_text", "Note on the fridge", "Buy milk", min=0, max=100, pattern=None, mode="text")),
    (
        "input_datetime",
        _input(
            "input_datetime",
            "Wake up",
            "06:45:00",
            has_date=False,
            has_time=True,
            hour=6,
            minute=45,
            second=0,
            timestamp=24300,
        ),
    ),
    ("input_button", _input("input_button", "Call everyone to dinner", "unknown")),
    ("counter", _input("counter", "Coffees", "3", initial=0, step=1)),
    ("homeassistant", other("scene", "Film night", "unknown", entity_id=["light.tv_light_strip"])),
    ("homeassistant", other("scene", "Good morning", "unknown", entity_id=["light.bedroom_ceiling_light"])),
    ("homeassistant", other("scene", "Good night", "unknown", entity_id=["light.landing_light"])),
    ("script", other("script", "All lights off", "off", last_triggered=None, mode="single", current=0)),
    (
        "automation",
        other("automation", "Hall light at night", "on", id="1", last_triggered=None, mode="single", current=0),
    ),
    (
        "automation",
        other("automation", "Lock the door at eleven", "on", id="2", last_triggered=None, mode="single", current=0),
    ),
    ("person", other("person", "Anna", "home", editable=True, id="anna", device_trackers=[], user_id=None)),
    ("person", other("person", "Ben", "not_home", editable=True, id="ben", device_trackers=[], user_id=None)),
    (
        "met",
        other(
            "weather",
            "Forecast home",
            "partlycloudy",
            temperature=12.1,
            temperature_unit="°C",
            humidity=71,
            pressure=1016.0,
            pressure_unit="hPa",
            wind_speed=11.5,
            wind_speed_unit="km/h",
            visibility_unit="km",
            precipitation_unit="mm",
            attribution="Weather forecast from met.no",
            supported_features=3,
        ),
    ),
)

# Without a registry row, as configuration files make them.
UNREGISTERED: tuple[EntitySpec, ...] = (
    other(
        "zone",
        "Home",
        "1",
        latitude=52.37,
        longitude=4.89,
        radius=100,
        passive=False,
        persons=["person.anna"],
        editable=True,
        icon="mdi:home",
    ),
    other(
        "sun",
        "Sun",
        "above_horizon",
        next_dawn=None,
        next_dusk=None,
        next_midnight=None,
        next_noon=None,
        next_rising=None,
        next_setting=None,
        elevation=20.0,
        azimuth=180.0,
        rising=False,
    ),
    other(
        "group",
        "Downstairs lights",
        "on",
        entity_id=["light.living_room_ceiling_light", "light.kitchen_ceiling_light"],
        order=0,
    ),
    sensor("text", "Thursday", "Bin collection"),
    sensor("temperature", 21.2, "Mean indoor temperature"),
    sensor("power", 410, "Forecast power"),
    sensor("text", "unknown", "Next school trip"),
    sensor("humidity", "unavailable", "Cellar humidity"),
    binary("occupancy", "Somebody home", on=True, life="still"),
)
