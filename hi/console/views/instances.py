"""Integrations: is it connected, what did it do?"""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRedirect

from hi.accounts.access import Deeds, needs
from hi.accounts.roles import Permission
from hi.console import instance_page, words
from hi.console.drafts import list_drafts
from hi.console.live import LivePart
from hi.console.requests import ConsoleRequest
from hi.console.system_cards import build_cards
from hi.integration import configuration, exceptions, operations, overview
from hi.integration.core.settings import clean_settings
from hi.integration.integration_factory import get_integration_gateway
from hi.integration.integration_gateway import Answer, IntegrationGateway
from hi.integration.models import IntegrationInstance


@needs(Permission.LOOK)
@require_safe
def integrations(request: ConsoleRequest) -> HttpResponse:
    overviews = overview.list_instances()
    live = LivePart(
        request,
        "console/integrations_live.html",
        {"cards": build_cards(overviews), "drafts": list_drafts()},
        element_id="integrations-live",
        url=reverse("console:integrations"),
        seconds=2,
    )
    if request.htmx:
        return live.answer()
    return render(request, "console/integrations.html", {"live": live})


# What a gateway knows beyond these changes the integration.
ACTIONS = Deeds(
    {
        "sync_entities": Permission.RUN,
        "test_connection": Permission.RUN,
        "update_config": Permission.CONNECT,
    },
    others=Permission.CONNECT,
)


@needs(Permission.LOOK, to_change=ACTIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def integration(request: ConsoleRequest, instance_id: int) -> HttpResponse:
    """The page that the integration's gateway renders, and the actions that it answers."""
    instance = get_object_or_404(IntegrationInstance, pk=instance_id)
    if instance.is_draft:
        return redirect("console:add-check", instance_id=instance.pk)
    try:
        gateway = get_integration_gateway(instance.integration_type)
    except exceptions.IntegrationError as err:
        return _missing(request, instance, err)
    if request.method == "POST":
        return _act(request, instance, gateway)
    answer = gateway.manage(request, instance)
    if isinstance(answer, HttpResponse):
        return answer
    tell(request, answer)
    return gateway.render_management_page(request, instance)


@needs(Permission.LOOK)
@require_safe
def integration_live(request: ConsoleRequest, instance_id: int) -> HttpResponse:
    instance = IntegrationInstance.objects.filter(pk=instance_id).first()
    if instance is None:  # deleted while somebody looked at it
        return HttpResponseClientRedirect(reverse("console:integrations"))
    return instance_page.build_live(request, instance).answer()


def _act(request: ConsoleRequest, instance: IntegrationInstance, gateway: IntegrationGateway) -> HttpResponse:
    saving = request.POST.get("action") == "update_config"
    try:
        if saving:
            _check_settings(request, instance, gateway)
        answer = gateway.manage(request, instance)
    except exceptions.ConfigurationError as err:
        if not saving:
            return answer_action(request, instance, problem(err))
        form = instance_page.build_settings_form(instance, gateway.settings, request.POST.dict())
        form.refuse(err)
        response = gateway.render_management_page(request, instance, {"settings_form": form})
        response.status_code = 422
        return response
    except exceptions.IntegrationError as err:
        return answer_action(request, instance, problem(err))
    if isinstance(answer, HttpResponse):
        return answer
    if saving and answer.get("status") == "success" and _is_named(request, gateway):
        operations.rename(instance, request.POST["label"], request.user)
    if saving and not answer.get("redirect"):
        # The form lies far down, and by its address a browser would stay there: what came of it stands at the top.
        answer = {**answer, "redirect": reverse("console:integration", args=[instance.pk]) + "#main"}
    if "job_id" in answer and not saving:
        answer = {**answer, "message": ""}  # the page shows the job, which ends sooner than a message goes
    return answer_action(request, instance, answer)


def _check_settings(request: ConsoleRequest, instance: IntegrationInstance, gateway: IntegrationGateway) -> None:
    """Raises ConfigurationError with the field; the gateway's own answer is one sentence for the whole form."""
    given = {key: str(value) for key, value in request.POST.items()}
    if _is_named(request, gateway):
        operations.clean_label(given["label"], instance)
    clean_settings(gateway.settings, given, configuration.read_what_is_left(instance))


def _is_named(request: ConsoleRequest, gateway: IntegrationGateway) -> bool:
    """Whether the form says what to call it; a service may have a setting of its own that is called label."""
    return "label" in request.POST and all(spec.key != "label" for spec in gateway.settings)


def answer_action(request: ConsoleRequest, instance: IntegrationInstance, answer: Answer) -> HttpResponse:
    """Tell what came of an action: a fresh live part for htmx, else back to the page."""
    target = answer.get("redirect") or ""
    is_ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    tell(request, answer)
    if request.htmx:
        if is_ours:
            return HttpResponseClientRedirect(target)
        told = render_to_string("console/part_messages.html", {"oob": True}, request)
        return instance_page.build_live(request, instance).answer(told)
    return redirect(target) if is_ours else redirect("console:integration", instance_id=instance.pk)


def tell(request: ConsoleRequest, answer: Answer) -> None:
    if message := answer.get("message"):
        level = messages.SUCCESS if answer.get("status") == "success" else messages.ERROR
        messages.add_message(request, level, message)


def problem(err: exceptions.IntegrationError) -> Answer:
    return {"status": "error", "message": f"{err} {err.hint}".strip(), "redirect": None}


def _missing(request: ConsoleRequest, instance: IntegrationInstance, err: exceptions.IntegrationError) -> HttpResponse:
    """Its folder has gone or does not load: what is left can be looked at, and deleted."""
    found = overview.get_instance(instance.pk)
    context = {"instance": instance, "system": found, "pill": words.status_pill(found), "error": err}
    return render(request, "console/integration_missing.html", context)
