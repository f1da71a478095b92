"""Things in groups (by room, by type, by integration), read in pages that may begin and end inside a group.

Two statements find a page, three a later one: how many things stand in each group, how many are left of the group in
which the page before ended, and the things of those few groups that this one shows. So the groups are put in their
order here, and the database sorts no more than a room or two.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, Count, Exists, F, IntegerField, Model, OuterRef, Q, QuerySet, Subquery, Value, When

from hi.entity.enums import EntityType
from hi.entity.models import Entity, Location
from hi.entity.queries import MAX_PAGE, EntityFilter, at_a_glance, filter_entities
from hi.utils.keyset import beyond

LAST = 1_000_000
BY_NAME = ("sort_name", "pk")

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
class Page:
    """`following`: where the next page begins; None after the last. `total`: how many things the filter selects, as
    counted before these were read."""

    rows: list[GroupedEntity]
    following: Cursor | None
    total: int


@dataclass(frozen=True, slots=True)
class _Group:
    """`things`: the condition on what stands in it; `count`: how many do."""

    rank: int
    sort: str
    id: int
    name: str
    things: Q
    count: int

    @property
    def place(self) -> tuple[int, str, int]:
        return self.rank, self.sort, self.id


def list_grouped(chosen: EntityFilter, grouping: Grouping, after: Cursor | None = None, limit: int = 48) -> Page:
    """One page of live things, group by group, by name within each."""
    limit = min(limit, MAX_PAGE)
    entities = filter_entities(chosen)
    groups = sorted(_GROUPINGS[grouping](entities), key=lambda group: group.place)
    total = sum(group.count for group in groups)
    if after is not None:
        groups = _after(entities, groups, after, limit)
    shown = _shown(groups, limit)
    if not shown:
        return Page([], None, total)
    rows: list[Any] = list(at_a_glance(_on_page(entities, shown))[: limit + 1])
    page = [(row, shown[row.group]) for row in rows[:limit]]
    found = [GroupedEntity(row, group.id, group.name) for row, group in page]
    if len(rows) <= limit:
        return Page(found, None, total)
    last, group = page[-1]
    return Page(found, (*group.place, last.sort_name, last.pk), total)


def _after(entities: QuerySet[Entity], groups: list[_Group], after: Cursor, limit: int) -> list[_Group]:
    """What is left of the group in which the page before ended, as far as this one could show it, and those behind."""
    later = [group for group in groups if group.place > after[:3]]
    for group in groups:
        if group.place == after[:3]:
            rest = group.things & beyond(BY_NAME, after[3:])
            left = entities.filter(rest).order_by(*BY_NAME)[: limit + 1].count()
            return [replace(group, things=rest, count=left), *later] if left else later
    return later


def _shown(groups: list[_Group], limit: int) -> list[_Group]:
    """The groups that a page shows something of, and one thing more."""
    shown: list[_Group] = []
    for group in groups:
        if sum(each.count for each in shown) > limit:
            break
        shown.append(group)
    return shown


def _on_page(entities: QuerySet[Entity], shown: list[_Group]) -> QuerySet[Entity]:
    """`group` is the number of its group among the shown ones."""
    if len(shown) == 1:  # an index has them in this order already
        return entities.filter(shown[0].things).annotate(group=Value(0)).order_by(*BY_NAME)
    numbers = [When(group.things, then=Value(number)) for number, group in enumerate(shown)]
    found = entities.filter(reduce(or_, (group.things for group in shown)))
    return found.annotate(group=Case(*numbers, output_field=IntegerField())).order_by("group", *BY_NAME)


def _count(entities: QuerySet[Entity], group: Any) -> dict[Any, int]:
    counted: QuerySet[Any] = entities.annotate(group=group).order_by()
    return dict(counted.values_list("group").annotate(number=Count("pk")))


def _by_room(entities: QuerySet[Entity]) -> Iterable[_Group]:
    """In the order of the tree of places, so that the rooms of a floor stand together; what has no place last."""
    counts = _count(entities, F("location_id"))
    if None in counts:
        yield _Group(LAST, "", 0, "", Q(location_id__isnull=True), counts.pop(None))
    for pk, name, rank in Location.objects.filter(pk__in=counts).values_list("pk", "name", "rank"):
        yield _Group(rank, name.lower(), pk, name, Q(location_id=pk), counts[pk])


def _by_type(entities: QuerySet[Entity]) -> Iterable[_Group]:
    """In the order of EntityType."""
    ranks = {kind.value: rank for rank, kind in enumerate(EntityType)}
    for kind, count in _count(entities, F("entity_type")).items():
        yield _Group(ranks.get(kind, LAST), kind, 0, kind, Q(entity_type=kind), count)


def _by_integration(entities: QuerySet[Entity]) -> Iterable[_Group]:
    """By label; a thing that several instances mirror stands with the one that was connected first."""
    link: Any = Entity._meta.get_field("links").related_model
    instance: type[Model] = link._meta.get_field("instance").related_model
    links = link.objects.filter(removed_at=None, entity=OuterRef("pk")).order_by()
    counts = _count(entities, Subquery(links.order_by("instance").values("instance")[:1]))
    if None in counts:
        yield _Group(LAST, "", 0, "", ~Q(Exists(links)), counts.pop(None))
    for pk, label in instance._default_manager.filter(pk__in=counts).values_list("pk", "label"):
        things = Q(Exists(links.filter(instance=pk)))
        if pk > min(counts):
            things &= ~Q(Exists(links.filter(instance__lt=pk)))
        yield _Group(0, label.lower(), pk, label, things, counts[pk])


_GROUPINGS: dict[Grouping, Callable[[QuerySet[Entity]], Iterable[_Group]]] = {
    Grouping.ROOM: _by_room,
    Grouping.TYPE: _by_type,
    Grouping.INTEGRATION: _by_integration,
}
