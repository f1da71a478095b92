"""A simulated ZoneMinder: `python -m hi.testing.zoneminder`, or `SimulatedZoneMinder.running()`."""

from hi.testing.zoneminder.accounts import VIEWER_RIGHTS
from hi.testing.zoneminder.simulator import SimulatedZoneMinder

__all__ = ["VIEWER_RIGHTS", "SimulatedZoneMinder"]
