"""Where the sun stands over the simulated home, well enough for lamps, blinds and a roof of panels."""

import math
from datetime import UTC, datetime
from typing import Any

from hi.testing.hass.home_model import Home

LATITUDE, LONGITUDE = 52.37, 4.89
_DAY = 86400.0
_SCAN_SECONDS = 60.0


def sun_position(now: float) -> tuple[float, float]:
    """Elevation and azimuth in degrees at an epoch time."""
    day = now / _DAY
    declination = math.radians(-23.44 * math.cos(2 * math.pi * ((day - 10.5) % 365.2422 + 10) / 365.2422))
    hour_angle = math.radians((day % 1.0) * 360.0 - 180.0 + LONGITUDE)
    latitude = math.radians(LATITUDE)
    sine = math.sin(latitude) * math.sin(declination)
    sine += math.cos(latitude) * math.cos(declination) * math.cos(hour_angle)
    elevation = math.asin(sine)
    east = -math.sin(hour_angle) * math.cos(declination)
    north = math.sin(declination) * math.cos(latitude)
    north -= math.cos(declination) * math.sin(latitude) * math.cos(hour_angle)
    return round(math.degrees(elevation), 2), round(math.degrees(math.atan2(east, north)) % 360.0, 2)


def next_events(now: float) -> dict[str, str]:
    """The next dawn, rising, noon, setting, dusk and midnight as ISO times."""
    found: dict[str, float] = {}
    before = sun_position(now)
    for number in range(1, int(1.1 * _DAY / _SCAN_SECONDS)):
        at = now + number * _SCAN_SECONDS
        here = sun_position(at)
        up = here[0] > before[0]
        for height, rising, setting in ((0.0, "rising", "setting"), (-6.0, "dawn", "dusk")):
            if (before[0] < height) != (here[0] < height):
                found.setdefault(rising if up else setting, at)
        if before[1] < 180.0 <= here[1]:
            found.setdefault("noon", at)
        if here[1] < before[1]:
            found.setdefault("midnight", at)
        before = here
    return {name: datetime.fromtimestamp(int(at), UTC).isoformat() for name, at in found.items()}


def refresh_sun(home: Home, now: float) -> None:
    """Writes the sun's states that the home has."""
    elevation, azimuth = sun_position(now)
    events = next_events(now)
    if "sun.sun" in home.states:
        attributes: dict[str, Any] = {f"next_{name}": when for name, when in sorted(events.items())}
        attributes |= {"elevation": elevation, "azimuth": azimuth, "rising": azimuth < 180.0}
        state = "above_horizon" if elevation > -0.8 else "below_horizon"
        home.update_state("sun.sun", state, **attributes)
    for name, when in events.items():
        if f"sensor.sun_next_{name}" in home.states:
            home.update_state(f"sensor.sun_next_{name}", when)
