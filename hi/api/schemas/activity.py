"""What `/activity` answers."""

from uuid import UUID

from pydantic import BaseModel, Field

from hi.api.schemas.times import UtcTime
from hi.integration.models import AuditEntry


class ActivityOut(BaseModel):
    """One deed. It never holds a secret, nor the text of notes and facts."""

    id: int
    at: UtcTime
    user_id: int | None = Field(description="null once the account is deleted, or where hi did it")
    who: str = Field(description="their name at the time")
    verb: str = Field(description="set, renamed, moved, noted, …")
    subject: str = Field(description="what it was done to, as it was called then")
    before: str
    after: str
    entity_id: int | None
    integration_id: int | None
    command_id: UUID | None = Field(description="of `set`: what came of it is told there")

    @classmethod
    def build(cls, entry: AuditEntry) -> "ActivityOut":
        return cls(
            id=entry.pk,
            at=entry.at,
            user_id=entry.user_id,
            who=entry.who,
            verb=entry.verb,
            subject=entry.subject,
            before=entry.before,
            after=entry.after,
            entity_id=entry.entity_id,
            integration_id=entry.instance_id,
            command_id=entry.command_id,
        )


class ActivityPage(BaseModel):
    items: list[ActivityOut]
    next: str | None
