"""Adding an integration in three steps: which kind, its settings, a look whether they work. The draft keeps them."""

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from hi.accounts.access import needs
from hi.accounts.roles import Permission
from hi.console import choose_page, instance_page
from hi.console.addresses import read_number
from hi.console.forms import SettingsForm
from hi.console.job_card import build_card
from hi.console.live import LivePart, pace
from hi.console.requests import ConsoleRequest
from hi.integration import discovery, environment, exceptions, operations, servers
from hi.integration.app_config import describe, list_integrations
from hi.integration.enums import JobKind
from hi.integration.integration_factory import get_integration_gateway
from hi.integration.integration_gateway import IntegrationGateway
from hi.integration.models import IntegrationInstance, Job


@needs(Permission.CONNECT)
@require_safe
def choose_kind(request: ConsoleRequest) -> HttpResponse:
    kinds = [(info, find_problem(info.integration_type)) for info in list_integrations()]
    return render(
        request, "console/add_kind.html", {"kinds": kinds, "tells_quality": any(info.quality for info, _ in kinds)}
    )


@needs(Permission.CONNECT)
@require_http_methods(["GET", "HEAD", "POST"])
def enter_settings(request: ConsoleRequest, integration_type: str) -> HttpResponse:
    """`draft` is the one to correct, when the check has sent people back."""
    if integration_type not in discovery.find_integrations():
        raise Http404
    info = describe(integration_type)
    context: dict[str, object] = {"info": info}
    try:
        gateway = get_integration_gateway(integration_type)
    except exceptions.IntegrationError as err:
        return render(request, "console/add_settings.html", {**context, "error": err}, status=500)
    draft = _find_draft(request, integration_type)
    form = _build_form(request, integration_type, gateway, draft)
    if request.method == "POST":
        try:
            saved = _save(form, integration_type, draft)
        except exceptions.ConfigurationError as err:
            form.refuse(err)
        else:
            operations.test_connection(saved, request.user)
            return redirect("console:add-check", instance_id=saved.pk)
    context |= {"form": form, "draft": draft}
    return render(request, "console/add_settings.html", context, status=422 if form.is_bound else 200)


@needs(Permission.CONNECT)
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: ConsoleRequest, instance_id: int) -> HttpResponse:
    """Watch the connection test; a POST runs it again."""
    instance = get_object_or_404(IntegrationInstance, pk=instance_id)
    if not instance.is_draft:
        return redirect("console:integration", instance_id=instance.pk)
    if request.method == "POST":
        operations.test_connection(instance, request.user)
        return redirect("console:add-check", instance_id=instance.pk)
    job = Job.objects.filter(instance=instance, kind=JobKind.TEST_CONNECTION).order_by("-created_at").first()
    card = build_card(job, request.user.pk) if job else None
    edit_url = reverse("console:add-settings", args=[instance.integration_type]) + f"?draft={instance.pk}"
    live = LivePart(
        request,
        "console/add_check_live.html",
        {
            "instance": instance,
            "info": describe(instance.integration_type),
            "card": card,
            "summary": choose_page.summarise(instance) if card and card.succeeded else None,
            "twin": servers.find_twin(instance) if card and not card.is_open else None,
            "edit_url": edit_url,
            "url": instance_page.shown_url(instance),
        },
        element_id="check-live",
        url=reverse("console:add-check", args=[instance.pk]),
        seconds=pace([card.job], idle=0) if card else 0,
    )
    if request.htmx:
        return live.answer()
    return render(request, "console/add_check.html", {"instance": instance, "live": live})


def find_problem(integration_type: str) -> str:
    """Why an integration that is installed cannot be connected; empty where it can."""
    try:
        get_integration_gateway(integration_type)
    except exceptions.IntegrationError as err:
        return f"{err} {err.hint}".strip()
    return ""


def _find_draft(request: ConsoleRequest, integration_type: str) -> IntegrationInstance | None:
    draft_id = read_number(request.GET.get("draft", "")) or 0
    return IntegrationInstance.objects.filter(pk=draft_id, is_draft=True, integration_type=integration_type).first()


def _build_form(
    request: ConsoleRequest, integration_type: str, gateway: IntegrationGateway, draft: IntegrationInstance | None
) -> SettingsForm:
    data = request.POST.dict() if request.method == "POST" else None
    if draft is not None:
        return instance_page.build_settings_form(draft, gateway.settings, data)
    try:
        found = environment.read(integration_type, gateway.settings)
    except exceptions.ConfigurationError:
        found = {}  # told when it is needed: when the form comes back without that setting
    return SettingsForm(
        gateway.settings,
        label=describe(integration_type).label,
        values={spec.key: found[spec.key] for spec in gateway.settings if spec.key in found and not spec.is_secret},
        from_environment=found,
        data=data,
    )


def _save(form: SettingsForm, integration_type: str, draft: IntegrationInstance | None) -> IntegrationInstance:
    if draft is None:
        return operations.create_draft(integration_type, form.label(), form.given())
    with transaction.atomic():
        operations.update_settings(draft, form.given())
        operations.rename(draft, form.label() or describe(integration_type).label)
    return draft
