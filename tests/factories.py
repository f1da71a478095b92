"""Rows for tests: the smallest that make sense, and the ways they usually hang together."""

from datetime import datetime, timedelta
from typing import Any

import factory
from django.utils import timezone

from hi.accounts.models import User
from hi.accounts.roles import Role
from hi.entity.enums import EntityStateType, EntityType, Quality
from hi.entity.models import Controller, Entity, EntityState, Location, Sensor, StateHistory
from hi.integration.enums import DesiredState, IntegrationStatus, ItemKind, JobKind, JobStatus, ProcessRole, RepairKind
from hi.integration.models import (
    IntegrationInstance,
    IntegrationLink,
    Job,
    Leadership,
    Process,
    Recording,
    Repair,
    SyncRun,
)


class UserFactory(factory.django.DjangoModelFactory):
    """Somebody who may do everything."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda number: f"person-{number}")
    role = Role.ADMIN
    password = factory.django.Password("a long enough password")


class LocationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Location

    source_name = factory.Sequence(lambda number: f"Room {number}")


class EntityFactory(factory.django.DjangoModelFactory):
    """A light."""

    class Meta:
        model = Entity

    source_name = factory.Sequence(lambda number: f"Thing {number:04}")
    source_type = EntityType.LIGHT


class EntityStateFactory(factory.django.DjangoModelFactory):
    """The primary aspect of its thing: on, heard just now."""

    class Meta:
        model = EntityState

    entity = factory.SubFactory(EntityFactory)
    key = factory.Sequence(lambda number: f"aspect-{number}")
    source_name = factory.LazyAttribute(lambda state: state.entity.source_name)
    state_type = EntityStateType.ON_OFF
    is_primary = True
    value = "on"
    quality = Quality.GOOD
    source_changed_at = factory.LazyFunction(timezone.now)
    received_at = factory.LazyFunction(timezone.now)


class SensorFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Sensor

    state = factory.SubFactory(EntityStateFactory)


class ControllerFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Controller

    state = factory.SubFactory(EntityStateFactory)


class InstanceFactory(factory.django.DjangoModelFactory):
    """Running, and live."""

    class Meta:
        model = IntegrationInstance

    integration_type = "absent"
    label = factory.Sequence(lambda number: f"House {number}")
    desired_state = DesiredState.ACTIVE
    status = IntegrationStatus.ACTIVE
    last_sync_at = factory.LazyFunction(timezone.now)
    live_since = factory.LazyFunction(timezone.now)


class JobFactory(factory.django.DjangoModelFactory):
    """One that has ended well."""

    class Meta:
        model = Job

    kind = JobKind.SYNC
    instance = factory.SubFactory(InstanceFactory)
    subject = factory.LazyAttribute(lambda job: job.instance.label if job.instance else "")
    status = JobStatus.SUCCEEDED
    started_at = factory.LazyFunction(timezone.now)
    ended_at = factory.LazyFunction(timezone.now)


class RunFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SyncRun

    instance = factory.SubFactory(InstanceFactory)
    job = factory.SubFactory(JobFactory, instance=factory.SelfAttribute("..instance"))


class RepairFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Repair

    instance = factory.SubFactory(InstanceFactory)
    kind = RepairKind.AUTHENTICATION
    cause = "The token was refused."


class RecordingFactory(factory.django.DjangoModelFactory):
    """Of some motion, twenty seconds long, a moment ago."""

    class Meta:
        model = Recording

    instance = factory.SubFactory(InstanceFactory)
    entity = factory.SubFactory(EntityFactory)
    integration_key = factory.Sequence(str)
    began_at = factory.LazyFunction(timezone.now)
    ended_at = factory.LazyAttribute(lambda one: one.began_at + timedelta(seconds=20))
    title = "Motion: All"


class ProcessFactory(factory.django.DjangoModelFactory):
    """A worker that is there and hears, with nothing to do."""

    class Meta:
        model = Process

    role = ProcessRole.WORKER
    name = factory.LazyAttribute(lambda process: f"{process.role}@house")
    pid = 4711
    slots = 8
    heard_at = factory.LazyFunction(timezone.now)


def make_well() -> None:
    """Rows as they are when all of hi runs."""
    for role in ProcessRole:
        works = role in (ProcessRole.CONTROL, ProcessRole.WORKER, ProcessRole.LISTENER)
        ProcessFactory(role=role, slots=8 if works else 0, heard_at=timezone.now() if works else None)
    Leadership.objects.create(part="beat", holder="beat@house", expires_at=timezone.now() + timedelta(seconds=15))


def mirror(entity: Entity, instance: IntegrationInstance) -> None:
    """Link a thing and its states to an instance, as a sync does."""
    IntegrationLink.objects.create(
        instance=instance, kind=ItemKind.ENTITY, integration_key=f"thing-{entity.pk}", entity=entity
    )
    for state in entity.states.all():
        IntegrationLink.objects.create(
            instance=instance,
            kind=ItemKind.STATE,
            integration_key=f"state-{state.pk}",
            address=f"light.{state.pk}",
            state=state,
        )


def record(state: EntityState, values: list[str | None], *, end: datetime | None = None, **columns: Any) -> None:
    """The history of a state: its values, a minute apart, the last at `end`."""
    end = end or timezone.now()
    for number, value in enumerate(values):
        at = end - timedelta(minutes=len(values) - 1 - number)
        StateHistory.objects.create(
            **{"state_id": state.pk, "value": value, "quality": Quality.GOOD, "source_changed_at": at}
            | {"received_at": at}
            | columns
        )
