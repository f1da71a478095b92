"""Attributes of lights, switched on and off and coloured. Colours are those that a real server was seen to send."""

import colorsys
import math
from typing import Any

from hi.testing.hass.model import Row

_WHITE: Row = {"min_color_temp_kelvin": 2000, "max_color_temp_kelvin": 6535, "min_mireds": 153, "max_mireds": 500}

# kind: (attributes that stay, colour mode when on, supported features)
_KINDS: dict[str, tuple[Row, str, int]] = {
    "onoff": ({"supported_color_modes": ["onoff"]}, "onoff", 0),
    "brightness": ({"supported_color_modes": ["brightness"]}, "brightness", 0),
    "color_temp": ({**_WHITE, "supported_color_modes": ["color_temp", "hs"]}, "color_temp", 0),
    "effects": (
        {**_WHITE, "effect_list": ["rainbow", "none"], "supported_color_modes": ["color_temp", "hs"]},
        "color_temp",
        4,
    ),
    "color": ({"supported_color_modes": ["hs", "white"]}, "hs", 0),
}

_WARM: Row = {"color_temp_kelvin": 2631, "color_temp": 380, "hs_color": [28.55, 67.974]}
_WARM |= {"rgb_color": [255, 164, 82], "xy_color": [0.532, 0.388]}
_ROSE: Row = {"hs_color": [345, 75], "rgb_color": [255, 64, 112], "xy_color": [0.588, 0.274]}

_WHEN_ON: dict[str, Row] = {"onoff": {}, "brightness": {"brightness": 180}}
_WHEN_ON |= {"color_temp": {"brightness": 180, **_WARM}, "hs": {"brightness": 180, **_ROSE}}


def light_attributes(kind: str, on: bool) -> Row:
    lasting, mode, features = _KINDS[kind]
    switched: Row = {"effect": "rainbow"} if "effect_list" in lasting else {}
    switched |= {"color_mode": mode, **_WHEN_ON[mode]}
    return {**lasting, **(switched if on else dict.fromkeys(switched)), "supported_features": features}


def switched(attributes: Any, on: bool, brightness: int = 180) -> Row:
    """The attributes of a light after it was switched; those of an unavailable one stay as they are."""
    for kind, (lasting, mode, features) in _KINDS.items():
        if (
            attributes.get("supported_color_modes") == lasting["supported_color_modes"]
            and attributes.get("supported_features") == features
        ):
            changed = light_attributes(kind, on)
            if on and mode != "onoff":
                changed["brightness"] = brightness
            return {**attributes, **changed}
    return dict(attributes)


def colored(attributes: Any, hs: list[float]) -> Row:
    """The attributes of a light that was given a colour."""
    return {**attributes, "color_mode": "hs", "color_temp_kelvin": None, "color_temp": None, **_shades(hs)}


def warmed(attributes: Any, kelvin: int) -> Row:
    """The attributes of a light that was given a temperature of white."""
    mode = {"color_mode": "color_temp", "color_temp_kelvin": kelvin, "color_temp": round(1e6 / kelvin)}
    return {**attributes, **mode, **_shades(_white(kelvin))}


def _shades(hs: list[float]) -> Row:
    red, green, blue = colorsys.hsv_to_rgb(hs[0] / 360, hs[1] / 100, 1.0)
    return {"hs_color": hs, "rgb_color": [round(part * 255) for part in (red, green, blue)]}


def _white(kelvin: int) -> list[float]:
    """Hue and saturation of a black body, by Tanner Helland's fit for up to 6,600 K."""
    heat = kelvin / 100
    green = min(255.0, 99.4708025861 * math.log(heat) - 161.1195681661)
    blue = 0.0 if heat <= 19 else min(255.0, 138.5177312231 * math.log(heat - 10) - 305.0447927307)
    hue, saturation, _value = colorsys.rgb_to_hsv(1.0, green / 255, blue / 255)
    return [round(hue * 360, 3), round(saturation * 100, 3)]
