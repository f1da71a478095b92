"""What `/entities/{id}/states/{id}/history` answers."""

from pydantic import BaseModel, Field

from hi.api.schemas.times import UtcTime
from hi.entity.models import StateHistory


class ChangeOut(BaseModel):
    """What a state came to be at a moment."""

    value: str | None = Field(description="null where there was none: see `quality`")
    unit: str
    quality: str
    source_changed_at: UtcTime
    received_at: UtcTime

    @classmethod
    def build(cls, change: StateHistory) -> "ChangeOut":
        return cls(
            value=change.value,
            unit=change.unit,
            quality=change.quality,
            source_changed_at=change.source_changed_at,
            received_at=change.received_at,
        )


class ChangePage(BaseModel):
    items: list[ChangeOut]
    next: str | None
