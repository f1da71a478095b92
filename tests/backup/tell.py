"""Tells what is in an installation, as JSON: `python -m tests.backup.tell`, with its settings."""

import hashlib
import json
from pathlib import Path
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402 - after Django's set-up
from django.contrib.sessions.models import Session  # noqa: E402
from django.db import connection  # noqa: E402
from django_celery_beat.models import PeriodicTask  # noqa: E402

from hi.accounts import key_check  # noqa: E402
from hi.accounts.models import ApiToken, SignInLink, User  # noqa: E402
from hi.entity.models import Entity, EntityAttribute, EntityFile, EntityState, StateHistory  # noqa: E402
from hi.integration.models import (  # noqa: E402
    AuditEntry,
    IntegrationAttribute,
    IntegrationInstance,
    IntegrationLink,
    Job,
    Lease,
    Process,
)
from hi.utils import crypto  # noqa: E402


def tell() -> dict[str, Any]:
    return {
        "things": list(Entity.objects.order_by("pk").values()),
        "states": list(EntityState.objects.order_by("pk").values()),
        "attributes": list(EntityAttribute.objects.order_by("pk").values()),
        "history": list(StateHistory.objects.order_by("pk").values()),
        "instances": list(IntegrationInstance.objects.order_by("pk").values()),
        "links": list(IntegrationLink.objects.order_by("pk").values()),
        "jobs": list(Job.objects.order_by("pk").values()),
        "audit": list(AuditEntry.objects.order_by("pk").values()),
        "people": list(User.objects.order_by("pk").values()),
        "tokens": list(ApiToken.objects.order_by("pk").values()),
        "schedules": list(PeriodicTask.objects.order_by("pk").values("name", "args", "interval__every")),
        "secrets": [crypto.decrypt(each.value) for each in IntegrationAttribute.objects.filter(is_secret=True)],
        "files": {file.name: _digest(file.content.name) for file in EntityFile.objects.all()},
    }


def tell_rest() -> dict[str, Any]:
    """What is not the same in a copy."""
    fresh = EntityState.objects.create(entity=Entity.objects.earliest("pk"), key="fresh", source_name="fresh")
    newest = fresh.pk
    fresh.delete()
    return {
        "database": connection.vendor,
        "key fits": key_check.key_fits(),
        "not carried": [model.objects.count() for model in (Session, SignInLink, Lease, Process)],
        "number of the next state": newest,
    }


def _digest(name: str) -> str:
    return hashlib.sha256((Path(settings.MEDIA_ROOT) / name).read_bytes()).hexdigest()


if __name__ == "__main__":
    print(json.dumps({"home": tell(), "rest": tell_rest()}, default=str))
