"""What people add to a thing: their own name, kind and place for it, notes, facts.

Pages and API share these functions. Each checks what it is given (ConfigurationError names the field), writes the
`user_*` column, which no sync touches, and one row that tells who did it, in one transaction. Each returns what takes
it back: given that, the same function restores what was; None where nothing changed. Empty means "as the source says".
"""

import unicodedata
from collections.abc import Mapping
from typing import TypeVar, cast

from django.db import transaction

from hi.accounts.models import User
from hi.entity.enums import EntityType
from hi.entity.models import Entity, EntityAttribute, EntityState, Location
from hi.integration import audit, exceptions
from hi.integration.audit import Verb

MAX_NAME = 120
MAX_NOTES = 10_000
MAX_FACT_NAME = 80
MAX_FACT = 2_000
MAX_FACTS = 100

Row = TypeVar("Row", bound=Entity | EntityState | Location)


def clean_line(text: str, field: str, maximum: int) -> str:
    """One line of what people typed; spaces around it and runs of them inside mean nothing."""
    return clean_text(" ".join(text.split()), field, maximum)


def clean_text(text: str, field: str, maximum: int) -> str:
    """Text of several lines. What no keyboard writes (control characters, halves of characters) is refused."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if any(unicodedata.category(character) in ("Cc", "Cs") and character not in "\n\t" for character in text):
        raise exceptions.ConfigurationError("There is a character in it that cannot be shown.", field=field)
    if len(text) > maximum:
        raise exceptions.ConfigurationError(
            f"This is too long: {len(text):,} characters, and {maximum:,} are the most.", field=field
        )
    return text


def as_source_says(given: Mapping[str, str | int | None]) -> dict[str, str | int]:
    """What `edit` takes, of fields that a program sets to null to leave them to the source."""
    return {
        field: value if value is not None else 0 if field == "location_id" else "" for field, value in given.items()
    }


def lock(row: Row) -> Row:
    """The row as it is now, held to the end of the transaction. Raises what `get` raises once it is deleted."""
    return cast(Row, type(row)._default_manager.select_for_update(of=("self",), no_key=True).get(pk=row.pk))


def edit(row: Entity | EntityState, given: Mapping[str, str | int], user: User | None) -> dict[str, str | int]:
    """Change what is given of name, type, location_id and notes, all or nothing. Returns the same kind of mapping."""
    done: dict[str, str | int | None] = {}
    with transaction.atomic():
        if "name" in given:
            done["name"] = call(row, str(given["name"]), user)
        if "location_id" in given:
            done["location_id"] = put(row, int(given["location_id"]), user)
        if isinstance(row, Entity):
            if "type" in given:
                done["type"] = set_type(row, str(given["type"]), user)
            if "notes" in given:
                done["notes"] = write_notes(row, str(given["notes"]), user)
    return {field: former for field, former in done.items() if former is not None}


def call(row: Entity | EntityState | Location, name: str, user: User | None) -> str | None:
    """Name a thing, one of its states or a place. Its source's own name is no name of yours."""
    name = clean_line(name, "name", MAX_NAME)
    with transaction.atomic():
        row = lock(row)
        if not name and not row.source_name:
            raise exceptions.ConfigurationError("Give it a name.", field="name")
        before, shown = row.user_name or "", str(row.name)
        row.user_name = name if name != row.source_name and name else None
        if before == (row.user_name or ""):
            return None
        row.save(update_fields=["user_name"])
        after = row.user_name or row.source_name
        audit.record(user, Verb.RENAMED, shown, before=shown, after=after, entity=thing_of(row))
    return before


def set_type(entity: Entity, entity_type: str, user: User | None) -> str | None:
    """Say what kind of thing it is."""
    if entity_type and entity_type not in set(EntityType):
        raise exceptions.ConfigurationError("There is no such kind of thing.", field="type")
    with transaction.atomic():
        entity = lock(entity)
        before, shown = entity.user_type or "", entity.entity_type
        entity.user_type = entity_type if entity_type and entity_type != entity.source_type else None
        if before == (entity.user_type or ""):
            return None
        entity.save(update_fields=["user_type"])
        after = entity.user_type or entity.source_type
        audit.record(user, Verb.RETYPED, str(entity.name), before=shown, after=after, entity=entity)
    return before


def put(row: Entity | EntityState, location_id: int, user: User | None) -> int | None:
    """Say where a thing or one of its states is; 0 for where its source says."""
    with transaction.atomic():
        row = lock(row)
        place = Location.objects.filter(pk=location_id).first() if location_id else None
        if location_id and place is None:
            raise exceptions.ConfigurationError("There is no such place.", field="location_id")
        before = row.user_location_id or 0
        was = row.user_location or row.source_location
        row.user_location = place if place and place.pk != row.source_location_id else None
        if before == (row.user_location_id or 0):
            return None
        row.save(update_fields=["user_location"])
        now = row.user_location or row.source_location
        audit.record(
            user,
            Verb.MOVED,
            str(row.name),
            before=str(was.name) if was else "",
            after=str(now.name) if now else "",
            entity=thing_of(row),
        )
    return before


def write_notes(entity: Entity, text: str, user: User | None) -> str | None:
    text = clean_text(text, "notes", MAX_NOTES)
    with transaction.atomic():
        entity = lock(entity)
        before = entity.user_notes
        if before == text:
            return None
        entity.user_notes = text
        entity.save(update_fields=["user_notes"])
        _tell_noted(entity, "notes", text, user)
    return before


def note_fact(entity: Entity, name: str, value: str, user: User | None) -> str | None:
    """Note a fact under a name, in place of what stood there; an empty value takes it away."""
    name = clean_line(name, "name", MAX_FACT_NAME)
    value = clean_text(value, "value", MAX_FACT)
    if not name:
        raise exceptions.ConfigurationError("Say what it is, such as “Filter changed”.", field="name")
    with transaction.atomic():
        entity = lock(entity)
        facts = EntityAttribute.objects.filter(entity=entity)
        found = facts.filter(name=name).first()
        before = found.value if found else ""
        if not found and not value:
            raise exceptions.ConfigurationError("Say what to note.", field="value")
        if before == value:
            return None
        if not found and facts.count() >= MAX_FACTS:
            raise exceptions.ConfigurationError(f"{MAX_FACTS} facts are noted already; that is the most.", field="name")
        if not value:
            facts.filter(name=name).delete()
        else:
            EntityAttribute.objects.update_or_create(entity=entity, name=name, defaults={"value": value})
        _tell_noted(entity, name, value, user)
    return before


def _tell_noted(entity: Entity, what: str, text: str, user: User | None) -> None:
    """That it was, and not the text: people note codes and keys, and one who takes such away means to be rid of it."""
    audit.record(user, Verb.NOTED if text else Verb.CLEARED, f"{entity.name}: {what}", entity=entity)


def thing_of(row: Entity | EntityState | Location) -> Entity | None:
    if isinstance(row, EntityState):
        return row.entity
    return row if isinstance(row, Entity) else None
