"""The pages of a running console, found as a person finds them: by following links. One of a kind is enough."""

import html
import re
from collections.abc import Callable
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve

# Nothing leads there in a home that is well.
UNLINKED = {
    "things-list": "/things/?view=list",
    "things-by-type": "/things/?by=type",
    "things-by-integration": "/things/?by=integration",
    "things-none": "/things/?q=nothing-is-called-this",
    "jobs-failed": "/jobs/?status=failed",
    "missing": "/no-such-page",
}
LINK = re.compile(r'<a\b[^>]*\bhref="(/[^"]*)"')


def find_pages(read: Callable[[str], str]) -> dict[str, str]:
    """Name of the url -> path of one page of it. `read` gives the text of a path; empty for what is no page."""
    found: dict[str, str] = {}
    waiting = ["/"]
    while waiting:
        path = waiting.pop(0)
        name = name_of(path)
        if name is None or name in found:
            continue
        text = read(path)
        if "<main" in text:
            found[name] = path
            waiting += [html.unescape(link) for link in LINK.findall(text)]
    return found | UNLINKED


def name_of(path: str) -> str | None:
    try:
        match = resolve(urlsplit(path).path)
    except Resolver404:
        return None
    return match.url_name if match.app_names == ["console"] else None
