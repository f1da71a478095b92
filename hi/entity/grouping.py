"""Things in groups (by room, by type, by integration), read in pages that may begin and end inside a group.

Two statements find a page: how many things stand in each group, and the things of those few groups that it shows. So
the groups are put in their order here, and the database sorts no more than a room or two.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Model, OuterRef, Q, QuerySet, Subquery, Value, When

from hi.entity.enums import EntityType
from hi.entity.models import Entity, Location
from hi.entity.queries import MAX_PAGE, EntityFilter, filter_entities, with_states

LAST = 1_000_000

# The order's values at the last thing of a page (its group's rank, sort and id; its name and id); the next page begins
# after it.
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


@dataclass(frozen=True, slots=True)
class _Group:
    """`key`: the value of its things' `group`; NULL for what stands in none."""

    key: Any
    rank: int
    sort: str
    id: int
    name: str

    @property
    def place(self) -> tuple[int, str, int]:
        return self.rank, self.sort, self.id

    @property
    def things(self) -> Q:
        return Q(group=self.key) if self.key is not None else Q(group__isnull=True)


def list_grouped(
    chosen: EntityFilter, grouping: Grouping, after: Cursor | None = None, limit: int = 60
) -> tuple[list[GroupedEntity], Cursor | None]:
    """One page of live things, group by group, by name within each; and where the next page begins."""
    limit = min(limit, MAX_PAGE)
    entities, describe = _GROUPINGS[grouping](filter_entities(chosen))
    counted: QuerySet[Any] = entities
    counts = dict(counted.order_by().values_list("group").annotate(number=Count("pk")))
    groups = sorted(describe(counts), key=lambda group: group.place)
    shown = _shown(groups, counts, after, limit)
    if not shown:
        return [], None
    rows: list[Any] = list(with_states(_on_page(entities, shown, after))[: limit + 1])
    by_key = {group.key: group for group in shown}
    page = [(row, by_key[row.group]) for row in rows[:limit] if row.group in by_key]
    found = [GroupedEntity(row, group.id, group.name) for row, group in page]
    if len(rows) <= limit:
        return found, None
    last, group = page[-1]
    return found, (*group.place, last.sort_name, last.pk)


def _shown(groups: list[_Group], counts: dict[Any, int], after: Cursor | None, limit: int) -> list[_Group]:
    """The groups that a page shows something of, and one thing more. How much is left of the one in which the page
    before ended is not known: it is counted as nothing."""
    shown: list[_Group] = []
    certain = 0
    for group in groups:
        if after is not None and group.place < after[:3]:
            continue
        if certain > limit:
            break
        shown.append(group)
        certain += counts[group.key] if after is None or group.place != after[:3] else 0
    return shown


def _on_page(entities: QuerySet[Entity], shown: list[_Group], after: Cursor | None) -> QuerySet[Entity]:
    fits = Q()
    for group in shown:
        rest = group.things
        if after is not None and group.place == after[:3]:
            rest &= Q(sort_name__gt=after[3]) | Q(sort_name=after[3], pk__gt=after[4])
        fits |= rest
    numbers = [When(group.things, then=Value(number)) for number, group in enumerate(shown)]
    order = Case(*numbers, output_field=IntegerField())
    return entities.filter(fits).order_by(order, "sort_name", "pk")


Described = tuple[QuerySet[Entity], Callable[[Iterable[Any]], list[_Group]]]


def _by_room(entities: QuerySet[Entity]) -> Described:
    """In the order of the tree of places, so that the rooms of a floor stand together; what has no place last."""

    def describe(keys: Iterable[Any]) -> list[_Group]:
        groups = [_Group(None, LAST, "", 0, "")] if None in keys else []
        for pk, name, rank in Location.objects.filter(pk__in=[key for key in keys if key]).values_list(
            "pk", "name", "rank"
        ):
            groups.append(_Group(pk, rank, name.lower(), pk, name))
        return groups

    return entities.annotate(group=F("location_id")), describe


def _by_type(entities: QuerySet[Entity]) -> Described:
    """In the order of EntityType."""
    ranks = {kind.value: rank for rank, kind in enumerate(EntityType)}

    def describe(keys: Iterable[Any]) -> list[_Group]:
        return [_Group(key, ranks.get(key, LAST), key, 0, key) for key in keys]

    return entities.annotate(group=F("entity_type")), describe


def _by_integration(entities: QuerySet[Entity]) -> Described:
    """By label; a thing that several instances mirror stands with the first of them."""
    link: Any = Entity._meta.get_field("links").related_model
    instance: type[Model] = link._meta.get_field("instance").related_model
    labels = dict(instance._default_manager.values_list("pk", "label"))
    in_order = sorted(labels, key=lambda pk: (labels[pk].lower(), pk))
    ranks = [When(instance=pk, then=Value(rank)) for rank, pk in enumerate(in_order)]
    first = (
        link.objects.filter(entity=OuterRef("pk"), removed_at=None)
        .order_by(Case(*ranks, default=Value(LAST), output_field=IntegerField()))
        .values("instance")[:1]
    )

    def describe(keys: Iterable[Any]) -> list[_Group]:
        return [
            _Group(None, LAST, "", 0, "") if key is None else _Group(key, 0, labels[key].lower(), key, labels[key])
            for key in keys
        ]

    return entities.annotate(group=Subquery(first)), describe


_GROUPINGS: dict[Grouping, Callable[[QuerySet[Entity]], Described]] = {
    Grouping.ROOM: _by_room,
    Grouping.TYPE: _by_type,
    Grouping.INTEGRATION: _by_integration,
}
