"""What a page says when hi itself cannot go on, or somebody may not."""

import sys

from django.contrib import messages
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from hi.accounts.models import User
from hi.accounts.roles import NotAllowed, Role, least_role
from hi.console.requests import ConsoleRequest
from hi.utils import trace

MOST_NAMED = 5


def server_error(request: HttpRequest) -> HttpResponse:
    """A database that is away (restarted, moved, its disk full) is no fault of hi's, and passes."""
    is_away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    response = render(
        request, "console/error.html", {"is_away": is_away, "trace": trace.current()}, status=503 if is_away else 500
    )
    if is_away:
        response["Retry-After"] = "5"
    return response


def not_allowed(request: ConsoleRequest, exception: Exception) -> HttpResponse:
    """Who may do it, and who can change that. htmx swaps no refusal in: it loads the page anew, which tells it."""
    if not isinstance(exception, NotAllowed):
        return render(request, "403.html", status=403)
    role = least_role(exception.permission)
    if request.htmx:
        told = _("This needs the role %(role)s: an admin can give it to you.") % {"role": role.label}
        messages.error(request, told)
        return HttpResponse(status=403, headers={"HX-Refresh": "true"})
    admins = User.objects.filter(role=Role.ADMIN, is_active=True).order_by("username")
    context = {
        "role": role.label,
        "own_role": request.user.get_role_display(),
        "admins": ", ".join(admins.values_list("username", flat=True)[:MOST_NAMED]),
    }
    return render(request, "403.html", context, status=403)
