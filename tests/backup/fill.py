"""Fills an installation with some of everything: `python -m tests.backup.fill`, with its settings."""

import random
import sys
from datetime import UTC, datetime, timedelta

import django

django.setup()

from django.contrib.auth.models import Group, Permission  # noqa: E402 - after Django's set-up
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, SolarSchedule  # noqa: E402

from hi.accounts.models import ApiToken, SignInLink, User  # noqa: E402
from hi.entity.models import Entity, EntityAttribute, EntityState, StateHistory  # noqa: E402
from hi.integration import files, schedules  # noqa: E402
from hi.integration.models import (  # noqa: E402
    Command,
    ConnectionGap,
    InboxItem,
    IntegrationAttribute,
    IntegrationCursor,
    IntegrationInstance,
    Lease,
    Process,
    Recording,
    SourceCatalogue,
)
from hi.utils import crypto  # noqa: E402
from tests.factories import (  # noqa: E402
    ControllerFactory,
    EntityStateFactory,
    InstanceFactory,
    JobFactory,
    LocationFactory,
    RepairFactory,
    RunFactory,
    SensorFactory,
    mirror,
    record,
)

SECRET = "canary-of-a-token"
BEGIN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def fill(secret: str) -> None:
    person = User.objects.get()
    person.set_password("canary-of-a-password")
    person.last_login = BEGIN
    person.save()
    ApiToken.issue(person, "tests")
    SignInLink.issue(person)
    session = SessionStore()
    session["canary"] = "canary-of-a-session"
    session.save()
    instance = InstanceFactory(label='Haus "am Mühlbach" \\ 2', selection={"areas": ["küche", "a\nb"], "things": []})
    IntegrationAttribute.objects.create(
        instance=instance, integration_attr_key="token", value=crypto.encrypt(secret), is_secret=True
    )
    Lease.objects.create(instance=instance, role="sync", holder="x", epoch=3, expires_at=BEGIN)
    # As of a process that ended long ago.
    Process.objects.create(name="web@gone", role="web", pid=1, seen_at=BEGIN)
    schedules.schedule(instance)
    floor = LocationFactory(source_name="Erdgeschoss", kind="FLOOR")
    for number in range(30):
        state = EntityStateFactory(
            entity__source_name=f"Lampe {number}",
            entity__source_location=LocationFactory(source_parent=floor),
            value=["on", "öffnet\tsich", "\\N", ""][number % 4],
        )
        mirror(state.entity, instance)
        record(state, ["1", None, "näher\\n"], end=BEGIN + timedelta(microseconds=number * 250_000))
    thing = Entity.objects.order_by("pk")[3]
    Entity.objects.filter(pk=thing.pk).update(
        user_name="Leselampe", user_notes='Birne: E27\n"warm"\u2028', user_location=floor
    )
    EntityAttribute.objects.create(entity=thing, name="Gekauft", value="2025, beim Händler")
    files.attach(
        thing, SimpleUploadedFile("Anleitung.pdf", b"%PDF-1.7 \x00\xff" + random.Random(1).randbytes(50_000)), person
    )
    job = JobFactory(instance=instance, requested_by=person, result={"nested": {"a": [1, 2.5, None, True]}})
    RunFactory(instance=instance, job=job, quarantined=[{"kind": "entity", "path": "a.b"}])
    set_and_ask(instance, person)
    fill_what_only_libraries_have(person)
    # Their numbers must not be given again: history knows them.
    gone = EntityStateFactory(entity=thing)
    StateHistory.objects.create(state_id=gone.pk, value="x", quality="good", source_changed_at=BEGIN, received_at=BEGIN)
    EntityState.objects.filter(pk=gone.pk).delete()


def set_and_ask(instance: IntegrationInstance, person: User) -> None:
    """What people want of it, and what it wants of them."""
    state = EntityState.objects.earliest("pk")
    SensorFactory(state=state)
    ControllerFactory(state=state)
    wish = {"subject": state.source_name, "value": "off", "code": crypto.encrypt("4711"), "idempotency_key": "a"}
    Command.objects.create(state=state, instance=instance, requested_by=person, expires_at=BEGIN, **wish)
    ConnectionGap.objects.create(instance=instance, began_at=BEGIN, reason="Verbindung verloren")
    InboxItem.objects.create(instance=instance, integration_key="neu", name="Neu", families=["light"])
    RepairFactory(instance=instance, data={"fields": ["token"]})
    IntegrationCursor.objects.create(instance=instance, position={"last": 7}, saved_at=BEGIN)
    Recording.objects.create(
        instance=instance, integration_key="7", entity=state.entity, began_at=BEGIN, title="Bewegung: Tür"
    )
    SourceCatalogue.objects.create(instance=instance, content={"offers": [{"key": "neu"}]}, settled_at=BEGIN)


def fill_what_only_libraries_have(person: User) -> None:
    """hi itself writes nothing there. They are carried all the same: nobody has to know which ones."""
    group, permission = Group.objects.create(name="Haus"), Permission.objects.earliest("pk")
    group.permissions.add(permission)
    person.groups.add(group)
    person.user_permissions.add(permission)
    SolarSchedule.objects.create(event="sunset", latitude="47.5", longitude="-8.25")
    ClockedSchedule.objects.create(clocked_time=BEGIN)
    CrontabSchedule.objects.create(minute="*/5")


if __name__ == "__main__":
    fill(sys.argv[1] if len(sys.argv) > 1 else SECRET)
