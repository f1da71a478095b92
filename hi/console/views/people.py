"""The people of the home: who may do what, invitations, and where they are signed in."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hi.accounts.access import needs
from hi.accounts.models import ApiToken, SignInLink, User
from hi.accounts.roles import Permission, Role
from hi.console import once
from hi.console.addresses import read_number
from hi.console.people_page import list_people, list_roles, list_sessions, tell_signed_out
from hi.console.requests import ConsoleRequest
from hi.integration import exceptions, household

HERE_ALONE = ("localhost", "127.", "[::1]")


@needs(Permission.PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: ConsoleRequest) -> HttpResponse:
    """Everybody; a POST invites somebody, and leads to their link."""
    error = None
    role = request.POST.get("role", Role.MEMBER)
    if request.method == "POST":
        try:
            person, text = household.invite(request.POST.get("name", ""), role, request.user)
            return _lead_to_link(request, person, text)
        except exceptions.ConfigurationError as err:
            error = err
    context = {
        "rows": list_people(request.user),
        "roles": list_roles(role),
        "error": error,
        "given": request.POST,
        "max_name": household.MAX_NAME,
    }
    return render(request, "console/people.html", context, status=422 if error else 200)


@needs(Permission.PEOPLE)
@require_safe
def person(request: ConsoleRequest, person_id: int) -> HttpResponse:
    found = _find(person_id)
    is_only_admin = household.is_only_admin(found)
    context = {
        "person": found,
        "roles": list_roles(found.role),
        "is_only_admin": is_only_admin,
        "expected_admins": ", ".join(household.list_expected_admins(found)) if is_only_admin else "",
        "sessions": list_sessions(request, found),
        "sessions_url": reverse("console:person-sign-out", args=[found.pk]),
        "tokens": ApiToken.live(found),
        "never_came": household.never_came(found),
    }
    return render(request, "console/person.html", context)


@needs(Permission.PEOPLE)
@require_POST
def give_role(request: ConsoleRequest, person_id: int) -> HttpResponse:
    role = request.POST.get("role", "")
    return _do(request, person_id, lambda found: household.give_role(found, role, request.user))


@needs(Permission.PEOPLE)
@require_POST
def shut_out(request: ConsoleRequest, person_id: int) -> HttpResponse:
    return _do(request, person_id, lambda found: household.shut_out(found, request.user))


@needs(Permission.PEOPLE)
@require_POST
def let_in(request: ConsoleRequest, person_id: int) -> HttpResponse:
    return _do(request, person_id, lambda found: household.let_in(found, request.user))


@needs(Permission.PEOPLE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: ConsoleRequest, person_id: int) -> HttpResponse:
    """A POST makes a new one, and leads to where it is shown, once."""
    found = _find(person_id)
    if request.method != "POST":
        return _show_link(request, found)
    try:
        return _lead_to_link(request, found, household.issue_link(found, request.user))
    except exceptions.ConfigurationError as err:
        return _refuse(request, person_id, err)


@needs(Permission.PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: ConsoleRequest, person_id: int) -> HttpResponse:
    """Asks first."""
    found = _find(person_id)
    if request.method != "POST":
        if not household.never_came(found):
            raise Http404
        return render(request, "console/person_withdraw.html", {"person": found})
    try:
        household.withdraw(found, request.user)
    except exceptions.ConfigurationError as err:
        return _refuse(request, person_id, err)
    messages.success(request, _("%(name)s is not invited any more.") % {"name": found.get_username()})
    return redirect("console:people")


@needs(Permission.PEOPLE)
@require_POST
def sign_out(request: ConsoleRequest, person_id: int) -> HttpResponse:
    """One browser of theirs, or all; never the one that asks."""
    found, one = _find(person_id), read_number(request.POST.get("session", ""))
    but = request.session.session_key
    tell_signed_out(request, household.sign_out(found, request.user, session_id=one, but=but))
    return redirect("console:person", person_id=person_id)


@needs(Permission.PEOPLE)
@require_POST
def revoke_token(request: ConsoleRequest, person_id: int, token_id: int) -> HttpResponse:
    token = get_object_or_404(ApiToken.live(_find(person_id)), pk=token_id)
    household.revoke_token(token, request.user)
    messages.success(request, _("%(token)s opens nothing any more.") % {"token": token})
    return redirect("console:person", person_id=person_id)


def _find(person_id: int) -> User:
    return get_object_or_404(User, pk=person_id)


def _do(request: ConsoleRequest, person_id: int, action: Callable[[User], None]) -> HttpResponse:
    try:
        action(_find(person_id))
    except exceptions.ConfigurationError as err:
        return _refuse(request, person_id, err)
    messages.success(request, _("Saved."))
    is_still_admin = _find(request.user.pk).may(Permission.PEOPLE)
    return redirect("console:person", person_id=person_id) if is_still_admin else redirect("console:account")


def _refuse(request: ConsoleRequest, person_id: int, err: exceptions.ConfigurationError) -> HttpResponse:
    messages.error(request, str(err))
    return redirect("console:person", person_id=person_id)


def _lead_to_link(request: ConsoleRequest, person: User, text: str) -> HttpResponse:
    return once.lead_to(reverse("console:person-link", args=[person.pk]), text, secure=request.is_secure())


def _show_link(request: ConsoleRequest, person: User) -> HttpResponse:
    text = once.read(request)
    found = SignInLink.find(text)
    if found is None or found.user_id != person.pk:
        messages.info(request, _("A link is shown once. “New link” makes another, which takes its place."))
        return redirect("console:person", person_id=person.pk)
    url = request.build_absolute_uri(reverse("console:sign-in-link", args=[text]))
    context = {"person": person, "url": url, "is_here_alone": request.get_host().startswith(HERE_ALONE)}
    response = render(request, "console/person_link.html", context)
    once.forget(response, request.path)
    return response
