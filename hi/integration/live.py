"""The one writer of values: whatever a service says now ends up here, pushed or read as a snapshot.

History first, then the current value. On SQLite the two are different files, so a crash between them leaves a change
that is in history only; the next snapshot cures that, and writing it to history again changes nothing.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connections, router, transaction
from django.utils import timezone

from hi.entity.enums import Quality
from hi.entity.models import EntityState, StateHistory
from hi.integration import command_ends, leases, metrics
from hi.integration.core.values import RecordedEvent, StateValue
from hi.integration.enums import ItemKind
from hi.integration.listener import Recorded
from hi.integration.models import IntegrationCursor, IntegrationInstance, IntegrationLink, Recording

UPDATE = """
    UPDATE entity_entitystate
    SET value = %s, unit = %s, quality = %s, source_changed_at = %s, received_at = %s
    WHERE id = %s
"""
APPEND_HISTORY = """
    INSERT INTO entity_statehistory (state_id, value, unit, quality, source_changed_at, received_at, sequence)
    VALUES (%s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT DO NOTHING
"""


class LiveApplier:
    """Writes values for one instance under one lease. Not for two threads at once."""

    def __init__(self, lease: leases.HeldLease) -> None:
        self._lease = lease
        self._state_ids: dict[str, int] = {}
        self._entity_ids: dict[str, int] = {}
        # state id -> its last change, and how many others it has had within the same instant.
        self._last: dict[int, tuple[StateValue, int]] = {}

    def load(self) -> tuple[int, set[str]]:
        """Read which address leads to which state. Returns the structure revision that this is true for, and the
        addresses that lead elsewhere than before."""
        instance = IntegrationInstance.objects.only("structure_revision").get(pk=self._lease.instance_id)
        links = IntegrationLink.objects.filter(
            instance_id=self._lease.instance_id, kind=ItemKind.STATE, removed_at=None, state__isnull=False
        )
        rows = list(links.values_list("address", "state_id", "state__entity_id"))
        before, self._state_ids = self._state_ids, {address: state_id for address, state_id, _entity_id in rows}
        self._entity_ids = {address: entity_id for address, _state_id, entity_id in rows}
        moved = {address for address, state_id in self._state_ids.items() if before.get(address) != state_id}
        return instance.structure_revision, moved

    def read_cursor(self) -> dict[str, Any]:
        """Where the source's own record of what happened was read to."""
        cursor = IntegrationCursor.objects.filter(instance=self._lease.instance_id).first()
        return cursor.position if cursor else {}

    def knows(self, address: str) -> bool:
        return address in self._state_ids

    def apply_snapshot(self, values: Iterable[StateValue]) -> int:
        """Write everything the service has. Mapped states that it does not mention become unavailable."""
        now = timezone.now()
        given = {value.address: value for value in values}
        absent = [
            StateValue(address, None, "", Quality.UNAVAILABLE, now)
            for address in self._state_ids
            if address not in given
        ]
        current = self._read_current()
        fresh = []
        for value in (*given.values(), *absent):
            state_id = self._state_ids.get(value.address)
            if state_id is None:
                continue
            before = current.get(state_id)
            if before is None or not value.says_as(before):
                fresh.append((state_id, value.since(before)))
        self._write(fresh, now)
        return len(fresh)

    def apply_changes(self, values: Sequence[StateValue]) -> int:
        """Write changes in their order: every one to history, the last of each state to its current value."""
        known = self._known(values)
        self._write(known, timezone.now())
        return len(known)

    def apply_recorded(self, recorded: Recorded, *, is_read: bool = True) -> None:
        """Write what the source wrote down, and then up to where it was read, unless that shall be read again: what a
        crash leaves out in between is, too, and is there once."""
        now = timezone.now()
        known = self._known(recorded.values)
        if recorded.is_past:
            leases.check_held(self._lease)
            self._append_history(known, now)
        else:
            self._write(known, now)
        with transaction.atomic():
            leases.check(self._lease)
            self._record(recorded.events)
            if is_read:
                IntegrationCursor.objects.update_or_create(
                    instance_id=self._lease.instance_id, defaults={"position": dict(recorded.cursor), "saved_at": now}
                )

    def _record(self, events: Iterable[RecordedEvent]) -> None:
        rows = {
            event.key: Recording(
                instance_id=self._lease.instance_id,
                integration_key=event.key,
                entity_id=self._entity_ids[event.address],
                began_at=event.began_at,
                ended_at=event.ended_at,
                title=event.title,
            )
            for event in events
            if event.address in self._entity_ids
        }
        Recording.objects.bulk_create(
            rows.values(),
            update_conflicts=True,
            unique_fields=["instance", "integration_key"],
            update_fields=["entity", "began_at", "ended_at", "title"],
        )

    def _known(self, values: Iterable[StateValue]) -> list[tuple[int, StateValue]]:
        return [(self._state_ids[value.address], value) for value in values if value.address in self._state_ids]

    def _read_current(self) -> dict[int, StateValue]:
        rows = EntityState.objects.filter(
            links__instance_id=self._lease.instance_id, links__kind=ItemKind.STATE, source_changed_at__isnull=False
        ).values_list("pk", "value", "unit", "quality", "source_changed_at")
        return {pk: StateValue("", value, unit, Quality(quality), at) for pk, value, unit, quality, at in rows if at}

    def _write(self, rows: Sequence[tuple[int, StateValue]], now: datetime) -> None:
        """No guard by time: all that a session writes comes in the source's own order, under one lease."""
        leases.check_held(self._lease)
        if not rows:
            return
        self._append_history(rows, now)
        alias = router.db_for_write(EntityState)
        adapt = connections[alias].ops.adapt_datetimefield_value
        parameters = [
            [value.value, value.unit, value.quality.value, adapt(value.source_changed_at), adapt(now), state_id]
            for state_id, value in dict(rows).items()
        ]
        with transaction.atomic(using=alias):
            leases.check(self._lease)
            with connections[alias].cursor() as cursor:
                cursor.executemany(UPDATE, parameters)
            command_ends.confirm(self._lease.instance_id, rows)
        metrics.changes_written(self._lease.instance_id, len(rows))

    def _append_history(self, rows: Sequence[tuple[int, StateValue]], now: datetime) -> None:
        alias = router.db_for_write(StateHistory)
        adapt = connections[alias].ops.adapt_datetimefield_value
        parameters = [
            [
                state_id,
                value.value,
                value.unit,
                value.quality.value,
                adapt(value.source_changed_at),
                adapt(now),
                self._sequence(state_id, value),
            ]
            for state_id, value in rows
        ]
        with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
            cursor.executemany(APPEND_HISTORY, parameters)

    def _sequence(self, state_id: int, value: StateValue) -> int:
        """Tells apart changes within one tick of the source's clock; the same change once more keeps its number."""
        last, sequence = self._last.get(state_id, (None, 0))
        if last is None or last.source_changed_at != value.source_changed_at:
            sequence = 0
        elif last != value:
            sequence += 1
        self._last[state_id] = (value, sequence)
        return sequence


def mark_stale(instance_id: int) -> int:
    """Nobody hears the service any more: what it said last is still shown, as old. Not a change for history."""
    return EntityState.objects.filter(
        links__instance_id=instance_id, links__kind=ItemKind.STATE, quality__in=[Quality.GOOD, Quality.RESTORED]
    ).update(quality=Quality.STALE)
