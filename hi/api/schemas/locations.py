"""What `/locations` answers."""

from pydantic import BaseModel, Field

from hi.api.schemas.times import UtcTime
from hi.entity.places import Place


class LocationOut(BaseModel):
    """A building, a floor or a room."""

    id: int
    name: str
    kind: str
    parent_id: int | None
    path: list[str] = Field(description="the names of what it stands in, outermost first")
    entity_count: int = Field(description="things in it alone, not in what stands in it")
    is_own: bool = Field(description="made by people, known to no source")
    removed_at: UtcTime | None = Field(description="since when no source has it any more")

    @classmethod
    def build(cls, place: Place) -> "LocationOut":
        return cls(
            id=place.location.pk,
            name=place.location.name,
            kind=place.location.kind,
            parent_id=place.parent_id,
            path=list(place.path),
            entity_count=place.things,
            is_own=place.location.is_own,
            removed_at=place.location.removed_at,
        )


class LocationPage(BaseModel):
    items: list[LocationOut]
    next: str | None
