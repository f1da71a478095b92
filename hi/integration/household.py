"""The people of the home: invited, given roles, shut out and let in again, signed out. Each is one row of the audit, in
the transaction of what it tells of. Raises ConfigurationError, with its field, for what cannot be.
"""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from hi.accounts import sessions
from hi.accounts.administrator import needs_sign_in_link
from hi.accounts.models import ApiToken, SignInLink, User
from hi.accounts.roles import Role, Scope
from hi.integration import audit, exceptions
from hi.integration.audit import Verb

MAX_NAME = 150


def invite(name: str, role: str, by: User) -> tuple[User, str]:
    """Somebody new, who has no password yet, and the text of the link with which they choose one."""
    name, role = _clean_name(name), _clean_role(role)
    with transaction.atomic():
        # Names that differ in upper and lower case alone nobody can tell apart. Who invites waits for who invites.
        _lock_admins()
        if User.objects.filter(username__iexact=name).exists():
            raise exceptions.ConfigurationError(f"There is somebody called {name} already.", field="name")
        person = User(username=name, role=role)
        person.set_unusable_password()
        person.save()
        audit.record(by, Verb.INVITED, name, after=role)
        return person, SignInLink.issue(person, sets_password=True)


def issue_link(person: User, by: User) -> str:
    """The text of a link with which somebody chooses a new password; links they had open nothing any more."""
    with transaction.atomic():
        person = _lock(person)
        if not person.is_active:
            raise exceptions.ConfigurationError(f"{person} is deactivated: activate the account first.")
        audit.record(by, Verb.LINKED, person.get_username())
        return SignInLink.issue(person, sets_password=True)


def withdraw(person: User, by: User) -> None:
    """Take an invitation back: who never came is gone, and the name is free. Who has been here is shut out instead."""
    with transaction.atomic():
        person = _lock(person)
        if not never_came(person):
            raise exceptions.ConfigurationError(f"{person} has been here: deactivate the account instead.")
        audit.record(by, Verb.WITHDREW, person.get_username(), before=person.role)
        person.delete()


def never_came(person: User) -> bool:
    """Neither they nor a program of theirs."""
    return needs_sign_in_link(person) and not person.api_tokens.exists()


def give_role(person: User, role: str, by: User) -> None:
    """It holds from their next request on."""
    role = _clean_role(role)
    with transaction.atomic():
        _require_another_admin(person, unless=role == Role.ADMIN)
        person = _lock(person)
        if person.role == role:
            return
        audit.record(by, Verb.PROMOTED, person.get_username(), before=person.role, after=role)
        User.objects.filter(pk=person.pk).update(role=role)


def shut_out(person: User, by: User) -> None:
    """Signed out everywhere at once; tokens and links open nothing while it lasts, and what they did stays."""
    with transaction.atomic():
        _require_another_admin(person)
        if User.objects.filter(pk=person.pk, is_active=True).update(is_active=False):
            audit.record(by, Verb.SHUT_OUT, person.get_username())
        sessions.end_all(person)


def let_in(person: User, by: User) -> None:
    with transaction.atomic():
        if User.objects.filter(pk=person.pk, is_active=False).update(is_active=True):
            audit.record(by, Verb.LET_IN, person.get_username())


def sign_out(person: User, by: User, *, session_id: int | None = None, but: str | None = None) -> int:
    """From one browser, or from all (`but` the one of that session). Returns from how many."""
    with transaction.atomic():
        number = sessions.end_all(person, but=but) if session_id is None else int(sessions.end(person, session_id))
        if number:
            audit.record(by, Verb.SIGNED_OUT, person.get_username())
        return number


def issue_token(owner: User, name: str, scope: Scope) -> str:
    """Its text, which is never shown again."""
    with transaction.atomic():
        text = ApiToken.issue(owner, name, scope)
        audit.record(owner, Verb.ISSUED, owner.get_username(), after=f"{name} ({scope})")
        return text


def revoke_token(token: ApiToken, by: User) -> None:
    with transaction.atomic():
        token.revoke()
        audit.record(by, Verb.REVOKED, token.user.get_username(), after=str(token))


def note_password(person: User, *, session_key: str | None) -> None:
    """Call it with a new password, in its transaction: all browsers but the one of that session are signed out."""
    sessions.end_all(person, but=session_key)
    audit.record(person, Verb.SECURED, person.get_username())


def is_only_admin(person: User) -> bool:
    """Whether nobody could look after people without them."""
    return person.role == Role.ADMIN and person.is_active and not _others_who_can(person, _admins())


def _require_another_admin(person: User, *, unless: bool = False) -> None:
    """Of two admins who shut each other out at the same moment one is refused: both would leave nobody."""
    admins = _lock_admins()
    if unless or person not in admins or _others_who_can(person, admins):
        return
    told = f"{person.get_username()} is the only admin"
    if expected := list_expected_admins(person):
        told += f" who has signed in. Invited as an admin, but not here yet: {', '.join(expected)}."
    else:
        told += ": make somebody else an admin first."
    raise exceptions.ConfigurationError(told, field="role")


def list_expected_admins(but: User) -> list[str]:
    """The names of those who are invited as admins, and have not come yet."""
    return [admin.get_username() for admin in _admins() if admin != but and needs_sign_in_link(admin)]


def _admins() -> QuerySet[User]:
    return User.objects.filter(role=Role.ADMIN, is_active=True).order_by("pk")


def _lock_admins() -> list[User]:
    return list(_admins().select_for_update())


def _others_who_can(person: User, admins: Iterable[User]) -> list[User]:
    """Who was invited and never came may never come."""
    return [admin for admin in admins if admin != person and not needs_sign_in_link(admin)]


def _lock(person: User) -> User:
    found = User.objects.select_for_update().filter(pk=person.pk).first()
    if found is None:
        raise exceptions.ConfigurationError(f"{person.get_username()} is not invited any more.")
    return found


def _clean_name(name: str) -> str:
    name = User.normalize_username(name.strip())
    try:
        User.username_validator(name)
    except ValidationError as err:
        raise exceptions.ConfigurationError(
            "A name is made of letters, digits and @ . + - _, without spaces.", field="name"
        ) from err
    if len(name) > MAX_NAME:
        raise exceptions.ConfigurationError(f"A name has at most {MAX_NAME} characters.", field="name")
    return name


def _clean_role(role: str) -> Role:
    if role not in Role.values:
        raise exceptions.ConfigurationError("There is no such role.", field="role")
    return Role(role)
