"""What a source offers and what becomes of it: the part of a sync that keeps the catalogue and the inbox true."""

from collections.abc import Collection
from dataclasses import dataclass

from django.utils import timezone

from hi.integration.core import selection
from hi.integration.core.catalogue import Catalogue, Offer, describe_offers, merge
from hi.integration.core.plan import ItemKey, Known, protect
from hi.integration.core.selection import Choice, Selection
from hi.integration.core.specs import Structure
from hi.integration.enums import Decision, ItemKind, NewThings
from hi.integration.models import InboxItem, IntegrationInstance, SourceCatalogue

DESCRIBED = ["integration_key", "name", "entity_type", "place", "families", "state_count"]
MAX_NAME = 255


@dataclass(frozen=True, slots=True)
class Reading:
    """What a source offers by one answer, beside what it offered before."""

    row: SourceCatalogue
    structure: Structure
    described: Catalogue
    before: Catalogue

    def merge(self, protected: Collection[ItemKey]) -> Catalogue:
        """All that is known to be offered; see `catalogue.merge`."""
        return merge(self.before, self.described, complete=self.structure.complete, protected=protected)


def read_catalogue(instance: IntegrationInstance) -> Catalogue:
    """What the source offered when it was read last; nothing if it never was."""
    row = SourceCatalogue.objects.filter(instance=instance).first()
    return Catalogue.load(row.content) if row else Catalogue()


def read_decisions(instance: IntegrationInstance) -> dict[str, Decision]:
    rows = instance.inbox.values_list("integration_key", "decision")
    return {key: Decision(decision) for key, decision in rows}


def read(instance: IntegrationInstance, structure: Structure) -> Reading:
    """What `choose` and `remember` work on. In a large home this takes a while, so do it before the transaction that
    writes; the sync's lease keeps everybody else from changing it meanwhile."""
    row = SourceCatalogue.objects.filter(instance=instance).first() or SourceCatalogue(instance=instance, content={})
    return Reading(row, structure, describe_offers(structure), Catalogue.load(row.content))


def choose(instance: IntegrationInstance, reading: Reading, known: Collection[Known]) -> Choice:
    """Apply what people chose and decided, as it is now. Call it under the instance's lock."""
    offered = reading.merge(protect(reading.structure, known))
    stored, new_things = IntegrationInstance.objects.values_list("selection", "new_things").get(pk=instance.pk)
    chosen = Selection.read(stored).renew(offered.offers)
    if chosen.dump() != stored:
        IntegrationInstance.objects.filter(pk=instance.pk).update(selection=chosen.dump())
    return selection.choose(
        reading.structure,
        offered,
        chosen,
        before=Selection.read(reading.row.selection),
        decisions=read_decisions(instance),
        new_things=NewThings(new_things),
        known={link.key for link in known if link.kind is ItemKind.ENTITY},
        offered_before={offer.key for offer in reading.before.offers} if reading.row.settled_at else None,
    )


def remember(reading: Reading, offered: Catalogue, settled: Selection | None = None) -> None:
    """Keep what the source offers now. `settled` is what a complete answer was mirrored by: what is offered beyond that
    answer is new, and what leaves that selection later does so by the source's doing, unless people change it."""
    row = reading.row
    content, chosen = offered.dump(), row.selection if settled is None else settled.dump()
    settled_at = row.settled_at or (timezone.now() if settled is not None else None)
    if (content, chosen, settled_at) != (row.content, row.selection, row.settled_at):
        row.content, row.selection, row.settled_at = content, chosen, settled_at
        row.save()


def forget(instance: IntegrationInstance) -> None:
    """Nothing is known of what the source offers: another one is about to be read."""
    SourceCatalogue.objects.filter(instance=instance).update(content={}, settled_at=None)


def refresh_inbox(instance: IntegrationInstance, reading: Reading, choice: Choice) -> None:
    """One row for each thing that waits or is ignored, as the source describes it now; a constant number of
    statements. What is mirrored, left out by the selection or gone for sure needs none; what is ignored stays so."""
    rows = {row.integration_key: row for row in instance.inbox.all()}
    names = {place.key: place.name for place in choice.offered.places}
    waiting = {offer.key for offer in choice.waiting}
    new, changed, done, listed = [], [], [], set()
    offered = {offer.key: offer for offer in choice.offered.offers}
    for offer in (offered[described.key] for described in reading.described.offers):
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
    if reading.structure.complete:
        done += [
            row.pk
            for row in rows.values()
            if row.pk not in listed and row.decision != Decision.IGNORED and row.integration_key not in offered
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
