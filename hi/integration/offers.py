"""What a source offers and what becomes of it: the part of a sync that keeps the catalogue and the inbox true."""

from collections.abc import Iterable

from django.utils import timezone

from hi.integration.core import selection
from hi.integration.core.plan import Known
from hi.integration.core.selection import Catalogue, Choice, Offer, Selection
from hi.integration.core.specs import Structure
from hi.integration.enums import Decision, ItemKind, NewThings
from hi.integration.models import InboxItem, IntegrationInstance, SourceCatalogue

DESCRIBED = ["integration_key", "name", "entity_type", "place", "families", "state_count"]
MAX_NAME = 255


def read_catalogue(instance: IntegrationInstance) -> Catalogue:
    """What the source offered when it was read last; nothing if it never was."""
    row = SourceCatalogue.objects.filter(instance=instance).first()
    return Catalogue.load(row.content) if row else Catalogue()


def read_decisions(instance: IntegrationInstance) -> dict[str, Decision]:
    rows = instance.inbox.values_list("integration_key", "decision")
    return {key: Decision(decision) for key, decision in rows}


def choose(instance: IntegrationInstance, structure: Structure, known: Iterable[Known]) -> Choice:
    """Apply what people chose and decided, as it is now. Call it under the instance's lock."""
    chosen, new_things = IntegrationInstance.objects.values_list("selection", "new_things").get(pk=instance.pk)
    row = SourceCatalogue.objects.filter(instance=instance, settled_at__isnull=False).first()
    return selection.choose(
        structure,
        Selection.read(chosen),
        decisions=read_decisions(instance),
        new_things=NewThings(new_things),
        known={link.key for link in known if link.kind is ItemKind.ENTITY},
        offered_before={offer.key for offer in Catalogue.load(row.content).offers} if row else None,
    )


def remember(instance: IntegrationInstance, structure: Structure, *, settles: bool) -> Catalogue:
    """Keep what the source offers now. `settles`: what it offers from now on beyond that is new."""
    row = SourceCatalogue.objects.filter(instance=instance).first() or SourceCatalogue(instance=instance, content={})
    now_offered = selection.merge(
        Catalogue.load(row.content),
        selection.describe_offers(structure),
        complete=structure.complete,
        protected=_protected(structure),
    )
    content = now_offered.dump()
    if content != row.content or (settles and row.settled_at is None):
        row.content = content
        row.settled_at = row.settled_at or (timezone.now() if settles else None)
        row.save()
    return now_offered


def forget(instance: IntegrationInstance) -> None:
    """Nothing is known of what the source offers: another one is about to be read."""
    SourceCatalogue.objects.filter(instance=instance).delete()


def refresh_inbox(instance: IntegrationInstance, structure: Structure, choice: Choice, offered: Catalogue) -> None:
    """One row for each thing that waits or is ignored, as the source describes it now; a constant number of
    statements. What is mirrored, left out by the selection or gone for sure needs none; what is ignored stays so."""
    rows = {row.integration_key: row for row in instance.inbox.all()}
    names = {place.key: place.name for place in offered.places}
    waiting = {offer.key for offer in choice.waiting}
    new, changed, done, listed = [], [], [], set()
    for offer in selection.describe_offers(structure).offers:
        row = next((rows[key] for key in offer.keys if key in rows), None)
        described = describe(offer, names)
        if row is None:
            if offer.key in waiting:
                new.append(InboxItem(instance=instance, **described))
            continue
        listed.add(row.pk)
        if offer.key not in waiting and row.decision != Decision.IGNORED:
            done.append(row.pk)
        elif any(getattr(row, column) != value for column, value in described.items()):
            for column, value in described.items():
                setattr(row, column, value)
            changed.append(row)
    if structure.complete:
        kept = _protected(structure)
        done += [
            row.pk
            for row in rows.values()
            if row.pk not in listed and row.decision != Decision.IGNORED and row.integration_key not in kept
        ]
    InboxItem.objects.bulk_create(new)
    InboxItem.objects.bulk_update(changed, DESCRIBED)
    InboxItem.objects.filter(pk__in=done).delete()


def describe(offer: Offer, names: dict[str, str]) -> dict[str, object]:
    return {
        "integration_key": offer.key,
        "name": offer.name[:MAX_NAME],
        "entity_type": offer.entity_type,
        "place": names.get(offer.place_key, "")[:MAX_NAME],
        "families": sorted(family for family in offer.families if family),
        "state_count": offer.state_count,
    }


def _protected(structure: Structure) -> set[str]:
    return {item.key for item in structure.quarantined if item.kind is ItemKind.ENTITY}
