"""Things in groups (by room, by type, by integration), read in pages that may begin and end inside a group."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Lower

from hi.entity.enums import EntityType
from hi.entity.models import Entity
from hi.entity.queries import MAX_PAGE, EntityFilter, filter_entities, with_states

LAST = 1_000_000
ORDER = ("group_rank", "group_sort", "group_id", "sort_name", "pk")

# The values of ORDER at the last thing of a page; the next page begins after it.
Cursor = tuple[int, str, int, str, int]


class Grouping(StrEnum):
    ROOM = "room"
    TYPE = "type"
    INTEGRATION = "integration"


@dataclass(frozen=True, slots=True)
class GroupedEntity:
    """A thing and the group it stands in; an empty `group_name` means in none (no room, no source)."""

    entity: Entity
    group_id: int
    group_name: str


def list_grouped(
    chosen: EntityFilter, grouping: Grouping, after: Cursor | None = None, limit: int = 60
) -> tuple[list[GroupedEntity], Cursor | None]:
    """One page of live things, group by group, by name within each; and where the next page begins."""
    limit = min(limit, MAX_PAGE)
    entities = _GROUPINGS[grouping](filter_entities(chosen)).annotate(sort_name=Lower("name"))
    if after is not None:
        entities = entities.filter(_beyond(after))
    rows: list[Any] = list(with_states(entities.order_by(*ORDER))[: limit + 1])
    page = [GroupedEntity(row, row.group_id, row.group_name or "") for row in rows[:limit]]
    if len(rows) <= limit:
        return page, None
    last = rows[limit - 1]
    return page, (last.group_rank, last.group_sort, last.group_id, last.sort_name, last.pk)


def _beyond(cursor: Cursor) -> Q:
    """Everything that ORDER puts after the cursor: a comparison of tuples, spelled out."""
    beyond = Q()
    for number, column in enumerate(ORDER):
        same = {ORDER[before]: cursor[before] for before in range(number)}
        beyond |= Q(**same, **{f"{column}__gt": cursor[number]})
    return beyond


def _by_room(entities: QuerySet[Entity]) -> QuerySet[Entity]:
    """In the order of the tree of places, so that the rooms of a floor stand together; what has no place last."""

    def of_place(column: str, none: str | int) -> Case:
        user = When(user_location__isnull=False, then=F(f"user_location__{column}"))
        return Case(user, default=Coalesce(f"source_location__{column}", Value(none)))

    return entities.annotate(
        group_id=Coalesce("user_location_id", "source_location_id", Value(0), output_field=BigIntegerField()),
        group_name=of_place("name", none=""),
        group_sort=Lower(of_place("name", none="")),
        group_rank=of_place("rank", none=LAST),
    )


def _by_type(entities: QuerySet[Entity]) -> QuerySet[Entity]:
    """In the order of EntityType."""
    ranks = [When(entity_type=kind, then=Value(rank)) for rank, kind in enumerate(EntityType)]
    return entities.annotate(
        group_id=Value(0),
        group_name=F("entity_type"),
        group_sort=F("entity_type"),
        group_rank=Case(*ranks, default=Value(LAST), output_field=IntegerField()),
    )


def _by_integration(entities: QuerySet[Entity]) -> QuerySet[Entity]:
    """By label; a thing that several instances mirror stands with the first of them."""
    links = Entity.objects.filter(pk=OuterRef("pk"), links__removed_at=None).order_by(
        Lower("links__instance__label"), "links__instance"
    )
    return entities.annotate(
        group_id=Coalesce(Subquery(links.values("links__instance")[:1], output_field=BigIntegerField()), Value(0)),
        group_name=Subquery(links.values("links__instance__label")[:1], output_field=CharField()),
        group_sort=Coalesce(Lower(Subquery(links.values("links__instance__label")[:1])), Value("")),
        group_rank=Case(When(group_id=0, then=Value(LAST)), default=Value(0), output_field=IntegerField()),
    )


_GROUPINGS = {Grouping.ROOM: _by_room, Grouping.TYPE: _by_type, Grouping.INTEGRATION: _by_integration}
