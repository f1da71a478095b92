"""What a request is here: perhaps by htmx, and mostly behind the login."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from hi.accounts.models import User


class OpenRequest(HttpRequest):
    """For annotations only: what the middleware makes of a request, signed in or not."""

    htmx: HtmxDetails


class ConsoleRequest(OpenRequest):
    """A request behind the login."""

    user: User
