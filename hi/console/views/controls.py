"""Setting a state: one address for every control, with and without JavaScript."""

import secrets
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import reswap, retarget, trigger_client_event

from hi.accounts.access import needs
from hi.accounts.roles import Permission
from hi.console import control_words
from hi.console.controls import Control, Trouble, build_control, read_value
from hi.console.requests import ConsoleRequest
from hi.console.tiles import build_tiles
from hi.entity import queries
from hi.entity.models import EntityState
from hi.integration import commands, exceptions

SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked before it is sent. The answer carries the same value and key."""

    state: EntityState
    text: str
    verb: str
    value: str
    key: str
    place: str
    back: str
    error: str = ""

    @property
    def code_format(self) -> str:
        spec = commands.read_spec(self.state.controller)
        return spec.code_format if spec.needs_code(self.value) else ""


@needs(Permission.SET)
@sensitive_post_parameters("code")
@require_POST
def set_state(request: ConsoleRequest, state_id: int) -> HttpResponse:
    """Ask for a state to be set: `value`, the `key` of the intention, `code` where one is needed, `asked` once a person
    has confirmed what needs it. `as` says whether a tile or the control itself is to be answered."""
    state = _get_state(state_id)
    commands.require_allowed(state.controller, request.user)
    value = read_value(state.controller, request.POST.get("value", "")[:1000])
    question = _build_question(request, state, value)
    if commands.is_guarded(state.controller) and request.POST.get("asked") != "yes":
        return _ask(request, question)
    try:
        commands.request(
            state, value, user=request.user, key=question.key, code=request.POST.get("code", "")[:1000].strip()
        )
    except exceptions.ConfigurationError as err:
        if err.field == "code":
            return _ask(request, question, error=str(err))
        return _answer(request, state, question, Trouble(str(err), err.hint))
    except exceptions.IntegrationError as err:
        return _answer(request, state, question, Trouble(str(err), err.hint))
    return _answer(request, state, question)


@needs(Permission.LOOK)
@require_safe
def control(request: ConsoleRequest, state_id: int) -> HttpResponse:
    """What a pending control asks for: itself (or its tile) if it differs from `v`, the mark of what is shown."""
    state = _get_state(state_id)
    return _render(request, state, request.GET.get("as", ""), shown=request.GET.get("v", ""))


def _get_state(state_id: int) -> EntityState:
    try:
        state = EntityState.objects.select_related("entity", "controller").get(pk=state_id)
    except EntityState.DoesNotExist as err:
        raise Http404 from err
    if not hasattr(state, "controller"):
        raise Http404
    return state


def _build_question(request: ConsoleRequest, state: EntityState, value: str) -> Question:
    return Question(
        state,
        control_words.question(state.controller, state, value),
        control_words.verb(state.controller, state, value),
        value,
        request.POST.get("key", "")[: commands.MAX_KEY] or secrets.token_hex(16),
        request.POST.get("as", ""),
        _find_way_back(request, state),
    )


def _find_way_back(request: ConsoleRequest, state: EntityState) -> str:
    for url in (request.POST.get("back", ""), request.headers.get("Referer", "")):
        if url and url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure()):
            return url
    return reverse("console:thing", args=[state.entity_id])


def _ask(request: ConsoleRequest, question: Question, error: str = "") -> HttpResponse:
    """A dialog over the page; a page of its own where there is no JavaScript."""
    context = {"question": question, "error": error}
    if not request.htmx:
        return render(request, "console/control_ask.html", context)
    answer = render(request, "console/part_ask.html", context)
    if request.POST.get("asked") == "yes":
        return retarget(reswap(answer, "outerHTML"), "#ask")
    return retarget(reswap(answer, "beforeend"), "body")


def _answer(
    request: ConsoleRequest, state: EntityState, question: Question, trouble: Trouble | None = None
) -> HttpResponse:
    if request.htmx:
        return _render(request, state, question.place, trouble)
    if trouble is not None:
        messages.error(request, f"{trouble.text} {trouble.hint}".strip())
    else:
        messages.success(request, _("%(name)s: asked for.") % {"name": state.name})
    return redirect(question.back)


def _render(
    request: ConsoleRequest, state: EntityState, place: str, trouble: Trouble | None = None, *, shown: str = ""
) -> HttpResponse:
    found: Control | None
    context: dict[str, object]
    if place == "tile":
        [tile] = build_tiles(queries.glance_at([state.entity_id]), request.user, trouble=trouble)
        found, mark, context = tile.control, tile.mark, {"tiles": [tile], "compact": True}
        template = "console/part_tiles.html"
    else:
        found = build_control(state, request.user, trouble)
        mark, context = found.mark if found else "", {"control": found}
        template = "console/part_control.html"
    if shown and shown == mark:
        return HttpResponse(status=204)
    answer = render(request, template, context)
    if found is None or not found.is_pending:
        # What shows the value beside it looks at once, and not at its next turn.
        trigger_client_event(answer, SETTLED)
    return answer
