"""From what people type to the row that is meant: its id, or a name that only one has. Whoever is ambiguous is told
all that are meant by it."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar
from uuid import UUID

from django.db import models
from django.db.models import Q, QuerySet

from hi.cli.refusal import RefusalError
from hi.cli.terminal import plain
from hi.console.controls import get_controller
from hi.console.tiles import primary_state
from hi.entity import places, queries
from hi.entity.models import Entity, EntityState
from hi.integration.enums import ItemKind
from hi.integration.models import IntegrationInstance, IntegrationLink, Job

MAX_NAME = 600
MOST_TOLD = 12
LEAST_JOB_ID = 4
MAX_ID = 2**63 - 1
Row = TypeVar("Row", bound=models.Model)
Found = TypeVar("Found")


def find_integration(name: str) -> IntegrationInstance:
    rows = IntegrationInstance.objects.filter(is_draft=False)
    found = _by_id(rows, name) or _by_name(rows, name, "label")
    return _only(found, name, "integration", lambda one: f"{one.pk}  {one.label}", rows.values_list("label", flat=True))


def find_thing(name: str) -> Entity:
    """One that is there; by its id also one that no source has any more."""
    found = _by_id(Entity.objects.all(), name) or _by_name(Entity.objects.filter(removed_at=None), name, "name")
    return _only(found, name, "thing", describe_thing, ())


def find_settable(name: str) -> EntityState:
    """By id, by what its source calls it, as THING for what the thing is about, as THING/STATE, or by its own name. Of
    several one that can be set is meant."""
    states = EntityState.objects.filter(removed_at=None, entity__removed_at=None).select_related("entity")
    found = _by_id(states, name) or _by_address(states, name)
    if not found:
        found = _of_things(name) or _in_things(name) or _by_name(states, name, "name")
    settable = [state for state in found if get_controller(state) is not None]
    found = settable or found
    return _only(found, name, "state", describe_state, ())


def find_job(name: str) -> Job:
    """By the beginning of its id, as lists tell it."""
    digits = name.lower().replace("-", "")
    if not LEAST_JOB_ID <= len(digits) <= 32 or any(digit not in "0123456789abcdef" for digit in digits):
        raise RefusalError(
            f"{plain(name)[:60]} is not the id of a job.",
            hint=f"Give at least {LEAST_JOB_ID} characters of one that `hub list jobs` tells.",
        )
    first, last = UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f"))
    found = list(Job.objects.filter(pk__gte=first, pk__lte=last).order_by("-created_at")[: MOST_TOLD + 1])
    return _only(found, name, "job", lambda one: f"{one.pk}  {one.kind} {one.subject}, {one.status.lower()}", ())


def find_place(name: str) -> places.Place:
    """By id, by name, or as lists tell it: Ground floor › Kitchen."""
    tree = places.read_tree()
    wanted = " ".join(name.split()).casefold()
    found = [place for place in tree if str(place.location.pk) == wanted]
    found = found or [place for place in tree if str(place.location.name).casefold() == wanted]
    if not found:
        path = wanted.replace(" > ", " › ").replace("/", " › ")
        found = [place for place in tree if place.full_name.casefold() in (wanted, path)]
    return _only(found, name, "place", lambda one: f"{one.location.pk}  {one.full_name}", ())


def describe_thing(entity: Entity) -> str:
    place = entity.location
    return f"{entity.pk}  {entity.name}" + (f", {place.name}" if place else "")


def describe_state(state: EntityState) -> str:
    own = "" if state.name == state.entity.name else f" / {state.name}"
    place = state.entity.location
    return f"{state.pk}  {state.entity.name}{own}" + (f", {place.name}" if place else "")


def _by_id(rows: QuerySet[Row], name: str) -> list[Row]:
    if not (name.isascii() and name.isdigit()) or int(name) > MAX_ID:
        return []
    return list(rows.filter(pk=int(name)))


def _by_name(rows: QuerySet[Row], name: str, column: str) -> list[Row]:
    """As it is written, else without regard to case. A word that is a part of one name only is no name."""
    name = _clean(name)
    for how in ("exact", "iexact"):
        found = list(rows.filter(**{f"{column}__{how}": name}).order_by("pk")[: MOST_TOLD + 1])
        if found:
            return found
    return []


def _by_address(states: QuerySet[EntityState], name: str) -> list[EntityState]:
    links = IntegrationLink.objects.filter(kind=ItemKind.STATE, removed_at=None, address=_clean(name))
    return list(states.filter(pk__in=links.values("state")).order_by("pk")[: MOST_TOLD + 1])


def _of_things(name: str) -> list[EntityState]:
    """What the things of this name are about."""
    things = _by_name(Entity.objects.filter(removed_at=None), name, "name")
    full = queries.with_states(Entity.objects.filter(pk__in=[thing.pk for thing in things]).order_by("pk"))
    return [state for state in map(primary_state, full) if state is not None]


def _in_things(name: str) -> list[EntityState]:
    """THING/STATE. Either may have a slash in its name, so each is tried as the one that parts them."""
    parts = _clean(name).split("/")
    for at in range(1, len(parts)):
        thing, state = "/".join(parts[:at]).strip(), "/".join(parts[at:]).strip()
        things = _by_name(Entity.objects.filter(removed_at=None), thing, "name")
        states = EntityState.objects.filter(entity__in=things, removed_at=None).select_related("entity")
        # Many are called like their thing and more: Kitchen light Brightness.
        fits = Q(key__iexact=state) | Q(name__iexact=state) | Q(name__iexact=f"{thing} {state}")
        found = list(states.filter(fits).order_by("pk")[: MOST_TOLD + 1])
        if found:
            return found
    return []


def _clean(name: str) -> str:
    return name.strip().replace("\0", "")[:MAX_NAME]


def _only(
    found: Sequence[Found], name: str, noun: str, describe: Callable[[Found], str], others: Iterable[str]
) -> Found:
    told = plain(name)[:80]
    if len(found) == 1:
        return found[0]
    if found:
        lines = [f"  {plain(describe(one))}" for one in found[:MOST_TOLD]]
        more = ["  …"] if len(found) > MOST_TOLD else []
        raise RefusalError(
            "\n".join([f"More than one {noun} is called “{told}”:", *lines, *more]),
            hint="Give the id of the one you mean.",
        )
    names = ", ".join(plain(one) for one in list(others)[:MOST_TOLD])
    hint = f"There is {names}." if names else f"`hub list {noun}s` tells them all."
    if noun == "state":
        hint = "`hub show thing NAME` tells the states of a thing, each with its id."
    raise RefusalError(f"No {noun} is called “{told}”.", hint=hint)
