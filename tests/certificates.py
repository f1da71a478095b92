"""Certificates for tests: an authority of one's own, and what it vouches for."""

import datetime
import hashlib
import ipaddress
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Issued:
    """A server's certificate: its context, itself as PEM, and its SHA-256 fingerprint."""

    context: ssl.SSLContext
    pem: str
    fingerprint: str


class Authority:
    """Vouches for whatever it is asked to; `pem` is what a client must trust."""

    def __init__(self, name: str = "Authority of this home") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name(name)
        builder = _builder(self._name, self._name, self._key.public_key(), days=365)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self.pem = _pem(builder.sign(self._key, hashes.SHA256()))

    def issue(self, *names: str, days: int = 30) -> Issued:
        """For names and addresses, the loopback address if none is given. With negative `days` it has expired."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = names or ("127.0.0.1",)
        builder = _builder(_name(names[0]), self._name, key.public_key(), days=days)
        builder = builder.add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        return _issued(builder.sign(self._key, hashes.SHA256()), key)


def self_signed(*names: str) -> Issued:
    key = ec.generate_private_key(ec.SECP256R1())
    names = names or ("127.0.0.1",)
    builder = _builder(_name(names[0]), _name(names[0]), key.public_key(), days=30)
    builder = builder.add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
    return _issued(builder.sign(key, hashes.SHA256()), key)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, *, days: int
) -> x509.CertificateBuilder:
    end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    builder = builder.serial_number(x509.random_serial_number())
    return builder.not_valid_before(end - datetime.timedelta(days=400)).not_valid_after(end)


def _issued(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Issued:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with tempfile.TemporaryDirectory() as folder:  # the ssl module reads them from files only
        file = Path(folder) / "server.pem"
        file.write_bytes(_pem(certificate).encode() + private)
        context.load_cert_chain(file)
    digest = hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest().upper()
    return Issued(context, _pem(certificate), ":".join(digest[at : at + 2] for at in range(0, 64, 2)))


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
