"""Declared settings as a JSON Schema (2020-12), for programs that build forms or check what they send."""

from collections.abc import Iterable
from typing import Any

from hi.integration.core.settings import SettingSpec, SettingType


def build_schema(specs: Iterable[SettingSpec]) -> dict[str, Any]:
    """What is required here may be left out where the environment of hi has it. An address may lack its scheme, so it
    has no `format`."""
    specs = tuple(specs)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {spec.key: _describe(spec) for spec in specs},
        "required": [spec.key for spec in specs if spec.required and not spec.default],
        "additionalProperties": False,
    }


def _describe(spec: SettingSpec) -> dict[str, Any]:
    described: dict[str, Any] = {"type": "string", "title": spec.label, "maxLength": spec.max_length}
    if spec.help:
        described["description"] = spec.help
    if spec.default:
        described["default"] = spec.default
    if spec.is_secret:
        described["writeOnly"] = True
    if spec.type is SettingType.CHOICE:
        described["enum"] = [value for value, _label in spec.choices]
    if spec.required and not spec.default:
        described["minLength"] = 1
    return described
