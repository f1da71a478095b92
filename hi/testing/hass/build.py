"""Turns the tables into a home: names, ids and rows."""

from collections.abc import Iterable
from typing import Any

from hi.testing.hass.home_model import Home
from hi.testing.hass.model import Row, slugify, stable_id
from hi.testing.hass.rows import CREATED_AT, area_row, device_row, entity_row, floor_row, label_row
from hi.testing.hass.specs import DeviceSpec, EntitySpec

_BRIDGE = "Zigbee bridge"


def add_rooms(home: Home, floors: Iterable[tuple[str, int]], areas: Iterable[tuple[str, str | None]]) -> None:
    for name, level in floors:
        home.floors[slugify(name)] = floor_row(slugify(name), name, level)
    for name, floor in areas:
        home.areas[slugify(name)] = area_row(slugify(name), name, slugify(floor) if floor else None)


def add_labels(home: Home, labels: Iterable[tuple[str, str]]) -> None:
    for name, color in labels:
        home.labels[slugify(name)] = label_row(slugify(name), name, color)


def build_device(home: Home, spec: DeviceSpec) -> Row:
    fields: dict[str, Any] = {"area_id": slugify(spec.area) if spec.area else None}
    fields |= {"manufacturer": spec.maker, "model": spec.model, **spec.fields}
    if spec.platform == "zha" and spec.name != _BRIDGE:
        fields["via_device_id"] = stable_id(home.seed, "device", "zha", slugify(_BRIDGE))
    return device_row(home.seed, spec.platform, slugify(spec.name), spec.name, **fields)


def add_device(home: Home, spec: DeviceSpec) -> Row:
    """Adds a device with its entities, telling it on the bus as a real server does."""
    row = build_device(home, spec)
    home.add_device(row)
    for entity in spec.entities:
        add_entity(home, entity, spec.platform, row)
    return row


def add_entity(home: Home, spec: EntitySpec, platform: str | None, device: Row | None = None) -> str:
    """Adds an entity and returns its `entity_id`. Without a platform it gets no registry row."""
    device_name = (device["name_by_user"] or device["name"]) if device else None
    friendly = " ".join(part for part in (device_name, spec.name) if part)
    entity_id = f"{spec.domain}.{slugify(friendly)}"
    attributes = {key: value for key, value in spec.attributes.items() if key != "supported_features"}
    if spec.domain == "camera":
        token = stable_id(home.seed, "camera", entity_id) * 2
        attributes |= {"access_token": token, "entity_picture": f"/api/camera_proxy/{entity_id}?token={token}"}
    attributes["friendly_name"] = friendly
    if "supported_features" in spec.attributes:
        attributes["supported_features"] = spec.attributes["supported_features"]
    row = None
    if platform is not None:
        key = device["identifiers"][0][1] if device else slugify(friendly)
        unique = f"{key}-{spec.domain}-{slugify(spec.name or '')}".rstrip("-") if device else key
        fields: dict[str, Any] = {"original_name": spec.name, "entity_category": spec.category, **spec.fields}
        fields |= {"device_id": device["id"]} if device else {}
        fields["created_at"] = CREATED_AT + len(home.entities) / 1000
        fields |= {"disabled_by": "integration"} if spec.disabled else {}
        row = entity_row(home.seed, platform, unique, entity_id, **fields)
    home.add_entity(entity_id, spec.state, attributes, row, life=spec.life)
    return entity_id
