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
    """Only what was refused, or can be read no more. Saving it tries once more, and goes on by itself if that works."""
    instance = get_object_or_404(IntegrationInstance, pk=instance_id)
    repair = _find_repair(instance, RepairKind.SECRET_LOST, RepairKind.AUTHENTICATION)
    specs = _find_specs(instance, repair) if repair else ()
    if repair is None or not specs:
        return redirect("console:integration", instance_id=instance.pk)
    form = _build_form(instance, specs, request)
    if request.method == "POST":
        try:
            _try_again(request, instance, specs)
        except exceptions.ConfigurationError as err:
            form.refuse(err)
        except exceptions.IntegrationError as err:
            messages.error(request, f"{err} {err.hint}".strip())
            return redirect("console:integration", instance_id=instance.pk)
        else:
            return redirect("console:integration", instance_id=instance.pk)
    context = {"instance": instance, "repair": repair, "form": form, "url": instance_page.shown_url(instance)}
    context["is_lost"] = repair.kind == RepairKind.SECRET_LOST
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


def _find_repair(instance: IntegrationInstance, *kinds: RepairKind) -> Repair | None:
    """The open one of these kinds that came last."""
    found = Repair.objects.filter(instance=instance, kind__in=kinds, closed_at=None).select_related("instance")
    return found.order_by("-opened_at", "-pk").first()


def _find_specs(instance: IntegrationInstance, repair: Repair) -> tuple[SettingSpec, ...]:
    """What the repair asks for."""
    keys = repair.data.get("fields") or [repair.data.get("field")]
    try:
        specs = get_integration_gateway(instance.integration_type).settings
    except exceptions.IntegrationError:
        return ()
    return tuple(spec for spec in specs if spec.key in keys)


def _build_form(instance: IntegrationInstance, specs: tuple[SettingSpec, ...], request: ConsoleRequest) -> SettingsForm:
    return SettingsForm(
        specs,
        label=instance.label,
        is_named=False,
        values=configuration.read_public_configuration(instance),
        data=request.POST.dict() if request.method == "POST" else None,
    )


def _try_again(request: ConsoleRequest, instance: IntegrationInstance, specs: tuple[SettingSpec, ...]) -> None:
    given = {spec.key: request.POST.get(spec.key, "") for spec in specs}
    for key, value in given.items():
        if not value.strip():  # the stored one has just been refused, or cannot be read
            raise exceptions.ConfigurationError(_("Enter the new one."), field=key)
    operations.update_settings(instance, given, request.user)
