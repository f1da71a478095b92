"""The steps of a connection test that every service has: each a name, and a call that returns what it found."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from hi.integration.core.settings import SettingSpec, SettingType
from hi.integration.reach import check_tls, reach
from hi.integration.service_client import ServiceClient
from hi.integration.tls import Trust

ConnectionStep = tuple[str, Callable[[], str]]


def first_steps(
    settings: Iterable[SettingSpec], config: Mapping[str, str], usual_port: int | None, seconds: float
) -> Iterator[ConnectionStep]:
    """Of a service with an address: is the machine there, and is it the right one by its certificate."""
    url = next((config.get(spec.key, "") for spec in settings if spec.type is SettingType.URL), "")
    if url:
        yield "Reach", partial(reach, url, usual_port=usual_port, seconds=seconds)
    if url.startswith("https:"):
        yield "Encrypt", partial(check_tls, url, Trust.of(config), seconds=seconds)


def client_steps(
    client: type[ServiceClient], config: Mapping[str, str], seconds: float, checks: Mapping[str, Callable[[Any], str]]
) -> Iterator[ConnectionStep]:
    """Each check with a client of its own, which waits so long for an answer."""

    def run(check: Callable[[Any], str]) -> str:
        with client(config, answer_seconds=seconds) as opened:
            return check(opened)

    for name, check in checks.items():
        yield name, partial(run, check)
