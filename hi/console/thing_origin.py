"""Where a thing comes from, what exactly its sources say of it, and what people did to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hi.console import times
from hi.console.activity import list_deeds_on
from hi.console.display import format_number, read_word
from hi.console.live import LivePart
from hi.entity.enums import ControlType
from hi.entity.models import Controller, Entity, EntityState
from hi.integration import overview
from hi.integration.models import IntegrationInstance, IntegrationLink

SHOWN_ADDRESSES = 4
SECONDS = 10
# What takes no number and may have no options.
CONTROL_WORDS: dict[str, str | Promise] = {
    ControlType.TOGGLE: gettext_lazy("on or off"),
    ControlType.TEXT: gettext_lazy("text"),
    ControlType.PRESS: gettext_lazy("a press"),
}


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
    found = overview.links_of_states(entity.states.all()).values()
    links = sorted((link for of_one in found for link in of_one), key=_by_source)
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


def _by_source(link: IntegrationLink) -> tuple[str, int, bool, str, int]:
    """Each source together, and first what the thing is there for."""
    state = link.state
    first, name = (state.is_primary, state.name) if state else (False, "")
    return link.instance.label, link.instance_id, not first, name, link.pk


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
        yield _("control"), f"{controller.control}: {say_bounds(controller, state.unit)}"
    yield _("quality"), state.quality
    if state.source_changed_at:
        yield _("changed there"), times.full(state.source_changed_at)
    if state.received_at:
        yield _("received"), times.full(state.received_at)


def say_bounds(controller: Controller, unit: str) -> str:
    if controller.options:
        options = [read_word(str(option)) for option in controller.options]
        more = _(" and %(n)s more") % {"n": len(options) - 8} if len(options) > 8 else ""
        return ", ".join(options[:8]) + more
    if controller.minimum is not None and controller.maximum is not None:
        low, high = format_number(controller.minimum, None), format_number(controller.maximum, None)
        told = (_("%(low)s to %(high)s %(unit)s") % {"low": low, "high": high, "unit": unit}).strip()
        step = format_number(controller.step, None) if controller.step else ""
        return _("%(range)s, in steps of %(step)s") % {"range": told, "step": step} if step else told
    return str(CONTROL_WORDS.get(controller.control) or _("a value"))
