"""Reading the home: things with their states, in pages, filtered and searched, in a constant number of statements."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, Max, OuterRef, Prefetch, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from hi.entity.enums import EntityStateType, EntityType, Quality, StateCategory
from hi.entity.models import Entity, EntityState, Location, StateHistory
from hi.entity.models.entity_state import BATTERY_LOW, OPEN, PRIMARY, PRIMARY_ON, UNLOCKED
from hi.utils import keyset

MAX_PAGE = 500
MAX_HISTORY_STATES = 40
# From so many letters on a word may be what things are: camera, cameras, light.
SHORTEST_KIND = 4
# A lamp that goes on says several things at once.
RECENT_STATES = 8
LIVE = Q(removed_at=None)
MATTERS = Q(is_primary=True) | Q(category=StateCategory.PURPOSE) | Q(state_type=EntityStateType.LOW_BATTERY)
NOT_FRESH = (Quality.STALE, Quality.UNAVAILABLE, Quality.UNKNOWN)


@dataclass(frozen=True, slots=True)
class EntityFilter:
    """What to show. Empty fields do not filter. `after` is the (name, id) of the last thing of the page before."""

    search: str = ""
    entity_type: str = ""
    location_id: int | None = None
    instance_id: int | None = None
    quick: str = ""
    label: str = ""
    is_hidden: bool | None = None
    after: tuple[str, int] | None = None


# The filters that count: their labels, and which states make a thing one of theirs.
QUICK_FILTERS: dict[str, tuple[str | Promise, Q]] = {
    "lights": (gettext_lazy("Lights on"), PRIMARY_ON & Q(entity__entity_type=EntityType.LIGHT)),
    "open": (gettext_lazy("Open"), OPEN),
    "unlocked": (gettext_lazy("Unlocked"), UNLOCKED),
    "battery": (gettext_lazy("Low battery"), BATTERY_LOW),
    "stale": (gettext_lazy("Not fresh"), PRIMARY & Q(quality__in=NOT_FRESH)),
}


def list_entities(chosen: EntityFilter, limit: int = 60) -> tuple[list[Entity], tuple[str, int] | None]:
    """One page of live things in the order of their names, states prefetched, and where the next page begins."""
    limit = min(limit, MAX_PAGE)
    entities = filter_entities(chosen)
    if chosen.after is not None:
        entities = entities.filter(keyset.beyond(("name", "pk"), chosen.after))
    page = list(with_states(entities.order_by("name", "pk"))[: limit + 1])
    if len(page) <= limit:
        return page, None
    last = page[limit - 1]
    return page[:limit], (last.name, last.pk)


def count_entities(chosen: EntityFilter) -> int:
    return filter_entities(chosen).count()


def count_among(chosen: EntityFilter, entity_ids: Iterable[int]) -> tuple[int, int]:
    """How many live things a filter selects, and how many of those are among some others."""
    ids = list(entity_ids)[:MAX_PAGE]
    found = filter_entities(chosen).aggregate(all=Count("pk"), among=Count("pk", filter=Q(pk__in=ids)))
    return found["all"], found["among"]


def count_quick_filters() -> dict[str, int]:
    """How many live things each quick filter selects, hidden ones left out.

    Conditions on the things are the count's own: as those of the whole they would lead SQLite through all things
    instead of the few states that the filter's index has.
    """
    seen = Q(entity__removed_at=None, entity__is_hidden=False)
    parts = [
        EntityState.objects.filter(states)
        .order_by()
        .annotate(which=Value(key))
        .values("which")
        .annotate(number=Count("entity", distinct=True, filter=seen))
        for key, (_label, states) in QUICK_FILTERS.items()
    ]
    counted = parts[0].union(*parts[1:], all=True)
    return dict.fromkeys(QUICK_FILTERS, 0) | {row["which"]: row["number"] for row in counted}


def get_entity(entity_id: int) -> Entity:
    """One thing, removed ones included. Raises Entity.DoesNotExist."""
    return with_states(Entity.objects.filter(pk=entity_id)).get()


def glance_at(entity_ids: Iterable[int]) -> list[Entity]:
    """What a tile tells of some things (at most MAX_PAGE), removed ones included."""
    return list(at_a_glance(Entity.objects.filter(pk__in=list(entity_ids)[:MAX_PAGE])))


def list_recent_changes(limit: int = 6) -> list[EntityState]:
    """What was heard from last, newest first, one state a thing: its primary one, if that is among them. What only
    concerns a thing's inner health or its configuration is left out.

    Asked of each state in its turn, whether its thing is there leaves the order to the index of states.
    """
    there = Entity.objects.filter(pk=OuterRef("entity"), removed_at=None)
    states = list(
        EntityState.objects.filter(
            Exists(there),
            removed_at=None,
            received_at__isnull=False,
            value__isnull=False,
            category=StateCategory.PURPOSE,
        )
        .select_related("sensor", "entity", "entity__source_location", "entity__user_location")
        .order_by("-received_at", "-pk")[: limit * RECENT_STATES]
    )
    by_thing: dict[int, EntityState] = {}
    for state in states:
        first = by_thing.setdefault(state.entity_id, state)
        if state.is_primary and state.received_at == first.received_at:
            by_thing[state.entity_id] = state
    return list(by_thing.values())[:limit]


def last_change_at() -> datetime | None:
    """When any state was last heard from."""
    at: datetime | None = EntityState.objects.aggregate(at=Max("received_at"))["at"]
    return at


def list_history(state_ids: Iterable[int], limit: int = 100) -> list[StateHistory]:
    """The newest changes of some states (at most MAX_HISTORY_STATES of them), newest first.

    A part for each state, so that each is read from the end of its index: `IN` would sort all they ever were.
    """
    ids: Sequence[int] = list(state_ids)[:MAX_HISTORY_STATES]
    if not ids:
        return []
    part = (
        "SELECT * FROM (SELECT * FROM entity_statehistory WHERE state_id = %s"
        " ORDER BY source_changed_at DESC, sequence DESC LIMIT %s) AS part{}"
    )
    statement = " UNION ALL ".join(part.format(number) for number in range(len(ids)))
    parameters = [parameter for state_id in ids for parameter in (state_id, limit)]
    newest = StateHistory.objects.raw(
        f"{statement} ORDER BY source_changed_at DESC, id DESC LIMIT %s", [*parameters, limit]
    )
    return list(newest)


def list_changes(
    state_id: int, limit: int, after: tuple[datetime, int] | None = None
) -> tuple[list[StateHistory], tuple[datetime, int] | None]:
    """A page of all that one state has been, newest first, and where the next one begins."""
    changes = StateHistory.objects.filter(state_id=state_id)
    order = ("-source_changed_at", "-pk")
    return keyset.read_page(changes, order, limit, lambda change: (change.source_changed_at, change.pk), after)


def with_states(entities: QuerySet[Entity], which: Q = LIVE) -> QuerySet[Entity]:
    """Things with their places and live states (the primary one first, then by name)."""
    states = (
        EntityState.objects.filter(which)
        .select_related("sensor", "controller")
        .order_by("-is_primary", "category", "name", "pk")
    )
    return entities.select_related("source_location", "user_location").prefetch_related(Prefetch("states", states))


def at_a_glance(entities: QuerySet[Entity]) -> QuerySet[Entity]:
    """Things with what a tile tells of them: of the states that concern only their inner health or their configuration
    those that matter to everybody, and no notes or details. Many things have more of the former than of all others."""
    return with_states(entities, LIVE & MATTERS).defer("source_details", "source_labels", "user_notes")


def filter_entities(chosen: EntityFilter) -> QuerySet[Entity]:
    """The live things that a filter selects, each once, in no order; `after` is not looked at."""
    entities = Entity.objects.filter(removed_at=None)
    for word in chosen.search.split()[:8]:
        places = Location.objects.filter(name__icontains=word).values("pk")
        fits = Q(name__icontains=word) | Q(location_id__in=places)
        if len(kind := word.removesuffix("s")) >= SHORTEST_KIND:
            fits |= Q(entity_type__istartswith=kind)
        entities = entities.filter(fits)
    if chosen.entity_type:
        entities = entities.filter(entity_type=chosen.entity_type)
    if chosen.is_hidden is not None:
        entities = entities.filter(is_hidden=chosen.is_hidden)
    if chosen.label:
        entities = _labelled(entities, chosen.label)
    if chosen.location_id is not None:
        entities = entities.filter(location_id=chosen.location_id)
    # Through links and states one thing is reached several times; as a subquery it is still one row.
    if chosen.instance_id is not None:
        mirrored = Entity.objects.filter(links__instance=chosen.instance_id, links__removed_at=None)
        entities = entities.filter(pk__in=mirrored.values("pk"))
    if chosen.quick in QUICK_FILTERS:
        entities = entities.filter(pk__in=EntityState.objects.filter(QUICK_FILTERS[chosen.quick][1]).values("entity"))
    return entities


def list_rooms() -> list[tuple[int, str]]:
    """The ids and names of the rooms that live things stand in, by name."""
    used = Entity.objects.filter(removed_at=None, location_id__isnull=False)
    rooms = Location.objects.filter(pk__in=used.values("location_id"))
    return list(rooms.order_by("name", "pk").values_list("pk", "name"))


@dataclass(frozen=True, slots=True)
class Stock:
    """How many live things there are, how many more are hidden, and what their sources group them under, in order."""

    shown: int
    hidden: int
    labels: tuple[str, ...]


def take_stock() -> Stock:
    found = list(
        Entity.objects.filter(removed_at=None)
        .order_by()
        .values_list("is_hidden", "source_labels")
        .annotate(Count("pk"))
    )
    labels = {str(label) for _is_hidden, labels, _number in found for label in labels}
    hidden = sum(number for is_hidden, _labels, number in found if is_hidden)
    return Stock(sum(number for *_row, number in found) - hidden, hidden, tuple(sorted(labels, key=str.lower)))


def _labelled(entities: QuerySet[Entity], label: str) -> QuerySet[Entity]:
    """SQLite cannot look into JSON by itself, so the label is found as it is written there."""
    written = entities.annotate(labels_text=Cast("source_labels", TextField()))
    return written.filter(
        Q(labels_text__contains=json.dumps(label)) | Q(labels_text__contains=json.dumps(label, ensure_ascii=False))
    )
