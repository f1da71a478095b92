"""Home: is everything alright, and what needs me?"""

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from hi.console import words
from hi.console.display import show_state
from hi.console.live import LivePart
from hi.console.needs import list_needs
from hi.console.requests import ConsoleRequest
from hi.console.tiles import short_name
from hi.entity import queries
from hi.entity.models import EntityState
from hi.integration import overview
from hi.integration.enums import IntegrationStatus
from hi.integration.overview import InstanceOverview

S = IntegrationStatus


@require_safe
def home(request: ConsoleRequest) -> HttpResponse:
    overviews = overview.list_instances()
    needs = list_needs(overviews)
    now = timezone.now()
    context = {
        "headline": _headline(overviews, len(needs)),
        "systems": [(found, words.status_pill(found)) for found in overviews],
        "live_count": sum(words.status_pill(found).tone == "ok" for found in overviews),
        "state_count": sum(found.state_count for found in overviews),
        "needs": needs,
        "last_change_at": queries.last_change_at(),
        "recent": [(state, _where(state), show_state(state, now)) for state in queries.list_recent_changes()],
    }
    live = LivePart(
        request, "console/home_live.html", context, element_id="home-live", url=reverse("console:home"), seconds=2
    )
    if request.htmx:
        return live.answer(render_to_string("console/part_needs_badge.html", {"total": len(needs), "oob": True}))
    return render(request, "console/home.html", {"live": live, "needs_count": len(needs)})


def _headline(overviews: list[InstanceOverview], needs: int) -> str:
    """One sentence that is true: it says "alright" only when nothing is wrong and nothing is on its way."""
    if not overviews:
        return "Welcome home."
    if needs:
        return f"{words.number_word(needs)} {'thing needs' if needs == 1 else 'things need'} you."
    by_status: dict[str, list[str]] = {}
    for found in overviews:
        by_status.setdefault(found.instance.status, []).append(found.instance.label)
    if starting := by_status.get(S.ACTIVATING):
        return f"{_names(starting)} {'is' if len(starting) == 1 else 'are'} starting."
    if shaky := by_status.get(S.DEGRADED):
        return f"{_names(shaky)} {'is' if len(shaky) == 1 else 'are'} not quite well."
    if silent := [found.instance.label for found in overviews if words.is_reconnecting(found)]:
        return f"{_names(silent)} {'is' if len(silent) == 1 else 'are'} reconnecting."
    if missing := [found.instance.label for found in overviews if not found.info.installed]:
        return f"{_names(missing)} {'is' if len(missing) == 1 else 'are'} not installed."
    if S.ACTIVE not in by_status:
        return "Everything is at rest."
    return "Everything is alright."


def _names(labels: list[str]) -> str:
    return labels[0] if len(labels) == 1 else f"{words.number_word(len(labels))} systems"


def _where(state: EntityState) -> str:
    """Kitchen · Ceiling light · Brightness, without saying a word twice."""
    entity = state.entity
    place = entity.location.name if entity.location else ""
    name = entity.name if state.is_primary else f"{entity.name} · {short_name(state, entity)}"
    return f"{place} · {name}" if place and not name.lower().startswith(place.lower()) else name
