"""Fills an installation with some of everything: `python -m tests.backup.fill`, with its settings."""

import random
import sys
from datetime import UTC, datetime, timedelta

import django

django.setup()

from django.contrib.sessions.backends.db import SessionStore  # noqa: E402 - after Django's set-up
from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402

from hi.accounts.models import ApiToken, SignInLink, User  # noqa: E402
from hi.entity.models import Entity, EntityAttribute, EntityState, StateHistory  # noqa: E402
from hi.integration import files, schedules  # noqa: E402
from hi.integration.models import IntegrationAttribute, Lease, Process  # noqa: E402
from hi.utils import crypto  # noqa: E402
from tests.factories import (  # noqa: E402
    EntityStateFactory,
    InstanceFactory,
    JobFactory,
    LocationFactory,
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
    JobFactory(instance=instance, requested_by=person, result={"nested": {"a": [1, 2.5, None, True]}})
    # Their numbers must not be given again: history knows them.
    gone = EntityStateFactory(entity=thing)
    StateHistory.objects.create(state_id=gone.pk, value="x", quality="good", source_changed_at=BEGIN, received_at=BEGIN)
    EntityState.objects.filter(pk=gone.pk).delete()


if __name__ == "__main__":
    fill(sys.argv[1] if len(sys.argv) > 1 else SECRET)
