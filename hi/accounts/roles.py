"""Who may do what: one table of roles, and the scopes that narrow what an API token does for its owner."""

from enum import StrEnum

from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils.translation import gettext_lazy


class Permission(StrEnum):
    """What a page or an operation of the API needs."""

    LOOK = "look"  # everything that hi shows, and one's own account
    SET = "set"  # everyday things: a light, a blind, a thermostat
    SET_GUARDED = "set_guarded"  # what asks first or wants a code: a lock, a garage door, an alarm
    RUN = "run"  # syncs, tests of connections, the end of a job, what failed seen
    DECIDE = "decide"  # the inbox, what is ignored, what a sync holds back
    EDIT = "edit"  # what people add: names, kinds, places, notes, facts, files
    CONNECT = "connect"  # integrations: added, chosen from, changed, started, stopped, deleted
    PEOPLE = "people"  # others: invited, given roles, shut out, their sessions and tokens


P = Permission


class Role(models.TextChoices):
    """From the least to the most: each may do all that the one before may."""

    VIEWER = "viewer", gettext_lazy("viewer")
    MEMBER = "member", gettext_lazy("member")
    OPERATOR = "operator", gettext_lazy("operator")
    ADMIN = "admin", gettext_lazy("admin")


class Scope(models.TextChoices):
    """What an API token is for. It never does more than its owner may."""

    READ = "read", gettext_lazy("reads")
    OPERATE = "operate", gettext_lazy("operates")
    ADMIN = "admin", gettext_lazy("administers")


ADDED: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: frozenset({P.LOOK}),
    Role.MEMBER: frozenset({P.SET}),
    Role.OPERATOR: frozenset({P.SET_GUARDED, P.RUN, P.DECIDE, P.EDIT}),
    Role.ADMIN: frozenset({P.CONNECT, P.PEOPLE}),
}
# Nobody does more with a token of a scope than somebody of this role.
SCOPE_ROLES = {Scope.READ: Role.VIEWER, Scope.OPERATE: Role.OPERATOR, Scope.ADMIN: Role.ADMIN}
ALLOWED: dict[str, frozenset[Permission]] = {
    role: frozenset[Permission]().union(*list(ADDED.values())[: place + 1]) for place, role in enumerate(ADDED)
}


def is_allowed(role: str, permission: Permission) -> bool:
    """A role that this version does not know allows nothing."""
    return permission in ALLOWED.get(role, ())


def scope_allows(scope: str, permission: Permission) -> bool:
    return scope in SCOPE_ROLES and is_allowed(SCOPE_ROLES[Scope(scope)], permission)


def least_role(permission: Permission) -> Role:
    return next(role for role, added in ADDED.items() if permission in added)


def least_scope(permission: Permission) -> Scope:
    return next(scope for scope in SCOPE_ROLES if scope_allows(scope, permission))


class NotAllowed(PermissionDenied):
    """Somebody's role does not allow it. `hint` says who can change that."""

    def __init__(self, permission: Permission, role: str) -> None:
        self.permission = permission
        self.role = role
        super().__init__(f"This needs the role {least_role(permission)}; yours is {role}.")
        self.hint = "An admin can give you another role."
