"""Who did what: one row for each thing that a person changed, written in the same transaction; and reading them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Q, QuerySet

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
    CLEARED = "cleared"  # what was noted
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


V = Verb
MOST = 200
_INTEGRATIONS = (V.CHOSE, V.APPROVED, V.IGNORED, V.CONFIGURED, V.ACTIVATED, V.PAUSED, V.DEACTIVATED, V.DELETED)
# What can be looked at apart: what was switched and set, what was done to the home's own records, and to integrations.
GROUPS: dict[str, tuple[Verb, ...]] = {
    "set": (V.SET,),
    "home": tuple(verb for verb in Verb if verb not in (V.SET, *_INTEGRATIONS)),
    "integrations": _INTEGRATIONS,
}

# Where an entry is in the list: newest first, and of one moment by id.
Place = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries. Empty fields do not filter. `after` is the place of the last entry of the page before."""

    user_id: int | None = None
    group: str = ""
    entity_id: int | None = None
    instance_id: int | None = None
    after: Place | None = None


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
    """Call it inside the transaction of what it tells of. Never give it a secret. What is done to a draft is not told:
    nothing is mirrored yet, and its end is a deed of its own."""
    if instance is not None and instance.is_draft:
        return
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


def list_entries(chosen: AuditFilter, limit: int = 50) -> tuple[list[AuditEntry], Place | None]:
    """One page, newest first, with what came of it, and where the next page begins."""
    limit = min(limit, MOST)
    found = list(_filter(chosen).order_by("-at", "-pk")[: limit + 1])
    if len(found) <= limit:
        return found, None
    last = found[limit - 1]
    return found[:limit], (last.at, last.pk)


def list_for_entity(entity_id: int, limit: int = 20) -> list[AuditEntry]:
    """What was done to one thing last."""
    return list_entries(AuditFilter(entity_id=entity_id), limit)[0]


def _filter(chosen: AuditFilter) -> QuerySet[AuditEntry]:
    entries = AuditEntry.objects.select_related("command__state")
    if chosen.user_id is not None:
        entries = entries.filter(user=chosen.user_id)
    if chosen.group in GROUPS:
        entries = entries.filter(verb__in=GROUPS[chosen.group])
    if chosen.entity_id is not None:
        entries = entries.filter(entity=chosen.entity_id)
    if chosen.instance_id is not None:
        entries = entries.filter(instance=chosen.instance_id)
    if chosen.after is not None:
        moment, pk = chosen.after
        # The bound is said twice: no index serves a condition with OR.
        entries = entries.filter(Q(at__lte=moment) & (Q(at__lt=moment) | Q(pk__lt=pk)))
    return entries
