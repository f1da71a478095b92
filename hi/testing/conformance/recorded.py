"""A recording of somebody's system as a test: what hi made of it then it must make of it again."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Self

import pytest

from hi.entity.models import Entity, EntityState
from hi.integration.enums import ItemKind
from hi.integration.models import IntegrationInstance, IntegrationLink
from hi.testing.cassette import Cassette
from hi.testing.conformance.far_end import FarEnd
from hi.testing.conformance.world import World, wait_until
from hi.testing.line import Line
from hi.testing.replay import ReplayServer

Mirrored = dict[str, Any]


class Recorded(FarEnd):
    """A cassette that is played back, as a far end with which nothing can be done."""

    def __init__(self, cassette: Cassette, server: ReplayServer) -> None:
        self.cassette, self.server = cassette, server

    @classmethod
    def running(cls) -> AbstractContextManager[Self]:
        raise NotImplementedError("it plays one cassette: Recorded(cassette, server)")

    @property
    def port(self) -> int:
        return self.server.port

    def settings(self, address: str) -> dict[str, str]:
        return self.cassette.settings_at(address)

    def names(self) -> set[str]:
        return {name for _key, name, _kind, _states in self.cassette.made["things"]}


def replayed(path: Path | str) -> None:
    """Connects, syncs and listens as in life, in a test marked `either_database(transaction=True)` with the fixtures
    `redis_url` and `quick`. Fails where the mirror is not as it was recorded, or something else was asked for."""
    cassette = Cassette.load(path)
    with cassette.replaying() as server, Line.running(target_port=server.port) as line:
        world = World(cassette.integration_type, Recorded(cassette, server), line)
        instance = world.connect()
        assert read_things(instance) == recorded_things(cassette)
        expected = recorded_values(cassette)
        with world.listening(instance):
            wait_until(
                lambda: differences(instance, expected) == {} or server.unheard_of, "all values are as they were"
            )
        if server.unheard_of:
            pytest.fail(f"never asked for while it was recorded: {server.unheard_of}")


def differences(instance: IntegrationInstance, expected: Mirrored) -> Mirrored:
    """By address, what is here and what should be."""
    here = read_values(instance)
    addresses = here.keys() | expected.keys()
    pairs = {address: (here.get(address), expected.get(address)) for address in addresses}
    return {address: (mine, theirs) for address, (mine, theirs) in pairs.items() if not _is_same(mine, theirs)}


def _is_same(mine: Any, theirs: Any) -> bool:
    """A time that nobody told may be any."""
    return bool(mine == theirs or (mine and theirs and theirs[3] is None and mine[:3] == theirs[:3]))


def recorded_things(cassette: Cassette) -> Mirrored:
    return {
        key: (name, kind, {state_key: (address, what) for state_key, address, _name, what in states})
        for key, name, kind, states in cassette.made["things"]
    }


def read_things(instance: IntegrationInstance) -> Mirrored:
    links = IntegrationLink.objects.filter(instance=instance, removed_at=None)
    states = links.filter(kind=ItemKind.STATE).select_related("state")
    by_thing: dict[int, Mirrored] = {}
    for link in states:
        assert link.state is not None
        by_thing.setdefault(link.state.entity_id, {})[link.integration_key] = (link.address, link.state.state_type)
    things = links.filter(kind=ItemKind.ENTITY).select_related("entity")
    found: list[tuple[str, Entity]] = [(link.integration_key, link.entity) for link in things if link.entity]
    return {key: (thing.source_name, thing.entity_type, by_thing.get(thing.pk, {})) for key, thing in found}


def recorded_values(cassette: Cassette) -> Mirrored:
    """Of what is mirrored: what a source tells beside that has no place here."""
    addresses = [state[1] for _key, _name, _kind, states in cassette.made["things"] for state in states]
    return {address: cassette.last_values.get(address, [None, "", "unavailable", None]) for address in addresses}


def read_values(instance: IntegrationInstance) -> Mirrored:
    links = IntegrationLink.objects.filter(instance=instance, removed_at=None, kind=ItemKind.STATE)
    return {link.address: _value_of(link.state) for link in links.select_related("state") if link.state}


def _value_of(state: EntityState) -> list[Any]:
    at = state.source_changed_at
    return [state.value, state.unit, state.quality, at.isoformat() if at else None]
