"""Who did what: one row for each thing that a person changed, written in the same transaction."""

from enum import StrEnum

from hi.accounts.models import User
from hi.entity.models import Entity
from hi.integration.models import AuditEntry, Command, IntegrationInstance


class Verb(StrEnum):
    """What was done; the pages say it in words."""

    SET = "set"
    RENAMED = "renamed"
    RETYPED = "retyped"
    MOVED = "moved"
    NOTED = "noted"
    ATTACHED = "attached"
    DETACHED = "detached"
    ADDED = "added"
    REMOVED = "removed"
    APPROVED = "approved"
    IGNORED = "ignored"
    CHOSE = "chose"  # what of an integration is mirrored
    CONFIGURED = "configured"
    ACTIVATED = "activated"
    PAUSED = "paused"
    DEACTIVATED = "deactivated"
    DELETED = "deleted"


def record_for(
    user: User | None, verb: Verb, instance: IntegrationInstance, *, before: str = "", after: str = ""
) -> None:
    """What a person did to an integration; what hi does by itself is told by its jobs."""
    if user is not None:
        record(user, verb, instance.label, before=before, after=after, instance=instance)


def record(
    user: User | None,
    verb: Verb,
    subject: str,
    *,
    before: str = "",
    after: str = "",
    entity: Entity | None = None,
    instance: IntegrationInstance | None = None,
    command: Command | None = None,
) -> None:
    """Call it inside the transaction of what it tells of. Never give it a secret."""
    AuditEntry.objects.create(
        user=user,
        who=user.get_username() if user else "",
        verb=verb,
        subject=subject[:520],
        before=before,
        after=after,
        entity=entity,
        instance=instance,
        command=command,
    )
