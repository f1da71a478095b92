"""Who did what: one row for each thing that a person changed, written in the same transaction; and reading them."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import QuerySet

from hi.accounts.models import User
from hi.entity.models import Entity
from hi.integration.models import AuditEntry, Command, IntegrationInstance
from hi.utils import keyset
from hi.utils.keyset import Cursor


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
    INVITED = "invited"
    LINKED = "linked"  # made a link for somebody who is here already
    WITHDREW = "withdrew"  # an invitation, and with it who never came
    PROMOTED = "promoted"  # to whatever role
    SHUT_OUT = "shut_out"
    LET_IN = "let_in"
    SIGNED_OUT = "signed_out"  # from one browser or from all
    ISSUED = "issued"  # an API token
    REVOKED = "revoked"  # the same
    SECURED = "secured"  # chose a password


V = Verb
MAX_WHO = 150
_way: ContextVar[str] = ContextVar("way", default="")
MOST = 200
_INTEGRATIONS = (V.CHOSE, V.APPROVED, V.IGNORED, V.CONFIGURED, V.ACTIVATED, V.PAUSED, V.DEACTIVATED, V.DELETED)
# What can be looked at apart: what was switched and set, what was done to the home's own records, to integrations, and
# to people.
_ACCOUNTS = (V.INVITED, V.LINKED, V.WITHDREW, V.PROMOTED, V.SHUT_OUT, V.LET_IN)
_PEOPLE = (*_ACCOUNTS, V.SIGNED_OUT, V.ISSUED, V.REVOKED, V.SECURED)
GROUPS: dict[str, tuple[Verb, ...]] = {
    "set": (V.SET,),
    "home": tuple(verb for verb in Verb if verb not in (V.SET, *_INTEGRATIONS, *_PEOPLE)),
    "integrations": _INTEGRATIONS,
    "people": _PEOPLE,
}


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries. Empty fields do not filter. `after` is the cursor of the last entry of the page before."""

    user_id: int | None = None
    group: str = ""
    entity_id: int | None = None
    instance_id: int | None = None
    after: Cursor[int] | None = None


@contextmanager
def by_way_of(way: str) -> Iterator[None]:
    """How what is done in the block came to hi, where that is not a browser or the API: told beside the name."""
    before = _way.set(way)
    try:
        yield
    finally:
        _way.reset(before)


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
    entry = build(user, verb, subject, before=before, after=after, entity=entity)
    entry.instance, entry.command = instance, command
    entry.save()


def build(
    user: User | None, verb: Verb, subject: str, *, before: str = "", after: str = "", entity: Entity | None = None
) -> AuditEntry:
    """What `record` writes, not written yet: for those who write many."""
    return AuditEntry(
        user=user,
        who=_say_who(user),
        verb=verb,
        subject=subject[:520],
        before=before,
        after=after,
        entity=entity,
    )


def _say_who(user: User | None) -> str:
    name, way = user.get_username() if user else "", _way.get()
    return f"{name} ({way})".strip()[:MAX_WHO] if way else name


def list_entries(chosen: AuditFilter, limit: int = 50) -> tuple[list[AuditEntry], Cursor[int] | None]:
    """One page, newest first, with what came of it, and where the next page begins."""
    entries = _filter(chosen)
    return keyset.read_page(entries, ("-at", "-pk"), min(limit, MOST), lambda entry: (entry.at, entry.pk), chosen.after)


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
    return entries
