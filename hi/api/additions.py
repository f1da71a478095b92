"""`/entities/{id}/…`: what people add to a thing: facts, files, names of its states; and leaving it out."""

from django.http.response import HttpResponseBase
from ninja import File, Router
from ninja.files import UploadedFile

from hi.accounts.roles import Permission
from hi.api.auth import ApiRequest, BearerToken
from hi.api.description import link
from hi.api.entities import find_entity, find_state, tell_entity
from hi.api.errors import ApiProblem
from hi.api.given import Given, GivenId, PlainText
from hi.api.schemas.entities import EntityDetail, FileOut
from hi.entity.models import EntityFile
from hi.integration import choosing, files, people
from hi.integration.file_response import build_file_response

router = Router(tags=["entities"])
BINARY = {
    "responses": {
        200: {
            "description": "the file itself",
            "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in files.TYPES},
        }
    }
}
ATTACHED = {
    "responses": {
        201: {
            "links": link(
                "file_id", "$response.body#/id", "get_file", "remove_file", entity_id="$request.path.entity_id"
            )
        }
    }
}


class AttributeChange(Given):
    value: PlainText


class StateChange(Given):
    """What to change; what is left out stays. Null: as the source says."""

    name: PlainText | None = None
    location_id: GivenId | None = None


@router.put("/{int:entity_id}/attributes/{name}", auth=BearerToken(Permission.EDIT), response=EntityDetail)
def note_attribute(request: ApiRequest, entity_id: int, name: str, change: AttributeChange) -> EntityDetail:
    """Note a fact under a name, in place of what stands there."""
    if not change.value.strip():
        raise ApiProblem(422, "Say what to note.", field="value", hint="DELETE takes a fact away.")
    people.note_fact(find_entity(entity_id), name, change.value, request.auth.user)
    return tell_entity(entity_id)


@router.delete("/{int:entity_id}/attributes/{name}", auth=BearerToken(Permission.EDIT), response=EntityDetail)
def remove_attribute(request: ApiRequest, entity_id: int, name: str) -> EntityDetail:
    entity = find_entity(entity_id)
    name = people.clean_line(name, "name", people.MAX_FACT_NAME)
    if not entity.attributes.filter(name=name).exists():
        raise ApiProblem(404, f"Nothing is noted under {name}.")
    people.note_fact(entity, name, "", request.auth.user)
    return tell_entity(entity_id)


@router.patch("/{int:entity_id}/states/{int:state_id}", auth=BearerToken(Permission.EDIT), response=EntityDetail)
def change_state(request: ApiRequest, entity_id: int, state_id: int, change: StateChange) -> EntityDetail:
    """Name one of its states, or say where that is. Kept through every sync."""
    state = find_state(entity_id, state_id)
    given = {field: getattr(change, field) for field in change.model_fields_set}
    people.edit(state, people.as_source_says(given), request.auth.user)
    return tell_entity(entity_id)


@router.post(
    "/{int:entity_id}/files", auth=BearerToken(Permission.EDIT), response={201: FileOut}, openapi_extra=ATTACHED
)
def attach_file(request: ApiRequest, entity_id: int, file: File[UploadedFile]) -> FileOut:
    """Keep a file with it, sent as `multipart/form-data`; 25 MB at most."""
    return FileOut.build(files.attach(find_entity(entity_id), file, request.auth.user))


@router.get("/{int:entity_id}/files/{int:file_id}", auth=BearerToken(Permission.LOOK), openapi_extra=BINARY)
def get_file(request: ApiRequest, entity_id: int, file_id: int) -> HttpResponseBase:
    """The file itself."""
    return build_file_response(_find_file(entity_id, file_id))


@router.delete("/{int:entity_id}/files/{int:file_id}", auth=BearerToken(Permission.EDIT), response=EntityDetail)
def remove_file(request: ApiRequest, entity_id: int, file_id: int) -> EntityDetail:
    """Take it away for good."""
    files.detach(_find_file(entity_id, file_id), request.auth.user)
    return tell_entity(entity_id)


@router.post("/{int:entity_id}/ignore", auth=BearerToken(Permission.DECIDE), response=EntityDetail)
def ignore_entity(request: ApiRequest, entity_id: int) -> EntityDetail:
    """Stop mirroring it, from wherever it is mirrored. What people added to it is kept."""
    choosing.ignore_entity(find_entity(entity_id), request.auth.user)
    return tell_entity(entity_id)


@router.post("/{int:entity_id}/unignore", auth=BearerToken(Permission.DECIDE), response=EntityDetail)
def unignore_entity(request: ApiRequest, entity_id: int) -> EntityDetail:
    """Take back that it is ignored: it comes back whole with the next sync."""
    choosing.unignore_entity(find_entity(entity_id), request.auth.user)
    return tell_entity(entity_id)


def _find_file(entity_id: int, file_id: int) -> EntityFile:
    row = EntityFile.objects.select_related("entity").filter(pk=file_id, entity=entity_id).first()
    if row is None:
        raise ApiProblem(404, f"Entity {entity_id} has no file {file_id}.")
    return row
