"""Parts of a page that keep themselves up to date: polled, and answered only when they changed."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

# What differs between two renderings of the same facts: the words for an age, a form's token, and when it was shown.
_VOLATILE = re.compile(r'(<time\b[^>]*>)[^<]*|<input type="hidden" name="(?:csrfmiddlewaretoken|shown_at)"[^>]*>')


def fingerprint(html: str) -> str:
    """Equal for two renderings that tell the same; ages are told by the browser's own clock meanwhile."""
    return hashlib.blake2b(_VOLATILE.sub(r"\1", html).encode(), digest_size=8).hexdigest()


class LivePart:
    """One rendered part, wrapped in the element that polls for its successor every `seconds` (0: no more)."""

    def __init__(
        self,
        request: HttpRequest,
        template: str,
        context: Mapping[str, Any],
        *,
        element_id: str,
        url: str,
        seconds: int,
    ) -> None:
        self._request = request
        inner = mark_safe(render_to_string(template, dict(context), request))
        self.mark = fingerprint(inner)
        url = f"{url}{'&' if '?' in url else '?'}v={self.mark}"
        self.html: SafeString = mark_safe(
            render_to_string(
                "console/live.html",
                {"element_id": element_id, "url": url, "seconds": seconds, "inner": inner},
            )
        )

    def answer(self, extra: str = "") -> HttpResponse:
        """What a poll gets: nothing (204) while the page shows the same already. `extra` goes along with a change."""
        if self._request.method == "GET" and self._request.GET.get("v") == self.mark:
            return HttpResponse(status=204)
        return HttpResponse(self.html + extra)
