"""What `/entities` answers."""

from collections.abc import Mapping

from pydantic import BaseModel, Field

from hi.api.schemas.times import UtcTime
from hi.entity.models import Entity, EntityFile, EntityState


class StateOut(BaseModel):
    """One aspect of a thing with its current value. `value` is null unless the quality is good, stale or restored."""

    id: int
    key: str
    name: str
    value: str | None
    unit: str
    quality: str
    state_type: str
    is_primary: bool
    source_changed_at: UtcTime | None
    received_at: UtcTime | None
    address: str | None = Field(description="what the source calls it")

    @classmethod
    def build(cls, state: EntityState, address: str | None) -> "StateOut":
        return cls(
            id=state.pk,
            key=state.key,
            name=state.name,
            value=state.value,
            unit=state.unit,
            quality=state.quality,
            state_type=state.state_type,
            is_primary=state.is_primary,
            source_changed_at=state.source_changed_at,
            received_at=state.received_at,
            address=address,
        )


class EntityOut(BaseModel):
    """One thing in the home."""

    id: int
    name: str
    entity_type: str
    location: str | None
    location_id: int | None
    removed_at: UtcTime | None = Field(description="since when no source has it any more; lists leave such out")
    states: list[StateOut] = Field(description="the primary one first")

    @classmethod
    def build(cls, entity: Entity, addresses: Mapping[int, str]) -> "EntityOut":
        location = entity.location
        return cls(
            id=entity.pk,
            name=entity.name,
            entity_type=entity.entity_type,
            location=location.name if location else None,
            location_id=location.pk if location else None,
            removed_at=entity.removed_at,
            states=[StateOut.build(state, addresses.get(state.pk)) for state in entity.states.all()],
        )


class FileOut(BaseModel):
    """A file that people keep with a thing."""

    id: int
    name: str
    content_type: str
    size: int = Field(description="bytes")
    added_at: UtcTime

    @classmethod
    def build(cls, file: EntityFile) -> "FileOut":
        return cls(id=file.pk, name=file.name, content_type=file.content_type, size=file.size, added_at=file.added_at)


class SaidOut(BaseModel):
    """What one side says: a source, or people. Null where people leave it to the source."""

    name: str | None
    entity_type: str | None
    location_id: int | None


class EntityDetail(EntityOut):
    """One thing with what people added to it."""

    source: SaidOut = Field(description="what its source says")
    user: SaidOut = Field(description="what people say instead")
    notes: str
    attributes: dict[str, str] = Field(description="facts that people noted, by name")
    files: list[FileOut]

    @classmethod
    def build(cls, entity: Entity, addresses: Mapping[int, str]) -> "EntityDetail":
        return cls(
            **EntityOut.build(entity, addresses).__dict__,
            source=SaidOut(
                name=entity.source_name, entity_type=entity.source_type, location_id=entity.source_location_id
            ),
            user=SaidOut(name=entity.user_name, entity_type=entity.user_type, location_id=entity.user_location_id),
            notes=entity.user_notes,
            attributes={attribute.name: attribute.value for attribute in entity.attributes.all()},
            files=[FileOut.build(file) for file in entity.files.all()],
        )


class EntityPage(BaseModel):
    items: list[EntityOut]
    next: str | None
