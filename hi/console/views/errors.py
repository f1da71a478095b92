"""What a page says when hi itself cannot go on."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from hi.utils import trace


def server_error(request: HttpRequest) -> HttpResponse:
    """A database that is away (restarted, moved, its disk full) is no fault of hi's, and passes."""
    is_away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    response = render(
        request, "console/error.html", {"is_away": is_away, "trace": trace.current()}, status=503 if is_away else 500
    )
    if is_away:
        response["Retry-After"] = "5"
    return response
