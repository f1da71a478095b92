"""What a request is here: perhaps by htmx, and mostly behind the login."""

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django_htmx.middleware import HtmxDetails

from hi.accounts.models import User
from hi.console.addresses import read_number
from hi.integration import exceptions


class OpenRequest(HttpRequest):
    """For annotations only: what the middleware makes of a request, signed in or not."""

    htmx: HtmxDetails


class ConsoleRequest(OpenRequest):
    """A request behind the login."""

    user: User


def read_given(request: ConsoleRequest, *fields: str) -> dict[str, str | int]:
    """What a form says of these fields. Raises ConfigurationError for a place that is no number."""
    given: dict[str, str | int] = {field: request.POST[field] for field in fields if field in request.POST}
    for field in ("location_id", "parent_id"):
        if field in given:
            number = read_number(str(given[field]) or "0")
            if number is None:
                raise exceptions.ConfigurationError(_("There is no such place."), field=field)
            given[field] = number
    return given
