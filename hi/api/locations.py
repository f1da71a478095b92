"""`/locations`: the buildings, floors and rooms that things are in."""

from typing import Literal

from ninja import Query, Router
from pydantic import Field

from hi.accounts.roles import Permission
from hi.api.auth import ApiRequest, BearerToken
from hi.api.description import link
from hi.api.errors import ApiProblem
from hi.api.given import Given, GivenId, PlainText, RowId
from hi.api.paging import Cursor, PageQuery, refuse_unknown
from hi.api.schemas.locations import LocationOut, LocationPage
from hi.entity import places
from hi.entity.enums import LocationKind
from hi.entity.models import Location
from hi.integration import place_edits

router = Router(tags=["locations"])
cursor: Cursor[int] = Cursor(RowId)
ADDED = {
    "responses": {
        201: {
            "links": link("location_id", "$response.body#/id", "change_location", "shift_location", "delete_location")
        }
    }
}


@router.get("", auth=BearerToken(Permission.LOOK), response=LocationPage)
def list_locations(request: ApiRequest, page: Query[PageQuery]) -> LocationPage:
    """Every place, oldest first; `parent_id` and `path` tell what it stands in."""
    refuse_unknown(request, page)
    after = cursor.decode(page.after) or 0
    # A home has a few hundred: all are read, at the same price for any number.
    found = sorted(places.read_tree(), key=lambda place: place.location.pk)
    rest = [place for place in found if place.location.pk > after]
    items = [LocationOut.build(place) for place in rest[: page.limit]]
    return LocationPage(items=items, next=cursor.encode(items[-1].id) if len(rest) > page.limit else None)


class NewLocation(Given):
    name: PlainText
    kind: LocationKind = LocationKind.ROOM
    parent_id: GivenId | None = Field(None, description="what it stands in; null: at the top")


class LocationChange(Given):
    """What to change; what is left out stays. Null: as the source says."""

    name: PlainText | None = None
    parent_id: GivenId | None = None
    position: None = Field(None, description="null: it stands among its neighbours where its source has it")


class Shift(Given):
    to: Literal["up", "down"]


@router.post("", auth=BearerToken(Permission.EDIT), response={201: LocationOut}, openapi_extra=ADDED)
def add_location(request: ApiRequest, body: NewLocation) -> LocationOut:
    """A place of your own."""
    location = place_edits.add(body.name, body.kind, body.parent_id or 0, request.auth.user)
    return _tell(location.pk)


@router.patch("/{int:location_id}", auth=BearerToken(Permission.EDIT), response=LocationOut)
def change_location(request: ApiRequest, location_id: int, change: LocationChange) -> LocationOut:
    """Name it, or put it into another place. Kept through every sync."""
    given: dict[str, str | int] = {}
    if "name" in change.model_fields_set:
        given["name"] = change.name or ""
    if "parent_id" in change.model_fields_set:
        given["parent_id"] = change.parent_id or 0
    if "position" in change.model_fields_set:
        given["position"] = ""
    place_edits.edit(_find(location_id), given, request.auth.user)
    return _tell(location_id)


@router.post("/{int:location_id}/shift", auth=BearerToken(Permission.EDIT), response=LocationOut)
def shift_location(request: ApiRequest, location_id: int, body: Shift) -> LocationOut:
    """One step up or down among its neighbours of the same kind."""
    place_edits.shift(_find(location_id), {"up": -1, "down": 1}[body.to], request.auth.user)
    return _tell(location_id)


@router.delete("/{int:location_id}", auth=BearerToken(Permission.EDIT), response={204: None})
def delete_location(request: ApiRequest, location_id: int) -> None:
    """Delete a place of your own; what stands in it goes back to where its source has it."""
    place_edits.delete(_find(location_id), request.auth.user)


def _find(location_id: int) -> Location:
    try:
        return Location.objects.select_related("source_parent", "user_parent").get(pk=location_id)
    except Location.DoesNotExist as err:
        raise ApiProblem(404, f"There is no location {location_id}.") from err


def _tell(location_id: int) -> LocationOut:
    """As it stands in the tree now; 404 where it has left that meanwhile."""
    for place in places.read_tree():
        if place.location.pk == location_id:
            return LocationOut.build(place)
    raise ApiProblem(404, f"There is no location {location_id}.")
