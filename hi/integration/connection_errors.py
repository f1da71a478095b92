"""Why there is no connection, in sentences: a socket's and TLS's errors as ours, told apart by what a person can do."""

import errno
import socket
from urllib.parse import urlsplit

from hi.integration import exceptions

NO_ROUTE = {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN}


def connect_error(host: str, port: int, err: OSError, seconds: float) -> exceptions.ConnectionError:
    """What came of an attempt to connect that lasted up to `seconds`."""
    if isinstance(err, TimeoutError):
        return exceptions.ConnectionError(
            f"{host} did not answer on port {port} within {seconds:g} seconds.",
            hint="Is the machine on and in the same network? Check the address.",
        )
    return socket_error(f"[{host}]:{port}" if ":" in host else f"{host}:{port}", err, seconds)


def socket_error(place: str, err: OSError, seconds: float) -> exceptions.ConnectionError:
    """What ended a connection. `place` is host:port, `seconds` how long was waited for a next byte."""
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
    if isinstance(err, ConnectionRefusedError):
        return exceptions.ConnectionError(
            f"{place} refuses connections: nothing listens on that port.",
            hint="Check the port, and that the server is running.",
        )
    if err.errno in NO_ROUTE:
        return exceptions.ConnectionError(
            f"{place} cannot be reached from here.", hint="Is the machine on and in the same network?"
        )
    return exceptions.ConnectionError(
        f"The connection to {place} broke off.", hint="Check the network, and the server, if this lasts."
    )


def too_slow_error(url: str, seconds: float) -> exceptions.ConnectionError:
    return exceptions.ConnectionError(
        f"{url} answers too slowly: not finished after {seconds:g} seconds.",
        hint="The server or the network is overloaded.",
    )


def tls_error(place: str, err: BaseException) -> exceptions.ConnectionError:
    """Why a secure connection could not be made."""
    text = str(err)
    if "WRONG_VERSION_NUMBER" in text or "record layer failure" in text:
        return exceptions.ConnectionError(
            f"{place} does not speak https.", hint="Begin the address with http:// instead."
        )
    if "CERTIFICATE_VERIFY_FAILED" in text:
        why = "is self-signed" if "self" in text and "signed" in text else "is not trusted by this machine"
        if "Hostname mismatch" in text or "IP address mismatch" in text:
            why = "belongs to another name"
        elif "has expired" in text:
            why = "has expired"
        return exceptions.ConnectionError(
            f"The certificate of {place} {why}.",
            hint="Use the name the certificate is made for, install its authority on this machine, "
            "or connect with http:// inside your home.",
        )
    return exceptions.ConnectionError(f"No secure connection to {place}.", hint="Check the server's TLS settings.")
