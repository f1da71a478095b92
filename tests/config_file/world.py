"""A home that people have made their own, for the tests of this folder."""

from hi.accounts.models import User
from hi.entity.models import Entity, EntityState, Location
from hi.integration import people, place_edits
from hi.integration.config_file.applying import apply
from hi.integration.config_file.describing import describe
from hi.integration.config_file.nodes import FileError
from hi.integration.config_file.outcome import Outcome
from hi.integration.config_file.reading import read_document
from hi.integration.config_file.writing import write_document
from hi.integration.models import IntegrationInstance, IntegrationLink
from tests.integration.home import home, lamp, sync

TOKEN = "a-canary-of-a-token-123456"


def export() -> str:
    return write_document(describe().document)


def apply_text(text: str, user: User, *, dry_run: bool = False) -> Outcome:
    return apply(read_document(text.encode()), user, dry_run=dry_run)


def refused(text: str, user: User) -> list[str]:
    try:
        apply_text(text, user)
    except FileError as err:
        return [f"{problem.line}: {problem}" for problem in err.problems]
    raise AssertionError("it was applied")


def said(outcome: Outcome) -> list[tuple[str, ...]]:
    return [
        (change.subject, change.what, "new" if change.is_new else f"{change.before} -> {change.after}")
        for change in outcome.changes
    ]


def fill(instance: IntegrationInstance) -> None:
    """Two lamps in a kitchen on a floor."""
    sync(instance, home(lamp(), lamp("Hall light", key="hall")))


def thing(key: str) -> Entity:
    entity = IntegrationLink.objects.get(kind="entity", integration_key=key).entity
    assert entity is not None
    return entity


def state(key: str) -> EntityState:
    found = IntegrationLink.objects.get(kind="state", integration_key=key).state
    assert found is not None
    return found


def place(key: str) -> Location:
    location = IntegrationLink.objects.get(kind="location", integration_key=key).location
    assert location is not None
    return location


def make_it_theirs(user: User) -> None:
    """Everything that people can add, once."""
    garden = place_edits.add("Garden", "building", 0, user)
    shed = place_edits.add("Shed", "room", garden.pk, user)
    place_edits.add("Pantry", "room", place("area:kitchen").pk, user)
    place_edits.edit(place("area:kitchen"), {"name": "Küche", "parent_id": garden.pk, "position": 3}, user)
    people.edit(
        thing("lamp"), {"name": "No", "type": "switch", "location_id": shed.pk, "notes": "One: two\n# three"}, user
    )
    people.note_fact(thing("lamp"), "Filter changed", "2026-01-01", user)
    people.call(state("lamp-power"), "Watts", user)
    people.put(state("hall-power"), place("floor:0").pk, user)
