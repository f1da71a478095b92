"""A call of a service, from either side of the protocol, to what the home does and the caller hears."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hi.testing.hass.core import Core
from hi.testing.hass.life import apply
from hi.testing.hass.model import UNAVAILABLE, Row, State
from hi.testing.hass.service_table import SERVICES
from hi.testing.hass.services import RefusedError, Service, check_data
from hi.testing.hass.world import Change


@dataclass(slots=True)
class Outcome:
    """What came of a call. The answer goes out after `delay` seconds, or the line breaks instead."""

    changed: list[State] = field(default_factory=list)
    error: tuple[str, str] | None = None
    delay: float = 0.0
    is_lost: bool = False


def call_service(core: Core, domain: str, service: str, data: Mapping[str, Any]) -> Outcome:
    """Needs a running loop: what takes time follows by itself."""
    name = f"{domain}.{service}"
    core.calls.append({"domain": domain, "service": service, "service_data": dict(data), "at": core.home.clock()})
    faults = core.faults
    outcome = Outcome(delay=faults.service_seconds, is_lost=faults.answers_lost)
    if failure := faults.failing_services.get(name):
        outcome.error = failure
        return outcome
    try:
        changes = _plan(core, domain, service, data)
    except RefusedError as err:
        outcome.error = err.code, str(err)
        return outcome
    if not faults.without_effect:
        outcome.changed = _carry_out(core, changes)
    return outcome


def _plan(core: Core, domain: str, service: str, data: Mapping[str, Any]) -> list[Change]:
    if f"{domain}.{service}" not in SERVICES and (domain, service) not in _FOR_ALL:
        raise RefusedError(f"Service {domain}.{service} not found.", "not_found")
    changes: list[Change] = []
    for entity_id in _entity_ids(data):
        state = core.home.states.get(entity_id)
        if (domain, service) in _FOR_ALL:
            changes += _plan_for_all(core, service, entity_id)
        elif state is None or state.domain == domain:
            changes += _plan_one(core, f"{domain}.{service}", SERVICES[f"{domain}.{service}"], state, data)
    return changes


def _plan_one(core: Core, name: str, service: Service, state: State | None, data: Mapping[str, Any]) -> list[Change]:
    check_data(service, data)
    # What is missing or unavailable is passed over, and the call succeeds.
    if state is None or state.state == UNAVAILABLE:
        return []
    if state.attributes.get("supported_features", 0) & service.needs != service.needs:
        raise RefusedError(f"Entity {state.entity_id} does not support action {name}")
    return service.act(state, dict(data), core.home.clock())


def _plan_for_all(core: Core, service: str, entity_id: str) -> list[Change]:
    """`homeassistant.turn_on` passes on to what each entity, or each member of a group, has."""
    state = core.home.states.get(entity_id)
    if state is None:
        return []
    if state.domain == "group":
        members = [change for one in state.attributes["entity_id"] for change in _plan_for_all(core, service, one)]
        return [*members, Change(entity_id, service.removeprefix("turn_"))]
    name = f"{state.domain}.{service}"
    return _plan_one(core, name, SERVICES[name], state, {"entity_id": entity_id}) if name in SERVICES else []


_FOR_ALL = {("homeassistant", "turn_on"), ("homeassistant", "turn_off")}


def _entity_ids(data: Mapping[str, Any]) -> list[str]:
    named = data.get("entity_id", [])
    return [one.lower() for one in ([named] if isinstance(named, str) else named)]


def _carry_out(core: Core, changes: list[Change]) -> list[State]:
    """What happens at once is returned; what comes later takes the place of what the entity was still doing."""
    for entity_id in {change.entity_id for change in changes}:
        for handle in core.moving.pop(entity_id, []):
            handle.cancel()
    before = dict(core.home.states)
    apply(core.home, [change for change in changes if not change.after], by_user=True)
    loop = asyncio.get_running_loop()
    for change in changes:
        if change.after:
            handle = loop.call_later(change.after * core.pace, apply, core.home, [change])
            core.moving.setdefault(change.entity_id, []).append(handle)
    return [state for key, state in core.home.states.items() if before[key].last_updated != state.last_updated]


def result_row(core: Core, outcome: Outcome) -> Row:
    context = outcome.changed[0].context if outcome.changed else core.home.context(by_user=True)
    return {"context": context.to_wire()}
