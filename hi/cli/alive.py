"""Whether hi runs: what a person asks for is written down in any case, but only its processes do it."""

from datetime import timedelta

from django.utils import timezone

from hi.integration.enums import ProcessRole
from hi.integration.health.facts import ALIVE_SECONDS
from hi.integration.models import Process

START = "Start it: make run"


def find_missing(role: ProcessRole) -> str:
    """Why nobody does this part of the work now; empty where somebody does."""
    since = timezone.now() - timedelta(seconds=ALIVE_SECONDS)
    alive = set(Process.objects.filter(seen_at__gte=since).values_list("role", flat=True))
    if not alive:
        return "hi is not running"
    return "" if role in alive else f"hi's {role} process is not running"
