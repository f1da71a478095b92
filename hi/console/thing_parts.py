"""The parts of a thing's page that are people's own: name, kind and place, notes, facts, files."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from hi.console.display import TYPE_WORDS
from hi.entity import places
from hi.entity.enums import EntityType
from hi.entity.models import Entity, EntityFile, EntityState
from hi.integration import files, people
from hi.integration.overview import list_sources

PARTS = ("head", "notes", "facts", "files")
SHOWN_PICTURE_BYTES = 2 * files.MEGABYTE


class Option(NamedTuple):
    """As the tag `options` takes it."""

    value: str
    words: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class FileRow:
    file: EntityFile
    is_picture: bool  # small enough to be shown in the list
    asks: bool  # whether to take it away for good


def type_words(entity_type: str) -> str:
    return str(TYPE_WORDS.get(entity_type) or entity_type.replace("_", " ").capitalize())


def build_part(entity: Entity, part: str, asked: Mapping[str, str], *, is_edited: bool) -> dict[str, Any]:
    """What a part's template needs beside the thing. `asked` is the address' query."""
    if part == "head":
        return _build_head(entity, is_edited)
    if part == "facts":
        noted = list(entity.attributes.all())
        name = asked.get("name", "") if is_edited else ""
        fact = next((one for one in noted if one.name == name), None)
        return {"facts": noted, "fact": fact, "max_fact": people.MAX_FACT, "max_fact_name": people.MAX_FACT_NAME}
    if part == "files":
        kept = EntityFile.objects.filter(entity=entity).select_related("added_by")
        rows = [
            FileRow(
                file,
                is_picture=file.content_type in files.PICTURES and file.size <= SHOWN_PICTURE_BYTES,
                asks=asked.get("remove") == str(file.pk),
            )
            for file in kept
        ]
        return {"files": rows, "max_bytes": files.MAX_BYTES, "max_megabytes": files.MAX_BYTES // files.MEGABYTE}
    return {"max_notes": people.MAX_NOTES}


def _build_head(entity: Entity, is_edited: bool) -> dict[str, Any]:
    context: dict[str, Any] = {"type_words": type_words(entity.entity_type), "max_name": people.MAX_NAME}
    if not is_edited:
        location = entity.location
        return {**context, "path": places.get_path(location.pk) if location else ()}
    context |= build_place_choice(entity)
    as_source = _("As %(source)s says: %(words)s") % {
        "source": source_words(entity),
        "words": type_words(entity.source_type),
    }
    context["types"] = [
        Option("", as_source, not entity.user_type),
        *sorted(
            (Option(kind, type_words(kind), entity.user_type == kind) for kind in EntityType),
            key=lambda option: option.words,
        ),
    ]
    return context


def build_place_choice(row: Entity | EntityState) -> dict[str, Any]:
    """The places that a thing or a state can be put in, and who says otherwise."""
    names = places.list_names(row.user_location_id)
    source = source_words(row if isinstance(row, Entity) else row.entity)
    words = names.get(row.source_location_id or 0) or _("no room")
    if isinstance(row, EntityState) and row.source_location_id is None:
        words = _("where the thing is")
    options = [Option("", _("As %(source)s says: %(words)s") % {"source": source, "words": words}, False)]
    options += [Option(str(pk), name, pk == row.user_location_id) for pk, name in names.items()]
    return {"places": options, "source": source, "max_name": people.MAX_NAME}


def source_words(entity: Entity) -> str:
    """Who has it: the labels of the integrations that mirror it, or mirrored it last."""
    return " · ".join(list_sources(entity)) or _("its source")
