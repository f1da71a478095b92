"""Parts of a page that keep themselves up to date: polled, and answered only when they changed."""

import hashlib
import re
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone

from hi.integration.enums import OPEN_JOB_STATUSES, JobStatus
from hi.integration.models import Job

AT_ONCE = 0.2
JUST_NOW = timedelta(seconds=10)
# What differs between two renderings of the same facts: the words for an age, a form's token and key, and when it
# was shown.
_VOLATILE = re.compile(r'(<time\b[^>]*>)[^<]*|<input type="hidden" name="(?:csrfmiddlewaretoken|shown_at|key)"[^>]*>')


def fingerprint(html: str) -> str:
    """Equal for two renderings that tell the same; ages are told by the browser's own clock meanwhile."""
    return hashlib.blake2b(_VOLATILE.sub(r"\1", html).encode(), digest_size=8).hexdigest()


def pace(jobs: Collection[Job], idle: float) -> float:
    """How often to look, in seconds: at once for what somebody has just clicked, so that it is seen to begin."""
    waits = [timezone.now() - job.created_at for job in jobs if job.status in OPEN_JOB_STATUSES]
    if not waits:
        return idle
    return AT_ONCE if min(waits) < JUST_NOW and any(job.status == JobStatus.QUEUED for job in jobs) else 1


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
        seconds: float,
    ) -> None:
        self._request = request
        inner = render_to_string(template, dict(context), request)
        self.mark = fingerprint(inner)
        url = f"{url}{'&' if '?' in url else '?'}v={self.mark}"
        self.html = render_to_string(
            "console/live.html",
            {"element_id": element_id, "url": url, "milliseconds": round(seconds * 1000), "inner": inner},
        )

    @property
    def is_shown(self) -> bool:
        """Whether the page that asks shows the same already."""
        return self._request.method == "GET" and self._request.GET.get("v") == self.mark

    def answer(self, extra: str = "") -> HttpResponse:
        """What a poll gets: nothing (204) while the page shows the same already. `extra` goes along with a change."""
        if self.is_shown:
            return HttpResponse(status=204)
        return HttpResponse(self.html + extra)
