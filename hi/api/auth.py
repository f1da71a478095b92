"""Who is asking, and for what: a bearer token and nothing else. The console's session opens nothing here, so there is
no CSRF."""

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from ninja.operation import Operation
from ninja.security import HttpBearer

from hi.accounts import roles
from hi.accounts.models import ApiToken
from hi.accounts.roles import NotAllowed, Permission
from hi.api.errors import ApiProblem


class ApiRequest(HttpRequest):
    """A request that has passed BearerToken."""

    auth: ApiToken


class BearerToken(HttpBearer):
    """Every operation names the permission that it needs; one that names none opens to nobody."""

    def __init__(self, permission: Permission | None = None) -> None:
        super().__init__()
        self.permission = permission

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        found = ApiToken.authenticate(token)
        if found is None:
            return None
        if self.permission is None:
            raise ImproperlyConfigured(f"{request.method} {request.path} does not say which permission it needs.")
        if not found.user.may(self.permission):
            raise NotAllowed(self.permission, found.user.role)
        if not found.may(self.permission):
            scope = roles.least_scope(self.permission)
            raise ApiProblem(
                403,
                f"This needs a token of the scope {scope}; yours is of {found.scope}.",
                hint=f"Make another: make -s token NAME=what-for SCOPE={scope}",
            )
        return found


def read_permission(operation: Operation) -> Permission:
    """What the operation needs. Raises ImproperlyConfigured for one that names nothing."""
    for bearer in operation.auth_callbacks:
        if isinstance(bearer, BearerToken) and bearer.permission is not None:
            return bearer.permission
    raise ImproperlyConfigured(f"{operation.view_func.__name__} does not say which permission it needs.")
