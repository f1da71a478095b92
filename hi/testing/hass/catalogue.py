"""The demo home, ground floor: its rooms and devices as tables."""

from hi.testing.hass.specs import (
    DeviceSpec,
    battery,
    binary,
    button,
    camera,
    climate,
    cover,
    fan,
    light,
    lock,
    media_player,
    number,
    other,
    select,
    sensor,
    signal,
    switch,
    update,
)

# (name, level)
FLOORS = (("Ground floor", 0), ("First floor", 1), ("Top floor", 2))

# (name, floor or None)
AREAS = (
    ("Hall", "Ground floor"),
    ("Living room", "Ground floor"),
    ("Kitchen", "Ground floor"),
    ("Dining room", "Ground floor"),
    ("Utility room", "Ground floor"),
    ("Garage", "Ground floor"),
    ("Garden", None),
    ("Landing", "First floor"),
    ("Bedroom", "First floor"),
    ("Children's room", "First floor"),
    ("Guest room", "First floor"),
    ("Bathroom", "First floor"),
    ("Office", "Top floor"),
    ("Attic", "Top floor"),
)

LABELS = (("Important", "red"), ("Energy", "yellow"), ("Night watch", "indigo"))

WASHING = ("off", "washing", "rinsing", "spinning", "finished")
DRYING = ("off", "drying", "cooling", "finished")
CHARGING = ("disconnected", "connected", "charging")


def contact(name: str, area: str, device_class: str, level: int) -> DeviceSpec:
    entities = (binary(device_class, None), battery(level), signal(-64).but(disabled=device_class == "window"))
    return DeviceSpec(name, area, "zha", "Aqara", "MCCGQ11LM", entities)


def motion(name: str, area: str, level: int) -> DeviceSpec:
    entities = (binary("motion", None), sensor("illuminance", 120), sensor("temperature", 20.4), battery(level))
    return DeviceSpec(name, area, "zha", "Philips", "SML003", entities)


def leak(name: str, area: str, level: int) -> DeviceSpec:
    return DeviceSpec(name, area, "zha", "Aqara", "SJCGQ11LM", (binary("moisture", None), battery(level)))


def smoke(name: str, area: str, level: int) -> DeviceSpec:
    entities = (binary("smoke", None), battery(level), button("Self-test", category="diagnostic"))
    return DeviceSpec(name, area, "zha", "Heiman", "HS1SA", entities)


def lamp(name: str, area: str, kind: str = "color_temp", on: bool = False) -> DeviceSpec:
    return DeviceSpec(name, area, "hue", "Signify", "LCA001", (light(kind, on),), {"sw_version": "1.122.2"})


def plug(name: str, area: str, watts: float, kwh: float, on: bool = True) -> DeviceSpec:
    entities = (switch(None, on, "outlet"), sensor("power", watts), sensor("energy", kwh))
    return DeviceSpec(name, area, "shelly", "Shelly", "Plus Plug S", entities, {"hw_version": "gen2"})


GROUND_FLOOR: tuple[DeviceSpec, ...] = (
    lamp("Hall ceiling light", "Hall"),
    motion("Hall motion", "Hall", 87),
    DeviceSpec("Front door lock", "Hall", "nuki", "Nuki", "Smart Lock 4.0", (lock(), battery(72), signal(-58))),
    contact("Front door", "Hall", "door", 94),
    DeviceSpec(
        "Doorbell",
        "Hall",
        "reolink",
        "Reolink",
        "Video Doorbell WiFi",
        (
            camera(streaming=True),
            binary("motion"),
            binary("occupancy", "Visitor"),
            other("event", "Ring", "unknown", event_types=["pressed"], event_type=None, device_class="doorbell"),
        ),
        {"connections": [["mac", "00:00:5e:00:53:10"]]},
    ),
    smoke("Hall smoke detector", "Hall", 91),
    lamp("Living room ceiling light", "Living room", on=True),
    lamp("Living room floor lamp", "Living room", "effects", on=True),
    lamp("TV light strip", "Living room", "color"),
    DeviceSpec(
        "Living room thermostat",
        "Living room",
        "tado",
        "tado",
        "Smart Thermostat",
        (
            climate(20.6, 21.0, heating=True, presets=("home", "eco", "away")),
            sensor("temperature", 20.6),
            sensor("humidity", 47.5),
            number("Temperature offset", 0.0, -5.0, 5.0, 0.1, "°C"),
            signal(-61),
        ),
    ),
    DeviceSpec(
        "Living room TV",
        "Living room",
        "webostv",
        "LG",
        "OLED55C3",
        (media_player("off", ("HDMI 1", "Netflix", "YouTube"), "tv"),),
    ),
    DeviceSpec(
        "Living room speaker",
        "Living room",
        "sonos",
        "Sonos",
        "Era 100",
        (media_player("playing"), number("Bass", 2, -10, 10, 1), switch("Loudness", True, category="config")),
    ),
    DeviceSpec("Living room blinds", "Living room", "somfy", "Somfy", "io", (cover(70, "blind", 50), battery(66))),
    DeviceSpec(
        "Living room air monitor",
        "Living room",
        "airgradient",
        "AirGradient",
        "ONE",
        (
            sensor("co2", 640),
            sensor("temperature", 21.1),
            sensor("humidity", 46.0),
            sensor("pm25", 6),
            sensor("voc", 120),
        ),
    ),
    DeviceSpec("Living room fan", "Living room", "mqtt", "Bond", "Ceiling fan", (fan(),)),
    contact("Garden door", "Living room", "door", 81),
    lamp("Kitchen ceiling light", "Kitchen", on=True),
    lamp("Kitchen worktop light", "Kitchen", "brightness", on=True),
    motion("Kitchen motion", "Kitchen", 64),
    DeviceSpec(
        "Fridge freezer",
        "Kitchen",
        "home_connect",
        "Bosch",
        "KGN39",
        (
            sensor("temperature", 4.6, "Fridge temperature", life="fridge"),
            sensor("temperature", -18.4, "Freezer temperature", life="freezer"),
            binary("door", "Door"),
            switch("Fast freeze", category="config"),
        ),
    ),
    DeviceSpec(
        "Dishwasher",
        "Kitchen",
        "home_connect",
        "Bosch",
        "SMV6",
        (
            sensor("enum", "off", "Status", ("off", "washing", "rinsing", "drying", "finished"), life="appliance"),
            sensor("power", 0.6),
            sensor("duration", 0),
            select("Program", "eco_50", "auto_2", "intensive_70"),
        ),
    ),
    plug("Coffee machine", "Kitchen", 1.2, 84.31),
    leak("Kitchen leak sensor", "Kitchen", 97),
    lamp("Dining table light", "Dining room"),
    DeviceSpec(
        "Dining room radiator", "Dining room", "zha", "Eurotronic", "SPZB0001", (climate(20.1, 20.5), battery(58))
    ),
    DeviceSpec(
        "Washing machine",
        "Utility room",
        "home_connect",
        "Siemens",
        "WM14",
        (
            sensor("enum", "washing", "Status", WASHING, life="appliance"),
            sensor("power", 312.4),
            sensor("energy", 418.77),
            sensor("duration", 46),
            binary("door", "Door lock", life="still"),
        ),
    ),
    DeviceSpec(
        "Tumble dryer",
        "Utility room",
        "home_connect",
        "Siemens",
        "WT45",
        (sensor("enum", "off", "Status", DRYING, life="appliance"), sensor("power", 0.8), sensor("duration", 0)),
    ),
    leak("Utility room leak sensor", "Utility room", 88),
    DeviceSpec(
        "Boiler",
        "Utility room",
        "mqtt",
        "Remeha",
        "Tzerra",
        (
            sensor("temperature", 48.3, "Flow temperature", life="flow"),
            sensor("water_pressure", 1.62, life="water_pressure"),
            binary("heat", on=True),
            binary("problem"),
        ),
    ),
    DeviceSpec(
        "Energy meter",
        "Utility room",
        "dsmr",
        "Landis+Gyr",
        "E350",
        (
            sensor("power", 640, life="house"),
            sensor("energy", 9120.42, "Energy import"),
            sensor("energy", 3310.87, "Energy export", life="still"),
            sensor("gas", 2815.204),
            sensor("voltage", 231.2),
            sensor("current", 2.8),
        ),
    ),
    DeviceSpec("Water meter", "Utility room", "mqtt", "HomeWizard", "HWE-WTR", (sensor("water", 402.118), signal(-70))),
    DeviceSpec("Garage door", "Garage", "mqtt", "Hörmann", "SupraMatic", (cover(None, "garage"),)),
    DeviceSpec(
        "Car charger",
        "Garage",
        "easee",
        "Easee",
        "Home",
        (
            sensor("enum", "connected", "Status", CHARGING, life="charger"),
            sensor("power", 0.0),
            sensor("energy", 1504.6),
            number("Current limit", 16, 6, 32, 1, "A"),
            switch("Charging allowed", True),
            update("Easee Home", "305", "307"),
        ),
    ),
    lamp("Garage light", "Garage", "onoff"),
)
