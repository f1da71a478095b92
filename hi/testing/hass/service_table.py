"""Every service of the simulated home, by "domain.service"."""

from collections.abc import Mapping
from datetime import date, datetime, time

from hi.testing.hass.services import (
    Act,
    Service,
    arms,
    becomes,
    color,
    fan_preset,
    fan_speed,
    flag,
    halt,
    helper_moment,
    keeps,
    light_off,
    light_on,
    moment,
    nothing,
    number,
    passes,
    ran,
    remote_on,
    says,
    stamps,
    target_temperature,
    travel,
    words,
)

_ON = Service(becomes("on"))
_OFF = Service(becomes("off"))
_SWITCHED = ("automation", "humidifier", "input_boolean", "switch")
_PERCENT = number(0, 100, "int")
_LEVEL = number(0, 255, "int")
_TEMPERATURES = {name: number() for name in ("temperature", "target_temp_low", "target_temp_high")}


def _choice(name: str, options: str, needs: int = 0) -> Service:
    return Service(keeps(name, options=options), {name: words}, (name,), needs)


def _value(act: Act) -> Service:
    return Service(act, {"value": number()}, ("value",))


SERVICES: Mapping[str, Service] = {
    **{f"{domain}.turn_on": _ON for domain in _SWITCHED},
    **{f"{domain}.turn_off": _OFF for domain in _SWITCHED},
    **{f"{domain}.press": Service(stamps) for domain in ("button", "input_button")},
    "remote.turn_on": Service(remote_on, {"activity": words}),
    "remote.turn_off": _OFF,
    "scene.turn_on": Service(stamps),
    "automation.trigger": Service(ran),
    "script.turn_on": Service(ran),
    "script.turn_off": _OFF,
    "light.turn_on": Service(
        light_on,
        {
            "brightness": _LEVEL,
            "brightness_pct": number(0, 100),
            "hs_color": color,
            "color_temp_kelvin": number(1, None, "int"),
            "effect": words,
        },
    ),
    "light.turn_off": Service(light_off),
    "climate.set_hvac_mode": Service(says("hvac_mode", "hvac_modes"), {"hvac_mode": words}, ("hvac_mode",)),
    "climate.set_temperature": Service(target_temperature, _TEMPERATURES),
    "climate.set_humidity": Service(
        keeps("humidity", low="min_humidity", high="max_humidity"), {"humidity": _PERCENT}, ("humidity",), 4
    ),
    "climate.set_fan_mode": _choice("fan_mode", "fan_modes", 8),
    "climate.set_preset_mode": _choice("preset_mode", "preset_modes", 16),
    "climate.set_swing_mode": _choice("swing_mode", "swing_modes", 32),
    "climate.set_swing_horizontal_mode": _choice("swing_horizontal_mode", "swing_horizontal_modes", 512),
    "water_heater.set_operation_mode": Service(
        says("operation_mode", "operation_list"), {"operation_mode": words}, ("operation_mode",), 2
    ),
    "water_heater.set_temperature": Service(target_temperature, _TEMPERATURES, ("temperature",), 1),
    "water_heater.set_away_mode": Service(
        lambda state, data, now: keeps("away_mode")(state, {"away_mode": "on" if data["away_mode"] else "off"}, now),
        {"away_mode": flag},
        ("away_mode",),
        4,
    ),
    "lock.lock": Service(passes("locking", "locked"), {"code": words}),
    "lock.unlock": Service(passes("unlocking", "unlocked"), {"code": words}),
    "lock.open": Service(passes("opening", "open"), {"code": words}, needs=1),
    "cover.open_cover": Service(travel("current_position", 100), needs=1),
    "cover.close_cover": Service(travel("current_position", 0), needs=2),
    "cover.stop_cover": Service(halt, needs=8),
    "cover.set_cover_position": Service(travel("current_position"), {"position": _PERCENT}, ("position",), 4),
    "cover.set_cover_tilt_position": Service(
        keeps("tilt_position", "current_tilt_position"), {"tilt_position": _PERCENT}, ("tilt_position",), 128
    ),
    "valve.open_valve": Service(travel("current_position", 100), needs=1),
    "valve.close_valve": Service(travel("current_position", 0), needs=2),
    "valve.stop_valve": Service(halt, needs=8),
    "valve.set_valve_position": Service(travel("current_position"), {"position": _PERCENT}, ("position",), 4),
    "fan.turn_on": _ON,
    "fan.turn_off": Service(becomes("off", percentage=0)),
    "fan.set_percentage": Service(fan_speed, {"percentage": _PERCENT}, ("percentage",), 1),
    "fan.set_preset_mode": Service(fan_preset, {"preset_mode": words}, ("preset_mode",), 8),
    "fan.oscillate": Service(keeps("oscillating"), {"oscillating": flag}, ("oscillating",), 2),
    "fan.set_direction": Service(keeps("direction"), {"direction": words}, ("direction",), 4),
    "humidifier.set_humidity": Service(
        keeps("humidity", low="min_humidity", high="max_humidity"), {"humidity": _PERCENT}, ("humidity",)
    ),
    "humidifier.set_mode": _choice("mode", "available_modes", 1),
    "vacuum.start": Service(becomes("cleaning"), needs=8192),
    "vacuum.pause": Service(becomes("paused"), needs=4),
    "vacuum.stop": Service(becomes("idle"), needs=8),
    "vacuum.return_to_base": Service(passes("returning", "docked"), needs=16),
    "vacuum.locate": Service(nothing, needs=512),
    "vacuum.clean_spot": Service(becomes("cleaning"), needs=1024),
    "vacuum.set_fan_speed": _choice("fan_speed", "fan_speed_list", 32),
    "lawn_mower.start_mowing": Service(becomes("mowing"), needs=1),
    "lawn_mower.pause": Service(becomes("paused"), needs=2),
    "lawn_mower.dock": Service(passes("returning", "docked"), needs=4),
    "media_player.media_play": Service(becomes("playing"), needs=16384),
    "media_player.media_pause": Service(becomes("paused"), needs=1),
    "media_player.media_stop": Service(becomes("idle"), needs=4096),
    "media_player.media_next_track": Service(nothing, needs=32),
    "media_player.media_previous_track": Service(nothing, needs=16),
    "media_player.turn_on": Service(becomes("idle"), needs=128),
    "media_player.turn_off": Service(becomes("off"), needs=256),
    "media_player.volume_set": Service(keeps("volume_level"), {"volume_level": number(0, 1)}, ("volume_level",), 4),
    "media_player.volume_mute": Service(keeps("is_volume_muted"), {"is_volume_muted": flag}, ("is_volume_muted",), 8),
    "media_player.select_source": _choice("source", "source_list", 2048),
    "media_player.select_sound_mode": _choice("sound_mode", "sound_mode_list", 65536),
    "alarm_control_panel.alarm_disarm": Service(arms("disarmed"), {"code": words}),
    **{
        f"alarm_control_panel.alarm_arm_{how}": Service(arms(f"armed_{how}"), {"code": words}, needs=bit)
        for how, bit in {"home": 1, "away": 2, "night": 4, "custom_bypass": 16, "vacation": 32}.items()
    },
    "siren.turn_on": Service(becomes("on"), needs=1),
    "siren.turn_off": Service(becomes("off"), needs=2),
    "select.select_option": Service(says("option", "options"), {"option": words}, ("option",)),
    "input_select.select_option": Service(says("option", "options"), {"option": words}, ("option",)),
    "number.set_value": _value(says("value", low="min", high="max")),
    "input_number.set_value": _value(says("value", low="min", high="max")),
    "counter.set_value": _value(says("value", low="minimum", high="maximum")),
    "text.set_value": Service(says("value", low="min", high="max"), {"value": words}, ("value",)),
    "input_text.set_value": Service(says("value", low="min", high="max"), {"value": words}, ("value",)),
    "date.set_value": Service(says("date"), {"date": moment(date.fromisoformat)}, ("date",)),
    "time.set_value": Service(says("time"), {"time": moment(time.fromisoformat)}, ("time",)),
    "datetime.set_value": Service(says("datetime"), {"datetime": moment(datetime.fromisoformat)}, ("datetime",)),
    "input_datetime.set_datetime": Service(
        helper_moment,
        {
            "date": moment(date.fromisoformat),
            "time": moment(time.fromisoformat),
            "datetime": moment(datetime.fromisoformat),
        },
    ),
    "timer.start": Service(becomes("active")),
    "timer.pause": Service(becomes("paused")),
    "timer.cancel": Service(becomes("idle")),
    "timer.finish": Service(becomes("idle")),
    "update.install": Service(
        lambda state, data, now: becomes("off", installed_version=state.attributes.get("latest_version"))(
            state, data, now
        ),
        needs=1,
    ),
}
