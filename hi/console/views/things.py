"""Things: what is there, what is it now, how fresh is that?"""

import base64
import json
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe

from hi.console.display import TYPE_WORDS
from hi.console.requests import ConsoleRequest
from hi.console.thing_page import build_thing_part
from hi.console.tiles import Tile, build_tile
from hi.entity import queries
from hi.entity.grouping import Cursor, GroupedEntity, Grouping, list_grouped
from hi.entity.models import Entity

PAGE = 60
GROUPINGS = ((Grouping.ROOM, "By room"), (Grouping.TYPE, "By type"), (Grouping.INTEGRATION, "By integration"))
WITHOUT = {Grouping.ROOM: "No room", Grouping.TYPE: "Other things", Grouping.INTEGRATION: "No integration"}


@dataclass(frozen=True, slots=True)
class Chip:
    key: str
    label: str
    url: str
    is_chosen: bool
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """`continued`: the page before ended inside it."""

    name: str
    tiles: tuple[Tile, ...]
    continued: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """What the address says: search words, grouping, quick filter."""

    search: str
    grouping: Grouping
    quick: str

    @classmethod
    def read(cls, request: ConsoleRequest) -> "Choice":
        by, quick = request.GET.get("by", ""), request.GET.get("show", "")
        return cls(
            search=request.GET.get("q", "").replace("\0", "").strip()[:100],
            grouping=Grouping(by) if by in set(Grouping) else Grouping.ROOM,
            quick=quick if quick in queries.QUICK_FILTERS else "",
        )

    def url(self, **changed: str) -> str:
        """The address of this choice with something changed."""
        given = {"by": self.grouping.value, "show": self.quick, "q": self.search, **changed}
        if given["by"] == Grouping.ROOM:
            del given["by"]
        query = urlencode({key: value for key, value in given.items() if value})
        return f"/things/?{query}" if query else "/things/"


@require_safe
def things(request: ConsoleRequest) -> HttpResponse:
    choice = Choice.read(request)
    after = _decode(request.GET.get("after", ""))
    chosen = queries.EntityFilter(search=choice.search, quick=choice.quick)
    page, following = list_grouped(chosen, choice.grouping, after, PAGE)
    context = {
        "choice": choice,
        "total": queries.count_entities(queries.EntityFilter()),
        "groups": _build_groups(page, choice.grouping, after),
        "more_url": choice.url(after=_encode(following)) if following else "",
        "first_url": choice.url() if after else "",
        **_chip_context(choice),
    }
    return render(request, "console/things.html", context)


@require_safe
def things_live(request: ConsoleRequest) -> HttpResponse:
    """The shown tiles (`t`, each as id.mark) that tell something else by now, and the chips if their numbers moved."""
    shown = dict(pair.split(".", 1) for pair in request.GET.getlist("t")[: queries.MAX_PAGE] if "." in pair)
    ids = [int(pk) for pk in shown if pk.isascii() and pk.isdigit() and len(pk) < 19]
    entities = queries.get_entities(ids)
    tiles = [build_tile(entity) for entity in entities if entity.removed_at is None]
    changed = [tile for tile in tiles if shown[str(tile.entity.pk)] != tile.mark]
    gone = set(ids) - {tile.entity.pk for tile in tiles}
    chips = _chip_context(Choice.read(request))
    chips_moved = request.GET.get("c") != chips["chips_mark"]
    if not changed and not gone and not chips_moved:
        return HttpResponse(status=204)
    context = {"tiles": changed, "gone": sorted(gone), "chips_moved": chips_moved, **chips}
    return HttpResponse(render_to_string("console/things_live.html", context, request))


@require_safe
def thing(request: ConsoleRequest, entity_id: int) -> HttpResponse:
    try:
        entity = queries.get_entity(entity_id)
    except Entity.DoesNotExist as err:
        raise Http404 from err
    live = build_thing_part(request, entity)
    if request.htmx:
        return live.answer()
    return render(request, "console/thing.html", {"entity": entity, "live": live})


def _build_groups(page: list[GroupedEntity], grouping: Grouping, after: Cursor | None) -> list[Group]:
    now = timezone.now()
    groups: list[Group] = []
    for (group_id, name), rows in groupby(page, key=lambda row: (row.group_id, row.group_name)):
        label = TYPE_WORDS.get(name, "") if grouping is Grouping.TYPE else name
        continued = not groups and after is not None and (group_id, name.lower()) == (after[2], after[1].lower())
        tiles = tuple(build_tile(row.entity, now) for row in rows)
        groups.append(Group(label or WITHOUT[grouping], tiles, continued))
    return groups


def _chip_context(choice: Choice) -> dict[str, object]:
    counts = queries.count_quick_filters()
    grouping = [Chip(key, label, choice.url(by=key.value), choice.grouping is key) for key, label in GROUPINGS]
    quick = [
        Chip(key, label, choice.url(show="" if choice.quick == key else key), choice.quick == key, counts[key])
        for key, (label, _condition) in queries.QUICK_FILTERS.items()
        if counts[key] or choice.quick == key
    ]
    mark = "-".join(f"{chip.key}{chip.count}" for chip in quick) or "none"
    return {"choice": choice, "grouping_chips": grouping, "quick_chips": quick, "chips_mark": mark}


def _encode(cursor: Cursor) -> str:
    return base64.urlsafe_b64encode(json.dumps(cursor).encode()).decode().rstrip("=")


def _decode(text: str) -> Cursor | None:
    """Where the page before ended; anything unreadable begins at the beginning."""
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        rank, sort, group, name, pk = found
    except (ValueError, TypeError):
        return None
    numbers = (rank, group, pk)
    if not all(type(number) is int and abs(number) < 2**53 for number in numbers):
        return None
    if not all(isinstance(word, str) and "\0" not in word for word in (sort, name)):
        return None
    return rank, sort, group, name, pk
