"""What `/repairs` answers."""

from pydantic import BaseModel, Field

from hi.api.schemas.times import UtcTime
from hi.integration.models import Repair


class RepairOut(BaseModel):
    """A problem that needs a person."""

    id: int
    integration_id: int
    kind: str = Field(description="authentication, removal_review, server_changed, …")
    cause: str = Field(description="what happened, in a sentence")
    consequence: str
    setting: str | None = Field(description="of `authentication`: the setting to correct, by PATCH of the integration")
    items: list[str] = Field(description="of `removal_review`: the names of what would go")
    opened_at: UtcTime
    updated_at: str = Field(description="as `approve` wants it")

    @classmethod
    def build(cls, repair: Repair) -> "RepairOut":
        return cls(
            id=repair.pk,
            integration_id=repair.instance_id,
            kind=repair.kind,
            cause=repair.cause,
            consequence=repair.consequence,
            setting=repair.data.get("field"),
            items=[name for _kind, _key, name in repair.data.get("keys", ())],
            opened_at=repair.opened_at,
            updated_at=repair.updated_at.isoformat(),
        )


class RepairPage(BaseModel):
    items: list[RepairOut]
    next: str | None
