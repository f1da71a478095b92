"""Things: what is there, what is it now, how fresh is that?"""

import base64
import json
from dataclasses import dataclass
from itertools import groupby

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe
from django_htmx.http import reselect, reswap, retarget

from hi.accounts.access import needs
from hi.accounts.models import User
from hi.accounts.roles import Permission
from hi.console import words
from hi.console.addresses import read_number, read_numbers
from hi.console.display import TYPE_WORDS
from hi.console.requests import ConsoleRequest
from hi.console.room_climate import RoomClimate, describe_rooms
from hi.console.things_choice import VIEW_COOKIE, VIEWS, Choice
from hi.console.tiles import Tile, build_tiles, with_lines
from hi.entity import queries
from hi.entity.grouping import Cursor, GroupedEntity, Grouping, list_grouped
from hi.integration import overview, watching
from hi.integration.enums import IntegrationStatus, JobKind

PAGE = 48  # fills the last row, be it of two, three, four, six or eight tiles
YEAR = 365 * 24 * 3600
# A page keeps no more tiles up to date than one poll may ask about; from here on "Show more" turns over instead.
MOST_SHOWN = queries.MAX_PAGE - PAGE
GROUPINGS = (
    (Grouping.ROOM, gettext_lazy("By room")),
    (Grouping.TYPE, gettext_lazy("By type")),
    (Grouping.INTEGRATION, gettext_lazy("By integration")),
)
WITHOUT = {
    Grouping.ROOM: gettext_lazy("No room"),
    Grouping.TYPE: gettext_lazy("Other things"),
    Grouping.INTEGRATION: gettext_lazy("No integration"),
}


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
    climate: RoomClimate | None = None


@dataclass(frozen=True, slots=True)
class News:
    """How many things the list had when it was read, and how many more (`more`) it would show if it were read now."""

    listed: int | None
    more: int

    def brought_up_to_date(self, choice: Choice, shown: list[int], gone: int) -> "News":
        """`shown`: the things on the page, of which `gone` leave it now."""
        if self.listed is None:
            return self
        listed_now, fitting = queries.count_among(choice.filter(), shown)
        # What is on pages that nobody has turned to is not news; if some of that went, it is fewer by so many.
        elsewhere = min(max(0, self.listed - len(shown)), listed_now - fitting)
        return News(elsewhere + len(shown) - gone, listed_now - fitting - elsewhere)


@dataclass(frozen=True, slots=True)
class Nothing:
    """Why the list is empty. `key` tells one reason from another."""

    key: str
    title: str
    text: str
    button: str = ""
    url: str = ""


@needs(Permission.LOOK)
@require_safe
def things(request: ConsoleRequest) -> HttpResponse:
    watching.look()
    choice = Choice.read(request)
    after = _decode(request.GET.get("after", ""))
    shown = (read_number(request.GET.get("shown", "")) or 0) + PAGE
    stock = queries.take_stock()
    page = list_grouped(choice.filter(), choice.grouping, after, PAGE)
    context = {
        "choice": choice,
        "total": stock.shown,
        "groups": _build_groups(page.rows, request.user, choice.grouping, after),
        "clear_url": choice.url(q=""),
        "rooms": [(str(pk), name, choice.room == str(pk)) for pk, name in queries.list_rooms()],
        "labels": stock.labels,
        "more_url": choice.url(after=_encode(page.following), shown=str(shown)) if page.following else "",
        "more_is_added": shown <= MOST_SHOWN,
        "first_url": choice.url() if after else "",
        "news": News(page.total, 0),
        "nothing": None if page.rows else explain_nothing(choice),
        **_chip_context(choice, stock.hidden),
    }
    answer = render(request, "console/things.html", context)
    if request.GET.get("view", "") in VIEWS:
        answer.set_cookie(VIEW_COOKIE, choice.view, max_age=YEAR, samesite="Lax", secure=request.is_secure())
    return answer


@needs(Permission.LOOK)
@require_safe
def things_live(request: ConsoleRequest) -> HttpResponse:
    """What differs by now from what is shown: tiles (`t`, each as id.mark), chips (`c`), how many others there are.

    The first tile of an empty page, and the loss of the last one, bring the whole list.
    """
    watching.look()
    choice = Choice.read(request)
    shown = dict(pair.split(".", 1) for pair in request.GET.getlist("t")[: queries.MAX_PAGE] if "." in pair)
    ids = read_numbers(shown)
    entities = queries.glance_at(ids)
    now = timezone.now()
    tiles = build_tiles((entity for entity in entities if entity.removed_at is None), request.user, now)
    changed = with_lines(tile for tile in tiles if shown.get(str(tile.entity.pk)) != tile.mark)
    told_climates = set(request.GET.getlist("g")[: queries.MAX_PAGE])
    climates = [
        climate
        for climate in describe_rooms((tile.entity for tile in tiles), now).values()
        if told_climates and climate.mark not in told_climates
    ]
    gone = set(ids) - {tile.entity.pk for tile in tiles}
    told = News(read_number(request.GET.get("n", "")), read_number(request.GET.get("k", "")) or 0)
    news = told.brought_up_to_date(choice, ids, gone=len(gone))
    if not tiles and (gone or news.more or _is_explained_otherwise(request, choice)):
        return retarget(reselect(reswap(things(request), "outerHTML"), "#results"), "#results")
    chips = _chip_context(choice, queries.count_entities(queries.EntityFilter(is_hidden=True)))
    chips_moved = request.GET.get("c") != chips["chips_mark"]
    if not changed and not gone and not climates and not chips_moved and news == told:
        return HttpResponse(status=204)
    context = {
        "tiles": changed,
        "climates": climates,
        "gone": sorted(gone),
        "chips_moved": chips_moved,
        "news_moved": news != told,
        **chips,
    }
    return HttpResponse(render_to_string("console/things_live.html", {**context, "news": news}, request))


def _is_explained_otherwise(request: ConsoleRequest, choice: Choice) -> bool:
    """Whether an empty page gives a reason that is no longer the one."""
    return "e" in request.GET and request.GET["e"] != explain_nothing(choice).key


def explain_nothing(choice: Choice) -> Nothing:
    """What is said where tiles would be, and the one thing to do next."""
    if choice.is_filtered:
        text = _("No thing is like that right now.")
        if choice.q:
            text = _("No thing and no room is called “%(words)s”.") % {"words": choice.q}
        return Nothing("filter", _("Nothing fits"), text, _("Show all things"), "/things/")
    systems = overview.list_instances()
    title = _("Here will be everything in your home")
    if not systems:
        text = _("Every lamp, sensor and camera with its value and how fresh it is, as soon as a system is connected.")
        return Nothing("unconnected", title, text, _("Add an integration"), reverse("console:add"))
    reading = [found.instance.label for found in systems if _is_read_for_the_first_time(found)]
    if reading:
        told = ngettext(
            "%(name)s is being read. What is found appears here by itself.",
            "%(systems)s are being read. What is found appears here by itself.",
            len(reading),
        )
        text = told % {"name": reading[0], "systems": words.plural(len(reading), "system")}
        return Nothing("reading", title, text)
    text = _("No connected system is mirrored now, or there is nothing in it.")
    return Nothing("silent", title, text, _("Look at the integrations"), reverse("console:integrations"))


def _is_read_for_the_first_time(found: overview.InstanceOverview) -> bool:
    return found.instance.status == IntegrationStatus.ACTIVATING or any(
        job.kind in (JobKind.ACTIVATE, JobKind.SYNC) for job in found.open_jobs
    )


def _build_groups(page: list[GroupedEntity], user: User, grouping: Grouping, after: Cursor | None) -> list[Group]:
    now = timezone.now()
    tiles = {tile.entity.pk: tile for tile in with_lines(build_tiles((row.entity for row in page), user, now))}
    climates = describe_rooms((row.entity for row in page), now) if grouping is Grouping.ROOM else {}
    groups: list[Group] = []
    for (group_id, name), rows in groupby(page, key=lambda row: (row.group_id, row.group_name)):
        label = TYPE_WORDS.get(name, "") if grouping is Grouping.TYPE else name
        continued = not groups and after is not None and (group_id, name.lower()) == (after[2], after[1].lower())
        climate = None if continued else climates.get(group_id)
        groups.append(
            Group(str(label or WITHOUT[grouping]), tuple(tiles[row.entity.pk] for row in rows), continued, climate)
        )
    return groups


def _chip_context(choice: Choice, hidden: int) -> dict[str, object]:
    counts = queries.count_quick_filters()
    grouping = [Chip(key, str(label), choice.url(by=key.value), choice.grouping is key) for key, label in GROUPINGS]
    quick = [
        Chip(key, str(label), choice.url(show="" if choice.show == key else key), choice.show == key, counts[key])
        for key, (label, _condition) in queries.QUICK_FILTERS.items()
        if counts[key] or choice.show == key
    ]
    if hidden or choice.hidden:
        url = choice.url(hidden="" if choice.hidden else "1")
        quick.append(Chip("hidden", _("Hidden"), url, bool(choice.hidden), hidden))
    views = [Chip(key, str(label), choice.url(view=key), choice.view == key) for key, label in VIEWS.items()]
    mark = "-".join(f"{chip.key}{chip.count}" for chip in quick) or "none"
    return {
        "choice": choice,
        "grouping_chips": grouping,
        "quick_chips": quick,
        "view_chips": views,
        "chips_mark": mark,
    }


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
