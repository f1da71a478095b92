"""Activity: what people did, and what came of it."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hi.accounts.access import needs
from hi.accounts.models import User
from hi.accounts.roles import Permission
from hi.console.activity import GROUP_WORDS, ActivityChoice, build_deeds
from hi.console.live import LivePart
from hi.console.requests import ConsoleRequest
from hi.entity.models import Entity
from hi.integration import audit
from hi.integration.models import IntegrationInstance

PAGE = 50
MOST_OPTIONS = 200

Option = tuple[str, str, bool]


@needs(Permission.LOOK)
@require_safe
def activity(request: ConsoleRequest) -> HttpResponse:
    choice = ActivityChoice.read(request.GET)
    entries, following = audit.list_entries(choice.build_filter(), PAGE)
    context = {
        "choice": choice,
        "deeds": build_deeds(entries, request.user.pk),
        "older_url": choice.url(after=following) if following else "",
        "thing": Entity.objects.filter(pk=choice.thing).first() if choice.thing is not None else None,
        "without_thing_url": choice.url(thing=None, after=None),
    }
    live = LivePart(
        request,
        "console/activity_live.html",
        context,
        element_id="activity-live",
        url=choice.url(),
        seconds=0 if choice.after else 3,
    )
    if request.htmx and "v" in request.GET:
        return live.answer()
    return render(request, "console/activity.html", {"live": live, "choice": choice, "selects": _selects(choice)})


def _selects(choice: ActivityChoice) -> list[tuple[str, str, list[Option]]]:
    """The filters: name, label, options."""
    people = User.objects.order_by("username").values_list("pk", "username")[:MOST_OPTIONS]
    instances = IntegrationInstance.objects.filter(is_draft=False).values_list("pk", "label")[:MOST_OPTIONS]
    return [
        ("who", _("Who"), _options({"": _("Everybody"), **dict(people)}, choice.who)),
        ("what", _("What"), _options(GROUP_WORDS, choice.what)),
        (
            "integration",
            _("Integration"),
            _options({"": _("Every integration"), **dict(instances)}, choice.integration),
        ),
    ]


def _options(offered: Mapping[Any, Any], chosen: object) -> list[Option]:
    return [(str(key), str(word), key == ("" if chosen is None else chosen)) for key, word in offered.items()]
