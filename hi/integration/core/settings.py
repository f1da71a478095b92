"""What a service asks the user for, declared once: the form, the API, the storage and the checks read it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit, urlunsplit

from hi.integration.core.addresses import get_origin, may_be_in_a_home
from hi.integration.exceptions import ConfigurationError

MAX_LENGTH = 4096


class SettingType(StrEnum):
    TEXT = "text"
    URL = "url"
    SECRET = "secret"


@dataclass(frozen=True, slots=True)
class SettingSpec:
    """One setting, by its integration_attr_key. A secret is stored encrypted and never shown again.

    `has_path`: whether an address may go on after its port; if not, what was pasted along is left out.
    """

    key: str
    label: str
    type: SettingType = SettingType.TEXT
    required: bool = True
    default: str = ""
    help: str = ""
    placeholder: str = ""
    has_path: bool = True

    @property
    def is_secret(self) -> bool:
        return self.type is SettingType.SECRET


def clean_settings(specs: Iterable[SettingSpec], given: Mapping[str, str], stored: Mapping[str, str]) -> dict[str, str]:
    """The whole set of values to store. A setting that is not given, or a secret left empty, keeps what is stored; but
    no secret is kept for another server than the one it was given for.

    Raises ConfigurationError with the field's key, and in `each` that of `each` value that cannot be right.
    """
    specs = tuple(specs)
    cleaned, errors = {}, []
    for spec in specs:
        value = given.get(spec.key, "").strip()
        if not value and (spec.is_secret or spec.key not in given):
            value = stored.get(spec.key, spec.default)
        try:
            cleaned[spec.key] = _clean(spec, value)
        except ConfigurationError as err:
            errors.append(err)
    if errors:
        raise ConfigurationError(
            " ".join(map(str, errors)), field=errors[0].field, hint=errors[0].hint, each=tuple(errors)
        )
    if any(spec.type is SettingType.URL and _has_moved(spec, stored, cleaned) for spec in specs):
        for spec in specs:
            if spec.is_secret and stored.get(spec.key) and not given.get(spec.key, "").strip():
                raise ConfigurationError(
                    f"{spec.label}: enter it again. The stored one was given for another address.",
                    field=spec.key,
                    hint="hi never sends a secret to another server than the one it was entered for.",
                )
    return cleaned


def _has_moved(spec: SettingSpec, stored: Mapping[str, str], cleaned: Mapping[str, str]) -> bool:
    """Whether the URL leads to another scheme, host or port than before."""
    return get_origin(stored.get(spec.key, spec.default)) != get_origin(cleaned[spec.key])


def _clean(spec: SettingSpec, value: str) -> str:
    if not value and spec.required:
        raise ConfigurationError(f"{spec.label} is missing.", field=spec.key)
    if len(value) > MAX_LENGTH:
        raise ConfigurationError(f"{spec.label} is longer than {MAX_LENGTH} characters.", field=spec.key)
    if any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise ConfigurationError(f"{spec.label} has a line break or another invisible character.", field=spec.key)
    if spec.type is SettingType.URL and value:
        return clean_url(value, field=spec.key, has_path=spec.has_path)
    return value


def clean_url(text: str, *, field: str = "", has_path: bool = True) -> str:
    """`scheme://host[:port][/path]` without a trailing slash. Only http and https, no user name, no query,
    and no link-local address (where cloud machines keep their credentials). Without `has_path` all that follows the
    port is dropped."""
    candidate = text if "://" in text else f"http://{text}"
    try:
        parts = urlsplit(candidate)
        port = parts.port
    except ValueError as err:
        raise ConfigurationError("This is not an address. Example: http://192.168.1.20:8123", field=field) from err
    if parts.scheme not in {"http", "https"}:
        raise ConfigurationError("The address must begin with http:// or https://.", field=field)
    if any(character.isspace() for character in parts.netloc):
        raise ConfigurationError("An address has no spaces. Example: http://192.168.1.20:8123", field=field)
    if not parts.hostname:
        raise ConfigurationError("The address has no host. Example: http://192.168.1.20:8123", field=field)
    if parts.username or parts.password:
        raise ConfigurationError("Leave the user name and password out of the address.", field=field)
    if has_path and (parts.query or parts.fragment):
        raise ConfigurationError("Leave everything from ? or # on out of the address.", field=field)
    if not may_be_in_a_home(parts.hostname):
        raise ConfigurationError("This address cannot be a system in your home.", field=field)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    netloc = f"{host}:{port}" if port is not None else host
    return urlunsplit((parts.scheme, netloc, parts.path.rstrip("/") if has_path else "", "", ""))
