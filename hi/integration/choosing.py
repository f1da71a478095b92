"""Choosing what of an instance is mirrored: the functions that pages and API share.

Each writes down what is wanted and enqueues one sync, by which it takes effect; an instance that does not run takes it
up with its next activation. They raise ConfigurationError for input that cannot be right.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from hi.accounts.models import User
from hi.entity.models import Entity
from hi.integration import audit, exceptions, jobs, leases, offers, repairs, servers, status
from hi.integration.activation import request_activation
from hi.integration.core import selection
from hi.integration.core.selection import Difference, Selection
from hi.integration.enums import Decision, ItemKind, JobKind, NewThings, RepairKind
from hi.integration.models import InboxItem, IntegrationInstance, IntegrationLink, Job, Repair

MAX_CHOSEN = 5000
MAX_KEY = 255
NAMES_TOLD = 5


def clean_selection(given: Mapping[str, Any]) -> Selection:
    """Lists of keys, as they come from a form or a program. Raises ConfigurationError with the list's name."""
    if unknown := set(given) - {"areas", "families", "things"}:
        raise exceptions.ConfigurationError(f"There is no list {sorted(unknown)[0][:40]}.")
    for name, keys in given.items():
        if not isinstance(keys, list | tuple) or not all(_is_key(key) for key in keys):
            raise exceptions.ConfigurationError("Give a list of keys.", field=name)
        if len(keys) > MAX_CHOSEN:
            raise exceptions.ConfigurationError(f"Choose at most {MAX_CHOSEN:,}.", field=name)
    return Selection.read(given)


def preview(instance: IntegrationInstance, chosen: Selection) -> Difference:
    """What another selection would add and remove, from what the source offered when it was read last."""
    return selection.compare(
        offers.read_catalogue(instance),
        Selection.read(instance.selection),
        chosen,
        offers.read_decisions(instance),
    )


def choose(
    instance: IntegrationInstance,
    chosen: Selection | None = None,
    *,
    new_things: str | None = None,
    user: User | None = None,
) -> Job | None:
    """Mirror these from now on, and mirror new things by themselves or ask first; None leaves either as it is. Things
    that wait are mirrored when nobody asks any more. Returns the sync, None where nothing changes or nothing runs."""
    if new_things is not None and new_things not in set(NewThings):
        raise exceptions.ConfigurationError("Choose mirror or ask.", field="new_things")
    with transaction.atomic():
        _lock(instance)
        return _choose(instance, chosen, new_things, user)


def name_thing(instance: IntegrationInstance, key: str, user: User | None = None) -> Job | None:
    """Mirror this thing, too."""
    with transaction.atomic():
        _lock(instance)
        before = Selection.read(instance.selection)
        if before.is_everything:
            return None
        chosen = clean_selection({**before.dump(), "things": [*before.things, key]})
        return _choose(instance, chosen, None, user)


def unname_thing(instance: IntegrationInstance, key: str, user: User | None = None) -> Job | None:
    """Mirror this thing only if it is chosen otherwise. Raises IntegrationError for the last that is chosen at all: to
    choose nothing is to mirror everything, which a person shall have seen first."""
    with transaction.atomic():
        _lock(instance)
        before = Selection.read(instance.selection)
        chosen = replace(before, things=before.things - {key})
        if chosen.is_everything and chosen != before:
            raise exceptions.IntegrationError(
                "This is all that is chosen, and without it everything would be mirrored.",
                hint="Choose places, kinds or other things first.",
            )
        return _choose(instance, chosen, None, user)


def approve(instance: IntegrationInstance, items: QuerySet[InboxItem], user: User | None = None) -> int:
    """Mirror these of the instance's inbox. Returns how many there were to approve."""
    return _decide(instance, items.exclude(decision=Decision.APPROVED), Decision.APPROVED, audit.Verb.APPROVED, user)


def ignore(instance: IntegrationInstance, items: QuerySet[InboxItem], user: User | None = None) -> int:
    """Never mirror these, until somebody undoes it."""
    return _decide(instance, items.exclude(decision=Decision.IGNORED), Decision.IGNORED, audit.Verb.IGNORED, user)


def unignore(instance: IntegrationInstance, items: QuerySet[InboxItem], user: User | None = None) -> int:
    """As if they had not been ignored: what was mirrored before comes back whole, what was new is new again."""
    return _decide(instance, items.filter(decision=Decision.IGNORED), Decision.WAITING, audit.Verb.APPROVED, user)


def ignore_offer(instance: IntegrationInstance, key: str, user: User | None = None) -> bool:
    """Ignore a thing by the source's key, whether it is mirrored or only offered. False if the source has none."""
    offered = offers.read_catalogue(instance)
    offer = next((offer for offer in offered.offers if offer.key == key), None)
    if offer is None:
        return False
    described = offers.describe(offer, {place.key: place.name for place in offered.places})
    with transaction.atomic():
        _lock(instance)
        _ignore_key(instance, user, described)
        _take_effect(instance, user)
    return True


def ignore_entity(entity: Entity, user: User | None = None) -> None:
    """Stop mirroring a thing, from whatever mirrors it, until somebody undoes it. What people added to it is kept."""
    links = IntegrationLink.objects.filter(kind=ItemKind.ENTITY, entity=entity, removed_at=None)
    mirrored = list(links.select_related("instance").order_by("instance_id"))
    if not mirrored:
        raise exceptions.IntegrationError(f"{entity.name} is not mirrored from anywhere.")
    place = entity.location.name if entity.location else ""
    for link in mirrored:
        described = {
            "integration_key": link.integration_key,
            "name": entity.name[: offers.MAX_NAME],
            "entity_type": entity.entity_type,
            "place": place[: offers.MAX_NAME],
            "state_count": entity.states.filter(removed_at=None).count(),
        }
        with transaction.atomic():
            _lock(link.instance)
            _ignore_key(link.instance, user, described, entity)
            _take_effect(link.instance, user)


def find_left_out(entity: Entity) -> IntegrationInstance | None:
    """The integration that a removed thing is left out of: its source still has it, people want it no more."""
    links = IntegrationLink.objects.filter(kind=ItemKind.ENTITY, entity=entity).select_related("instance")
    for link in links.order_by("instance_id"):
        if _leaves_out(link.instance, link.integration_key):
            return link.instance
    return None


def _leaves_out(instance: IntegrationInstance, key: str) -> bool:
    """Not so where it would be mirrored, but for an integration that rests."""
    catalogue = offers.read_catalogue(instance)
    offer = next((offer for offer in catalogue.offers if key in offer.keys), None)
    if offer is None:
        return False
    is_ignored = selection.decide(offer, offers.read_decisions(instance)) is Decision.IGNORED
    return is_ignored or selection.count_states(offer, Selection.read(instance.selection), catalogue.inside()) is None


def unignore_entity(entity: Entity, user: User | None = None) -> None:
    """Take back `ignore_entity`."""
    links = IntegrationLink.objects.filter(kind=ItemKind.ENTITY, entity=entity).select_related("instance")
    for link in links.order_by("instance_id"):
        unignore(link.instance, link.instance.inbox.filter(integration_key=link.integration_key), user)


def accept_server(repair: Repair, user: User | None = None) -> Job:
    """The server that answers now is the new one. What it does not have waits for a person, as any such loss."""
    instance = repair.instance
    with transaction.atomic():
        _lock(instance)
        repair.refresh_from_db()
        if repair.kind != RepairKind.SERVER_CHANGED or repair.closed_at is not None:
            raise exceptions.IntegrationError("This is already settled.")
        servers.accept(instance, repair.data["server_id"])
        offers.forget(instance)
        repairs.close_repair(instance.pk, RepairKind.SERVER_CHANGED)
        audit.record_for(user, audit.Verb.CONFIGURED, instance, after="another server took its place")
        return request_activation(instance, user)


def describe(chosen: Selection) -> str:
    """A selection in half a sentence: 3 areas, 2 kinds."""
    if chosen.is_everything:
        return "everything"
    counted = ((len(chosen.areas), "area"), (len(chosen.families), "kind"), (len(chosen.things), "single thing"))
    return ", ".join(f"{number} {one}{'' if number == 1 else 's'}" for number, one in counted if number)


def _choose(
    instance: IntegrationInstance, chosen: Selection | None, new_things: str | None, user: User | None
) -> Job | None:
    before, policy = Selection.read(instance.selection), instance.new_things
    chosen, new_things = before if chosen is None else chosen, new_things or policy
    told = []
    if chosen != before:
        told.append((describe(before), describe(chosen)))
    if new_things != policy:
        told.append((f"new things: {policy}", f"new things: {new_things}"))
    if not told:
        return None
    IntegrationInstance.objects.filter(pk=instance.pk).update(selection=chosen.dump(), new_things=new_things)
    instance.refresh_from_db(fields=["selection", "new_things"])
    was, now = ("; ".join(words) for words in zip(*told, strict=True))
    audit.record_for(user, audit.Verb.CHOSE, instance, before=was, after=now)
    return _take_effect(instance, user)


def _decide(
    instance: IntegrationInstance, items: QuerySet[InboxItem], decision: Decision, verb: audit.Verb, user: User | None
) -> int:
    with transaction.atomic():
        _lock(instance)
        found = list(items.filter(instance=instance).order_by("name", "pk").values_list("pk", "name"))
        if not found:
            return 0
        InboxItem.objects.filter(instance=instance, pk__in=[pk for pk, _name in found]).update(
            decision=decision, decided_at=timezone.now(), decided_by=user
        )
        subject, after = _tell([name for _pk, name in found], instance)
        audit.record(user, verb, subject, after=after, instance=instance)
        _take_effect(instance, user)
    return len(found)


def _ignore_key(
    instance: IntegrationInstance, user: User | None, described: Mapping[str, Any], entity: Entity | None = None
) -> None:
    decided = {"decision": Decision.IGNORED, "decided_at": timezone.now(), "decided_by": user}
    InboxItem.objects.update_or_create(
        instance=instance, integration_key=described["integration_key"], defaults={**described, **decided}
    )
    audit.record(user, audit.Verb.IGNORED, described["name"], entity=entity, instance=instance)


def _tell(names: Collection[str], instance: IntegrationInstance) -> tuple[str, str]:
    """What was decided on, as people call it: one by its name, several by their number and the first few names."""
    first = list(names)[:NAMES_TOLD]
    if len(names) == 1:
        return first[0], ""
    more = f" and {len(names) - len(first)} more" if len(names) > len(first) else ""
    return f"{len(names)} things of {instance.label}", ", ".join(first) + more


def _take_effect(instance: IntegrationInstance, user: User | None) -> Job | None:
    return jobs.enqueue(JobKind.SYNC, instance, user=user) if status.is_running(instance) else None


def _lock(instance: IntegrationInstance) -> None:
    leases.lock_instance(instance.pk)
    instance.refresh_from_db()


def _is_key(key: object) -> bool:
    return isinstance(key, str) and len(key) <= MAX_KEY and "\0" not in key
