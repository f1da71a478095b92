"""What selections and inboxes answer."""

from collections.abc import Mapping

from pydantic import BaseModel, Field

from hi.api.schemas.times import UtcTime
from hi.integration.core.catalogue import Offer
from hi.integration.core.selection import Difference, Selection
from hi.integration.models import InboxItem, IntegrationInstance


class SelectionOut(BaseModel):
    """What of an integration is mirrored."""

    areas: list[str]
    families: list[str]
    things: list[str]
    new_things: str

    @classmethod
    def build(cls, instance: IntegrationInstance) -> "SelectionOut":
        chosen = Selection.read(instance.selection)
        return cls(
            areas=sorted(chosen.areas),
            families=sorted(chosen.families),
            things=sorted(chosen.things),
            new_things=instance.new_things,
        )


class InboxItemOut(BaseModel):
    """A thing that a source offers and hi does not mirror."""

    id: int
    key: str = Field(description="what the source calls it for good")
    name: str
    entity_type: str
    location: str
    families: list[str]
    state_count: int
    decision: str
    found_at: UtcTime
    decided_at: UtcTime | None

    @classmethod
    def build(cls, item: InboxItem) -> "InboxItemOut":
        return cls(
            id=item.pk,
            key=item.integration_key,
            name=item.name,
            entity_type=item.entity_type,
            location=item.place,
            families=item.families,
            state_count=item.state_count,
            decision=item.decision,
            found_at=item.found_at,
            decided_at=item.decided_at,
        )


class InboxPage(BaseModel):
    items: list[InboxItemOut]
    next: str | None


class Decided(BaseModel):
    decided: int = Field(description="how many items were decided on just now")


class DifferenceOut(BaseModel):
    """What another choice would change."""

    things_added: list[str] = Field(description="their names")
    things_removed: list[str]
    states_added: int
    states_removed: int
    things_after: int = Field(description="how many things would be mirrored then")
    states_after: int

    @classmethod
    def build(cls, difference: Difference) -> "DifferenceOut":
        return cls(
            things_added=[offer.name for offer in difference.added],
            things_removed=[offer.name for offer in difference.removed],
            states_added=difference.states_added,
            states_removed=difference.states_removed,
            things_after=difference.things_after,
            states_after=difference.states_after,
        )


class OfferOut(BaseModel):
    """A thing that a source offers."""

    key: str = Field(description="what the source calls it for good")
    name: str
    entity_type: str
    location: str
    families: dict[str, int] = Field(description="its states, counted by the source's own words for their kinds")

    @classmethod
    def build(cls, offer: Offer, names: Mapping[str, str]) -> "OfferOut":
        return cls(
            key=offer.key,
            name=offer.name,
            entity_type=offer.entity_type,
            location=names.get(offer.place_key, ""),
            families=dict(offer.families),
        )


class OfferPage(BaseModel):
    items: list[OfferOut]
    next: str | None
