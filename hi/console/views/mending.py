"""The one thing to do about an integration that stopped: the refused setting, or which server is meant."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hi.accounts.access import needs
from hi.accounts.roles import Permission
from hi.console import instance_page
from hi.console.forms import SettingsForm
from hi.console.requests import ConsoleRequest
from hi.integration import choosing, configuration, exceptions, operations
from hi.integration.core.settings import SettingSpec
from hi.integration.enums import RepairKind
from hi.integration.integration_factory import get_integration_gateway
from hi.integration.models import IntegrationInstance, Repair


@needs(Permission.CONNECT)
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_again(request: ConsoleRequest, instance_id: int) -> HttpResponse:
    """Only the field that was refused. Saving it tries once more, and goes on by itself if that works."""
    instance = get_object_or_404(IntegrationInstance, pk=instance_id)
    repair = _find_repair(instance, RepairKind.AUTHENTICATION)
    spec = _find_spec(instance, str(repair.data.get("field") or "")) if repair else None
    if repair is None or spec is None:
        return redirect("console:integration", instance_id=instance.pk)
    form = _build_form(instance, spec, request)
    if request.method == "POST":
        try:
            _try_again(request, instance, spec)
        except exceptions.ConfigurationError as err:
            form.refuse(err)
        except exceptions.IntegrationError as err:
            messages.error(request, f"{err} {err.hint}".strip())
            return redirect("console:integration", instance_id=instance.pk)
        else:
            return redirect("console:integration", instance_id=instance.pk)
    context = {"instance": instance, "repair": repair, "form": form, "url": instance_page.shown_url(instance)}
    return render(request, "console/sign_in_again.html", context, status=422 if form.is_bound else 200)


@needs(Permission.CONNECT)
@require_http_methods(["GET", "HEAD", "POST"])
def server_changed(request: ConsoleRequest, instance_id: int) -> HttpResponse:
    """Another server answers: it is the new one, or the address is wrong."""
    instance = get_object_or_404(IntegrationInstance, pk=instance_id)
    repair = _find_repair(instance, RepairKind.SERVER_CHANGED)
    if repair is None:
        return redirect("console:integration", instance_id=instance.pk)
    if request.method == "POST":
        try:
            choosing.accept_server(repair, request.user)
        except exceptions.IntegrationError as err:
            messages.error(request, f"{err} {err.hint}".strip())
        return redirect("console:integration", instance_id=instance.pk)
    twin = IntegrationInstance.objects.filter(pk=repair.data.get("twin"), is_draft=False).first()
    context = {"instance": instance, "repair": repair, "twin": twin, "url": instance_page.shown_url(instance)}
    return render(request, "console/server_changed.html", context)


def _find_repair(instance: IntegrationInstance, kind: RepairKind) -> Repair | None:
    return Repair.objects.filter(instance=instance, kind=kind, closed_at=None).select_related("instance").first()


def _find_spec(instance: IntegrationInstance, field: str) -> SettingSpec | None:
    try:
        specs = get_integration_gateway(instance.integration_type).settings
    except exceptions.IntegrationError:
        return None
    return next((spec for spec in specs if spec.key == field), None)


def _build_form(instance: IntegrationInstance, spec: SettingSpec, request: ConsoleRequest) -> SettingsForm:
    return SettingsForm(
        (spec,),
        label=instance.label,
        is_named=False,
        values=configuration.read_public_configuration(instance),
        data=request.POST.dict() if request.method == "POST" else None,
    )


def _try_again(request: ConsoleRequest, instance: IntegrationInstance, spec: SettingSpec) -> None:
    value = request.POST.get(spec.key, "")
    if not value.strip():  # the stored one has just been refused
        raise exceptions.ConfigurationError(_("Enter the new one."), field=spec.key)
    operations.update_settings(instance, {spec.key: value}, request.user)
