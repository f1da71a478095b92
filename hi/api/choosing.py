"""`/integrations/{id}/selection` and `/inbox`: what of an integration is mirrored."""

from typing import Annotated

from django.db.models import QuerySet
from ninja import Query, Router
from pydantic import Field

from hi.accounts.roles import Permission
from hi.api.auth import ApiRequest, BearerToken
from hi.api.given import Given, GivenId, PlainText, RowId
from hi.api.integrations import find_instance as find
from hi.api.paging import MAX_LIMIT, Cursor, PageQuery, refuse_unknown
from hi.api.schemas.choosing import Decided, DifferenceOut, InboxItemOut, InboxPage, OfferOut, OfferPage, SelectionOut
from hi.integration import choosing, offers
from hi.integration.enums import Decision, NewThings
from hi.integration.models import InboxItem, IntegrationInstance

router = Router(tags=["integrations"])
cursor: Cursor[int] = Cursor(RowId)
offer_cursor: Cursor[str] = Cursor(PlainText)
Key = Annotated[PlainText, Field(max_length=choosing.MAX_KEY)]
Keys = Annotated[list[Key], Field(max_length=choosing.MAX_CHOSEN)]


class SelectionIn(Given):
    """The whole choice; a list that is left out or empty leaves out nothing."""

    areas: Keys = Field([], description='keys of places; "" stands for things in no place')
    families: Keys = Field([], description="the source's own words for kinds of states")
    things: Keys = Field([], description="keys of things that are mirrored whatever else is chosen")
    new_things: NewThings | None = Field(None, description="what happens to new things; unchanged if left out")


class OfferChoice(Given):
    key: Key = Field(description="what the source calls it for good")


class InboxQuery(PageQuery):
    decision: Decision = Field(Decision.WAITING, description="waiting, approved until the next sync, or ignored")


class InboxChoice(Given):
    """Which items."""

    ids: list[GivenId] = Field(min_length=1, max_length=MAX_LIMIT)


@router.get("/{int:integration_id}/selection", auth=BearerToken(Permission.LOOK), response=SelectionOut)
def get_selection(request: ApiRequest, integration_id: int) -> SelectionOut:
    """What is mirrored: everything where the lists are empty."""
    return SelectionOut.build(find_instance(integration_id))


@router.put("/{int:integration_id}/selection", auth=BearerToken(Permission.CONNECT), response=SelectionOut)
def set_selection(request: ApiRequest, integration_id: int, given: SelectionIn) -> SelectionOut:
    """Choose anew. It takes effect by a sync, which begins at once where the integration runs."""
    instance = find_instance(integration_id)
    chosen = choosing.clean_selection(given.model_dump(exclude={"new_things"}))
    choosing.choose(instance, chosen, new_things=given.new_things, user=request.auth.user)
    return SelectionOut.build(instance)


@router.post("/{int:integration_id}/selection/preview", auth=BearerToken(Permission.LOOK), response=DifferenceOut)
def preview_selection(request: ApiRequest, integration_id: int, given: SelectionIn) -> DifferenceOut:
    """What this choice would add and remove, from what the source offered when it was read last. Changes nothing."""
    chosen = choosing.clean_selection(given.model_dump(exclude={"new_things"}))
    return DifferenceOut.build(choosing.preview(find_instance(integration_id), chosen))


@router.get("/{int:integration_id}/offers", auth=BearerToken(Permission.LOOK), response=OfferPage)
def list_offers(request: ApiRequest, integration_id: int, page: Query[PageQuery]) -> OfferPage:
    """All things that the source offers, mirrored or not, by key: what one chooses from."""
    refuse_unknown(request, page)
    catalogue = offers.read_catalogue(find_instance(integration_id))
    after = offer_cursor.decode(page.after) or ""
    rest = sorted((offer for offer in catalogue.offers if offer.key > after), key=lambda offer: offer.key)
    shown = rest[: page.limit]
    names = {place.key: place.name for place in catalogue.places}
    following = offer_cursor.encode(shown[-1].key) if len(rest) > page.limit else None
    return OfferPage(items=[OfferOut.build(offer, names) for offer in shown], next=following)


@router.post("/{int:integration_id}/offers/ignore", auth=BearerToken(Permission.DECIDE), response=Decided)
def ignore_offer(request: ApiRequest, integration_id: int, given: OfferChoice) -> Decided:
    """Never mirror this thing of the source, whether it is mirrored now or only offered."""
    instance = find_instance(integration_id)
    return Decided(decided=int(choosing.ignore_offer(instance, given.key, request.auth.user)))


@router.get("/{int:integration_id}/inbox", auth=BearerToken(Permission.LOOK), response=InboxPage)
def list_inbox(request: ApiRequest, integration_id: int, query: Query[InboxQuery]) -> InboxPage:
    """Things that wait for a decision, oldest first; or those that were decided on."""
    refuse_unknown(request, query)
    items = find_instance(integration_id).inbox.filter(decision=query.decision, pk__gt=cursor.decode(query.after) or 0)
    rows = list(items.order_by("pk")[: query.limit + 1])
    shown = rows[: query.limit]
    following = cursor.encode(shown[-1].pk) if len(rows) > query.limit else None
    return InboxPage(items=[InboxItemOut.build(row) for row in shown], next=following)


@router.post("/{int:integration_id}/inbox/approve", auth=BearerToken(Permission.DECIDE), response=Decided)
def approve_inbox_items(request: ApiRequest, integration_id: int, given: InboxChoice) -> Decided:
    """Mirror these, by a sync that begins at once where the integration runs."""
    instance = find_instance(integration_id)
    return Decided(decided=choosing.approve(instance, _pick(instance, given), request.auth.user))


@router.post("/{int:integration_id}/inbox/ignore", auth=BearerToken(Permission.DECIDE), response=Decided)
def ignore_inbox_items(request: ApiRequest, integration_id: int, given: InboxChoice) -> Decided:
    """Do not mirror these, and do not ask again."""
    instance = find_instance(integration_id)
    return Decided(decided=choosing.ignore(instance, _pick(instance, given), request.auth.user))


@router.post("/{int:integration_id}/inbox/unignore", auth=BearerToken(Permission.DECIDE), response=Decided)
def unignore_inbox_items(request: ApiRequest, integration_id: int, given: InboxChoice) -> Decided:
    """Take back that these are ignored: what was mirrored comes back whole, what was new waits again."""
    instance = find_instance(integration_id)
    return Decided(decided=choosing.unignore(instance, _pick(instance, given), request.auth.user))


def find_instance(integration_id: int) -> IntegrationInstance:
    """Drafts too: what is chosen of one holds from its first sync on."""
    return find(integration_id, drafts=True)


def _pick(instance: IntegrationInstance, given: InboxChoice) -> QuerySet[InboxItem]:
    return instance.inbox.filter(pk__in=given.ids)
