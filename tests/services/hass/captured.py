"""Exchanges captured from a real Home Assistant 2025.4.4 (see tests/fixtures/hass), and homes made of them."""

import json
from pathlib import Path
from typing import Any

from hi.services.hass.wire import HassConfig, HassHome

FOLDER = Path(__file__).parents[2] / "fixtures" / "hass"


def load(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text())


def rows(name: str) -> list[dict[str, Any]]:
    """The rows of a captured `…_registry-list`."""
    found: list[dict[str, Any]] = load(f"ws-{name}-list")["received"]["result"]
    return found


def states(name: str = "states-all-demo") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = load(name)["states"]
    return found


def state(entity_id: str) -> dict[str, Any]:
    return next(row for row in states() if row["entity_id"] == entity_id)


def entry(entity_id: str, **fields: Any) -> dict[str, Any]:
    """A registry row like the captured one of light.bed_light, with other fields."""
    captured: dict[str, Any] = load("ws-entity_registry-get")["received"]["result"]
    return {**captured, "entity_id": entity_id, "id": f"id of {entity_id}", "device_id": None, "name": None, **fields}


def device(device_id: str, **fields: Any) -> dict[str, Any]:
    return {**rows("device_registry")[1], "id": device_id, **fields}


def config(**fields: Any) -> HassConfig:
    return HassConfig.from_wire({**load("rest-config")["response"]["body"], **fields}, "config")


def home(**lists: Any) -> HassHome:
    """A running home of nothing but what is given."""
    names = ("entity_registry", "device_registry", "area_registry", "floor_registry", "label_registry", "states")
    empty: dict[str, Any] = {name: [] for name in names}
    return HassHome(lists.pop("config", config()), **{**empty, **lists})


def demo_home(**lists: Any) -> HassHome:
    """The whole demo home as captured: every state, and the rows of the registries that were captured with it."""
    captured = {f"{name}_registry": rows(f"{name}_registry") for name in ("entity", "device", "area", "floor", "label")}
    return home(**{**captured, "states": states(), **lists})
