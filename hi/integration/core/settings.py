"""What a service asks the user for, declared once: the form, the API, the storage and the checks read it."""

import re
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit, urlunsplit

import idna

from hi.integration.core.addresses import get_origin, may_be_in_a_home
from hi.integration.exceptions import ConfigurationError

MAX_LENGTH = 4096
MAX_CERTIFICATES = 32_768
CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----")


class SettingType(StrEnum):
    TEXT = "text"
    URL = "url"
    SECRET = "secret"
    CHOICE = "choice"
    CERTIFICATES = "certificates"  # one or more, as PEM text
    FINGERPRINT = "fingerprint"  # SHA-256 of a certificate


@dataclass(frozen=True, slots=True)
class SettingSpec:
    """One setting, by its integration_attr_key. A secret is stored encrypted and never shown again.

    `has_path`: whether an address may go on after its port; if not, what was pasted along is left out. `choices`: the
    values of a choice, each with what it is called. `required_if`: another setting's key, and its value at which this
    one may not be empty. `is_folded`: few need it, so the form keeps it out of the way. `is_token`: it goes along in a
    header, where other characters than a token's would break the request.
    """

    key: str
    label: str
    type: SettingType = SettingType.TEXT
    required: bool = True
    default: str = ""
    help: str = ""
    placeholder: str = ""
    has_path: bool = True
    choices: tuple[tuple[str, str], ...] = ()
    required_if: tuple[str, str] | None = None
    is_folded: bool = False
    is_token: bool = False

    @property
    def is_secret(self) -> bool:
        return self.type is SettingType.SECRET

    @property
    def max_length(self) -> int:
        return MAX_CERTIFICATES if self.type is SettingType.CERTIFICATES else MAX_LENGTH

    def say(self, value: str) -> str:
        """The value in a few words."""
        if self.type is SettingType.CERTIFICATES and value:
            return "given"
        return dict(self.choices).get(value, value) or "none"


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
    errors += [
        ConfigurationError(f"{spec.label} is missing.", field=spec.key)
        for spec in specs
        if spec.required_if and cleaned.get(spec.key) == "" and cleaned.get(spec.required_if[0]) == spec.required_if[1]
    ]
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
    if len(value) > spec.max_length:
        raise ConfigurationError(f"{spec.label} is longer than {spec.max_length} characters.", field=spec.key)
    if spec.type is SettingType.CERTIFICATES:
        return clean_certificates(value, field=spec.key)
    if any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise ConfigurationError(f"{spec.label} has a line break or another invisible character.", field=spec.key)
    if spec.type is SettingType.URL and value:
        return clean_url(value, field=spec.key, has_path=spec.has_path)
    if spec.type is SettingType.FINGERPRINT and value:
        return clean_fingerprint(value, field=spec.key)
    if spec.is_token and value:
        return clean_token(value, field=spec.key)
    if spec.type is SettingType.CHOICE and value not in dict(spec.choices):
        raise ConfigurationError(f"{spec.label}: choose one of {', '.join(dict(spec.choices))}.", field=spec.key)
    return value


def clean_certificates(text: str, *, field: str = "") -> str:
    """The certificates in a text, and nothing of what stands around them."""
    if "PRIVATE KEY-----" in text:
        raise ConfigurationError(
            "This holds a private key, which nobody else may have.", field=field, hint="Paste the certificate alone."
        )
    found = "\n".join(CERTIFICATE.findall(text.replace("\r\n", "\n")))
    if not text:
        return ""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=found or "none")
    except (ssl.SSLError, ValueError) as err:
        raise ConfigurationError(
            "This is no certificate.",
            field=field,
            hint="Paste it as text, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----.",
        ) from err
    return found


def clean_token(text: str, *, field: str = "") -> str:
    if not re.fullmatch(r"[A-Za-z0-9._~+/=-]+", text):
        raise ConfigurationError(
            "The token has characters that no token has.",
            field=field,
            hint="Copy the whole token, without quotes and without the word Bearer.",
        )
    return text


def clean_fingerprint(text: str, *, field: str = "") -> str:
    """As it is shown everywhere: AB:CD:…, 32 pairs of digits."""
    digits = re.sub(r"[:\s]", "", re.sub(r"^sha-?256( fingerprint)?[:=\s]", "", text, flags=re.IGNORECASE)).upper()
    if not re.fullmatch(r"[0-9A-F]{64}", digits):
        raise ConfigurationError(
            "This is no SHA-256 fingerprint.", field=field, hint="It has 64 digits from 0 to 9 and from A to F."
        )
    return ":".join(digits[at : at + 2] for at in range(0, 64, 2))


def clean_url(text: str, *, field: str = "", has_path: bool = True) -> str:
    """`scheme://host[:port][/path]` without a trailing slash. Only http and https, no user name, and no link-local
    address (where cloud machines keep their credentials). What a browser shows beside that is dropped: a query, the
    file of a page; without `has_path` all that follows the port."""
    candidate = text if "://" in text else f"http://{text}"
    try:
        parts = urlsplit(candidate)
        port = parts.port
    except ValueError as err:
        raise ConfigurationError("This is not an address. Example: http://192.168.1.20:8123", field=field) from err
    if parts.scheme not in {"http", "https"}:
        raise ConfigurationError("The address must begin with http:// or https://.", field=field)
    if any(character.isspace() for character in parts.netloc) or re.search(r"[\x00-\x1f\x7f]", text):
        raise ConfigurationError("An address has no spaces. Example: http://192.168.1.20:8123", field=field)
    if "@" in parts.netloc:
        raise ConfigurationError("Leave the user name and password out of the address.", field=field)
    if not parts.hostname:
        raise ConfigurationError("The address has no host. Example: http://192.168.1.20:8123", field=field)
    # What two programs could read in two ways: a backslash, a percent sign, anything that is no part of a name.
    if not re.fullmatch(r"[\w.-]+" if "[" not in parts.netloc else r"[0-9a-f:.]+", parts.hostname) or port == 0:
        raise ConfigurationError("This is not an address. Example: http://192.168.1.20:8123", field=field)
    try:
        # In the letters of ASCII once and for all: libraries differ in what they make of others, so one of them would
        # look at one server, and another send the token to the next.
        name = parts.hostname if parts.hostname.isascii() else idna.encode(parts.hostname, uts46=True).decode()
    except idna.IDNAError as err:
        raise ConfigurationError("This is not an address. Example: http://192.168.1.20:8123", field=field) from err
    if not may_be_in_a_home(name):
        raise ConfigurationError("This address cannot be a system in your home.", field=field)
    host = f"[{name}]" if ":" in name else name
    netloc = f"{host}:{port}" if port is not None else host
    path = re.sub(r"/[^/]*\.(php|html?)$", "", parts.path).rstrip("/") if has_path else ""
    return urlunsplit((parts.scheme, netloc, path, "", ""))
