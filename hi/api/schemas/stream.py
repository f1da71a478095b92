"""The data of the events of `/stream`."""

from pydantic import BaseModel, Field

from hi.api.schemas.times import UtcTime
from hi.entity.models import EntityState
from hi.integration.models import IntegrationInstance


class ChangedState(BaseModel):
    """A state as it is now."""

    id: int
    entity_id: int
    name: str
    value: str | None
    unit: str
    quality: str
    source_changed_at: UtcTime | None
    received_at: UtcTime | None

    @classmethod
    def build(cls, state: EntityState) -> "ChangedState":
        return cls(
            id=state.pk,
            entity_id=state.entity_id,
            name=state.name,
            value=state.value,
            unit=state.unit,
            quality=state.quality,
            source_changed_at=state.source_changed_at,
            received_at=state.received_at,
        )


class ChangedIntegration(BaseModel):
    """An integration whose status changed, or that is heard or not heard now: if it is not, its values are stale."""

    id: int
    label: str
    status: str
    is_live: bool = Field(description="whether values arrive as they change")

    @classmethod
    def build(cls, instance: IntegrationInstance) -> "ChangedIntegration":
        return cls(
            id=instance.pk, label=instance.label, status=instance.status, is_live=instance.live_since is not None
        )
