"""What `/integrations` answers."""

from pydantic import BaseModel, Field

from hi.api.schemas.times import UtcTime
from hi.integration.overview import InstanceOverview


class IntegrationOut(BaseModel):
    """One configured connection."""

    id: int
    label: str
    integration_type: str
    integration_label: str
    status: str
    reason: str = Field(description="why it has this status, in a sentence; may be empty")
    since: UtcTime
    desired_state: str
    is_demo: bool
    is_live: bool = Field(description="whether values arrive as they change")
    live_since: UtcTime | None
    last_sync_at: UtcTime | None
    next_sync_at: UtcTime | None
    sync_interval_seconds: int
    entity_count: int
    state_count: int
    source_version: str
    breaker_state: str

    @classmethod
    def build(cls, overview: InstanceOverview) -> "IntegrationOut":
        instance = overview.instance
        return cls(
            id=instance.pk,
            label=instance.label,
            integration_type=instance.integration_type,
            integration_label=overview.info.label,
            status=instance.status,
            reason=instance.reason,
            since=instance.since,
            desired_state=instance.desired_state,
            is_demo=instance.is_demo,
            is_live=overview.is_live,
            live_since=instance.live_since,
            last_sync_at=instance.last_sync_at,
            next_sync_at=overview.next_sync_at,
            sync_interval_seconds=instance.sync_interval_seconds,
            entity_count=overview.entity_count,
            state_count=overview.state_count,
            source_version=instance.source_version,
            breaker_state=instance.breaker_state,
        )


class IntegrationPage(BaseModel):
    items: list[IntegrationOut]
    next: str | None
