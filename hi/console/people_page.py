"""What the pages of people show: each with role and whereabouts, and where they are signed in."""

from dataclasses import dataclass

from django.contrib import messages
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from hi.accounts import sessions
from hi.accounts.models import OpenSession, SignInLink, User
from hi.accounts.roles import Role
from hi.console import browsers
from hi.console.requests import ConsoleRequest
from hi.console.words import Pill

MOST = 500
ROLE_WORDS: dict[str, str | Promise] = {
    Role.VIEWER: gettext_lazy("looks"),
    Role.MEMBER: gettext_lazy("also sets everyday things: lights, blinds, thermostats"),
    Role.OPERATOR: gettext_lazy("also sets locks, garage doors and alarms, runs syncs, decides the inbox, and edits"),
    Role.ADMIN: gettext_lazy("also changes integrations, and looks after people"),
}


@dataclass(frozen=True, slots=True)
class PersonRow:
    person: User
    pill: Pill | None
    is_you: bool


@dataclass(frozen=True, slots=True)
class SessionRow:
    session: OpenSession
    browser: str
    is_this: bool


@dataclass(frozen=True, slots=True)
class RoleOption:
    value: str
    label: str
    words: str
    is_chosen: bool


def list_people(you: User) -> list[PersonRow]:
    """By name. Two statements, however many."""
    invited = set(
        SignInLink.objects.filter(sets_password=True, used_at=None, expires_at__gt=timezone.now()).values_list(
            "user_id", flat=True
        )
    )
    people = User.objects.order_by("username")[:MOST]
    return [PersonRow(person, _whereabouts(person, person.pk in invited), person.pk == you.pk) for person in people]


def _whereabouts(person: User, is_invited: bool) -> Pill | None:
    if not person.is_active:
        return Pill("idle", "off", _("Deactivated"))
    if is_invited:
        return Pill("busy", "clock", _("Invited"))
    return None


def list_roles(chosen: str) -> list[RoleOption]:
    return [RoleOption(role, str(role.label), str(ROLE_WORDS[role]), role == chosen) for role in Role]


def list_sessions(request: ConsoleRequest, user: User) -> list[SessionRow]:
    key = request.session.session_key
    return [SessionRow(one, browsers.describe(one.agent), one.session_id == key) for one in sessions.list_open(user)]


def tell_signed_out(request: ConsoleRequest, number: int) -> None:
    told = ngettext("%(n)s browser is signed out.", "%(n)s browsers are signed out.", number) % {"n": number}
    messages.success(request, told)
