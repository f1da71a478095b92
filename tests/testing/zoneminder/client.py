"""A plain client, which hides nothing from a test."""

from typing import Any

import requests

from hi.testing.zoneminder import SimulatedZoneMinder

PATIENCE_SECONDS = 5.0


def send(sim: SimulatedZoneMinder, method: str, path: str, **options: Any) -> requests.Response:
    """A path of the API, or one that begins with a slash."""
    url = sim.url.removesuffix("/zm") + path if path.startswith("/") else f"{sim.url}/api/{path}"
    with requests.Session() as session:
        session.trust_env = False
        return session.request(method, url, timeout=PATIENCE_SECONDS, **options)


def login(sim: SimulatedZoneMinder, user: str = "", password: str = "") -> dict[str, Any]:
    form = {"user": user or sim.user, "pass": password or sim.password}
    issued: dict[str, Any] = send(sim, "POST", "host/login.json", data=form).json()
    return issued


def get(
    sim: SimulatedZoneMinder, path: str, token: str | None = None, stream: bool = False, **query: Any
) -> requests.Response:
    """With a fresh token, unless one is given."""
    given = login(sim)["access_token"] if token is None else token
    return send(sim, "GET", path, params={"token": given} | query, stream=stream)


def ask(sim: SimulatedZoneMinder, path: str, token: str | None = None, **query: Any) -> Any:
    return get(sim, path, token, **query).json()
