"""A simulated Home Assistant, for the demo and for tests: `python -m hi.testing.hass`, or `SimulatedHass.running()`."""

from hi.testing.hass import home, specs
from hi.testing.hass.home_model import Home
from hi.testing.hass.simulator import SimulatedHass
from hi.testing.hass.specs import DeviceSpec, EntitySpec

__all__ = ["DeviceSpec", "EntitySpec", "Home", "SimulatedHass", "home", "specs"]
