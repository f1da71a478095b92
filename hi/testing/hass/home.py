"""Ready-made homes: `demo()` for people, `small()` and `sized(n)` for tests."""

import time
from collections.abc import Callable
from dataclasses import replace
from itertools import islice

from hi.testing.hass import catalogue, catalogue_around, catalogue_upstairs
from hi.testing.hass.build import add_device, add_entity, add_labels, add_rooms
from hi.testing.hass.catalogue import contact, lamp
from hi.testing.hass.home_model import Home
from hi.testing.hass.specs import DeviceSpec, binary, climate, light, lock, other, sensor, switch
from hi.testing.hass.sun import refresh_sun

Clock = Callable[[], float]


def demo(seed: str = "demo home", clock: Clock = time.time) -> Home:
    """A house on three floors, about 80 devices and 240 entities; the same ids at every start."""
    home = Home("Demo home", seed, clock)
    add_rooms(home, catalogue.FLOORS, catalogue.AREAS)
    add_labels(home, catalogue.LABELS)
    for platform, helper in (*catalogue_upstairs.HELPERS, *catalogue_around.LISTS):
        add_entity(home, helper, platform)
    for entity in catalogue_upstairs.UNREGISTERED:
        add_entity(home, entity, None)
    upstairs = (catalogue_upstairs.FIRST_FLOOR, catalogue_upstairs.TOP_FLOOR, catalogue_upstairs.SERVICES)
    for part in (catalogue.GROUND_FLOOR, catalogue_upstairs.GARDEN, *upstairs, catalogue_around.AROUND):
        for device in part:
            add_device(home, device)
    home.label_entity("lock.front_door_lock", "important")
    home.label_entity("sensor.energy_meter_power", "energy")
    home.entities["sensor.energy_meter_voltage"]["hidden_by"] = "user"
    home.make_unavailable("binary_sensor.attic_leak_sensor")
    home.make_unavailable("sensor.attic_leak_sensor_battery")
    refresh_sun(home, clock())
    return home


def small(seed: str = "small home", clock: Clock = time.time) -> Home:
    """Six devices, nine entities with a row and two without: enough for most tests."""
    home = Home("Small home", seed, clock)
    add_rooms(home, [("Ground floor", 0)], [("Kitchen", "Ground floor"), ("Hall", "Ground floor")])
    add_labels(home, [("Important", "red")])
    thermostat = (climate(20.5, 21.0, heating=True), sensor("temperature", 20.5))
    for device in (
        lamp("Kitchen ceiling light", "Kitchen", on=True),
        contact("Front door", "Hall", "door", 94),
        DeviceSpec("Front door lock", "Hall", "nuki", "Nuki", "Smart Lock 4.0", (lock(),)),
        DeviceSpec("Kitchen thermostat", "Kitchen", "tado", "tado", "Smart Thermostat", thermostat),
        DeviceSpec("Coffee machine", "Kitchen", "shelly", "Shelly", "Plug S", (switch(), sensor("power", 1.2))),
        catalogue_upstairs.SERVICES[0],
    ):
        add_device(home, device)
    for platform, helper in islice(catalogue_upstairs.HELPERS, 1):
        add_entity(home, helper, platform)
    add_entity(home, other("sun", "Sun", "below_horizon", elevation=-47.5, azimuth=54.97, rising=True), None)
    add_entity(home, sensor("text", "Thursday", "Bin collection"), None)
    refresh_sun(home, clock())
    return home


def sized(n: int, seed: str = "sized home", clock: Clock = time.time) -> Home:
    """`n` synthetic entities, five to a device, ten devices to an area; and the Sun, which every home has."""
    home = Home("Sized home", seed, clock)
    devices = (n + 4) // 5
    areas = [(f"Synth Area {number:03d}", "Ground floor") for number in range((devices + 9) // 10)]
    add_rooms(home, [("Ground floor", 0)], areas)
    add_device(home, replace(catalogue_upstairs.SERVICES[0], entities=()))
    kinds = (sensor("temperature", "20.0"), sensor("humidity", "20.0"), sensor("power", "20.0"), switch("Relay"))
    specs = (*kinds, binary("motion"), light("brightness"))
    for number in range(devices):
        entities = specs[: min(5, n - 5 * number)]
        name, area, model = f"Synth {number:05d}", areas[number // 10][0], f"Model {number % 7}"
        add_device(home, DeviceSpec(name, area, "hi_synth", "hi", model, entities))
    return home
