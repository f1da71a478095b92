"""What can be done to an instance, one address each. Every one answers at once; what takes time becomes a job."""

from collections.abc import Callable

import orjson
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hi.accounts.access import needs
from hi.accounts.roles import Permission
from hi.console.addresses import read_number
from hi.console.forms import IntervalForm
from hi.console.requests import ConsoleRequest
from hi.console.times import span
from hi.console.views.instances import answer_action, problem
from hi.integration import exceptions, operations, overview
from hi.integration.diagnostics import build_diagnostics
from hi.integration.models import IntegrationInstance, Repair


@needs(Permission.CONNECT)
@require_POST
def activate(request: ConsoleRequest, instance_id: int) -> HttpResponse:
    return _do(request, instance_id, lambda instance: operations.activate(instance, request.user))


@needs(Permission.CONNECT)
@require_POST
def deactivate(request: ConsoleRequest, instance_id: int) -> HttpResponse:
    return _do(request, instance_id, lambda instance: operations.deactivate(instance, request.user))


@needs(Permission.CONNECT)
@require_POST
def pause(request: ConsoleRequest, instance_id: int) -> HttpResponse:
    done = _("%(name)s is paused; everything keeps its last value, marked as old.")
    return _do(request, instance_id, lambda instance: operations.pause(instance, request.user), done)


@needs(Permission.CONNECT)
@require_POST
def set_interval(request: ConsoleRequest, instance_id: int) -> HttpResponse:
    form = IntervalForm(request.POST)

    def change(instance: IntegrationInstance) -> None:
        if not form.is_valid():
            raise exceptions.ConfigurationError(_("Say how often to sync, as a number."), field="sync_interval_seconds")
        operations.set_interval(instance, form.cleaned_data["seconds"], request.user)

    done = _("Syncs run every %(span)s now.") % {"span": span(form.cleaned_data["seconds"])} if form.is_valid() else ""
    return _do(request, instance_id, change, done)


@needs(Permission.CONNECT)
@require_POST
def set_removal_policy(request: ConsoleRequest, instance_id: int) -> HttpResponse:
    policy = request.POST.get("removal_policy", "")
    return _do(
        request,
        instance_id,
        lambda instance: operations.set_removal_policy(instance, policy, request.user),
        _("Saved."),
    )


@needs(Permission.DECIDE)
@require_POST
def approve_removals(request: ConsoleRequest, instance_id: int) -> HttpResponse:
    repair_id = read_number(request.POST.get("repair", "")) or 0
    repair = get_object_or_404(Repair.objects.select_related("instance"), pk=repair_id, instance=instance_id)
    return _do(
        request,
        instance_id,
        lambda _instance: operations.approve_removals(repair, request.POST.get("seen_at", ""), request.user),
    )


@needs(Permission.CONNECT)
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: ConsoleRequest, instance_id: int) -> HttpResponse:
    """Asks first, and says exactly what is lost."""
    instance = get_object_or_404(IntegrationInstance, pk=instance_id)
    if request.method != "POST":
        loss = overview.what_deletion_loses(instance)
        return render(request, "console/integration_delete.html", {"instance": instance, "loss": loss})
    was_draft = instance.is_draft
    try:
        operations.delete(instance, request.user)
    except exceptions.IntegrationError as err:
        return answer_action(request, instance, problem(err))
    goes_on = was_draft and request.POST.get("next") != "list"
    return redirect("console:add" if goes_on else "console:integrations")


@needs(Permission.CONNECT)
@require_safe
def diagnostics(request: ConsoleRequest, instance_id: int) -> HttpResponse:
    """A file to show to whoever helps: no secret, no name, no host."""
    instance = get_object_or_404(IntegrationInstance, pk=instance_id)
    text = orjson.dumps(build_diagnostics(instance), option=orjson.OPT_INDENT_2)
    name = f"hi-{instance.integration_type}-{instance.pk}-{timezone.now():%Y%m%d-%H%M%S}.json"
    headers = {"Content-Disposition": content_disposition_header(True, name) or "", "Cache-Control": "no-store"}
    return HttpResponse(text, content_type="application/json", headers=headers)


def _do(
    request: ConsoleRequest, instance_id: int, action: Callable[[IntegrationInstance], object], done: str = ""
) -> HttpResponse:
    """Without a word `done` where the page shows the job that was begun."""
    instance = get_object_or_404(IntegrationInstance, pk=instance_id)
    try:
        action(instance)
    except exceptions.IntegrationError as err:
        return answer_action(request, instance, problem(err))
    return answer_action(
        request, instance, {"status": "success", "message": done % {"name": instance.label}, "redirect": None}
    )
