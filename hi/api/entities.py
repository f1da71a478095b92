"""`/entities`: the things of the home with their states."""

from ninja import Query, Router
from pydantic import Field

from hi.api.auth import ApiRequest
from hi.api.errors import ApiProblem
from hi.api.paging import Cursor, PageQuery, PlainText, RowId, refuse_unknown
from hi.api.reading import get_addresses
from hi.api.schemas import EntityOut, EntityPage
from hi.entity import queries
from hi.entity.enums import EntityType
from hi.entity.models import Entity

router = Router(tags=["entities"])
cursor: Cursor[tuple[str, int]] = Cursor(tuple[PlainText, RowId])


class EntityQuery(PageQuery):
    search: PlainText = Field("", max_length=200, description="words of the name or the place; all must be found")
    type: EntityType | None = None
    integration: RowId | None = Field(None, description="the id of the integration that mirrors it")


@router.get("", response=EntityPage)
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


@router.get("/{int:entity_id}", response=EntityOut)
def get_entity(request: ApiRequest, entity_id: int) -> EntityOut:
    """One thing, also one that no source has any more."""
    try:
        entity = queries.get_entity(entity_id)
    except Entity.DoesNotExist as err:
        raise ApiProblem(404, f"There is no entity {entity_id}.") from err
    return EntityOut.build(entity, get_addresses([entity]))
