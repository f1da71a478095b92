"""The first administrator: made by init, signs in by a link until they set a password."""

from django.conf import settings
from django.core.management.base import CommandError
from django.db import DatabaseError

from hi.accounts.models import SignInLink, User
from hi.accounts.roles import Role
from hi.settings import env


def find_administrator() -> User | None:
    return User.objects.filter(role=Role.ADMIN, is_active=True).order_by("pk").first()


def ensure_administrator() -> User:
    """The first administrator, created as "admin" without a password where there is none."""
    found = find_administrator()
    if found is None:
        found = User(username="admin", role=Role.ADMIN)
        found.set_unusable_password()
        found.save()
    return found


def require_administrator() -> User:
    """For commands: raises CommandError with one sentence where hi has not been set up yet."""
    try:
        found = find_administrator()
    except DatabaseError as err:
        raise CommandError("hi has not been set up here yet: start it once with `make run`.") from err
    if found is None:
        raise CommandError("There is no administrator here yet: start hi once with `make run`.")
    return found


def require_person(name: str) -> User:
    """Whom a command acts for: who is called so, the first administrator where nobody is named."""
    administrator = require_administrator()
    if not name:
        return administrator
    active = User.objects.filter(is_active=True).order_by("username")
    found = active.filter(username__iexact=name).first()
    if found is None:
        raise CommandError(f"Nobody is called {name}. There is {', '.join(active.values_list('username', flat=True))}.")
    return found


def needs_sign_in_link(user: User) -> bool:
    """Whether nobody could get in without one: never signed in, and no password."""
    return user.last_login is None and not user.has_usable_password()


def sign_in_url(text: str) -> str:
    """The address that a sign-in link's text stands behind; the console serves it."""
    # Of the hi that runs: the shell that asks may know nothing of its port.
    return f"{env.running_url() or settings.HI_BASE_URL}{settings.LOGIN_URL}/{text}"


def issue_sign_in_url(user: User) -> str:
    return sign_in_url(SignInLink.issue(user))
