"""What `/commands` answers."""

from uuid import UUID

from pydantic import BaseModel, Field

from hi.api.schemas.times import UtcTime
from hi.integration.models import Command


class CommandOut(BaseModel):
    """What somebody wanted a state to be, and what has come of it.

    REQUESTED, SENT and ACKNOWLEDGED are on their way; CONFIRMED, FAILED, EXPIRED, SUPERSEDED and UNKNOWN are final.
    """

    id: UUID
    state_id: int | None = Field(description="null once the state is deleted")
    integration_id: int | None = Field(description="null once the integration is deleted")
    subject: str = Field(description="the state as it was called then")
    value: str
    value_before: str = Field(description="what the state said when it was asked for")
    requested_by: str | None
    status: str
    created_at: UtcTime
    expires_at: UtcTime = Field(description="never sent after")
    sent_at: UtcTime | None
    acknowledged_at: UtcTime | None = Field(description="when the system took it")
    ended_at: UtcTime | None
    message: str
    hint: str
    trace: str = Field(description="the id of all log lines on its way")

    @classmethod
    def build(cls, command: Command) -> "CommandOut":
        return cls(
            id=command.pk,
            state_id=command.state_id,
            integration_id=command.instance_id,
            subject=command.subject,
            value=command.value,
            value_before=command.value_before,
            requested_by=command.requested_by.get_username() if command.requested_by else None,
            status=command.status,
            created_at=command.created_at,
            expires_at=command.expires_at,
            sent_at=command.sent_at,
            acknowledged_at=command.acknowledged_at,
            ended_at=command.ended_at,
            message=command.message,
            hint=command.hint,
            trace=command.trace,
        )


class CommandPage(BaseModel):
    items: list[CommandOut]
    next: str | None
