"""Rows to ask for: the smallest that make sense."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.test import Client

from hi.entity.enums import EntityStateType, EntityType, Quality
from hi.entity.models import Entity, EntityState, Location
from hi.integration.enums import DesiredState, IntegrationStatus, ItemKind, JobKind
from hi.integration.models import IntegrationInstance, IntegrationLink, Job

ROOT = "/api/v1"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def make_instance(label: str = "House", **columns: Any) -> IntegrationInstance:
    running = {"desired_state": DesiredState.ACTIVE, "status": IntegrationStatus.ACTIVE, "since": NOON}
    return IntegrationInstance.objects.create(**{"integration_type": "absent", "label": label} | running | columns)


def make_entity(name: str, instance: IntegrationInstance | None = None, **columns: Any) -> Entity:
    """A light with its switch and its power, linked to the instance if there is one."""
    entity = Entity.objects.create(**{"source_name": name, "source_type": EntityType.LIGHT} | columns)
    switch = EntityState.objects.create(
        entity=entity,
        key="light",
        source_name=name,
        state_type=EntityStateType.ON_OFF,
        is_primary=True,
        value="on",
        quality=Quality.GOOD,
        source_changed_at=NOON,
        received_at=NOON,
    )
    power = EntityState.objects.create(
        entity=entity, key="power", source_name=f"{name} power", state_type=EntityStateType.POWER, unit="W"
    )
    if instance is not None:
        link(instance, ItemKind.ENTITY, f"thing-{entity.pk}", entity=entity)
        link(instance, ItemKind.STATE, f"light-{entity.pk}", state=switch, address=f"light.{entity.pk}")
        link(instance, ItemKind.STATE, f"power-{entity.pk}", state=power, address=f"sensor.{entity.pk}")
    return entity


def link(instance: IntegrationInstance, kind: ItemKind, key: str, **columns: Any) -> IntegrationLink:
    return IntegrationLink.objects.create(instance=instance, kind=kind, integration_key=key, **columns)


def make_room(name: str) -> Location:
    return Location.objects.create(source_name=name)


def make_job(instance: IntegrationInstance | None = None, **columns: Any) -> Job:
    subject = instance.label if instance else ""
    # One may wait and the others have ended, whatever their kind.
    return Job.objects.create(
        **{"kind": JobKind.SYNC, "instance": instance, "subject": subject, "status": "SUCCEEDED"} | columns
    )


def read_pages(api: Client, path: str, **query: Any) -> Iterator[list[dict[str, Any]]]:
    """The items of each page, by following `next`."""
    after = ""
    while after is not None:
        page = api.get(f"{ROOT}{path}", {**query, "after": after}).json()
        yield page["items"]
        after = page["next"]
