"""Settings of integrations from the environment: what a new connection takes where it is told nothing else.

HI_<INTEGRATION>_<KEY>, and for a secret also HI_<INTEGRATION>_<KEY>_FILE, the path of a file that holds it. What is
taken is stored with the connection: changed later, the variable changes no connection that is there.
"""

import os
from collections.abc import Iterable, Mapping

from hi.integration.config_file import references
from hi.integration.core.addresses import get_origin
from hi.integration.core.settings import SettingSpec, SettingType, clean_url
from hi.integration.exceptions import ConfigurationError
from hi.utils import redact


def name_variable(integration_type: str, key: str) -> str:
    return f"HI_{integration_type}_{key}".upper()


def read(integration_type: str, specs: Iterable[SettingSpec]) -> dict[str, str]:
    """What the environment has, in clear. Raises ConfigurationError for a file of a secret that cannot be read."""
    found = {spec.key: _read(name_variable(integration_type, spec.key), spec) for spec in specs}
    return {key: value for key, value in found.items() if value}


def fill_in(integration_type: str, specs: Iterable[SettingSpec], given: Mapping[str, str]) -> dict[str, str]:
    """What is given, and what the environment has of the rest. A secret goes to the address that stands there with it,
    and to no other: who may connect systems could else have it sent to a server of their own."""
    specs = tuple(specs)
    secrets = {spec.key for spec in specs if spec.is_secret}
    addresses = [spec.key for spec in specs if spec.type is SettingType.URL]
    found = read(integration_type, specs)
    typed = {key: value for key, value in given.items() if value.strip() or key not in secrets}
    filled = {**found, **typed}
    # Without a setting that is an address any may lead somewhere.
    leading = addresses or [key for key in typed if key not in secrets]
    if all(_read_origin(filled.get(key, "")) == _read_origin(found.get(key, "")) for key in addresses) and (
        addresses or all(typed[key].strip() == found.get(key, "") for key in leading)
    ):
        return filled
    return {key: value for key, value in filled.items() if key in typed or key not in secrets}


def _read(name: str, spec: SettingSpec) -> str:
    path = os.environ.get(f"{name}_FILE", "").strip() if spec.is_secret else ""
    try:
        if path:
            return references.read_file(path)
    except references.UnresolvedError as err:
        raise ConfigurationError(f"{spec.label}: {err}", field=spec.key, hint=f"Look at {name}_FILE.") from err
    value = os.environ.get(name, "").strip()
    if value and spec.is_secret:
        redact.register_secret(value)
    return value


def _read_origin(text: str) -> object:
    """None for what is no address; that is refused elsewhere."""
    try:
        return get_origin(clean_url(text)) if text else None
    except ConfigurationError:
        return None
