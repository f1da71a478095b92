"""Home: is everything alright, and what needs me?"""

from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from hi.accounts.access import needs
from hi.accounts.roles import Permission
from hi.console import words
from hi.console.display import show_state
from hi.console.live import LivePart
from hi.console.needs import Need, list_all_needs
from hi.console.requests import ConsoleRequest
from hi.console.system_cards import build_cards
from hi.console.tiles import short_name
from hi.entity import queries
from hi.entity.models import EntityState
from hi.integration import cameras, overview, watching
from hi.integration.enums import IntegrationStatus
from hi.integration.health import recent
from hi.integration.health.findings import Level
from hi.integration.overview import InstanceOverview

S = IntegrationStatus
SHOWN_CAMERAS = 4


@needs(Permission.LOOK)
@require_safe
def home(request: ConsoleRequest) -> HttpResponse:
    watching.look()
    overviews = overview.list_instances()
    needs = list_all_needs(overviews)
    cards = build_cards(overviews, _explained(needs))
    now = timezone.now()
    context = {
        "headline": _headline(overviews, len(needs)),
        "cards": cards,
        "live_count": sum(card.pill.tone == "ok" for card in cards),
        "state_count": sum(found.state_count for found in overviews),
        "cameras": cameras.list_first(SHOWN_CAMERAS),
        "needs": needs,
        "worth_a_look": sum(finding.level is Level.WARN for finding in recent.list_troubles()),
        "quick": _quick_facts() if overviews else [],
        "last_change_at": queries.last_change_at(),
        "recent": [(state, _where(state), show_state(state, now)) for state in queries.list_recent_changes()],
    }
    live = LivePart(
        request, "console/home_live.html", context, element_id="home-live", url=reverse("console:home"), seconds=2
    )
    if request.htmx:
        return live.answer(render_to_string("console/part_needs_badge.html", {"total": len(needs), "oob": True}))
    return render(request, "console/home.html", {"live": live, "needs_count": len(needs)})


def _explained(needs: Sequence[Need]) -> frozenset[int]:
    return frozenset(need.instance.pk for need in needs if need.instance)


def _quick_facts() -> list[tuple[str, str, int]]:
    """What people want to know in passing: the address, the words and the number of those that are not zero."""
    counts = queries.count_quick_filters()
    return [
        (f"{reverse('console:things')}?show={key}", str(label), counts[key])
        for key, (label, _condition) in queries.QUICK_FILTERS.items()
        if counts.get(key)
    ]


def _headline(overviews: list[InstanceOverview], needs: int) -> str:
    """One sentence that is true: it says "alright" only when nothing is wrong and nothing is on its way."""
    if needs:
        number = words.number_word(needs)
        return ngettext("%(number)s thing needs you.", "%(number)s things need you.", needs) % {"number": number}
    if not overviews:
        return _("Welcome home.")
    by_status: dict[str, list[str]] = {}
    for found in overviews:
        by_status.setdefault(found.instance.status, []).append(found.instance.label)
    if starting := by_status.get(S.ACTIVATING):
        return _of(starting, _("%(names)s is starting."), _("%(names)s are starting."))
    if shaky := by_status.get(S.DEGRADED):
        return _of(shaky, _("%(names)s is not quite well."), _("%(names)s are not quite well."))
    if silent := [found.instance.label for found in overviews if words.is_reconnecting(found)]:
        return _of(silent, _("%(names)s is reconnecting."), _("%(names)s are reconnecting."))
    if missing := [found.instance.label for found in overviews if not found.info.installed]:
        return _of(missing, _("%(names)s is not installed."), _("%(names)s are not installed."))
    if S.ACTIVE not in by_status:
        return _("Everything is at rest.")
    return _("Everything is alright.")


def _of(labels: list[str], one: str, many: str) -> str:
    if len(labels) == 1:
        return one % {"names": labels[0]}
    return many % {"names": _("%(number)s systems") % {"number": words.number_word(len(labels))}}


def _where(state: EntityState) -> str:
    """Kitchen · Ceiling light · Brightness, without saying a word twice."""
    entity = state.entity
    place = entity.location.name if entity.location else ""
    name = entity.name if state.is_primary else f"{entity.name} · {short_name(state, entity)}"
    return f"{place} · {name}" if place and not name.lower().startswith(place.lower()) else name
