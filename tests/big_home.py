"""A big home, as years of use leave one: for tests of how much a page reads and for benches of how long it takes.

Sized in what Home Assistant calls entities, which are states here: 20,000 of them are about 6,700 things in 200 rooms.
Everything is drawn from one seed, so two homes of a size are equal. Building twice adds a second home to the first.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from itertools import count
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from hi.accounts.models import User
from hi.entity.enums import LocationKind, Quality
from hi.entity.models import Controller, Entity, EntityAttribute, EntityState, Location, Sensor, StateHistory
from hi.integration.enums import CommandStatus, Decision, ItemKind, JobKind, JobStatus, JobTrigger, RunOutcome
from hi.integration.models import (
    AuditEntry,
    Command,
    ConnectionGap,
    InboxItem,
    IntegrationInstance,
    IntegrationLink,
    Job,
    Repair,
    SyncRun,
)
from tests.big_home_things import FLOORS, KINDS, ROOMS, WEIGHTS, Aspect, Kind
from tests.set_wise import insert_rows, next_id

STATES_PER_ROOM = 100
HISTORY_EVERY = 20  # one state of so many has a history
QUALITIES = {Quality.GOOD: 93, Quality.UNAVAILABLE: 4, Quality.STALE: 2, Quality.UNKNOWN: 1}


@dataclass(frozen=True, slots=True)
class Thing:
    pk: int
    name: str
    kind: Kind
    room_id: int
    first_state: int
    instance_ids: tuple[int, ...]


class BigHome:
    """`home`: most things. `cabin`: the others; a few of the things are mirrored by both."""

    def __init__(self, user: User, home: IntegrationInstance, cabin: IntegrationInstance, states: int) -> None:
        self.user, self.home, self.cabin, self.states = user, home, cabin, states
        self.now = timezone.now()
        self._dice = random.Random(states)
        self._first_place, self._first_thing, self._first_state = map(next_id, (Location, Entity, EntityState))
        self._ids = {model: count(next_id(model)) for model in (IntegrationLink, Sensor, Controller)}

    def build(self) -> None:
        insert_rows(Location, self._places())
        insert_rows(Entity, map(self._entity, self.things))
        for model, rows in (
            (EntityState, self._states),
            (Sensor, self._sensors),
            (Controller, self._controllers),
            (IntegrationLink, self._links),
            (EntityAttribute, self._attributes),
            (Job, self._jobs),
            (SyncRun, self._runs),
            (Command, self._commands),
            (AuditEntry, self._audit),
            (InboxItem, self._inbox),
            (ConnectionGap, self._gaps),
            (StateHistory, self._history),
        ):
            insert_rows(model, rows())
        self._hold_removals()
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:  # as it does by itself, within a minute of so many new rows
                cursor.execute("ANALYZE")

    @cached_property
    def thing(self) -> Thing:
        """One in the middle of the home: the first of its states can be set, and each has a long history."""
        middle = self.things[len(self.things) // 2 :]
        return next(thing for thing in middle if thing.kind.name == "Thermostat" and thing.pk % 70)

    @cached_property
    def things(self) -> list[Thing]:
        things: list[Thing] = []
        state = self._first_state
        last = self._first_state + self.states
        while state < last:
            kind = self._dice.choices(KINDS, WEIGHTS)[0]
            room = self._dice.choice(self._room_ids)
            place = self._room_name(room)
            named = self._dice.random() < 0.7  # most are called after their room
            name = f"{place} {kind.name.lower()}" if named else kind.name
            is_in_cabin = self._dice.random() < 0.25
            both = self._dice.random() < 0.02
            ids = (self.home.pk, self.cabin.pk) if both else (self.cabin.pk,) if is_in_cabin else (self.home.pk,)
            things.append(Thing(self._first_thing + len(things), name, kind, room, state, ids))
            state += len(kind.aspects)
        return things

    # Places

    @property
    def _floor_ids(self) -> range:
        return range(self._first_place, self._first_place + len(FLOORS))

    @property
    def _room_ids(self) -> range:
        begin = self._floor_ids.stop
        return range(begin, begin + max(4, self.states // STATES_PER_ROOM))

    def _room_name(self, pk: int) -> str:
        number = pk - self._room_ids.start
        wing, room = divmod(number, len(ROOMS))
        return f"{ROOMS[room]} {wing + 1}" if wing else ROOMS[room]

    def _places(self) -> Iterator[dict[str, Any]]:
        for position, pk in enumerate(self._floor_ids):
            name = FLOORS[position]
            yield {"id": pk, "kind": LocationKind.FLOOR, "source_name": name, "position": position}
        for pk in self._room_ids:
            floor = self._floor_ids[pk % len(FLOORS)]
            yield {"id": pk, "kind": LocationKind.ROOM, "source_name": self._room_name(pk), "source_parent_id": floor}

    # Things

    def _entity(self, thing: Thing) -> dict[str, Any]:
        return {
            "id": thing.pk,
            "source_name": thing.name,
            "user_name": f"{thing.name} of ours" if thing.pk % 25 == 0 else None,
            "source_type": thing.kind.entity_type,
            "source_location_id": None if thing.pk % 40 == 0 else thing.room_id,
            "user_location_id": self._room_ids[thing.pk % len(self._room_ids)] if thing.pk % 30 == 0 else None,
            "source_details": {"Maker": "Lumen", "Model": thing.kind.name, "Firmware": f"1.{thing.pk % 7}"},
            "source_labels": ["Important"] if thing.pk % 15 == 0 else [],
            "is_hidden": thing.pk % 100 == 0,
            "removed_at": self.now - timedelta(days=3) if thing.pk % 70 == 0 else None,
        }

    def _aspects(self) -> Iterator[tuple[int, Thing, Aspect]]:
        for thing in self.things:
            for number, aspect in enumerate(thing.kind.aspects):
                yield thing.first_state + number, thing, aspect

    def _states(self) -> Iterator[dict[str, Any]]:
        qualities = self._dice.choices(list(QUALITIES), list(QUALITIES.values()), k=self.states + 10)
        for number, (pk, thing, aspect) in enumerate(self._aspects()):
            quality = qualities[number]
            at = self.now - timedelta(seconds=(number * 7919) % 86_400)
            yield {
                "id": pk,
                "entity_id": thing.pk,
                "key": aspect.key,
                "source_name": f"{thing.name} {aspect.name}".strip(),
                "state_type": aspect.state_type,
                "category": aspect.category,
                "is_primary": aspect is thing.kind.aspects[0],
                "value": self._dice.choice(aspect.values) if quality in (Quality.GOOD, Quality.STALE) else None,
                "unit": aspect.unit,
                "quality": quality,
                "source_changed_at": at,
                "received_at": at,
                "removed_at": self.now - timedelta(days=3) if thing.pk % 70 == 0 else None,
            }

    def _sensors(self) -> Iterator[dict[str, Any]]:
        for pk, _thing, aspect in self._aspects():
            if aspect.device_class or not aspect.control:
                sensor = {"device_class": aspect.device_class, "precision": 1 if aspect.unit else None}
                yield {"id": next(self._ids[Sensor]), "state_id": pk, **sensor}

    def _controllers(self) -> Iterator[dict[str, Any]]:
        for pk, _thing, aspect in self._aspects():
            if aspect.control:
                bounds = {"minimum": 0.0, "maximum": 100.0, "step": 1.0} if aspect.unit else {}
                options = list(aspect.options)
                row = {"control": aspect.control, "options": options, "asks_first": aspect.control == "lock", **bounds}
                yield {"id": next(self._ids[Controller]), "state_id": pk, **row}

    def _links(self) -> Iterator[dict[str, Any]]:
        for instance_id in (self.home.pk, self.cabin.pk):
            for pk in (*self._floor_ids, *self._room_ids):
                yield self._link(instance_id, ItemKind.LOCATION, f"place:{pk}", location_id=pk)
            for thing in self.things:
                if instance_id in thing.instance_ids:
                    yield self._link(instance_id, ItemKind.ENTITY, f"device:{thing.pk}", thing, entity_id=thing.pk)
        for pk, thing, aspect in self._aspects():
            for instance_id in thing.instance_ids:
                address = {"parent_key": f"device:{thing.pk}", "address": f"{aspect.domain}.thing_{pk}"}
                yield self._link(instance_id, ItemKind.STATE, f"entity:{pk}", thing, state_id=pk, **address)

    def _link(
        self, instance_id: int, kind: ItemKind, key: str, thing: Thing | None = None, **columns: Any
    ) -> dict[str, Any]:
        is_gone = thing is not None and thing.pk % 70 == 0
        return {
            "id": next(self._ids[IntegrationLink]),
            "instance_id": instance_id,
            "kind": kind,
            "integration_key": key,
            "content_hash": "0" * 32,
            "removed_at": self.now - timedelta(days=3) if is_gone else None,
            **columns,
        }

    def _attributes(self) -> Iterator[dict[str, Any]]:
        for pk, thing in enumerate(self.things[::10], start=next_id(EntityAttribute)):
            yield {"id": pk, "entity_id": thing.pk, "name": "Bought", "value": "2024, in the shop at the corner"}

    # What has happened

    def _moments(self, number: int, apart: float) -> Iterator[tuple[int, Any]]:
        for index in range(number):
            yield index, self.now - timedelta(seconds=index * apart)

    def _jobs(self) -> Iterator[dict[str, Any]]:
        self._job_ids = [UUID(int=self._dice.getrandbits(128)) for _ in range(self.states // 10 + 3)]
        for index, at in self._moments(len(self._job_ids), 300):
            status = JobStatus.FAILED if index % 50 == 9 else JobStatus.SUCCEEDED
            instance = self.cabin if index % 3 == 0 else self.home
            who = {"trigger": JobTrigger.USER, "requested_by_id": self.user.pk} if index % 20 == 0 else {}
            times = dict.fromkeys(("created_at", "run_after", "started_at", "ended_at"), at)
            subject = {"instance_id": instance.pk, "subject": instance.label}
            yield {"id": self._job_ids[index], "kind": JobKind.SYNC, "status": status, **subject, **times, **who}

    def _runs(self) -> Iterator[dict[str, Any]]:
        first = next_id(SyncRun)
        for index, at in self._moments(len(self._job_ids) // 2 + 1, 600):
            outcome = RunOutcome.FAILED if index % 50 == 9 else RunOutcome.APPLIED
            row = {"job_id": self._job_ids[index], "outcome": outcome, "unchanged": self.states}
            instance_id = self.cabin.pk if index % 3 == 0 else self.home.pk
            yield {"id": first + index, "instance_id": instance_id, "started_at": at, "ended_at": at, **row}

    def _commands(self) -> Iterator[dict[str, Any]]:
        settable = [(pk, thing) for pk, thing, aspect in self._aspects() if aspect.control][: self.states // 10]
        self._command_ids = [UUID(int=self._dice.getrandbits(128)) for _ in settable]
        for index, at in self._moments(len(settable), 400):
            pk, thing = settable[index]
            status = CommandStatus.FAILED if index % 20 == 9 else CommandStatus.CONFIRMED
            about = {"state_id": pk, "instance_id": thing.instance_ids[0], "subject": thing.name, "value": "on"}
            who = {"requested_by_id": self.user.pk, "idempotency_key": f"{self._first_state}-{index}"}
            times = dict.fromkeys(("created_at", "expires_at", "sent_at", "acknowledged_at", "ended_at"), at)
            yield {"id": self._command_ids[index], "status": status, "expected": ["on"], **about, **who, **times}

    def _audit(self) -> Iterator[dict[str, Any]]:
        first = next_id(AuditEntry)
        who = {"user_id": self.user.pk, "who": self.user.username}
        for index, at in self._moments(self.states // 4, 200):
            thing = self.things[index % len(self.things)]
            command_id = self._command_ids[index] if index < len(self._command_ids) else None
            done = {"verb": "set" if command_id else "renamed", "command_id": command_id, "after": "on"}
            yield {"id": first + index, "at": at, "subject": thing.name, "entity_id": thing.pk, **who, **done}

    def _inbox(self) -> Iterator[dict[str, Any]]:
        first = next_id(InboxItem)
        for index, at in self._moments(self.states // 20, 3600):
            decision = (Decision.WAITING, Decision.WAITING, Decision.IGNORED)[index % 3]
            key = {"instance_id": self.home.pk, "integration_key": f"new:{first + index}", "decision": decision}
            told = {"name": f"New lamp {index}", "entity_type": "light", "place": self._room_name(self._room_ids[0])}
            yield {"id": first + index, "found_at": at, "state_count": 3, **key, **told}

    def _gaps(self) -> Iterator[dict[str, Any]]:
        first = next_id(ConnectionGap)
        for index, at in self._moments(self.states // 50, 7000):
            instance_id = self.cabin.pk if index % 2 else self.home.pk
            ended_at = at + timedelta(seconds=20)
            yield {"id": first + index, "instance_id": instance_id, "began_at": at, "ended_at": ended_at}

    def _history(self) -> Iterator[dict[str, Any]]:
        ids = count(next_id(StateHistory))
        shown = {pk for pk, thing, _aspect in self._aspects() if thing.pk == self.thing.pk}
        for pk, _thing, aspect in self._aspects():
            if pk % HISTORY_EVERY and pk not in shown:
                continue
            for index, at in self._moments(1000 if pk in shown else 100, 300):
                value = aspect.values[index % len(aspect.values)]
                row = {"value": value, "unit": aspect.unit, "quality": Quality.GOOD, "received_at": at}
                yield {"id": next(ids), "state_id": pk, "source_changed_at": at, **row}

    def _hold_removals(self) -> None:
        """A review of what a sync would remove: the largest card that a page shows."""
        keys = [[ItemKind.ENTITY, f"device:{thing.pk}", thing.name] for thing in self.things[:1500]]
        cause = f"{self.home.label} no longer has {len(keys)} things."
        Repair.objects.update_or_create(
            instance=self.home, kind="removal_review", closed_at=None, defaults={"cause": cause, "data": {"keys": keys}}
        )
