"""The listener worker: a Celery worker whose bootstep runs an asyncio loop that keeps instances live.

A bootstep and not a task, because a task that never ends would be redelivered and run twice. Several such workers may
run: a lease gives each instance to exactly one, and a dead one's instances move when its leases run out.
"""

import asyncio
import logging
import os
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any

from celery import Celery, bootsteps
from celery.worker import state as worker_state
from django.conf import settings
from django.db import close_old_connections
from django.db.models import Exists, OuterRef, Q

from hi.integration import exceptions, leases, live_reports, status, trouble, watching
from hi.integration.enums import IntegrationStatus, LeaseRole
from hi.integration.integration_factory import get_integration_gateway
from hi.integration.listener import Listener
from hi.integration.live_session import LiveSession
from hi.integration.models import IntegrationInstance, Lease
from hi.utils import trace

logger = logging.getLogger(__name__)
DATABASE_THREADS = 4
# The supervisor ends for good what has not ended after 3.3 s.
STOP_SECONDS = 2.5
# A loop that has not turned between so many looks is blocked by something that should have been awaited.
LOOK_SECONDS = 5.0
LOOKS = 6


@dataclass(frozen=True, slots=True)
class Wanted:
    """An instance that shall be live, as its row says now."""

    instance_id: int
    config_revision: int
    structure_revision: int
    is_taken: bool


@dataclass(slots=True)
class Running:
    session: LiveSession
    task: asyncio.Task[None]
    lease: leases.HeldLease
    config_revision: int
    told_revision: int = -1

    def needs_to_hear_of(self, structure_revision: int) -> bool:
        return structure_revision not in (self.session.structure_revision, self.told_revision)


class ListenerHub:
    """Keeps one session for each instance that shall be live and whose lease this process holds.

    Looks every HI_LISTENER_POLL_SECONDS; everything it needs to know is in the database.
    """

    def __init__(self, name: str) -> None:
        """`name`: this worker's, as Celery calls it."""
        self._name = name
        self.holder = f"{name}:{os.getpid()}"
        self._stopping = asyncio.Event()
        self._running: dict[int, Running] = {}
        self._complaints: dict[int, str] = {}
        self._renew_at = 0.0
        self._threads = ThreadPoolExecutor(DATABASE_THREADS, thread_name_prefix="listener-db")

    async def run(self) -> None:
        inherited = False
        try:
            while not self._stopping.is_set():
                try:
                    if not inherited:
                        await self._run_db(live_reports.end_predecessor, self._name)
                        inherited = True
                    await self._look()
                except Exception:
                    # The database is away, most likely. Sessions go on; leases that run out stop them.
                    logger.exception("the listener could not look what to do; it tries again")
                await self._pause(settings.HI_LISTENER_POLL_SECONDS)
        finally:
            await self._end(*self._running)
            self._threads.shutdown(wait=False)

    def stop(self) -> None:
        self._stopping.set()

    async def _look(self) -> None:
        wanted: dict[int, Wanted] = await self._run_db(find_wanted)
        is_watched = bool(self._running) and await self._run_db(watching.is_watched)
        if time.monotonic() >= self._renew_at:
            self._renew_at = time.monotonic() + settings.HI_LEASE_SECONDS / 3
            await self._renew()
        over = []
        for instance_id, running in self._running.items():
            running.session.listener.is_watched = is_watched
            row = wanted.get(instance_id)
            if row is None or row.config_revision != running.config_revision or running.task.done():
                over.append(instance_id)
            elif running.needs_to_hear_of(row.structure_revision) and running.session.reload_structure():
                running.told_revision = row.structure_revision
        await self._end(*over)
        for instance_id, row in wanted.items():
            if instance_id not in self._running and not row.is_taken:
                await self._try_to_begin(row)

    async def _try_to_begin(self, row: Wanted) -> None:
        """One instance that cannot begin must not keep the others from it; told once, not at every look."""
        try:
            await self._begin(row)
            self._complaints.pop(row.instance_id, None)
        except exceptions.NotRunningError:
            return  # stopped since we looked
        except exceptions.SecretLostError:
            await self._run_db(trouble.stop_secret_lost, row.instance_id)
        except Exception as err:
            if self._complaints.get(row.instance_id) != repr(err):
                self._complaints[row.instance_id] = repr(err)
                logger.exception("integration %s cannot be listened to", row.instance_id)
                await self._run_db(live_reports.report_unheard, row.instance_id, f"The listener cannot begin: {err}")

    async def _begin(self, row: Wanted) -> None:
        listener, fallback = await self._run_db(build_sources, row.instance_id)
        if listener is None:
            return
        lease = await self._run_db(
            leases.acquire, row.instance_id, LeaseRole.LISTEN, self.holder, settings.HI_LEASE_SECONDS
        )
        if lease is None:
            return
        session = LiveSession(listener, lease, self._run_db, config_revision=row.config_revision, fallback=fallback)
        with trace.bind():  # one id for all that this session does and asks for
            task = asyncio.create_task(session.run(), name=f"live-{row.instance_id}")
        self._running[row.instance_id] = Running(session, task, lease, row.config_revision)

    async def _end(self, *instance_ids: int) -> None:
        """Of several all at once: a slow one holds up nobody."""
        ended = await asyncio.gather(*(self._end_one(pk) for pk in instance_ids), return_exceptions=True)
        for err in ended:
            if isinstance(err, Exception):
                logger.warning("a lease could not be given back; it runs out: %s", err)

    async def _end_one(self, instance_id: int) -> None:
        """Close the session's socket, then give the lease back: so a missing lease means a closed socket. What a poller
        asked last may still be answered, to nobody."""
        running = self._running.pop(instance_id)
        running.task.cancel()
        _done, late = await asyncio.wait([running.task], timeout=STOP_SECONDS / 2)
        if late:
            logger.warning("the session of integration %s does not end", instance_id)
        elif not running.task.cancelled() and (err := running.task.exception()):
            logger.error("the session of integration %s failed", instance_id, exc_info=err)
        await self._run_db(live_reports.let_go, running.lease)

    async def _renew(self) -> None:
        held = [running.lease for running in self._running.values()]
        if not held:
            return
        kept = await self._run_db(leases.renew, held, settings.HI_LEASE_SECONDS)
        lost = [lease.instance_id for lease in held if lease not in kept]
        for instance_id in lost:
            logger.warning("the lease on integration %s is lost; another listener may have it", instance_id)
        await self._end(*lost)

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return

    def _run_db(self, function: Callable[..., Any], *arguments: Any) -> Awaitable[Any]:
        def call() -> Any:
            close_old_connections()
            try:
                return function(*arguments)
            finally:
                close_old_connections()

        # In a copy of the context, as `asyncio.to_thread` does: what is logged and asked for there has the same id.
        return asyncio.get_running_loop().run_in_executor(self._threads, copy_context().run, call)


def find_wanted() -> dict[int, Wanted]:
    """Instances that run. One that is being activated counts from its first sync on: before that values have nowhere
    to go, and the connection test shall be the only one to try new credentials."""
    synced = Q(live_since__isnull=False) | Q(live_lost_at__isnull=False)
    taken = Lease.objects.filter(instance=OuterRef("pk"), role=LeaseRole.LISTEN)
    rows = IntegrationInstance.objects.filter(
        status.wanted(), ~Q(status=IntegrationStatus.ACTIVATING) | synced
    ).values_list("pk", "config_revision", "structure_revision", Exists(taken))
    return {row[0]: Wanted(*row) for row in rows}


def build_sources(instance_id: int) -> tuple[Listener | None, Listener | None]:
    """What keeps the instance live, and what stands in for that; None where it has none, or has gone meanwhile."""
    instance = IntegrationInstance.objects.filter(pk=instance_id).first()
    return get_integration_gateway(instance.integration_type).build_sources(instance) if instance else (None, None)


class ListenerStep(bootsteps.StartStopStep):
    """Runs the hub on a thread of the worker, from its start to its stop."""

    requires = {"celery.worker.components:Pool"}

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._hub: ListenerHub | None = None
        self._name = str(worker.hostname)
        self._turns = 0
        self._thread = threading.Thread(target=self._run, name="listener", daemon=True)

    def start(self, worker: Any) -> None:
        self._thread.start()
        threading.Thread(target=self._watch, name="listener-watch", daemon=True).start()

    def stop(self, worker: Any) -> None:
        loop, hub = self._loop, self._hub
        if loop is not None and hub is not None and loop.is_running():
            loop.call_soon_threadsafe(hub.stop)
        self._thread.join(STOP_SECONDS)

    terminate = stop

    def _run(self) -> None:
        try:
            asyncio.run(self._listen())
        except Exception:
            # A listener worker that does not listen is worse than none: end it, and let it be started again.
            logger.exception("the listener has crashed")
            worker_state.should_stop = os.EX_SOFTWARE

    async def _listen(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._hub = ListenerHub(self._name)
        turning = asyncio.create_task(self._turn())
        await self._hub.run()
        turning.cancel()

    async def _turn(self) -> None:
        while True:
            self._turns += 1
            await asyncio.sleep(LOOK_SECONDS / 5)

    def _watch(self) -> None:
        """End a worker whose loop stands still. It counts looks, not seconds: a frozen process thaws as it was."""
        looks, seen = 0, -1
        while looks < LOOKS:
            time.sleep(LOOK_SECONDS)
            looks, seen = (looks + 1 if self._turns == seen else 0), self._turns
        logger.critical("the listener's loop stands still; this worker ends")
        logging.shutdown()
        os._exit(os.EX_SOFTWARE)


def install(app: Celery) -> None:
    """Make every worker of this process a listener."""
    app.steps["worker"].add(ListenerStep)
