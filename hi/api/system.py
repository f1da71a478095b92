"""`/system`: whether hi itself is well."""

from ninja import Router

from hi.accounts.roles import Permission
from hi.api.auth import ApiRequest, BearerToken
from hi.api.schemas.system import SystemOut
from hi.integration.health.check import check_health

router = Router(tags=["system"])


@router.get("", auth=BearerToken(Permission.LOOK), response=SystemOut)
def get_system(request: ApiRequest) -> SystemOut:
    """Everything that hi stands on and consists of, each with what to do where it is not well."""
    return SystemOut.build(check_health())
