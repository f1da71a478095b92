"""Many things changed at once are as if each had been changed by itself, rows and audit alike."""

from collections.abc import Callable
from typing import Any

import pytest

from hi.accounts.models import User
from hi.entity.models import Entity, EntityState, Location
from hi.integration import exceptions, people
from hi.integration.models import AuditEntry
from hi.integration.people_at_once import Additions
from tests.factories import EntityFactory, EntityStateFactory, LocationFactory, UserFactory

pytestmark = pytest.mark.database

Deed = tuple[str, Any]
NAMES: list[Deed] = [("name", name) for name in ("Mine", "  Mine   too ", "Lamp", "", "x" * 120, "x" * 121, "a\x00b")]
KINDS: list[Deed] = [("type", kind) for kind in ("switch", "light", "")]
NOTES: list[Deed] = [("notes", text) for text in ("One.\r\nTwo. ", "", "x" * 10_001)]
PLACES: list[Deed] = [("place", which) for which in ("own", "source", None)]
FACTS: list[Deed] = [("fact", fact) for fact in (("A", "b"), ("Known", "other"), ("Known", ""), ("New", ""), ("", "x"))]


@pytest.fixture
def user() -> User:
    return UserFactory(username="anna")


def make_lamp() -> EntityState:
    here, there = LocationFactory(source_name="Here"), LocationFactory(source_name="There")
    lamp = EntityFactory(source_name="Lamp", source_location=here, user_location=there, user_type="fan", user_notes="n")
    lamp.attributes.create(name="Known", value="value")
    return EntityStateFactory(entity=lamp, source_name="Lamp", source_location=here)


def places(row: Entity | EntityState) -> dict[str | None, Location | None]:
    return {"own": Location.objects.get(source_name="There"), "source": row.source_location, None: None}


def by_itself(row: Entity | EntityState, deed: Deed, user: User) -> None:
    what, value = deed
    if what == "fact":
        assert isinstance(row, Entity)
        if value[1] or row.attributes.filter(name=value[0]).exists():
            people.note_fact(row, *value, user)
    elif what == "place":
        place = places(row)[value]
        people.put(row, place.pk if place else 0, user)
    else:
        people.edit(row, {what: value}, user)


def at_once(row: Entity | EntityState, deed: Deed, user: User) -> None:
    what, value = deed
    additions = Additions(user)
    does: dict[str, Callable[[], object]] = {
        "name": lambda: additions.call(row, value),
        "place": lambda: additions.put(row, places(row)[value]),
        "type": lambda: additions.set_type(row, value),  # type: ignore[arg-type]
        "notes": lambda: additions.write_notes(row, value),  # type: ignore[arg-type]
        "fact": lambda: additions.note_fact(  # type: ignore[arg-type]
            row,
            *value,
            dict(row.attributes.values_list("name", "value")),  # type: ignore[union-attr]
        ),
    }
    does[what]()
    additions.write()


def try_it(do: Callable[..., None], which: type[Entity | EntityState], deed: Deed, user: User) -> tuple[Any, ...]:
    """What came of it: how the row is, what was told, or why not."""
    Location.objects.all().delete()
    AuditEntry.objects.all().delete()
    state = make_lamp()
    row = state if which is EntityState else state.entity
    refused = ""
    try:
        do(row, deed, user)
    except exceptions.ConfigurationError as err:
        refused = f"{err.field}"
    row = which.objects.get(pk=row.pk)
    names = ("name", "user_name", "user_type", "entity_type", "user_notes")
    where = [str(place) if place else None for place in (row.user_location, row.source_location)]
    told = AuditEntry.objects.order_by("pk").values_list("who", "verb", "subject", "before", "after")
    facts = list(state.entity.attributes.order_by("name").values_list("name", "value"))
    return refused, [getattr(row, name, None) for name in names], where, facts, list(told)


@pytest.mark.parametrize("deed", [*NAMES, *KINDS, *NOTES, *PLACES, *FACTS], ids=lambda deed: str(deed)[:40])
def test_a_thing(deed: Deed, user: User) -> None:
    assert try_it(at_once, Entity, deed, user) == try_it(by_itself, Entity, deed, user)


@pytest.mark.parametrize("deed", [*NAMES, *PLACES], ids=lambda deed: str(deed)[:40])
def test_a_state(deed: Deed, user: User) -> None:
    assert try_it(at_once, EntityState, deed, user) == try_it(by_itself, EntityState, deed, user)
