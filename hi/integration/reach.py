"""The first steps of any connection test: is the machine there, and does it speak TLS. No HTTP, no credentials.

Every wait is bounded, name resolution included (the system's own resolver may take half a minute).
"""

import errno
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

import certifi

from hi.integration import exceptions
from hi.integration.client import tls_error

REACH_SECONDS = 5.0
DEFAULT_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}
NO_ROUTE = {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN}

Address = tuple[socket.AddressFamily, tuple[str, int]]


def tls_context() -> ssl.SSLContext:
    """Trusts what this machine trusts (a private authority installed there, too) and the public authorities."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def reach(url: str, *, usual_port: int | None = None, seconds: float = REACH_SECONDS) -> str:
    """Resolve the host and open a TCP connection. Returns what was found, for example
    "hub.local is 192.0.2.14, port 8123 answers".

    Raises ConnectionError (unknown name, no route, nothing listens, no answer) or ConfigurationError for an address
    that is none of a home. `usual_port` is where the service listens by default, for the hint.
    """
    parts, port = _split(url)
    host = parts.hostname or ""
    with _connect(url, usual_port, seconds) as plain:
        address = plain.getpeername()[0]
    return f"port {port} of {host} answers" if address == host else f"{host} is {address}, port {port} answers"


def check_tls(url: str, *, seconds: float = REACH_SECONDS) -> str:
    """Make a TLS connection and verify the certificate. Returns the protocol and who vouches for it.

    Raises ConnectionError, told apart by what to do: self-signed, another name, expired, not trusted, no TLS at all.
    """
    parts, _port = _split(url)
    try:
        with (
            _connect(url, None, seconds) as plain,
            tls_context().wrap_socket(plain, server_hostname=parts.hostname) as secure,
        ):
            issuer = _issuer(secure.getpeercert() or {})
            return f"{secure.version()}, certificate vouched for by {issuer}" if issuer else str(secure.version())
    except ssl.SSLError as err:
        raise tls_error(parts.netloc, err) from err
    except TimeoutError as err:
        raise exceptions.ConnectionError(
            f"{parts.netloc} answered the request for a secure connection with silence ({seconds:g} seconds).",
            hint="If it does not speak https, begin the address with http:// instead.",
        ) from err
    except OSError as err:
        raise socket_error(parts.netloc, err, seconds) from err


def speaks_tls(url: str, *, seconds: float = REACH_SECONDS) -> bool:
    """Whether the port answers a TLS greeting, with any certificate: the address should begin with https."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # nothing but the greeting is exchanged
    try:
        with _connect(url, None, seconds) as plain, context.wrap_socket(plain):
            return True
    except (OSError, exceptions.IntegrationError):
        return False


def socket_error(place: str, err: OSError, seconds: float) -> exceptions.ConnectionError:
    """A socket's error as one of ours. `place` is host:port, `seconds` how long was waited."""
    text = str(err)
    if isinstance(err, socket.gaierror):
        return exceptions.ConnectionError(
            f"The name {urlsplit(f'//{place}').hostname} is not known in this network.",
            hint="Check the spelling, or use the machine's IP address.",
        )
    if isinstance(err, TimeoutError):
        return exceptions.ConnectionError(
            f"{place} accepted the connection and then said nothing for {seconds:g} seconds.",
            hint="The server hangs or is overloaded. Restart it if this lasts.",
        )
    # asyncio joins the errors of several addresses into one text without a number.
    if isinstance(err, ConnectionRefusedError) or f"[Errno {errno.ECONNREFUSED}]" in text:
        return exceptions.ConnectionError(
            f"{place} refuses connections: nothing listens on that port.",
            hint="Check the port, and that the server is running.",
        )
    if err.errno in NO_ROUTE or any(f"[Errno {number}]" in text for number in NO_ROUTE):
        return exceptions.ConnectionError(
            f"{place} cannot be reached from here.", hint="Is the machine on and in the same network?"
        )
    return exceptions.ConnectionError(
        f"The connection to {place} broke off.", hint="hi tries again by itself; check the network if this lasts."
    )


def _split(url: str) -> tuple[SplitResult, int]:
    parts = urlsplit(url)
    return parts, parts.port or DEFAULT_PORTS.get(parts.scheme, 80)


def _connect(url: str, usual_port: int | None, seconds: float) -> socket.socket:
    """A connection to the first of the host's addresses that answers; its time-out is `seconds`."""
    parts, port = _split(url)
    host = parts.hostname or ""
    last: OSError = OSError("no address")
    deadline = time.monotonic() + seconds
    for family, address in _resolve(host, port, seconds):
        plain = socket.socket(family, socket.SOCK_STREAM)
        plain.settimeout(max(deadline - time.monotonic(), 0.1))
        try:
            plain.connect(address)
            plain.settimeout(seconds)
        except OSError as err:
            plain.close()
            last = err
        else:
            return plain
    if isinstance(last, TimeoutError):
        raise exceptions.ConnectionError(
            f"{host} did not answer on port {port} within {seconds:g} seconds.",
            hint="Is the machine on and in the same network? Check the address.",
        ) from last
    problem = socket_error(f"{host}:{port}", last, seconds)
    if usual_port and port != usual_port:
        problem.hint = f"Check the port: it is usually {usual_port}, so the address ends in :{usual_port}."
    raise problem from last


def _resolve(host: str, port: int, seconds: float) -> list[Address]:
    """The host's addresses that may be in a home. `getaddrinfo` knows no time-out, so it runs aside."""
    found: list[Address] = []
    failed: list[OSError] = []

    def look_up() -> None:
        try:
            for family, _type, _proto, _name, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
                found.append((family, address))  # type: ignore[arg-type] # IPv6 addresses have two fields more
        except (OSError, UnicodeError) as err:
            failed.append(err if isinstance(err, OSError) else socket.gaierror(str(err)))

    thread = threading.Thread(target=look_up, daemon=True, name="resolve")
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise exceptions.ConnectionError(
            f"The network did not say within {seconds:g} seconds which machine {host} is.",
            hint="Use the machine's IP address, or check the network's name server.",
        )
    if failed:
        raise socket_error(f"{host}:{port}", failed[0], seconds) from failed[0]
    allowed = [one for one in found if not _is_link_local(one[1][0])]
    if not allowed:
        raise exceptions.ConfigurationError(f"{host} leads to an address that cannot be a system in your home.")
    return allowed


def _is_link_local(address: str) -> bool:
    """Where cloud machines keep their credentials, whatever name leads there."""
    return ipaddress.ip_address(address.partition("%")[0]).is_link_local


def _issuer(certificate: Mapping[str, object]) -> str:
    names = certificate.get("issuer")
    fields = {key: value for group in names for key, value in group} if isinstance(names, tuple) else {}
    return str(fields.get("organizationName") or fields.get("commonName") or "")
