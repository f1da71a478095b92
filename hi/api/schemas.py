"""What the API answers with. Built by hand from our rows, field by field: nothing gets out because a model has it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from django.utils import timezone
from pydantic import BaseModel, Field, PlainSerializer, WithJsonSchema

from hi.entity.models import Entity, EntityState
from hi.entity.places import Place
from hi.integration.core.selection import Selection
from hi.integration.models import Command, InboxItem, IntegrationInstance, Job
from hi.integration.overview import InstanceOverview


def _in_utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


# ISO 8601 in UTC, always as long: sorts as text.
UtcTime = Annotated[
    datetime,
    PlainSerializer(_in_utc, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-01-31T12:00:00.000000Z"]}),
]


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


class SelectionOut(BaseModel):
    """What of an integration is mirrored."""

    areas: list[str]
    families: list[str]
    things: list[str]
    new_things: str

    @classmethod
    def build(cls, instance: IntegrationInstance) -> "SelectionOut":
        chosen = Selection.read(instance.selection)
        return cls(
            areas=sorted(chosen.areas),
            families=sorted(chosen.families),
            things=sorted(chosen.things),
            new_things=instance.new_things,
        )


class InboxItemOut(BaseModel):
    """A thing that a source offers and hi does not mirror."""

    id: int
    key: str = Field(description="what the source calls it for good")
    name: str
    entity_type: str
    location: str
    families: list[str]
    state_count: int
    decision: str
    found_at: UtcTime
    decided_at: UtcTime | None

    @classmethod
    def build(cls, item: InboxItem) -> "InboxItemOut":
        return cls(
            id=item.pk,
            key=item.integration_key,
            name=item.name,
            entity_type=item.entity_type,
            location=item.place,
            families=item.families,
            state_count=item.state_count,
            decision=item.decision,
            found_at=item.found_at,
            decided_at=item.decided_at,
        )


class InboxPage(BaseModel):
    items: list[InboxItemOut]
    next: str | None


class Decided(BaseModel):
    decided: int = Field(description="how many items were decided on just now")


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
            files=[
                FileOut(
                    id=file.pk,
                    name=file.name,
                    content_type=file.content_type,
                    size=file.size,
                    added_at=file.added_at,
                )
                for file in entity.files.all()
            ],
        )


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


class EntityPage(BaseModel):
    items: list[EntityOut]
    next: str | None


class StepOut(BaseModel):
    """One step of a job. `status`: running, ok or failed."""

    name: str
    status: str
    message: str = ""
    hint: str = ""
    milliseconds: int | None = None


class JobOut(BaseModel):
    """One unit of queued work, from the moment it was asked for to its end."""

    id: UUID
    kind: str
    subject: str = Field(description="the integration's label at the time")
    integration_id: int | None = Field(description="null once the integration is deleted")
    status: str
    trigger: str
    created_at: UtcTime
    run_after: UtcTime | None = Field(description="not begun before")
    started_at: UtcTime | None
    ended_at: UtcTime | None
    wait_seconds: float = Field(description="from the request to its beginning, or so far")
    run_seconds: float | None = Field(description="from its last beginning to its end, or so far")
    acknowledged_at: UtcTime | None = Field(description="when somebody marked its failure as seen")
    attempt: int = Field(description="how often a worker has begun it")
    tries: int = Field(description="how often it failed and is or was tried again")
    losses: int = Field(description="how often its worker died, in a row")
    worker: str
    slot_at: UtcTime | None = Field(description="the schedule's slot it stands for")
    slots: int = Field(description="how many slots it stands for")
    slots_missed: int = Field(description="how many slots before it did not run")
    trace: str = Field(description="the id of all log lines on its way")
    phase: str
    done: int
    total: int | None
    message: str
    hint: str
    steps: list[StepOut]
    result: dict[str, Any]

    @classmethod
    def build(cls, job: Job) -> "JobOut":
        now = timezone.now()
        run = job.run(now)
        return cls(
            id=job.pk,
            kind=job.kind,
            subject=job.subject,
            integration_id=job.instance_id,
            status=job.status,
            trigger=job.trigger,
            created_at=job.created_at,
            run_after=job.run_after,
            started_at=job.started_at,
            ended_at=job.ended_at,
            wait_seconds=job.wait(now).total_seconds(),
            run_seconds=run.total_seconds() if run is not None else None,
            acknowledged_at=job.acknowledged_at,
            attempt=job.attempt,
            tries=job.tries,
            losses=job.losses,
            worker=job.worker,
            slot_at=job.slot_at,
            slots=job.slots,
            slots_missed=job.slots_missed,
            trace=job.trace,
            phase=job.phase,
            done=job.done,
            total=job.total,
            message=job.message,
            hint=job.hint,
            steps=[StepOut.model_validate(step) for step in job.steps],
            result=job.result,
        )


class JobPage(BaseModel):
    items: list[JobOut]
    next: str | None


class Acknowledged(BaseModel):
    """How many were marked now."""

    acknowledged: int
    acknowledged_at: UtcTime


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
