"""How every connection of hi begins, and the first steps of any connection test: is the machine there, and does it
speak TLS. No HTTP, no credentials.

Only addresses that may be in a home are connected to, whatever name leads there. Every wait is bounded, name resolution
included (the system's own resolver may take half a minute).
"""

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from hi.integration import exceptions
from hi.integration.connection_errors import connect_error, socket_error, tls_error
from hi.integration.core.addresses import get_origin, may_be_in_a_home
from hi.integration.tls import CertificateFacts, TlsMode, Trust, anybody, read_certificate

REACH_SECONDS = 5.0
KNOWN = Trust()

# As `getaddrinfo` gives them: the family first, the address last; one of IPv6 has two fields more.
Found = tuple[Any, Any, Any, Any, Any]


def reach(url: str, *, usual_port: int | None = None, seconds: float = REACH_SECONDS) -> str:
    """Resolve the host and open a TCP connection. Returns what was found, for example
    "hub.local is 192.0.2.14, port 8123 answers".

    Raises ConnectionError (unknown name, no route, nothing listens, no answer) or ConfigurationError for an address
    that is none of a home. `usual_port` is where the service listens by default, for the hint.
    """
    _scheme, host, port = get_origin(url)
    try:
        with connect(url, seconds) as plain:
            address = plain.getpeername()[0]
    except exceptions.ConnectionError as err:
        if usual_port and port != usual_port and isinstance(err.__cause__, ConnectionRefusedError):
            usual = "none stands in the address" if usual_port == 80 else f"the address ends in :{usual_port}"
            err.hint = f"Check the port: it is usually {usual_port}, so {usual}."
        raise
    return f"port {port} of {host} answers" if address == host else f"{host} is {address}, port {port} answers"


def check_tls(url: str, trust: Trust = KNOWN, *, seconds: float = REACH_SECONDS) -> str:
    """Make a TLS connection and verify the certificate. Returns the protocol and why the certificate is accepted.

    Raises ConnectionError, told apart by what to do: self-signed, of an unknown authority, another than the pinned one,
    of another name, expired, no TLS at all.
    """
    parts = urlsplit(url)
    try:
        with (
            connect(url, seconds) as plain,
            trust.build_context().wrap_socket(plain, server_hostname=parts.hostname) as secure,
        ):
            return f"{secure.version()}, {_why_accepted(trust, secure.getpeercert(binary_form=True) or b'')}"
    except ssl.SSLCertVerificationError as err:
        raise tls_error(parts.netloc, err, _look_at_certificate(url, seconds)) from err
    except ssl.SSLError as err:
        raise tls_error(parts.netloc, err) from err
    except TimeoutError as err:
        raise exceptions.ConnectionError(
            f"{parts.netloc} answered the request for a secure connection with silence ({seconds:g} seconds).",
            hint="If it does not speak https, begin the address with http:// instead.",
        ) from err
    except OSError as err:
        raise socket_error(parts.netloc, err, seconds) from err


def _why_accepted(trust: Trust, certificate: bytes) -> str:
    if trust.mode == TlsMode.OFF:
        return "but the certificate is not checked, as the settings say"
    facts = read_certificate(certificate)
    if trust.mode == TlsMode.FINGERPRINT:
        return "with the pinned certificate"
    issuer = facts.issuer or "an authority without a name"
    own = ", the authority in the settings" if trust.mode == TlsMode.AUTHORITY else ""
    return f"certificate vouched for by {issuer}{own}"


def _look_at_certificate(url: str, seconds: float) -> CertificateFacts | None:
    """What the server shows, to tell a person. Nothing but the greeting is exchanged."""
    try:
        with (
            connect(url, seconds) as plain,
            anybody().wrap_socket(plain, server_hostname=urlsplit(url).hostname) as secure,
        ):
            return read_certificate(secure.getpeercert(binary_form=True) or b"")
    except (OSError, exceptions.IntegrationError):
        return None


def speaks_tls(url: str, *, seconds: float = REACH_SECONDS) -> bool:
    """Whether the port answers a TLS greeting, with any certificate: the address should begin with https."""
    try:
        with connect(url, seconds) as plain, anybody().wrap_socket(plain):
            return True
    except (OSError, exceptions.IntegrationError):
        return False


def begins_to_answer(url: str, trust: Trust = KNOWN, *, seconds: float = 1.0) -> bool:
    """Whether a request is answered at all: what came to no end before drips, and does not only hang."""
    parts = urlsplit(url)
    try:
        with connect(url, seconds) as plain:
            context = trust.build_context() if parts.scheme == "https" else None
            with context.wrap_socket(plain, server_hostname=parts.hostname) if context else plain as talk:
                talk.sendall(f"GET / HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode())
                return bool(talk.recv(1))
    except (OSError, exceptions.IntegrationError):
        return False


def connect(url: str, seconds: float = REACH_SECONDS) -> socket.socket:
    """A connection to the first of the host's addresses that answers; its time-out is `seconds`.

    Raises ConnectionError, or ConfigurationError for an address that is none of a home.
    """
    _scheme, host, port = get_origin(url)
    deadline = time.monotonic() + seconds
    last = OSError("no address")
    for family, _type, _protocol, _name, address in _only_home(host, _resolve(host, port, seconds)):
        opened = socket.socket(family, socket.SOCK_STREAM)
        opened.settimeout(max(deadline - time.monotonic(), 0.1))
        try:
            opened.connect(address)
        except OSError as err:
            opened.close()
            last = err
        else:
            opened.settimeout(seconds)
            return opened
    raise connect_error(host, port, last, seconds) from last


async def connect_async(url: str, seconds: float = REACH_SECONDS) -> socket.socket:
    """As `connect`, for an event loop: the socket does not block."""
    _scheme, host, port = get_origin(url)
    loop = asyncio.get_running_loop()
    last = OSError("no address")
    try:
        async with asyncio.timeout(seconds):
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            for family, _type, _protocol, _name, address in _only_home(host, found):
                # Named as TCP, or asyncio would let Nagle hold back each small message.
                opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
                opened.setblocking(False)
                try:
                    await loop.sock_connect(opened, address)
                except OSError as err:
                    opened.close()
                    last = err
                except asyncio.CancelledError:
                    opened.close()
                    raise
                else:
                    return opened
    except (OSError, UnicodeError) as err:
        last = _as_os_error(err)
    raise connect_error(host, port, last, seconds) from last


def _resolve(host: str, port: int, seconds: float) -> list[Found]:
    """The host's addresses. `getaddrinfo` knows no time-out, so it runs aside."""
    found: list[Found] = []
    failed: list[OSError] = []

    def look_up() -> None:
        try:
            found.extend(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as err:
            failed.append(_as_os_error(err))

    thread = threading.Thread(target=look_up, daemon=True, name="resolve")
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise exceptions.ConnectionError(
            f"The network did not say within {seconds:g} seconds which machine {host} is.",
            hint="Use the machine's IP address, or check the network's name server.",
        )
    if failed:
        raise connect_error(host, port, failed[0], seconds) from failed[0]
    return found


def _only_home(host: str, found: Iterable[Found]) -> list[Found]:
    """Without the addresses that are none of a home: a name announced in the local network often has one of each."""
    allowed = [one for one in found if may_be_in_a_home(one[4][0])]
    if not allowed:
        raise exceptions.ConfigurationError(f"{host} leads to an address that cannot be a system in your home.")
    return allowed


def _as_os_error(err: OSError | UnicodeError) -> OSError:
    """A host that cannot be written as a name is an unknown one."""
    return err if isinstance(err, OSError) else socket.gaierror(str(err))
