"""As `people.py`, for many things at once: decided row by row, written by a statement or two for each table.

A file may name thousands; one by one each would hold up everybody else who writes. The rules are those of `people.py`.
"""

from collections.abc import Sequence

from django.utils import timezone

from hi.accounts.models import User
from hi.entity.models import Entity, EntityAttribute, EntityState, Location
from hi.integration import audit, bulk, exceptions, people
from hi.integration.audit import Verb
from hi.integration.models import AuditEntry

# As it was and as it is, in words; None where nothing changed.
Told = tuple[str, str] | None
Thing = Entity | EntityState


class Additions:
    """Give it rows that are locked, with their places; then `write`, in the same transaction."""

    def __init__(self, user: User) -> None:
        self._user = user
        self._entities: dict[int, Entity] = {}
        self._states: dict[int, EntityState] = {}
        self._facts: list[EntityAttribute] = []
        self._entries: list[AuditEntry] = []
        # Generated columns do not follow what is only about to be written.
        self._names: dict[Thing, str] = {}

    def call(self, row: Thing, name: str) -> Told:
        name = people.clean_line(name, "name", people.MAX_NAME)
        if not name and not row.source_name:
            raise exceptions.ConfigurationError("Give it a name.", field="name")
        wanted = name if name and name != row.source_name else None
        if (row.user_name or None) == wanted:
            return None
        shown, row.user_name = self.name_of(row), wanted
        self._names[row] = wanted or row.source_name
        return self._tell(row, Verb.RENAMED, shown, shown, self._names[row])

    def put(self, row: Thing, place: Location | None) -> Told:
        """None for where its source says."""
        wanted = place if place and place.pk != row.source_location_id else None
        if row.user_location_id == (wanted.pk if wanted else None):
            return None
        was, row.user_location = row.user_location or row.source_location, wanted
        now = wanted or row.source_location
        return self._tell(row, Verb.MOVED, self.name_of(row), *(str(one.name) if one else "" for one in (was, now)))

    def set_type(self, entity: Entity, entity_type: str) -> Told:
        """Of a kind that there is, or empty for as its source says."""
        wanted = entity_type if entity_type and entity_type != entity.source_type else None
        if (entity.user_type or None) == wanted:
            return None
        was, entity.user_type = entity.user_type or entity.source_type, wanted
        return self._tell(entity, Verb.RETYPED, self.name_of(entity), was, wanted or entity.source_type)

    def write_notes(self, entity: Entity, text: str) -> Told:
        text = people.clean_text(text, "notes", people.MAX_NOTES)
        if entity.user_notes == text:
            return None
        before, entity.user_notes = entity.user_notes, text
        self._tell_noted(entity, "notes", text)
        return before, text

    def note_fact(self, entity: Entity, name: str, value: str, noted: dict[str, str]) -> Told:
        """`noted`: the facts of the thing, kept up to date. An empty value takes one away."""
        name = people.clean_line(name, "name", people.MAX_FACT_NAME)
        value = people.clean_text(value, "value", people.MAX_FACT)
        if not name:
            raise exceptions.ConfigurationError("Say what it is, such as “Filter changed”.", field="name")
        before = noted.get(name, "")
        if before == value:
            return None
        if name not in noted and len(noted) >= people.MAX_FACTS:
            raise exceptions.ConfigurationError(f"{people.MAX_FACTS} facts are the most.", field="name")
        noted[name] = value
        if not value:
            del noted[name]
        self._facts.append(EntityAttribute(entity=entity, name=name, value=value, updated_at=timezone.now()))
        self._tell_noted(entity, name, value)
        return before, value

    def name_of(self, row: Thing) -> str:
        return self._names.get(row) or str(row.name)

    def write(self) -> None:
        columns: Sequence[tuple[type[Thing], Sequence[Thing], tuple[str, ...]]] = (
            (Entity, list(self._entities.values()), ("user_name", "user_type", "user_location_id", "user_notes")),
            (EntityState, list(self._states.values()), ("user_name", "user_location_id")),
        )
        for model, rows, names in columns:
            bulk.update(model, [{"id": row.pk, **{name: getattr(row, name) for name in names}} for row in rows])
        for fact in self._facts:
            if not fact.value:
                EntityAttribute.objects.filter(entity=fact.entity, name=fact.name).delete()
        EntityAttribute.objects.bulk_create(
            [fact for fact in self._facts if fact.value],
            update_conflicts=True,
            unique_fields=["entity", "name"],
            update_fields=["value", "updated_at"],
        )
        AuditEntry.objects.bulk_create(self._entries)

    def _tell(self, row: Thing, verb: Verb, subject: str, before: str, after: str) -> Told:
        self._note_row(row)
        thing = people.thing_of(row)
        self._entries.append(audit.build(self._user, verb, subject, before=before, after=after, entity=thing))
        return before, after

    def _tell_noted(self, entity: Entity, what: str, text: str) -> None:
        """That it was, and not the text."""
        self._note_row(entity)
        verb = Verb.NOTED if text else Verb.CLEARED
        self._entries.append(audit.build(self._user, verb, f"{self.name_of(entity)}: {what}", entity=entity))

    def _note_row(self, row: Thing) -> None:
        if isinstance(row, Entity):
            self._entities[row.pk] = row
        else:
            self._states[row.pk] = row
