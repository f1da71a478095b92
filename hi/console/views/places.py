"""Places: the tree of buildings, floors and rooms, and what people change in it."""

import re
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from hi.accounts.access import needs
from hi.accounts.roles import Permission
from hi.console.places_page import build_place, build_tree
from hi.console.requests import ConsoleRequest, read_given
from hi.console.undo import offer_undo
from hi.entity.models import Location
from hi.integration import exceptions, place_edits

POSITION = re.compile(r"[0-9]{0,6}")
PLACED = re.compile(rf"([0-9]{{1,18}}):({POSITION.pattern})")


@needs(Permission.LOOK, to_change=Permission.EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def places(request: ConsoleRequest) -> HttpResponse:
    """The tree; a POST adds a place of one's own."""
    if request.method != "POST":
        return render(request, "console/places.html", build_tree())
    try:
        given = read_given(request, "name", "kind", "parent_id")
        location = place_edits.add(
            str(given.get("name", "")), str(given.get("kind", "")), int(given.get("parent_id", 0)), request.user
        )
    except exceptions.ConfigurationError as err:
        return render(request, "console/places.html", {**build_tree(request.POST), "error": err}, status=422)
    told = _("“%(name)s” is a place now.") % {"name": location.name}
    offer_undo(request, told, reverse("console:place-delete", args=[location.pk]), {})
    return redirect(reverse("console:places") + f"#place-{location.pk}")


@needs(Permission.EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def place(request: ConsoleRequest, location_id: int) -> HttpResponse:
    """One place: its name and what it stands in."""
    location = get_object_or_404(Location.objects.select_related("source_parent", "user_parent"), pk=location_id)
    if request.method != "POST":
        return render(request, "console/place.html", build_place(location))
    try:
        former = _held(lambda: place_edits.edit(location, _given(request), request.user))
    except exceptions.ConfigurationError as err:
        context: dict[str, Any] = {**build_place(location), "error": err, "given": request.POST}
        return render(request, "console/place.html", context, status=422)
    if former:
        offer_undo(request, _("Saved."), reverse("console:place", args=[location_id]), former)
    return redirect(reverse("console:places") + f"#place-{location_id}")


def _given(request: ConsoleRequest) -> dict[str, str | int]:
    given = read_given(request, "name", "parent_id")
    position = request.POST.get("position")
    if position is not None and POSITION.fullmatch(position):
        given["position"] = position
    return given


@needs(Permission.EDIT)
@require_POST
def shift(request: ConsoleRequest, location_id: int) -> HttpResponse:
    """One step up or down among its neighbours, or all of them back to where they stood."""
    location = get_object_or_404(Location, pk=location_id)
    by = {"up": -1, "down": 1}.get(request.POST.get("to", ""), 0)
    if positions := _read_positions(request.POST.get("positions", "")):
        former = place_edits.arrange(location, positions, request.user)
    else:
        former = place_edits.shift(location, by, request.user)
    if former:
        told = _("“%(name)s” stands elsewhere now.") % {"name": location.name}
        address = reverse("console:place-shift", args=[location_id])
        offer_undo(request, told, address, {"positions": _write_positions(former)})
    if not request.htmx:
        return redirect(reverse("console:places") + f"#place-{location_id}")
    told = render_to_string("console/part_messages.html", {"oob": True}, request)
    return HttpResponse(render_to_string("console/part_places.html", build_tree(), request) + told)


def _write_positions(positions: place_edits.Positions) -> str:
    return " ".join(f"{pk}:{'' if position is None else position}" for pk, position in positions.items())


def _read_positions(text: str) -> place_edits.Positions:
    """What is not as `_write_positions` writes it is left out."""
    pairs = [PLACED.fullmatch(one) for one in text.split()[: place_edits.MAX_PLACES]]
    return {int(pair[1]): int(pair[2]) if pair[2] else None for pair in pairs if pair}


@needs(Permission.EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: ConsoleRequest, location_id: int) -> HttpResponse:
    """Asks first, and says what goes back to where its source has it."""
    location = get_object_or_404(Location, pk=location_id)
    if request.method != "POST":
        if not location.is_own:
            raise Http404
        things, inside = place_edits.count_inside(location)
        return render(request, "console/place_delete.html", {"location": location, "things": things, "inside": inside})
    try:
        _held(lambda: place_edits.delete(location, request.user))
    except exceptions.ConfigurationError as err:
        return render(request, "console/place.html", {**build_place(location), "error": err}, status=422)
    return redirect("console:places")


def _held(action: Callable[[], Any]) -> Any:
    try:
        return action()
    except ObjectDoesNotExist as err:  # deleted meanwhile
        raise Http404 from err
