"""What somebody has just done, with a button that takes it back."""

from collections.abc import Mapping

from django.contrib import messages
from django.template.loader import render_to_string

from hi.console.requests import ConsoleRequest


def offer_undo(request: ConsoleRequest, told: str, action: str, fields: Mapping[str, object]) -> None:
    """Tell it; the button posts the fields to the address `action`."""
    context = {"told": told, "action": action, "fields": fields}
    # Not a success, which leaves by itself: somebody may still reach for the button.
    messages.info(request, render_to_string("console/part_undo.html", context, request))
