"""By what somebody looks on for a while: a browser that is signed in, or a token. Who was let in may have been shut out
since."""

from dataclasses import dataclass
from enum import StrEnum

from django.http import HttpRequest
from django.utils import timezone

from hi.accounts.models import ApiToken, OpenSession
from hi.accounts.roles import Permission


class ViewerKind(StrEnum):
    BROWSER = "browser"
    TOKEN = "token"


@dataclass(frozen=True, slots=True)
class Viewer:
    """`row_id`: of the OpenSession, or of the ApiToken. It is no secret."""

    kind: ViewerKind
    row_id: int

    @classmethod
    def of_token(cls, token: ApiToken) -> "Viewer":
        return cls(ViewerKind.TOKEN, token.pk)

    @classmethod
    def of_browser(cls, request: HttpRequest) -> "Viewer | None":
        """None where its session has just ended, or could not be noted (see `sessions.py`)."""
        key = request.session.session_key
        found = OpenSession.objects.filter(session=key).values_list("pk", flat=True).first()
        return cls(ViewerKind.BROWSER, found) if found is not None else None

    def may_still(self, permission: Permission) -> bool:
        if self.kind is ViewerKind.TOKEN:
            return ApiToken.may_still(self.row_id, permission)
        signed_in = OpenSession.objects.select_related("user").filter(session__expire_date__gt=timezone.now())
        found = signed_in.filter(pk=self.row_id).first()
        return found is not None and found.user.may(permission)
