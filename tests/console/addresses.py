"""Every page of the console and every poll of a page, found from the addresses themselves: none can be forgotten."""

import asyncio
import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.test import Client
from django.urls import URLPattern, reverse

from hi.console import urls

# A page as it can be asked for, beside its plain address.
ALSO: dict[str, tuple[str, ...]] = {
    "things": (
        *("?by=type", "?by=integration", "?q=kitchen", "?q=kitchen+light&by=integration", "?show=stale"),
        *("?show=lights&by=type", "?q=nothing-is-called-this"),
    ),
    "jobs": ("?status=failed", "?each=1", "?kind=sync&asked=you"),
}
FOLLOWED = re.compile(r'href="(\?[^"]*\bafter=[^"]+|/[^"]*\?[^"]*\bafter=[^"]+)"')  # the next page of a list
POLL = re.compile(r"<[^>]*\bdata-poll\b[^>]*>")
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Address:
    """`name` is that of the url, with what was asked for; a poll goes out as htmx sends it."""

    name: str
    path: str
    is_poll: bool = False

    def get(self, browser: Client) -> Any:
        response = browser.get(self.path, headers={"HX-Request": "true"} if self.is_poll else {})
        if response.streaming:  # a file
            asyncio.run(_read(response))
        return response


async def _read(response: Any) -> None:
    async for _piece in response:
        pass


def find_addresses(
    samples: Mapping[str, object], browser: Client, get: Callable[[Address, Client], Any] = Address.get
) -> list[Address]:
    """All that can be looked at, with `samples` for what stands in addresses: by the parameter's name, or by the
    url's name and its parameter's (`add-check.instance_id`) where one page wants another row than the rest. `get` is
    how a page is asked for what lies beyond it."""
    found: list[Address] = []
    for pattern in urls.urlpatterns:
        path = build_path(pattern, samples)
        for more in ("", *ALSO.get(str(pattern.name), ())):
            page = Address(f"{pattern.name}{more}", path + more)
            response = get(page, browser)
            if response.status_code == 405:
                break  # does something, shows nothing
            found += [page, *_beyond(page, "" if response.streaming else response.text)]
    return found


def build_path(pattern: URLPattern, samples: Mapping[str, object]) -> str:
    def sample(parameter: str) -> object:
        value = samples.get(f"{pattern.name}.{parameter}", samples.get(parameter))
        assert value is not None, f"give a sample of {parameter}, which the address {pattern.name!r} takes"
        return value

    kwargs = {parameter: sample(parameter) for parameter in pattern.pattern.converters}
    return reverse(f"console:{pattern.name}", kwargs=kwargs)


def _beyond(page: Address, text: str) -> list[Address]:
    """Its polls, as it sends them and as they are when all has changed; and its next page."""
    found: list[Address] = []
    for number, tag in enumerate(POLL.findall(text)):
        path = html.unescape(re.search(r'hx-get="([^"]+)"', tag)[1])  # type: ignore[index]
        name = f"{page.name} poll{number or ''}"
        if 'hx-include="#results' in tag:
            shown = [(key, html.unescape(value)) for key, value in HIDDEN.findall(text.partition('id="results"')[2])]
            changed = [(key, re.sub(r"\.\w+$", ".changed", value)) for key, value in shown]
            found += [
                Address(f"{name}, nothing changed", f"{path}?{urlencode(shown)}", is_poll=True),
                Address(f"{name}, all changed", f"{path}?{urlencode(changed)}", is_poll=True),
            ]
        else:
            found.append(Address(f"{name}, nothing changed", path, is_poll=True))
            found.append(Address(f"{name}, all changed", re.sub(r"\bv=\w+", "v=changed", path), is_poll=True))
    if following := FOLLOWED.search(text):
        path = html.unescape(following[1])
        found.append(Address(f"{page.name} next", path if path.startswith("/") else page.path.split("?")[0] + path))
    return found
