"""Before every page: who is not signed in is asked to, and comes back to where they were; whose role does not allow it
is told who can change that; and a view that does not say what it needs opens to nobody."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, ImproperlyConfigured
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase

from hi.accounts import sessions
from hi.accounts.roles import NotAllowed, Permission

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
View = TypeVar("View", bound=Callable[..., HttpResponseBase])


@dataclass(frozen=True, slots=True)
class Deeds:
    """Where one address takes several things, told apart by the field `action`: what each needs. A word with a colon at
    its end takes something behind it, as `ignore:17` does. Any other is refused, or needs `others`."""

    named: Mapping[str, Permission]
    others: Permission | None = None

    def find_need(self, request: HttpRequest) -> Permission:
        word, colon, _argument = request.POST.get("action", "").partition(":")
        need = self.named.get(word + colon, self.others)
        if need is None:
            raise BadRequest(f"{request.path} takes no action {word[:40]!r}.")
        return need


def needs(permission: Permission, to_change: Permission | Deeds | None = None) -> Callable[[View], View]:
    """Say what a view needs; `to_change`, where what is sent to it needs something else than looking at it."""

    def name(view: View) -> View:
        view.needs = (permission, to_change or permission)  # type: ignore[attr-defined]
        return view

    return name


def find_need(view: Callable[..., object], request: HttpRequest) -> Permission:
    """What the request needs. Raises ImproperlyConfigured for a view that does not say, and BadRequest for what it does
    not take."""
    named: tuple[Permission, Permission | Deeds] | None = getattr(view, "needs", None)
    if named is None:
        raise ImproperlyConfigured(f"{view.__module__}.{view.__qualname__} does not say which permission it needs.")
    to_look, to_change = named
    if isinstance(to_change, Deeds):
        # Deeds are posted; to whatever else is tried, the view answers.
        return to_change.find_need(request) if request.method == "POST" else to_look
    return to_look if request.method in SAFE_METHODS else to_change


class Access(LoginRequiredMiddleware):
    """The few views that anybody may open say so with `login_not_required`; all others say what they need with
    `needs`."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: tuple[object, ...],
        view_kwargs: dict[str, object],
    ) -> HttpResponseBase | None:
        answer = super().process_view(request, view_func, view_args, view_kwargs)
        if answer is not None or not getattr(view_func, "login_required", True):
            return answer
        permission, user = find_need(view_func, request), request.user
        sessions.note_use(request)
        if not user.is_authenticated or not user.may(permission):
            raise NotAllowed(permission, user.role if user.is_authenticated else "")
        return None

    def handle_no_permission(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseRedirect:
        """What was sent is not sent again, so its own address is no place to come back to: the page it was sent from
        is."""
        if request.method in SAFE_METHODS:
            return super().handle_no_permission(request, view_func)
        page = urlsplit(request.headers.get("Referer", ""))
        is_ours = page.netloc == request.get_host()
        return redirect_to_login(page._replace(scheme="", netloc="").geturl() if is_ours else "/")
