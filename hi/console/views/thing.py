"""One thing: what it is now, and what people add to it. Each part that can be edited has an address of its own, which
answers with that part alone to htmx, and else with the whole page."""

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRedirect

from hi.accounts.access import needs
from hi.accounts.roles import Permission
from hi.console import thing_parts
from hi.console.addresses import read_cursor, read_number, read_numbers
from hi.console.cameras import Camera, list_cameras
from hi.console.recordings import build_recordings, tell_news
from hi.console.requests import ConsoleRequest, read_given
from hi.console.thing_origin import build_about_part
from hi.console.thing_page import build_thing_part
from hi.console.tiles import short_name
from hi.console.undo import offer_undo
from hi.entity import queries
from hi.entity.models import Entity, EntityState
from hi.integration import exceptions, overview, people, watching

Given = Mapping[str, str | int]
MOST_GOING = 50


@needs(Permission.LOOK)
@require_safe
def thing(request: ConsoleRequest, entity_id: int) -> HttpResponse:
    watching.look()
    entity = find_thing(request, entity_id)
    if isinstance(entity, HttpResponse):
        return entity
    return build_thing_part(request, entity).answer() if request.htmx else show_page(request, entity)


@needs(Permission.LOOK)
@require_safe
def about(request: ConsoleRequest, entity_id: int) -> HttpResponse:
    """Where it comes from and what people did to it, kept up to date."""
    entity = find_thing(request, entity_id)
    return entity if isinstance(entity, HttpResponse) else build_about_part(request, entity).answer()


@needs(Permission.LOOK)
@require_safe
def recordings(request: ConsoleRequest, entity_id: int) -> HttpResponse:
    """What its cameras recorded: older ones with `?after=`, for htmx without the rest of the page. With `?focus` the
    newest one takes it, in place of what was pressed."""
    entity = find_thing(request, entity_id)
    if isinstance(entity, HttpResponse):
        return entity
    if not request.htmx:
        return show_page(request, entity)
    part = "recording_days" if "after" in request.GET else "thing_recordings"
    context = {"entity": entity, "takes_focus": "focus" in request.GET}
    context |= build_recordings(request, entity, find_cameras(entity))
    return render(request, f"console/part_{part}.html", context)


@needs(Permission.LOOK)
@require_safe
def recordings_news(request: ConsoleRequest, entity_id: int) -> HttpResponse:
    """Whether there are newer ones than `?newest=`, and which of `?going=` have ended."""
    entity = find_thing(request, entity_id)
    if isinstance(entity, HttpResponse):
        return entity
    newest = read_cursor(request.GET.get("newest", ""), read_number)
    told = tell_news(request, entity, newest, read_numbers(request.GET.getlist("going"))[:MOST_GOING])
    return HttpResponse(told, status=200 if told else 204)


@needs(Permission.EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ConsoleRequest, entity_id: int) -> HttpResponse:
    """Name, kind and place."""

    def save(entity: Entity) -> Given:
        return people.edit(entity, read_given(request, "name", "type", "location_id"), request.user)

    return edit_part(request, entity_id, "head", save, "console:thing-edit")


@needs(Permission.EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def notes(request: ConsoleRequest, entity_id: int) -> HttpResponse:
    def save(entity: Entity) -> Given:
        return people.edit(entity, {"notes": request.POST.get("notes", "")}, request.user)

    return edit_part(request, entity_id, "notes", save, "console:thing-notes")


@needs(Permission.EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def facts(request: ConsoleRequest, entity_id: int) -> HttpResponse:
    """One fact: noted, changed, or with an empty value taken away."""
    name, value = request.POST.get("name", ""), request.POST.get("value", "")

    def save(entity: Entity) -> Given:
        former = people.note_fact(entity, name, value, request.user)
        return {} if former is None else {"name": name, "value": former}

    return edit_part(request, entity_id, "facts", save, "console:thing-facts")


@needs(Permission.EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def state(request: ConsoleRequest, entity_id: int, state_id: int) -> HttpResponse:
    """What one of its states is called, and where that is."""
    row = get_object_or_404(
        EntityState.objects.select_related("entity", "source_location", "user_location", "sensor", "controller"),
        pk=state_id,
        entity=entity_id,
    )
    context: dict[str, Any] = {
        "state": row,
        "name": short_name(row, row.entity),
        "entity": row.entity,
        **thing_parts.build_place_choice(row),
    }
    if request.method != "POST":
        return render(request, "console/thing_state.html", context)
    try:
        former = people.edit(row, read_given(request, "name", "location_id"), request.user)
    except exceptions.ConfigurationError as err:
        return render(request, "console/thing_state.html", {**context, "error": err, "given": request.POST}, status=422)
    tell_done(request, former, reverse("console:thing-state", args=[entity_id, state_id]))
    return redirect("console:thing", entity_id=entity_id)


def find_thing(request: ConsoleRequest, entity_id: int) -> Entity | HttpResponse:
    try:
        return queries.get_entity(entity_id)
    except Entity.DoesNotExist as err:
        if request.htmx and request.method != "POST":  # deleted while somebody looked at it
            return HttpResponseClientRedirect(reverse("console:thing", args=[entity_id]))
        raise Http404 from err


def edit_part(
    request: ConsoleRequest, entity_id: int, part: str, save: Callable[[Entity], Given], address: str
) -> HttpResponse:
    """Show a part's form, or save what it says. `save` returns the fields that take it back."""
    entity = find_thing(request, entity_id)
    if isinstance(entity, HttpResponse):
        return entity
    if request.method != "POST":
        return show_part(request, entity, part, is_edited="cancel" not in request.GET)
    try:
        former = save(entity)
    except ObjectDoesNotExist as err:  # deleted meanwhile
        raise Http404 from err
    except exceptions.IntegrationError as err:
        return show_part(request, entity, part, is_edited=True, error=err)
    tell_done(request, former, reverse(address, args=[entity_id]))
    if not request.htmx:
        return redirect(reverse("console:thing", args=[entity_id]) + f"#thing-{part}")
    return show_part(request, queries.get_entity(entity_id), part, is_edited=False)


def tell_done(request: ConsoleRequest, former: Given, address: str) -> None:
    if former:
        offer_undo(request, _("Saved."), address, former)


def show_part(
    request: ConsoleRequest,
    entity: Entity,
    part: str,
    *,
    is_edited: bool,
    error: exceptions.IntegrationError | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {
        "editing": part if is_edited else "",
        "error": error,
        "given": request.POST if error else {},
    }
    if not request.htmx:
        return show_page(request, entity, **context, status=422 if error else 200)
    context |= thing_parts.build_part(entity, part, request.GET, is_edited=is_edited)
    told = render_to_string("console/part_messages.html", {"oob": True}, request)
    # The part takes the focus back to where it was left.
    context |= {"entity": entity, "takes_focus": True}
    return HttpResponse(render_to_string(f"console/part_thing_{part}.html", context, request) + told)


def show_page(request: ConsoleRequest, entity: Entity, *, status: int = 200, **context: Any) -> HttpResponse:
    editing = context.get("editing", "")
    overview.links_of_states(entity.states.all())  # each part wants those of some of them
    parts: dict[str, Any] = {}
    for part in thing_parts.PARTS:
        parts |= thing_parts.build_part(entity, part, request.GET, is_edited=editing == part)
    parts["cameras"] = find_cameras(entity)
    parts |= build_recordings(request, entity, parts["cameras"])
    page = {"entity": entity, **parts, **context, "live": build_thing_part(request, entity)}
    page["about"] = build_about_part(request, entity)
    return render(request, "console/thing.html", page, status=status)


def find_cameras(entity: Entity) -> list[Camera]:
    return [] if entity.removed_at else list_cameras([entity]).get(entity.pk, [])
