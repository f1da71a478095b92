"""System: is the machine well?"""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from hi.accounts.access import needs
from hi.accounts.roles import Permission
from hi.console.live import LivePart
from hi.console.requests import ConsoleRequest
from hi.console.system_page import build_page
from hi.integration.health.check import check_health


@needs(Permission.LOOK)
@require_safe
def system(request: ConsoleRequest) -> HttpResponse:
    live = LivePart(
        request,
        "console/system_live.html",
        {"page": build_page(check_health())},
        element_id="system-live",
        url=reverse("console:system"),
        seconds=5,
    )
    return live.answer() if request.htmx else render(request, "console/system.html", {"live": live})
