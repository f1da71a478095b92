"""Attributes of lights, switched on and off. Colours are those that a real server was seen to send."""

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
