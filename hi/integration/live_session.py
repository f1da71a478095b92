"""One instance kept live: connect, snapshot, changes, and again after every gap, until told to stop.

A pump task takes events from the service's listener as they come; the session writes what has gathered meanwhile in
one batch. Database work runs on threads, so the event loop never waits for it.
"""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import Any

from hi.integration import exceptions, live, live_reports, metrics, quiet
from hi.integration.core.backoff import delays
from hi.integration.core.values import RecordedEvent, StateValue
from hi.integration.leases import HeldLease
from hi.integration.listener import Changes, Listener, ListenerEvent, Recorded, Snapshot
from hi.integration.live import LiveApplier
from hi.integration.unplaced import Unplaced

logger = logging.getLogger(__name__)
MAX_WAITING_EVENTS = 10_000
MAX_BATCH = 2_000
SYNC_DEBOUNCE_SECONDS = 1.0
# A connection that lives shorter did not work: the waits between attempts go on growing.
STEADY_SECONDS = 30.0


# Runs a blocking function with its arguments on a thread that has a database connection.
RunDb = Callable[..., Awaitable[Any]]


class StructureReloaded:
    """A sync has changed the map of addresses."""


Event = ListenerEvent | StructureReloaded | Exception


class LiveSession:
    """The life of one instance's subscription under one lease."""

    def __init__(
        self,
        listener: Listener,
        lease: HeldLease,
        run_db: RunDb,
        *,
        config_revision: int,
        fallback: Listener | None = None,
    ) -> None:
        """`fallback` is asked for everything once after each attempt of `listener` that brought nothing."""
        self.listener = listener
        self._fallback = fallback
        self._lease = lease
        self._run_db = run_db
        self._config_revision = config_revision
        self._applier = LiveApplier(lease)
        self._events: asyncio.Queue[Event] = asyncio.Queue(MAX_WAITING_EVENTS)
        # The service's last word on every address, mapped or not: a new state gets its value without asking again.
        self._latest: dict[str, StateValue] = {}
        self._unplaced = Unplaced()
        self._asked_for: set[str] = set()
        # Whether the present connection, or the last one, has brought a snapshot.
        self._was_answered = False
        self._live_at: float | None = None
        self._sync_request: asyncio.Task[None] | None = None
        self._had_gap = False
        self.structure_revision = -1

    async def run(self) -> None:
        """Stay connected. Returns when the service refused the credentials or the lease is lost; else never."""
        waits = delays(random.uniform)
        metrics.listener_sessions.inc()
        try:
            while True:
                reason, least = await self._listen()
                if self._live_seconds() > STEADY_SECONDS:
                    waits = delays(random.uniform)
                self._live_at, self._had_gap = None, True
                if not await self._report_lost(reason, least):
                    return
                await asyncio.sleep(max(next(waits), await self._ask_instead(least)))
        except exceptions.LeaseLostError:
            return
        except exceptions.AuthenticationError as err:
            await self._run_db(live_reports.report_refused, self._lease, err, self._config_revision)
        finally:
            metrics.listener_sessions.dec()
            self._forget_sync_request()

    def reload_structure(self) -> bool:
        """Tell the session that a sync has changed what addresses lead to. False if it is too busy to listen now."""
        try:
            self._events.put_nowait(StructureReloaded())
        except asyncio.QueueFull:
            return False
        return True

    async def _listen(self) -> tuple[str, float]:
        """One connection: why it ended, and for how long the service wants to be left alone. Raises what ends all."""
        try:
            await self._connect()
        except (exceptions.LeaseLostError, exceptions.AuthenticationError):
            raise
        except exceptions.IntegrationError as err:
            return str(err), err.retry_after
        except Exception:
            logger.exception("listener of integration %s failed", self._lease.instance_id)
        return "The listener met an unexpected error; see its log.", 0.0

    async def _connect(self) -> None:
        """One connection, from its first event to the error that ends it."""
        self._events = asyncio.Queue(MAX_WAITING_EVENTS)
        self._was_answered = False
        self._latest.clear()
        self._unplaced.forget()
        self.structure_revision, _moved = await self._run_db(self._applier.load)
        self.listener.cursor = await self._run_db(self._applier.read_cursor)
        pump = asyncio.create_task(self._pump(self._events))
        try:
            while True:
                await self._handle(await self._next_batch())
        finally:
            # A service that is away needs no sync now; after the gap one is asked for anyway.
            self._forget_sync_request()
            pump.cancel()
            await asyncio.wait([pump])

    async def _ask_instead(self, least: float) -> float:
        """What is there, asked for in another way while nothing is pushed. The instance counts as cut off all the same:
        nobody hears what happens in between. Takes and returns for how long the service wants to be left alone."""
        if self._fallback is None:
            return least
        # Who has pushed will again in a moment, or is another server.
        if least or self._was_answered:
            await self._run_db(live.mark_stale, self._lease.instance_id)
            return least
        try:
            async with aclosing(self._fallback.stream()) as stream:
                snapshot = await anext(stream, None)
            if isinstance(snapshot, Snapshot):
                await self._run_db(live_reports.require_same_server, self._lease, snapshot.server_id)
                await self._run_db(self._applier.apply_snapshot, snapshot.values)
        except (exceptions.LeaseLostError, exceptions.AuthenticationError):
            raise
        except exceptions.IntegrationError as err:
            logger.debug("integration %s does not answer otherwise either: %s", self._lease.instance_id, err)
            await self._run_db(live.mark_stale, self._lease.instance_id)
            if err.retry_after:
                await self._run_db(quiet.leave_alone, self._lease.instance_id, err.retry_after)
            return err.retry_after
        except Exception:
            logger.exception("what stands in for the listener of integration %s failed", self._lease.instance_id)
            await self._run_db(live.mark_stale, self._lease.instance_id)
        return 0.0

    async def _pump(self, events: asyncio.Queue[Event]) -> None:
        """Take events as they come; the error that ends the stream is the last of them."""
        try:
            async with aclosing(self.listener.stream()) as stream:
                async for event in stream:
                    await events.put(event)
            ended: Exception = exceptions.ConnectionError("The stream ended without saying why.")
        except Exception as err:  # noqa: BLE001 - passed on: `run` tells it apart and logs it
            ended = err
        await events.put(ended)

    async def _next_batch(self) -> list[Event]:
        """Wait for an event, then take all that have gathered."""
        batch = [await self._events.get()]
        while len(batch) < MAX_BATCH and not self._events.empty():
            batch.append(self._events.get_nowait())
        return batch

    async def _handle(self, batch: list[Event]) -> None:
        changes: list[StateValue] = []
        for event in batch:
            if isinstance(event, Changes):
                changes += event.values
                continue
            await self._apply_changes(changes)
            changes = []
            if isinstance(event, Exception):
                raise event
            if isinstance(event, Snapshot):
                await self._apply_snapshot(event)
            elif isinstance(event, Recorded):
                await self._apply_recorded(event)
            elif isinstance(event, StructureReloaded):
                await self._reload()
            else:
                self._ask_for_sync()
        await self._apply_changes(changes)

    async def _apply_snapshot(self, snapshot: Snapshot) -> None:
        self._was_answered = True
        await self._run_db(live_reports.require_same_server, self._lease, snapshot.server_id)
        self._latest = {value.address: value for value in snapshot.values}
        await self._run_db(self._applier.apply_snapshot, snapshot.values)
        self._notice_unmapped(snapshot.values)
        if self._had_gap:  # what came and went meanwhile was told to nobody
            self._had_gap = False
            self._ask_for_sync()
        if self._live_at is None:
            self._live_at = time.monotonic()
            await self._run_db(live_reports.report_live, self._lease)

    async def _apply_changes(self, values: list[StateValue]) -> None:
        if not values:
            return
        metrics.changes_heard(self._lease.instance_id, [value.source_changed_at for value in values])
        self._latest.update((value.address, value) for value in values)
        await self._run_db(self._applier.apply_changes, values)
        self._notice_unmapped(values)

    async def _apply_recorded(self, recorded: Recorded) -> None:
        if not recorded.is_past:
            self._latest.update((value.address, value) for value in recorded.values)
        self._unplaced.keep(recorded, self._applier.knows)
        if not self._unplaced.is_empty():
            await self._settle_unplaced()
        await self._write_recorded(recorded)
        self._notice_unmapped((*recorded.values, *recorded.events))

    async def _settle_unplaced(self) -> None:
        """A sync that began after something was first heard of has given it a place, or it is not wanted."""
        began = await self._run_db(live_reports.find_last_sync, self._lease)
        if began is not None and self._unplaced.waits_since(began):
            await self._reload()
            self._unplaced.settle(began)

    async def _write_recorded(self, recorded: Recorded) -> None:
        await self._run_db(partial(self._applier.apply_recorded, recorded, is_read=self._unplaced.is_empty()))

    async def _reload(self) -> None:
        self.structure_revision, moved = await self._run_db(self._applier.load)
        for recorded in self._unplaced.take(moved):
            await self._write_recorded(replace(recorded, is_past=True))
        await self._run_db(
            self._applier.apply_changes, [self._latest[address] for address in moved & self._latest.keys()]
        )

    def _notice_unmapped(self, told: Iterable[StateValue | RecordedEvent]) -> None:
        """News of something that no sync has seen: ask for one, once per address."""
        unmapped = {one.address for one in told if not self._applier.knows(one.address)}
        self._unplaced.hear(unmapped)
        if unmapped - self._asked_for:
            self._asked_for |= unmapped
            self._ask_for_sync()

    def _ask_for_sync(self) -> None:
        if self._sync_request is None or self._sync_request.done():
            self._sync_request = asyncio.create_task(self._request_sync())

    async def _request_sync(self) -> None:
        await asyncio.sleep(SYNC_DEBOUNCE_SECONDS)  # a rename tells three times; one sync answers all
        try:
            await self._run_db(live_reports.request_sync, self._lease)
        except Exception:
            logger.exception("integration %s changed, but no sync could be asked for", self._lease.instance_id)

    def _forget_sync_request(self) -> None:
        if self._sync_request is not None:
            self._sync_request.cancel()

    def _live_seconds(self) -> float:
        return 0.0 if self._live_at is None else time.monotonic() - self._live_at

    async def _report_lost(self, reason: str, quiet_seconds: float) -> bool:
        """False if the lease is gone, and so the reason to try again."""
        try:
            await self._run_db(live_reports.report_lost, self._lease, reason, quiet_seconds)
        except exceptions.LeaseLostError:
            return False
        except Exception:
            logger.exception("integration %s is cut off, and that could not be written", self._lease.instance_id)
        return True
