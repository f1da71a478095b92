"""Product: what should listen at an address, for the sentences that say that it does not, or what it refuses."""

from dataclasses import dataclass

from hi.integration import exceptions
from hi.integration.connection_errors import too_often_error


@dataclass(frozen=True, slots=True)
class Product:
    """A system by the name that people know.

    `credential` is the key of the setting by which it knows hi, and how people call that; `is_bearer`: it goes along
    with each request as a bearer token. Addresses of it end in `usual_path`. `refused_hint` says what to do where it is
    refused, `rights_hint` where it is not enough, `denied_hint` where the product turns this machine away.
    """

    name: str
    usual_port: int
    credential: str
    refused_hint: str
    is_bearer: bool = False
    usual_path: str = ""
    rights_hint: str = "Give its user more rights there."
    denied_hint: str = "The address of this machine may be banned there after failed sign-ins, or rights are missing."

    def refused(self, url: str) -> exceptions.AuthenticationError:
        return exceptions.AuthenticationError(
            f"{url} refused the {self.credential}.", hint=self.refused_hint, field=self.credential
        )

    def wants(self, url: str) -> exceptions.AuthenticationError:
        """None was given."""
        return exceptions.AuthenticationError(
            f"{url} asks for a {self.credential}.", hint=self.refused_hint, field=self.credential
        )

    def denied(self, url: str) -> exceptions.AccessDeniedError:
        return exceptions.AccessDeniedError(f"{url} refuses this machine (403).", hint=self.denied_hint)

    def forbids(self, url: str, what: str) -> exceptions.AccessDeniedError:
        return exceptions.AccessDeniedError(
            f"{url} does not let this {self.credential}'s user do {what}.", hint=self.rights_hint, field=self.credential
        )

    def forbids_setting(self) -> exceptions.OrderRefusedError:
        return exceptions.OrderRefusedError(
            f"{self.name} does not let this {self.credential}'s user set that.", hint=self.rights_hint
        )

    def too_old(self, url: str, what: str) -> exceptions.ProtocolError:
        return exceptions.ProtocolError(f"{url} does not know {what}.", hint=f"Update {self.name}: it is too old.")

    def missing(self, url: str, status: int) -> exceptions.ProtocolError:
        return exceptions.ProtocolError(
            f"There is no {self.name} at {url} ({status}).",
            hint=f"Check the address and the port: {self._usual_place}.",
        )

    def stranger(self, url: str) -> exceptions.ProtocolError:
        """Something that opens a WebSocket, and is another product's."""
        return exceptions.ProtocolError(
            f"{url} opens a WebSocket, but it is not that of {self.name}.", hint="Check the address and the port."
        )

    def web_page(self, url: str) -> exceptions.ProtocolError:
        return exceptions.ProtocolError(
            f"{url} answered with a web page instead of {self.name}.",
            hint=f"Something else listens at this address. Check it, and the port: {self._usual_place}.",
        )

    @property
    def _usual_place(self) -> str:
        path = f", and the address ends in {self.usual_path}" if self.usual_path else ""
        return f"it is usually {self.usual_port}{path}"

    def no_websocket(
        self, url: str, status: int, content_type: str, retry_after: float = 0.0
    ) -> exceptions.IntegrationError:
        """Why a request for a WebSocket was answered with that status."""
        if status == 403:
            return self.denied(url)
        if status == 429:
            return too_often_error(url, retry_after)
        if status >= 500:
            return exceptions.ConnectionError(
                f"{url} answered with an error of its own ({status}).",
                hint="Look at the server's log.",
                retry_after=retry_after,
            )
        if 300 <= status < 400:
            return exceptions.ProtocolError(
                f"{url} sends elsewhere ({status}).", hint="Enter the address that the browser shows in the end."
            )
        if status in (400, 426):
            return exceptions.ProtocolError(
                f"{url} answers, but lets no WebSocket through ({status}).",
                hint=f"Let the proxy in front of {self.name} pass WebSockets on, or enter {self.name}'s own address.",
            )
        if status == 200 or "html" in content_type:
            return self.web_page(url)
        return self.missing(url, status)

    def still_starting(self, url: str, seconds: float) -> exceptions.ConnectionError:
        return exceptions.ConnectionError(
            f"{url} is still starting after {seconds:g} seconds.",
            hint=f"Look at {self.name}'s log; hi tries again by itself.",
        )

    def lacks(self, what: str) -> exceptions.OrderRefusedError:
        return exceptions.OrderRefusedError(
            f"{self.name} has no {what}.", hint="It was removed or renamed there, or is not started yet."
        )

    def cannot_reach(self, what: str) -> exceptions.OrderRefusedError:
        return exceptions.OrderRefusedError(
            f"{self.name} cannot reach {what} now.", hint="Check the device, and its integration there."
        )
