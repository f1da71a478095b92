"""How an entity itself is set."""

from collections.abc import Mapping
from typing import Any

from hi.integration.core.specs import ControllerSpec
from hi.services.hass import kinds
from hi.services.hass.aspects import read_bits


def build_controller(domain: str, attributes: Mapping[str, Any]) -> ControllerSpec | None:
    control = kinds.find_kind(domain, attributes).control
    return control.build(attributes, read_bits(attributes)) if control else None
