"""Signing in and out, the password, and the look."""

import logging

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, SetPasswordForm
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from hi.accounts import guessing
from hi.accounts.access import needs
from hi.accounts.models import ApiToken, SignInLink
from hi.accounts.roles import Permission
from hi.console.requests import ConsoleRequest, OpenRequest
from hi.console.templatetags.console import THEMES

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
    context = {"form": AuthenticationForm(request), "next": _next_page(request), "minutes": minutes}
    response = render(request, "console/sign_in.html", context, status=429)
    response["Retry-After"] = str(minutes * 60)
    return response


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_link(request: OpenRequest, token: str) -> HttpResponse:
    """Looking at the link changes nothing, since mail programs and chats look at every link; the button signs in."""
    owner = SignInLink.find_user(token)
    if request.user.is_authenticated and owner in (None, request.user):
        return _go_home(request)
    if request.method != "POST" and owner is not None:
        return render(request, "console/sign_in_link.html", {"expired": False})
    user = SignInLink.redeem(token) if request.method == "POST" else None
    if user is None:
        return render(request, "console/sign_in_link.html", {"expired": True}, status=410)
    login(request, user, backend=MODEL_BACKEND)
    return redirect("console:home")


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
    form_class = PasswordChangeForm if request.user.has_usable_password() else SetPasswordForm
    form = form_class(request.user, request.POST if request.method == "POST" else None)
    for field in form.fields.values():
        field.widget.attrs.pop("autofocus", None)  # most come for something else, and a phone would open its keys
    form.fields["new_password1"].help_text = _("At least 8 characters, and nothing that is easily guessed.")
    form.fields["new_password2"].label, form.fields["new_password2"].help_text = _("The same once more"), ""
    if request.method == "POST" and form.is_valid():
        user = form.save()
        update_session_auth_hash(request, user)
        messages.success(request, _("Your password is saved."))
        return redirect("console:account")
    context = {"form": form, "tokens": ApiToken.live(request.user)}
    return render(request, "console/account.html", context, status=422 if form.is_bound else 200)


@needs(Permission.LOOK)
@require_POST
def revoke_token(request: ConsoleRequest, token_id: int) -> HttpResponse:
    token = get_object_or_404(ApiToken.live(request.user), pk=token_id)
    token.revoke()
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
