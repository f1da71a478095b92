"""Why there is no connection, in sentences: a socket's and TLS's errors as ours, told apart by what a person can do."""

import errno
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

from hi.integration import exceptions
from hi.integration.tls import CertificateFacts, OtherCertificateError

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


def too_often_error(url: str, retry_after: float) -> exceptions.ConnectionError:
    return exceptions.ConnectionError(
        f"{url} was asked too often (429).",
        hint="hi waits as long as the server wants, and tries again by itself.",
        retry_after=retry_after,
    )


def too_much_error(url: str) -> exceptions.ConnectionError:
    return exceptions.ConnectionError(
        f"More came from {url} than could be written.",
        hint="hi reads everything anew. If this lasts, the machine is too slow for this home.",
    )


def tls_error(place: str, err: BaseException, shown: CertificateFacts | None = None) -> exceptions.ConnectionError:
    """Why a secure connection could not be made. `shown`: the certificate that the server shows, if it is known."""
    if other := _find_other_certificate(err):
        return exceptions.ConnectionError(
            f"{place} does not show the pinned certificate, but one with the fingerprint {other.seen}.",
            hint="If it was renewed there, enter this fingerprint in the settings, once you have compared it with the "
            "server's own. If not, somebody stands in between: nothing was sent.",
        )
    text = str(err)
    if "WRONG_VERSION_NUMBER" in text or "record layer failure" in text:
        return exceptions.ConnectionError(
            f"{place} does not speak https.", hint="Begin the address with http:// instead."
        )
    if "CERTIFICATE_VERIFY_FAILED" in text:
        why, hint = _why_not_verified(text, shown)
        return exceptions.ConnectionError(f"The certificate of {place} {why}.", hint=hint)
    return exceptions.ConnectionError(f"No secure connection to {place}.", hint="Check the server's TLS settings.")


def _why_not_verified(text: str, shown: CertificateFacts | None) -> tuple[str, str]:
    """In half a sentence, and what to do."""
    pin = "under Certificate in the settings, pin it by its fingerprint, which the connection test shows"
    if shown is not None:
        pin = (
            "under Certificate in the settings, pin it by its fingerprint, once you have compared it with the server's "
            f"own: {shown.fingerprint}"
        )
    if "Hostname mismatch" in text or "IP address mismatch" in text:
        names = ", ".join(shown.names) if shown else ""
        made_for = f": {names}" if names else ""
        return f"belongs to another name{made_for}", f"Use a name that it is made for as the address, or, {pin}"
    if "has expired" in text:
        since = f" on {shown.not_after:%d %B %Y}" if shown and shown.not_after else ""
        return f"has expired{since}", f"Renew it there, or, {pin}"
    if "not yet valid" in text:
        return "is not valid yet", "Look whether the clocks of both machines are right."
    own = f"If this is your own server: {pin}; or paste the certificate of its authority there"
    if "self" in text and "signed" in text:
        return "is self-signed", own
    issuer = f" ({shown.issuer})" if shown and shown.issuer else ""
    return f"is vouched for by nobody whom hi trusts here{issuer}", own


def _find_other_certificate(err: BaseException | None) -> OtherCertificateError | None:
    """Anywhere in the chain: requests wraps urllib3's error, which wraps that of the handshake."""
    return next((one for one in walk(err) if isinstance(one, OtherCertificateError)), None)


def walk(err: BaseException | None) -> Iterator[BaseException]:
    """An error and all that it was made of."""
    seen: set[int] = set()
    todo: list[object] = [err]
    while todo:
        one = todo.pop()
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        todo += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
