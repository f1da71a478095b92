"""Signing in and out, the password, and the look."""

import logging
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, SetPasswordForm
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from hi.accounts import guessing, sessions
from hi.accounts.access import needs
from hi.accounts.models import ApiToken, SignInLink, User
from hi.accounts.roles import Permission
from hi.console.addresses import read_number
from hi.console.people_page import list_sessions, tell_signed_out
from hi.console.requests import ConsoleRequest, OpenRequest
from hi.console.templatetags.console import THEMES
from hi.integration import household

logger = logging.getLogger(__name__)
MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"
YEAR_SECONDS = 365 * 24 * 3600


@sensitive_post_parameters("password")
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: OpenRequest) -> HttpResponse:
    if request.htmx:
        # A poll whose session has ended followed the redirect to here: the whole page has to go.
        query = urlencode({"next": request.htmx.current_url_abs_path or "/"})
        return HttpResponseClientRedirect(f"{request.path}?{query}")
    if request.user.is_authenticated:
        return redirect(_next_page(request))
    form = AuthenticationForm(request)
    context: dict[str, object] = {"form": form, "next": _next_page(request)}
    if request.method != "POST":
        return render(request, "console/sign_in.html", context)
    context["form"] = form = AuthenticationForm(request, data=request.POST)
    with guessing.one_at_a_time:
        is_right = form.is_valid()
    if not is_right:
        return render(request, "console/sign_in.html", context, status=422)
    login(request, form.get_user())
    return redirect(_next_page(request))


def answer_too_many(request: OpenRequest, *_given: object) -> HttpResponse:
    """In place of the answer to a try that was not, or will not be, checked: too many were wrong before."""
    logger.warning("sign-ins from %s wait: too many wrong ones", request.META.get("REMOTE_ADDR"))
    minutes = guessing.minutes_to_wait(request)
    if request.user.is_authenticated:  # who does not know the old password
        own = cast(ConsoleRequest, request)
        response = _show_account(own, _build_own_form(own, None), minutes)
    else:
        context = {"form": AuthenticationForm(request), "next": _next_page(request), "minutes": minutes}
        response = render(request, "console/sign_in.html", context, status=429)
    response["Retry-After"] = str(minutes * 60)
    return response


@sensitive_post_parameters("new_password1", "new_password2")
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_link(request: OpenRequest, token: str) -> HttpResponse:
    """Looking at the link changes nothing, since mail programs and chats look at every link; the button signs in. An
    invitation asks for a password first."""
    link = SignInLink.find(token)
    if request.user.is_authenticated and (link is None or (link.user == request.user and not link.sets_password)):
        return _go_home(request)
    form = _phrase_fields(SetPasswordForm(link.user, _given(request))) if link and link.sets_password else None
    is_ready = request.method == "POST" and (form is None or form.is_valid())
    if link is not None and not is_ready:
        context = {"expired": False, "form": form, "owner": link.user}
        return render(request, "console/sign_in_link.html", context, status=422 if form and form.is_bound else 200)
    user = _enter(token, form) if is_ready else None
    if user is None:
        return render(request, "console/sign_in_link.html", {"expired": True}, status=410)
    login(request, user, backend=MODEL_BACKEND)
    return redirect("console:home")


def _enter(token: str, form: "SetPasswordForm[Any] | None") -> User | None:
    """Use the link up, and keep the password that was chosen with it. None where somebody was faster."""
    with transaction.atomic():
        user = SignInLink.redeem(token)
        if user is not None and form is not None:
            user = form.save()
            household.note_password(user, session_key=None)
        return user


def refuse_form(request: OpenRequest, reason: str = "") -> HttpResponse:
    """For a form without its token. That of a sign-in page is outdated by a sign-in from another tab."""
    at_sign_in = request.path.startswith(settings.LOGIN_URL)
    if at_sign_in and request.user.is_authenticated:
        return _go_home(request)
    return render(request, "403_csrf.html", {"again": request.path if at_sign_in else ""}, status=403)


def _go_home(request: OpenRequest) -> HttpResponse:
    messages.info(request, _("You are signed in already."))
    return redirect("console:home")


@needs(Permission.LOOK)
@require_POST
def sign_out(request: ConsoleRequest) -> HttpResponse:
    logout(request)
    return redirect("console:sign-in")


@needs(Permission.LOOK)
@sensitive_post_parameters("old_password", "new_password1", "new_password2")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: ConsoleRequest) -> HttpResponse:
    form = _build_own_form(request, _given(request))
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            user = form.save()
            sessions.keep(request, user)
            household.note_password(user, session_key=request.session.session_key)
        messages.success(request, _("Your password is saved. Other browsers are signed out."))
        return redirect("console:account")
    return _show_account(request, form)


def _show_account(request: ConsoleRequest, form: "SetPasswordForm[Any]", minutes: int = 0) -> HttpResponse:
    context = {
        "form": form,
        "minutes": minutes,
        "tokens": ApiToken.live(request.user),
        "sessions": list_sessions(request, request.user),
        "sessions_url": reverse("console:end-sessions"),
    }
    return render(request, "console/account.html", context, status=429 if minutes else 422 if form.is_bound else 200)


class OwnPasswordForm(PasswordChangeForm):
    """Whoever finds a browser that is signed in guesses the old password no faster than at the sign-in."""

    def __init__(self, request: ConsoleRequest, data: QueryDict | None) -> None:
        super().__init__(request.user, data)
        self.request = request

    def clean_old_password(self) -> str:
        text: str = self.cleaned_data["old_password"]
        if not guessing.is_password(self.request, self.user, text):
            raise ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        return text


def _build_own_form(request: ConsoleRequest, data: QueryDict | None) -> "SetPasswordForm[Any]":
    is_first = not request.user.has_usable_password()
    return _phrase_fields(SetPasswordForm(request.user, data) if is_first else OwnPasswordForm(request, data))


def _given(request: OpenRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _phrase_fields(form: "SetPasswordForm[Any]") -> "SetPasswordForm[Any]":
    for field in form.fields.values():
        field.widget.attrs.pop("autofocus", None)  # most come for something else, and a phone would open its keys
    form.fields["new_password1"].help_text = _("At least 8 characters, and nothing that is easily guessed.")
    form.fields["new_password2"].label, form.fields["new_password2"].help_text = _("The same once more"), ""
    return form


@needs(Permission.LOOK)
@require_POST
def end_sessions(request: ConsoleRequest) -> HttpResponse:
    """One's own: that of another browser, or all but this one."""
    one = read_number(request.POST.get("session", ""))
    number = household.sign_out(request.user, request.user, session_id=one, but=request.session.session_key)
    tell_signed_out(request, number)
    return redirect("console:account")


@needs(Permission.LOOK)
@require_POST
def revoke_token(request: ConsoleRequest, token_id: int) -> HttpResponse:
    token = get_object_or_404(ApiToken.live(request.user), pk=token_id)
    household.revoke_token(token, request.user)
    messages.success(request, _("%(token)s opens nothing any more.") % {"token": token})
    return redirect("console:account")


@login_not_required
@require_POST
def theme(request: OpenRequest) -> HttpResponse:
    """Light, dark, or as the machine says; kept in a cookie, so that it belongs to this browser."""
    response = redirect(_next_page(request))
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie(
            "hi_theme", chosen, max_age=YEAR_SECONDS, samesite="Lax", httponly=True, secure=request.is_secure()
        )
    return response


def _next_page(request: OpenRequest) -> str:
    """Where to go on, if that is a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return resolve_url("console:home")
