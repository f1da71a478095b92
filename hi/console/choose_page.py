"""What the pages about choosing show: places and kinds with counts, and the things of a source, mirrored or not."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from heapq import nsmallest
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hi.console.addresses import read_number
from hi.console.display import TYPE_WORDS
from hi.integration import choosing, offers
from hi.integration.core import selection
from hi.integration.core.catalogue import NO_PLACE, Catalogue, Offer, Place
from hi.integration.core.selection import Difference, Selection
from hi.integration.enums import Decision
from hi.integration.models import IntegrationInstance, SourceCatalogue

PAGE = 60
MAX_SEARCH = 100
FILTERS = {
    "": gettext_lazy("All"),
    "mirrored": gettext_lazy("Mirrored"),
    "left-out": gettext_lazy("Left out"),
    "waiting": gettext_lazy("Waiting"),
    "ignored": gettext_lazy("Ignored"),
}


@dataclass(frozen=True, slots=True)
class Option:
    """A box to tick. `depth`: how deep a place lies inside others."""

    key: str
    label: str
    count: int
    is_chosen: bool
    depth: int = 0


@dataclass(frozen=True, slots=True)
class ThingRow:
    """`state` is a key of FILTERS; `is_named`: the selection names this very thing."""

    key: str
    name: str
    about: str
    state: str
    is_named: bool

    @property
    def state_words(self) -> str:
        return str(FILTERS[self.state])


@dataclass(frozen=True, slots=True)
class ThingList:
    """One page of the things that fit the search."""

    rows: tuple[ThingRow, ...]
    search: str
    show: str
    found: int
    total: int
    chips: tuple[tuple[str, str, str, int], ...]
    earlier_url: str
    later_url: str


@dataclass(frozen=True, slots=True)
class ChoosePage:
    catalogue: Catalogue
    decisions: Mapping[str, Decision]
    chosen: Selection
    places: tuple[Option, ...]
    families: tuple[Option, ...]
    named: tuple[Option, ...]
    unknown: tuple[tuple[str, str], ...]
    difference: Difference
    is_changed: bool
    is_known: bool


@dataclass(frozen=True, slots=True)
class Summary:
    """What is mirrored, in a line."""

    words: str
    things: int
    states: int
    is_everything: bool


def build_page(instance: IntegrationInstance, catalogue: Catalogue, chosen: Selection | None = None) -> ChoosePage:
    """The page with what is stored, or with what somebody has ticked but not saved."""
    stored, decisions = Selection.read(instance.selection), offers.read_decisions(instance)
    chosen = stored if chosen is None else chosen
    unknown = selection.list_unknown(chosen, catalogue)
    things = chosen.things - unknown.things
    by_key = {key: offer for offer in catalogue.offers for key in offer.keys} if things else {}
    named = [Option(key, by_key[key].name, by_key[key].state_count, True) for key in things]
    return ChoosePage(
        catalogue=catalogue,
        decisions=decisions,
        chosen=chosen,
        places=tuple(_place_options(catalogue, chosen)),
        families=tuple(_family_options(catalogue, chosen)),
        named=tuple(sorted(named, key=lambda option: option.label.lower())),
        unknown=tuple(sorted((name, key) for name, keys in unknown.dump().items() for key in keys)),
        difference=selection.compare(catalogue, stored, chosen, decisions),
        is_changed=chosen != stored,
        is_known=bool(catalogue.offers),
    )


def read_form(data: QueryDict) -> Selection:
    """What is ticked. Raises ConfigurationError."""
    return choosing.clean_selection({name: data.getlist(name) for name in ("areas", "families", "things")})


def describe(chosen: Selection) -> str:
    return _("Everything") if chosen.is_everything else choosing.describe(chosen).capitalize()


def summarise(instance: IntegrationInstance) -> Summary | None:
    """None before it is known what there is."""
    chosen = Selection.read(instance.selection)
    if not SourceCatalogue.objects.filter(instance=instance).exclude(content={}).exists():
        return None
    difference = choosing.preview(instance, chosen)
    words = describe(chosen)
    return Summary(words, difference.things_after, difference.states_after, chosen.is_everything)


def list_things(instance: IntegrationInstance, page: ChoosePage, query: QueryDict) -> ThingList:
    """The things that the source offers: found by name, place or kind, and by what has become of them."""
    chosen, inside = Selection.read(instance.selection), page.catalogue.inside()
    places = {place.key: place.name for place in page.catalogue.places}
    search = query.get("q", "").replace("\0", "").strip()[:MAX_SEARCH]
    show = query.get("show", "") if query.get("show", "") in FILTERS else ""
    words = search.lower().split()
    found = [
        (offer, _state_of(offer, chosen, page.decisions, inside))
        for offer in page.catalogue.offers
        if not words or _has_words(offer, words, places)
    ]
    counts = Counter(state for _offer, state in found)
    chips = tuple(
        (key, str(label), _url(instance, search, key), counts[key] if key else len(found))
        for key, label in FILTERS.items()
        if not key or counts[key] or key == show
    )
    fitting = [(offer, state) for offer, state in found if not show or state == show]
    begin = min(read_offset(query), max(0, len(fitting) - 1) // PAGE * PAGE)
    shown = nsmallest(begin + PAGE, fitting, key=lambda each: (each[0].name.lower(), each[0].key))[begin:]
    return ThingList(
        rows=tuple(
            ThingRow(offer.key, offer.name, _about(offer, places), state, not chosen.things.isdisjoint(offer.keys))
            for offer, state in shown
        ),
        search=search,
        show=show,
        found=len(fitting),
        total=len(page.catalogue.offers),
        chips=chips,
        earlier_url=_url(instance, search, show, begin - PAGE) if begin else "",
        later_url=_url(instance, search, show, begin + PAGE) if begin + PAGE < len(fitting) else "",
    )


def read_offset(query: Mapping[str, str]) -> int:
    """Where a page of a list begins; anything unreadable is the beginning."""
    return (read_number(query.get("from", "")) or 0) // PAGE * PAGE


def family_words(family: str) -> str:
    """binary_sensor becomes Binary sensor: the source's own word, as people read it."""
    return family.replace("_", " ").capitalize()


def _place_options(catalogue: Catalogue, chosen: Selection) -> Iterable[Option]:
    inside = catalogue.inside()
    counts: Counter[str] = Counter()
    for offer in catalogue.offers:
        places = [place for place in (offer.place_key, *offer.state_places) if place]
        counts.update(set().union(*(inside.get(place, {place}) for place in places)) if places else [NO_PLACE])
    children: dict[str, list[Place]] = {}
    for place in sorted(catalogue.places, key=lambda place: place.name.lower()):
        parent = place.parent_key if place.parent_key in inside and place.key not in inside[place.parent_key] else ""
        children.setdefault(parent, []).append(place)
    waiting = [(place, 0) for place in reversed(children.get("", []))]
    while waiting:
        place, depth = waiting.pop()
        yield Option(place.key, place.name, counts[place.key], place.key in chosen.areas, min(depth, 3))
        waiting += [(child, depth + 1) for child in reversed(children.get(place.key, []))]
    if counts[NO_PLACE] or NO_PLACE in chosen.areas:
        yield Option(NO_PLACE, _("In no place"), counts[NO_PLACE], NO_PLACE in chosen.areas)


def _family_options(catalogue: Catalogue, chosen: Selection) -> Iterable[Option]:
    counts: Counter[str] = Counter()
    for offer in catalogue.offers:
        counts.update(offer.families)
    for family in sorted(key for key in counts if key):
        yield Option(family, family_words(family), counts[family], family in chosen.families)


def _state_of(
    offer: Offer, chosen: Selection, decisions: Mapping[str, Decision], inside: Mapping[str, frozenset[str]]
) -> str:
    decision = selection.decide(offer, decisions)
    if decision is Decision.IGNORED:
        return "ignored"
    if selection.count_states(offer, chosen, inside) is None:
        return "left-out"
    return "waiting" if decision is Decision.WAITING else "mirrored"


def _has_words(offer: Offer, words: Iterable[str], places: dict[str, str]) -> bool:
    text = f"{offer.name} {_about(offer, places)}".lower()
    return all(word in text for word in words)


def _about(offer: Offer, places: Mapping[str, str]) -> str:
    families = ", ".join(family_words(family) for family in sorted(offer.families) if family)
    told = (places.get(offer.place_key, ""), families or str(TYPE_WORDS.get(offer.entity_type, "")))
    return " · ".join(part for part in told if part)


def _url(instance: IntegrationInstance, search: str, show: str, begin: int = 0) -> str:
    given = {"q": search, "show": show, "from": str(begin) if begin else ""}
    query = urlencode({key: value for key, value in given.items() if value})
    return reverse("console:choose", args=[instance.pk]) + (f"?{query}" if query else "") + "#things"
