"""`/entities`: the things of the home with their states."""

from ninja import Query, Router
from pydantic import Field

from hi.accounts.roles import Permission
from hi.api.auth import ApiRequest, BearerToken
from hi.api.errors import ApiProblem
from hi.api.given import Given, GivenId, PlainText, RowId
from hi.api.paging import Cursor, PageQuery, refuse_unknown
from hi.api.reading import get_addresses
from hi.api.schemas.entities import EntityDetail, EntityOut, EntityPage
from hi.entity import queries
from hi.entity.enums import EntityType
from hi.entity.models import Entity, EntityState
from hi.integration import people

router = Router(tags=["entities"])
cursor: Cursor[tuple[str, int]] = Cursor(tuple[PlainText, RowId])


class EntityQuery(PageQuery):
    search: PlainText = Field("", max_length=200, description="words of name, place or kind; all must be found")
    type: EntityType | None = None
    integration: RowId | None = Field(None, description="the id of the integration that mirrors it")


@router.get("", auth=BearerToken(Permission.LOOK), response=EntityPage)
def list_entities(request: ApiRequest, query: Query[EntityQuery]) -> EntityPage:
    """The things that sources have now, by name."""
    refuse_unknown(request, query)
    chosen = queries.EntityFilter(
        search=query.search,
        entity_type=query.type or "",
        instance_id=query.integration,
        after=cursor.decode(query.after),
    )
    entities, following = queries.list_entities(chosen, query.limit)
    addresses = get_addresses(entities)
    items = [EntityOut.build(entity, addresses) for entity in entities]
    return EntityPage(items=items, next=cursor.encode(following))


@router.get("/{int:entity_id}", auth=BearerToken(Permission.LOOK), response=EntityDetail)
def get_entity(request: ApiRequest, entity_id: int) -> EntityDetail:
    """One thing, also one that no source has any more, with what people added to it."""
    return tell_entity(entity_id)


class EntityChange(Given):
    """What to change; what is left out stays. Null: as the source says."""

    name: PlainText | None = None
    entity_type: EntityType | None = None
    location_id: GivenId | None = None
    notes: PlainText | None = None


@router.patch("/{int:entity_id}", auth=BearerToken(Permission.EDIT), response=EntityDetail)
def change_entity(request: ApiRequest, entity_id: int, change: EntityChange) -> EntityDetail:
    """Name it, say what kind of thing it is and where, write its notes. Kept through every sync."""
    given = {field: getattr(change, field) for field in change.model_fields_set}
    if "entity_type" in given:
        given["type"] = given.pop("entity_type")
    people.edit(find_entity(entity_id), people.as_source_says(given), request.auth.user)
    return tell_entity(entity_id)


def find_entity(entity_id: int) -> Entity:
    try:
        return queries.get_entity(entity_id)
    except Entity.DoesNotExist as err:
        raise ApiProblem(404, f"There is no entity {entity_id}.") from err


def find_state(entity_id: int, state_id: int) -> EntityState:
    state = EntityState.objects.select_related("entity").filter(pk=state_id, entity=entity_id).first()
    if state is None:
        raise ApiProblem(404, f"Entity {entity_id} has no state {state_id}.")
    return state


def tell_entity(entity_id: int) -> EntityDetail:
    entity = find_entity(entity_id)
    return EntityDetail.build(entity, get_addresses([entity]))
