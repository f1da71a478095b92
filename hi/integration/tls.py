"""Whom a secure connection accepts as its server: the trust that an instance's settings ask for.

One SSL context carries all of it, whatever uses that context: requests, `websockets` on a thread or on a loop, a bare
socket. So nothing is sent before the server has proved who it is.
"""

import hashlib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import certifi
from cryptography import x509
from cryptography.x509.oid import ExtensionOID, NameOID

from hi.integration.core.decode import clean_text
from hi.integration.core.settings import SettingSpec, SettingType

TLS_CHECK, TLS_AUTHORITY, TLS_FINGERPRINT = "tls_check", "tls_authority", "tls_fingerprint"
MAX_NAME = 80
SHOWN_NAMES = 3


class TlsMode(StrEnum):
    SYSTEM = "system"
    AUTHORITY = "authority"
    FINGERPRINT = "fingerprint"
    OFF = "off"


# Every integration with an address has these beside its own (see `IntegrationGateway`).
TLS_SETTINGS = (
    SettingSpec(
        TLS_CHECK,
        "Certificate",
        SettingType.CHOICE,
        required=False,
        default=TlsMode.SYSTEM,
        choices=(
            # Short: what is chosen stands in one line, on a phone too.
            (TlsMode.SYSTEM, "Known authorities"),
            (TlsMode.AUTHORITY, "An authority of your own"),
            (TlsMode.FINGERPRINT, "One certificate, by its fingerprint"),
            (TlsMode.OFF, "Not checked"),
        ),
        help="For an address that begins with https: how hi makes sure that it talks to the right server. Known"
        " authorities are those of this machine and the public ones. Where it is not checked, anybody in between can"
        " read along, and act.",
        is_folded=True,
    ),
    SettingSpec(
        TLS_AUTHORITY,
        "Certificate of the authority",
        SettingType.CERTIFICATES,
        required=False,
        required_if=(TLS_CHECK, TlsMode.AUTHORITY),
        placeholder="-----BEGIN CERTIFICATE-----",
        help="As text (PEM). Only what it vouches for is accepted then.",
        is_folded=True,
    ),
    SettingSpec(
        TLS_FINGERPRINT,
        "Fingerprint",
        SettingType.FINGERPRINT,
        required=False,
        required_if=(TLS_CHECK, TlsMode.FINGERPRINT),
        placeholder="AB:CD:…",
        help="SHA-256, as the connection test and browsers show it. Only this certificate is accepted then.",
        is_folded=True,
    ),
)


class OtherCertificateError(ssl.SSLError):
    """The server has another certificate than the pinned one; `seen` is its fingerprint."""

    def __init__(self, seen: str) -> None:
        super().__init__(1, "the certificate is not the pinned one")
        self.seen = seen


@dataclass(frozen=True, slots=True)
class Trust:
    """Without more, what this machine trusts (a private authority installed there, too) and the public authorities."""

    mode: str = TlsMode.SYSTEM
    authority: str = ""
    fingerprint: str = ""

    @classmethod
    def of(cls, config: Mapping[str, str]) -> "Trust":
        """What the settings of an instance ask for."""
        return cls(
            config.get(TLS_CHECK) or TlsMode.SYSTEM, config.get(TLS_AUTHORITY, ""), config.get(TLS_FINGERPRINT, "")
        )

    def build_context(self) -> ssl.SSLContext:
        """Takes a tenth of a second for the known authorities: not on a loop that others wait for."""
        if self.mode == TlsMode.FINGERPRINT:
            return _PinnedContext(self.fingerprint)
        if self.mode == TlsMode.OFF:
            return _unverified(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        if self.mode == TlsMode.AUTHORITY:
            # Not `create_default_context`: newer Pythons make it strict, which few authorities of a home live up to.
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            if self.authority:  # without one it accepts nobody
                context.load_verify_locations(cadata=self.authority)
            return context
        context = ssl.create_default_context()
        context.load_verify_locations(certifi.where())
        return context


def anybody() -> ssl.SSLContext:
    """For a greeting that tells nothing: to see whether TLS is spoken, and with which certificate."""
    return _unverified(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


def _unverified(context: ssl.SSLContext) -> ssl.SSLContext:
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class _PinnedSocket(ssl.SSLSocket):
    def do_handshake(self, block: bool = False) -> None:
        super().do_handshake(block)
        _require_pinned(self)


class _PinnedObject(ssl.SSLObject):
    def do_handshake(self) -> None:
        super().do_handshake()
        _require_pinned(self)


class _PinnedContext(ssl.SSLContext):
    """Accepts one certificate, whoever vouches for it, whatever its names and dates. The handshake itself fails on any
    other."""

    sslsocket_class = _PinnedSocket
    sslobject_class = _PinnedObject

    def __new__(cls, fingerprint: str) -> "_PinnedContext":
        return super().__new__(cls, ssl.PROTOCOL_TLS_CLIENT)

    def __init__(self, fingerprint: str) -> None:
        self.fingerprint = fingerprint
        _unverified(self)


def _require_pinned(connection: ssl.SSLSocket | ssl.SSLObject) -> None:
    seen = get_fingerprint(connection.getpeercert(binary_form=True) or b"")
    context = connection.context
    if not isinstance(context, _PinnedContext) or seen != context.fingerprint:
        raise OtherCertificateError(seen)


def get_fingerprint(certificate: bytes) -> str:
    """SHA-256 of a certificate in DER, as browsers and openssl write it."""
    return hashlib.sha256(certificate).digest().hex(":").upper()


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """What a certificate says of itself. Whoever showed it may have made it up: `names` and `issuer` are cut short."""

    fingerprint: str
    names: tuple[str, ...] = ()
    issuer: str = ""
    not_before: datetime | None = None
    not_after: datetime | None = None


def read_certificate(certificate: bytes) -> CertificateFacts:
    fingerprint = get_fingerprint(certificate)
    try:
        read = x509.load_der_x509_certificate(certificate)
        return CertificateFacts(
            fingerprint,
            tuple(clean_text(name, MAX_NAME) for name in _names(read)[:SHOWN_NAMES]),
            clean_text(_common_name(read.issuer), MAX_NAME),
            read.not_valid_before_utc,
            read.not_valid_after_utc,
        )
    except ValueError:  # a certificate that OpenSSL reads and this does not
        return CertificateFacts(fingerprint)


def _names(certificate: x509.Certificate) -> list[str]:
    try:
        found = certificate.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME).value
    except x509.ExtensionNotFound:
        return [_common_name(certificate.subject)]
    assert isinstance(found, x509.SubjectAlternativeName)
    addresses = [str(address) for address in found.get_values_for_type(x509.IPAddress)]
    return [*found.get_values_for_type(x509.DNSName), *addresses]


def _common_name(name: x509.Name) -> str:
    for oid in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME):
        for attribute in name.get_attributes_for_oid(oid):
            return str(attribute.value)
    return ""
