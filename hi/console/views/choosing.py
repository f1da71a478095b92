"""What of an integration is mirrored: choosing it, and the inbox of what is new."""

from datetime import datetime

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from hi.accounts.access import Deeds, needs
from hi.accounts.roles import Permission
from hi.console import choose_page
from hi.console.addresses import read_numbers
from hi.console.requests import ConsoleRequest
from hi.console.undo import offer_undo
from hi.entity.models import Entity
from hi.integration import choosing, exceptions, offers
from hi.integration.core.selection import Selection
from hi.integration.enums import Decision
from hi.integration.models import InboxItem, IntegrationInstance

MOST_AT_ONCE = 500


@needs(Permission.LOOK, to_change=Deeds({"preview": Permission.LOOK, "save": Permission.CONNECT}))
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: ConsoleRequest, instance_id: int) -> HttpResponse:
    """Tick places and kinds; what that changes is told before it is saved."""
    instance = get_object_or_404(IntegrationInstance, pk=instance_id)
    chosen = None
    if request.method == "POST":
        try:
            chosen = choose_page.read_form(request.POST)
            if request.POST["action"] == "save":
                return _save(request, instance, chosen)
        except exceptions.IntegrationError as err:
            messages.error(request, f"{err} {err.hint}".strip())
            return redirect("console:choose", instance_id=instance.pk)
    catalogue = offers.read_catalogue(instance)
    page = choose_page.build_page(instance, catalogue, chosen)
    context = {"instance": instance, "page": page, "new_things": request.POST.get("new_things", instance.new_things)}
    if request.htmx and chosen is not None:
        return render(request, "console/part_difference.html", context)
    context["things"] = choose_page.list_things(instance, page, request.GET)
    return render(request, "console/choose.html", context)


@needs(
    Permission.DECIDE,
    to_change=Deeds(
        {
            "add": Permission.CONNECT,
            "drop": Permission.CONNECT,
            "ignore": Permission.DECIDE,
            "unignore": Permission.DECIDE,
        }
    ),
)
@require_POST
def choose_thing(request: ConsoleRequest, instance_id: int) -> HttpResponse:
    """One thing of the list: name it, name it no more, ignore it, or stop ignoring it. Each takes back another."""
    instance = get_object_or_404(IntegrationInstance, pk=instance_id)
    key, action = request.POST.get("key", ""), request.POST["action"]
    address = reverse("console:choose-thing", args=[instance.pk])
    try:
        if action == "ignore" and choosing.ignore_offer(instance, key, request.user):
            offer_undo(request, _("It is ignored from now on."), address, {"key": key, "action": "unignore"})
        elif action == "unignore":
            choosing.unignore(instance, instance.inbox.filter(integration_key=key), request.user)
        elif action == "add":
            choosing.name_thing(instance, key, request.user)
            offer_undo(request, _("It is chosen."), address, {"key": key, "action": "drop"})
        elif action == "drop":
            choosing.unname_thing(instance, key, request.user)
            offer_undo(request, _("It is chosen no more."), address, {"key": key, "action": "add"})
    except exceptions.IntegrationError as err:
        messages.error(request, f"{err} {err.hint}".strip())
    query = request.GET.urlencode()
    return redirect(reverse("console:choose", args=[instance.pk]) + (f"?{query}" if query else "") + "#things")


DECISIONS = ("approve", "approve-all", "ignore", "approve:", "ignore:", "undo:")


@needs(Permission.DECIDE, to_change=Deeds(dict.fromkeys(DECISIONS, Permission.DECIDE)))
@require_http_methods(["GET", "HEAD", "POST"])
def inbox(request: ConsoleRequest, instance_id: int) -> HttpResponse:
    instance = get_object_or_404(IntegrationInstance, pk=instance_id, is_draft=False)
    if request.method == "POST":
        _decide(request, instance)
        query = request.GET.urlencode()
        return redirect(reverse("console:inbox", args=[instance.pk]) + (f"?{query}" if query else ""))
    search = request.GET.get("q", "").replace("\0", "").strip()[: choose_page.MAX_SEARCH]
    fitting = _search(instance.inbox.all(), search)
    waiting = fitting.filter(decision=Decision.WAITING).order_by("name", "pk")
    begin, number = choose_page.read_offset(request.GET), waiting.count()
    ignored = fitting.filter(decision=Decision.IGNORED).order_by("-decided_at", "pk")
    newest = waiting.order_by("-found_at").values_list("found_at", flat=True).first()
    context = {
        "instance": instance,
        "search": search,
        "items": waiting[begin : begin + choose_page.PAGE],
        "number": number,
        "until": newest.isoformat() if newest else "",
        "approved": instance.inbox.filter(decision=Decision.APPROVED).count(),
        "ignored": ignored[: choose_page.PAGE],
        "ignored_number": ignored.count(),
        "earlier": max(0, begin - choose_page.PAGE) if begin else None,
        "later": begin + choose_page.PAGE if begin + choose_page.PAGE < number else None,
    }
    return render(request, "console/inbox.html", context)


@needs(Permission.DECIDE, to_change=Deeds({"ignore": Permission.DECIDE, "undo": Permission.DECIDE}))
@require_POST
def ignore_thing(request: ConsoleRequest, entity_id: int) -> HttpResponse:
    entity = get_object_or_404(Entity, pk=entity_id)
    try:
        if request.POST["action"] == "undo":
            choosing.unignore_entity(entity, request.user)
        else:
            choosing.ignore_entity(entity, request.user)
            told = _("%(name)s is ignored from now on.") % {"name": entity.name}
            offer_undo(request, told, reverse("console:ignore-thing", args=[entity.pk]), {"action": "undo"})
    except exceptions.IntegrationError as err:
        messages.error(request, str(err))
    return redirect("console:thing", entity_id=entity.pk)


def _save(request: ConsoleRequest, instance: IntegrationInstance, chosen: Selection) -> HttpResponse:
    choosing.choose(instance, chosen, new_things=request.POST.get("new_things"), user=request.user)
    if instance.is_draft:
        return redirect("console:add-check", instance_id=instance.pk)
    messages.success(request, _("Saved. It takes effect with the next sync."))
    return redirect("console:integration", instance_id=instance.pk)


def _decide(request: ConsoleRequest, instance: IntegrationInstance) -> None:
    action, _colon, one = request.POST["action"].partition(":")
    picked = _picked(instance, [one] if one else request.POST.getlist("item"))
    if action == "undo":
        choosing.unignore(instance, picked, request.user)
        return
    if action == "approve-all":
        number = choosing.approve(instance, _all_seen(request, instance), request.user)
    else:
        decide = choosing.approve if action == "approve" else choosing.ignore
        number = decide(instance, picked.filter(decision=Decision.WAITING), request.user)
    if not number:
        messages.error(request, _("Tick what you mean first."))
    elif action == "ignore":
        told = ngettext("%(number)s thing is ignored.", "%(number)s things are ignored.", number)
        messages.success(request, told % {"number": number})
    else:
        told = ngettext("%(number)s thing is approved.", "%(number)s things are approved.", number)
        messages.success(request, told % {"number": number})


def _picked(instance: IntegrationInstance, ids: list[str]) -> QuerySet[InboxItem]:
    """What is ticked, or the one whose own button was pressed."""
    return instance.inbox.filter(pk__in=read_numbers(ids[:MOST_AT_ONCE]))


def _all_seen(request: ConsoleRequest, instance: IntegrationInstance) -> QuerySet[InboxItem]:
    """All that waited when the page was shown: nobody approves what came since."""
    until = _read_time(request.POST.get("until", ""))
    waiting = _search(instance.inbox.filter(decision=Decision.WAITING), request.POST.get("q", ""))
    return waiting.filter(found_at__lte=until) if until else waiting.none()


def _read_time(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def _search(items: QuerySet[InboxItem], text: str) -> QuerySet[InboxItem]:
    for word in text.replace("\0", "")[: choose_page.MAX_SEARCH].split():
        items = items.filter(Q(name__icontains=word) | Q(place__icontains=word) | Q(entity_type__icontains=word))
    return items
