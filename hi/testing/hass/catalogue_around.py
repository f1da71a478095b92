"""The demo home, continued: what a house has around its rooms, from the alarm to the shopping list."""

from hi.testing.hass.specs import DeviceSpec, EntitySpec, battery, cover, fan, other, sensor, signal, switch

_FAN_MODES = ["on_low", "on_high", "auto_low", "auto_high", "off"]
_SWINGS = ["auto", "1", "2", "3", "off"]
_PLAY = ["Watch TV", "Listen to radio", "PowerOff"]

AROUND: tuple[DeviceSpec, ...] = (
    DeviceSpec(
        "Alarm",
        "Hall",
        "ness_alarm",
        "Ness",
        "D8X",
        (
            other(
                "alarm_control_panel",
                None,
                "disarmed",
                code_format="number",
                changed_by=None,
                code_arm_required=True,
                previous_state=None,
                next_state=None,
                supported_features=7,
            ),
            other("siren", "Siren", "off", supported_features=3),
        ),
    ),
    DeviceSpec(
        "Hot water",
        "Utility room",
        "mqtt",
        "Stiebel Eltron",
        "WWK 301",
        (
            other(
                "water_heater",
                None,
                "eco",
                min_temp=43.3,
                max_temp=60.0,
                target_temp_step=1,
                operation_list=["eco", "electric", "performance", "off"],
                current_temperature=51.5,
                temperature=48.3,
                target_temp_high=None,
                target_temp_low=None,
                operation_mode="eco",
                away_mode="off",
                supported_features=15,
            ),
        ),
    ),
    DeviceSpec(
        "Gas valve",
        "Utility room",
        "zha",
        "Tuya",
        "TS0001",
        (other("valve", None, "open", device_class="gas", supported_features=3), battery(80)),
    ),
    DeviceSpec("Drive gate", "Garden", "mqtt", "Hörmann", "RotaMatic", (cover(None, "gate"),)),
    DeviceSpec(
        "Office air conditioner",
        "Office",
        "daikin",
        "Daikin",
        "Emura",
        (
            other(
                "climate",
                None,
                "off",
                hvac_modes=["off", "heat", "cool", "auto", "dry", "fan_only"],
                min_temp=7,
                max_temp=35,
                fan_modes=_FAN_MODES,
                swing_modes=_SWINGS,
                current_temperature=22,
                temperature=21,
                fan_mode="auto_low",
                hvac_action="off",
                swing_mode="off",
                supported_features=425,
            ),
        ),
    ),
    DeviceSpec(
        "Bedroom humidifier",
        "Bedroom",
        "xiaomi_miio",
        "Xiaomi",
        "CA4",
        (
            other(
                "humidifier",
                None,
                "on",
                min_humidity=30,
                max_humidity=80,
                available_modes=["home", "eco"],
                action="humidifying",
                current_humidity=45,
                humidity=50,
                mode="home",
                device_class="humidifier",
                supported_features=1,
            ),
        ),
    ),
    DeviceSpec(
        "Ventilation unit",
        "Attic",
        "esphome",
        "Zehnder",
        "ComfoAir Q350",
        (
            fan(33, ("low", "medium", "high")),
            sensor("temperature", 17.9, "Supply air"),
            other("date", "Filter changed", "2026-01-10").but(category="config"),
            other("time", "Night mode from", "22:30:00").but(category="config"),
            other("datetime", "Away until", "2026-01-02T12:00:00+00:00").but(category="config"),
        ),
    ),
    DeviceSpec(
        "Hall display",
        "Hall",
        "esphome",
        "Espressif",
        "ESP32",
        (other("text", "Message", "Welcome home", mode="text", min=0, max=40, pattern=None), signal(-57)),
    ),
    DeviceSpec(
        "TV remote",
        "Living room",
        "harmony",
        "Logitech",
        "Hub",
        (other("remote", None, "on", activity_list=_PLAY, current_activity="Watch TV", supported_features=4),),
    ),
    DeviceSpec(
        "Kitchen voice assistant",
        "Kitchen",
        "esphome",
        "Nabu Casa",
        "Voice PE",
        (other("assist_satellite", None, "idle", supported_features=3), switch("Mute", category="config")),
    ),
    DeviceSpec(
        "Anna's phone",
        None,
        "mobile_app",
        "Google",
        "Pixel 8",
        (
            other("device_tracker", None, "home", source_type="gps", latitude=52.37, longitude=4.89, gps_accuracy=20),
            battery(64),
        ),
    ),
)

# With a registry row but no device: (platform, entity)
LISTS: tuple[tuple[str, EntitySpec], ...] = (
    ("timer", other("timer", "Pizza", "idle", duration="0:12:00", editable=True)),
    (
        "schedule",
        other("schedule", "Heating hours", "on", next_event="2026-01-02T22:00:00+01:00", editable=True),
    ),
    ("shopping_list", other("todo", "Shopping list", "3", supported_features=15)),
    (
        "local_calendar",
        other(
            "calendar",
            "Family",
            "off",
            message="Dentist",
            all_day=False,
            start_time="2026-01-12 15:30:00",
            end_time="2026-01-12 16:00:00",
            location="",
            description="",
        ),
    ),
    ("upload", other("image", "Drawing of the day", "2026-01-01T17:20:00+00:00")),
    ("notify", other("notify", "Everybody's phones", "unknown", supported_features=1)),
)
