"""Who is asking: a bearer token and nothing else. The console's session opens nothing here, so there is no CSRF."""

from django.http import HttpRequest
from ninja.security import HttpBearer

from hi.accounts.models import ApiToken


class ApiRequest(HttpRequest):
    """A request that has passed BearerToken."""

    auth: ApiToken


class BearerToken(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        return ApiToken.authenticate(token)
