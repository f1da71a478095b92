"""Registry rows with every field a real server sends, and the settings of the server itself."""

from typing import Any

from hi.testing.hass.model import Row, stable_id, stable_ulid

CREATED_AT = 1767225600.25
"""Every row of a fresh home was made on New Year's Day 2026: a second start is the same home."""

HA_VERSION = "2025.4.4"

# Domains that a voice assistant is offered by default.
_EXPOSED = frozenset({"climate", "cover", "fan", "light", "lock", "media_player", "scene", "switch", "vacuum"})


def floor_row(floor_id: str, name: str, level: int | None) -> Row:
    return {
        "aliases": [],
        "created_at": CREATED_AT,
        "floor_id": floor_id,
        "icon": None,
        "level": level,
        "name": name,
        "modified_at": CREATED_AT,
    }


def area_row(area_id: str, name: str, floor_id: str | None) -> Row:
    return {
        "aliases": [],
        "area_id": area_id,
        "floor_id": floor_id,
        "humidity_entity_id": None,
        "icon": None,
        "labels": [],
        "name": name,
        "picture": None,
        "temperature_entity_id": None,
        "created_at": CREATED_AT,
        "modified_at": CREATED_AT,
    }


def label_row(label_id: str, name: str, color: str | None = None) -> Row:
    return {
        "color": color,
        "created_at": CREATED_AT,
        "description": None,
        "icon": None,
        "label_id": label_id,
        "name": name,
        "modified_at": CREATED_AT,
    }


def device_row(seed: str, platform: str, key: str, name: str, **fields: Any) -> Row:
    entry = stable_ulid(seed, "config entry", platform)
    return {
        "area_id": None,
        "configuration_url": None,
        "config_entries": [entry],
        "config_entries_subentries": {entry: [None]},
        "connections": [],
        "created_at": CREATED_AT,
        "disabled_by": None,
        "entry_type": None,
        "hw_version": None,
        "id": stable_id(seed, "device", platform, key),
        "identifiers": [[platform, entry if platform == "sun" else key]],
        "labels": [],
        "manufacturer": None,
        "model": None,
        "model_id": None,
        "modified_at": CREATED_AT,
        "name_by_user": None,
        "name": name,
        "primary_config_entry": entry,
        "serial_number": None,
        "sw_version": None,
        "via_device_id": None,
        **fields,
    }


def entity_row(seed: str, platform: str, unique_id: str, entity_id: str, **fields: Any) -> Row:
    domain = entity_id.partition(".")[0]
    with_entry = fields.get("device_id") is not None
    return {
        "area_id": None,
        "categories": {},
        "config_entry_id": stable_ulid(seed, "config entry", platform) if with_entry else None,
        "config_subentry_id": None,
        "created_at": CREATED_AT,
        "device_id": None,
        "disabled_by": None,
        "entity_category": None,
        "entity_id": entity_id,
        "has_entity_name": with_entry,
        "hidden_by": None,
        "icon": None,
        "id": stable_id(seed, "entity", domain, platform, unique_id),
        "labels": [],
        "modified_at": CREATED_AT,
        "name": None,
        "options": {"conversation": {"should_expose": domain in _EXPOSED}},
        "original_name": None,
        "platform": platform,
        "translation_key": None,
        "unique_id": unique_id,
        **fields,
    }


def server_config(location_name: str, version: str, url: str, state: str, components: list[str]) -> Row:
    """What `get_config` and `/api/config` answer; `state` is the state of the server's start."""
    folders = ["/media", "/config/www"]
    return {
        "allowlist_external_dirs": folders,
        "allowlist_external_urls": [],
        "components": components,
        "config_dir": "/config",
        "config_source": "storage",
        "country": "NL",
        "currency": "EUR",
        "debug": False,
        "elevation": 2,
        "external_url": None,
        "internal_url": url,
        "language": "en",
        "latitude": 52.37,
        "location_name": location_name,
        "longitude": 4.89,
        "radius": 100,
        "recovery_mode": False,
        "safe_mode": False,
        "state": state,
        "time_zone": "Europe/Amsterdam",
        "unit_system": {
            "length": "km",
            "accumulated_precipitation": "mm",
            "area": "m²",
            "mass": "g",
            "pressure": "Pa",
            "temperature": "°C",
            "volume": "L",
            "wind_speed": "m/s",
        },
        "version": version,
        "whitelist_external_dirs": folders,
    }
