"""Why there is no conversation with a Home Assistant, in sentences: errors of `websockets`, and refusals, as ours."""

import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage, InvalidStatus

from hi.integration import exceptions
from hi.integration.connection_errors import socket_error, tls_error
from hi.integration.core.decode import clean_text
from hi.utils.redact import MASK, redact

USUAL_PORT = 8123
TOKEN_FIELD = "token"
MAX_REASON = 300
NEW_TOKEN_HINT = (
    "Make a new one in Home Assistant: your profile, Security, Long-lived access tokens. Then enter it here."
)
BANNED_HINT = (
    "After failed sign-ins Home Assistant bans an address, a good token included: remove the line with this machine "
    "from ip_bans.yaml there and restart it. Otherwise a proxy in between refuses."
)


def token_refused(url: str) -> exceptions.AuthenticationError:
    return exceptions.AuthenticationError(f"{url} refused the token.", hint=NEW_TOKEN_HINT, field=TOKEN_FIELD)


def access_denied(url: str) -> exceptions.AccessDeniedError:
    return exceptions.AccessDeniedError(f"{url} refuses this machine (403).", hint=BANNED_HINT)


def call_refused(error: object, *, secret: str = "") -> exceptions.OrderRefusedError:
    """The service's own reason, without the code that was sent along."""
    told = error if isinstance(error, Mapping) else {}
    if told.get("code") == "unauthorized":
        return exceptions.OrderRefusedError(
            "Home Assistant does not let this token's user set that.", hint="Use a token of an administrator."
        )
    reason = told.get("message")
    reason = reason.removeprefix("Validation error: ").strip() if isinstance(reason, str) else ""
    if secret:
        reason = reason.replace(secret, MASK)
    return exceptions.OrderRefusedError(redact(clean_text(reason, MAX_REASON)) or "Home Assistant gave no reason.")


def translate_error(url: str, err: Exception, seconds: float) -> exceptions.IntegrationError:
    """An error of the socket or of `websockets` as one of ours."""
    place = urlsplit(url).netloc
    if isinstance(err, InvalidStatus):
        return _status_error(url, err.response.status_code, err.response.headers.get("Content-Type", ""))
    if isinstance(err, ssl.SSLError):
        return tls_error(place, err)
    if isinstance(err, ConnectionClosed) and err.rcvd is None and err.sent is not None:
        return exceptions.ConnectionError(f"{url} has stopped answering.", hint="See whether it is still running.")
    if isinstance(err, ConnectionClosed):
        # Also after a polite close: a restart, a revoked token and a slow reader all close with code 1000.
        return exceptions.ConnectionError(f"{url} closed the connection.", hint="It may be restarting.")
    if isinstance(err, InvalidMessage) and isinstance(err.__cause__, EOFError):
        return socket_error(place, ConnectionResetError(), seconds)
    if isinstance(err, InvalidMessage) and "HTTP/1.0" in str(err.__cause__):
        return _web_page(url)  # a server of pages: no Home Assistant speaks that
    if isinstance(err, InvalidHandshake):
        return exceptions.ProtocolError(
            f"What listens at {place} does not speak the language of the web.", hint="Check the port."
        )
    if isinstance(err, OSError):
        return socket_error(place, err, seconds)
    return exceptions.ProtocolError(f"{url} broke the rules of a WebSocket.")


def _status_error(url: str, status: int, content_type: str) -> exceptions.IntegrationError:
    if status == 403:
        return access_denied(url)
    if status >= 500 or status == 429:
        return exceptions.ConnectionError(
            f"{url} answered with an error of its own ({status}).",
            hint="Look at the server's log.",
        )
    if 300 <= status < 400:
        return exceptions.ProtocolError(
            f"{url} sends elsewhere ({status}).", hint="Enter the address that the browser shows in the end."
        )
    if status in (400, 426):
        return exceptions.ProtocolError(
            f"{url} answers, but lets no WebSocket through ({status}).",
            hint="Let the proxy in front of Home Assistant pass WebSockets on, or enter Home Assistant's own address.",
        )
    if status == 200 or "html" in content_type:
        return _web_page(url)
    return no_home_assistant(url, status)


def _web_page(url: str) -> exceptions.ProtocolError:
    return exceptions.ProtocolError(
        f"{url} answered with a web page instead of a Home Assistant.",
        hint=f"Something else listens at this address: check it, and the port, which is usually {USUAL_PORT}.",
    )


def no_home_assistant(url: str, status: int) -> exceptions.ProtocolError:
    return exceptions.ProtocolError(
        f"There is no Home Assistant at {url} ({status}).",
        hint=f"Check the address and the port: it is usually {USUAL_PORT}.",
    )
