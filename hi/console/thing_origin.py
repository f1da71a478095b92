"""Where a thing comes from, what exactly its sources say of it, and what people did to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from hi.console import times
from hi.console.activity import list_deeds_on
from hi.console.live import LivePart
from hi.console.thing_page import bounds_words
from hi.entity.models import Entity, EntityState
from hi.integration import overview
from hi.integration.enums import ItemKind
from hi.integration.models import IntegrationInstance, IntegrationLink

SHOWN_ADDRESSES = 4
SECONDS = 10


@dataclass(frozen=True, slots=True)
class Origin:
    """One instance that mirrors the thing. Of many states, the first few stand for all."""

    instance: IntegrationInstance
    shown: tuple[IntegrationLink, ...]
    more: int


@dataclass(frozen=True, slots=True)
class RawFacts:
    """A state, or the thing itself, in its source's own words."""

    name: str
    facts: tuple[tuple[str, str], ...]


def build_about_part(request: HttpRequest, entity: Entity) -> LivePart:
    links = list(
        IntegrationLink.objects.filter(removed_at=None, state__entity=entity, kind=ItemKind.STATE)
        .select_related("instance", "state")
        .order_by("instance__label", "instance", "-state__is_primary", "state__name", "pk")
    )
    things = [link for link in overview.links_of(entity) if link.removed_at is None]
    context = {
        "entity": entity,
        "origins": _origins(links),
        "sources": [link.instance for link in things],
        "former": "" if things else " · ".join(overview.list_sources(entity)),
        "raw": [*_raw_things(things), *_raw_states(entity, links)],
        "deeds": list_deeds_on(entity.pk, request.user.pk),
    }
    return LivePart(
        request,
        "console/thing_about.html",
        context,
        element_id="thing-about",
        url=reverse("console:thing-about", args=[entity.pk]),
        seconds=SECONDS,
    )


def _origins(links: Iterable[IntegrationLink]) -> list[Origin]:
    origins = []
    for instance, group in groupby(links, key=lambda link: link.instance):
        mirrored = tuple(group)
        shown = mirrored[:SHOWN_ADDRESSES] if len(mirrored) > SHOWN_ADDRESSES + 1 else mirrored
        origins.append(Origin(instance, shown, len(mirrored) - len(shown)))
    return origins


def _raw_things(links: Iterable[IntegrationLink]) -> list[RawFacts]:
    return [
        RawFacts(_("The thing, in %(source)s") % {"source": link.instance.label}, ((_("key"), link.integration_key),))
        for link in links
    ]


def _raw_states(entity: Entity, links: Iterable[IntegrationLink]) -> list[RawFacts]:
    by_state: dict[int | None, list[IntegrationLink]] = {}
    for link in links:
        by_state.setdefault(link.state_id, []).append(link)
    return [
        RawFacts(str(state.name), tuple(_facts(state, by_state.get(state.pk, [])))) for state in entity.states.all()
    ]


def _facts(state: EntityState, links: Iterable[IntegrationLink]) -> Iterable[tuple[str, str]]:
    for link in links:
        yield _("key"), link.integration_key
        if link.address:
            yield _("address"), link.address
    yield _("name there"), state.source_name
    yield _("type"), f"{state.key} · {state.state_type} · {state.category}"
    sensor, controller = getattr(state, "sensor", None), getattr(state, "controller", None)
    if sensor is not None:
        if sensor.device_class:
            yield _("class"), sensor.device_class
        if sensor.state_class:
            yield _("state class"), sensor.state_class
        if sensor.precision is not None:
            yield _("precision"), str(sensor.precision)
    if state.unit:
        yield _("unit"), state.unit
    if controller is not None:
        yield _("control"), f"{controller.control}: {bounds_words(controller, state.unit)}"
    yield _("quality"), state.quality
    if state.source_changed_at:
        yield _("changed there"), times.full(state.source_changed_at)
    if state.received_at:
        yield _("received"), times.full(state.received_at)
