"""`/locations`: the buildings, floors and rooms that things are in."""

from ninja import Query, Router

from hi.accounts.roles import Permission
from hi.api.auth import ApiRequest, BearerToken
from hi.api.paging import Cursor, PageQuery, RowId, refuse_unknown
from hi.api.schemas.locations import LocationOut, LocationPage
from hi.entity import places

router = Router(tags=["locations"])
cursor: Cursor[int] = Cursor(RowId)


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
