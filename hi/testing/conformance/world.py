"""One far end behind a line, and the hub that mirrors it: what people, workers and the listener do, in this process."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from django.db import connections

from hi.accounts.models import User
from hi.accounts.roles import Role
from hi.entity.models import Entity, EntityState
from hi.integration import operations
from hi.integration.enums import IntegrationStatus, ItemKind, JobKind, JobStatus
from hi.integration.models import IntegrationInstance, IntegrationLink, Job
from hi.tasks import lifecycle, sync
from hi.tasks.listening import ListenerHub
from hi.testing.conformance.far_end import FarEnd
from hi.testing.line import Line

WAIT_SECONDS = 15.0
LABEL = "Far end"
TASKS = {
    JobKind.ACTIVATE: lifecycle.activate_integration,
    JobKind.DEACTIVATE: lifecycle.deactivate_integration,
    JobKind.TEST_CONNECTION: lifecycle.test_connection,
    JobKind.DELETE: lifecycle.delete_integration,
    JobKind.SYNC: sync.sync_entities,
}
Found = TypeVar("Found")


@dataclass
class World:
    """`left_behind`: what a listener that was stopped did not end."""

    integration_type: str
    far_end: FarEnd
    line: Line
    left_behind: list[str] = field(default_factory=list)

    def given(self, **changes: str) -> dict[str, str]:
        """What a person enters."""
        return {**self.far_end.settings(self.line.url), **changes}

    def draft(self, **changes: str) -> IntegrationInstance:
        return operations.create_draft(self.integration_type, LABEL, self.given(**changes))

    def connect(self) -> IntegrationInstance:
        """Activated, with its first sync."""
        instance = self.draft()
        job = self.run(operations.activate(instance))
        assert job.status == JobStatus.SUCCEEDED, f"{job.message} {job.hint}\n{job.error}"
        instance.refresh_from_db()
        return instance

    def run(self, job: Job) -> Job:
        """As a worker does, at once."""
        TASKS[JobKind(job.kind)](str(job.pk), job.attempt)
        job.refresh_from_db()
        return job

    def run_waiting(self) -> None:
        for job in Job.objects.filter(status=JobStatus.QUEUED).order_by("created_at"):
            self.run(job)

    def sync(self, instance: IntegrationInstance) -> Job:
        """As a person asks for it, who wants it tried again."""
        return self.run(operations.sync_now(instance, get_anna()))

    def test(self, instance: IntegrationInstance) -> Job:
        return self.run(operations.test_connection(instance, None))

    @contextmanager
    def listening(self, instance: IntegrationInstance) -> Iterator[ListenerHub]:
        """With a listener, from the moment at which the instance is live."""
        with listening(self.left_behind) as hub:
            wait_until(lambda: is_live(instance), "it is live")
            yield hub


@contextmanager
def listening(left_behind: list[str] | None = None) -> Iterator[ListenerHub]:
    """A hub on a thread of its own, as in the worker. Tasks that it leaves on its loop are named in `left_behind`."""
    started = threading.Event()
    found: list[tuple[ListenerHub, asyncio.AbstractEventLoop]] = []

    async def run() -> None:
        hub = ListenerHub("listener@here")
        found.append((hub, asyncio.get_running_loop()))
        started.set()
        await hub.run()
        if left_behind is not None:
            left_behind.extend(repr(task) for task in asyncio.all_tasks() - {asyncio.current_task()})

    thread = threading.Thread(target=asyncio.run, args=[run()], name="listener under test")
    thread.start()
    started.wait(WAIT_SECONDS)
    hub, loop = found[0]
    try:
        yield hub
    finally:
        loop.call_soon_threadsafe(hub.stop)
        thread.join(WAIT_SECONDS)
        connections.close_all()


def wait_until(look: Callable[[], Found], what: str, seconds: float = WAIT_SECONDS) -> Found:
    ends_at = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > ends_at:
            raise AssertionError(f"waited {seconds:g} s until {what}")
        time.sleep(0.02)
    return found


def is_live(instance: IntegrationInstance) -> bool:
    instance.refresh_from_db()
    return instance.live_since is not None and instance.status == IntegrationStatus.ACTIVE


def get_anna() -> User:
    anna, _is_new = User.objects.get_or_create(username="anna", defaults={"role": Role.ADMIN})
    return anna


def rows_of(instance: IntegrationInstance) -> dict[str, int]:
    """What is mirrored: the name that each thing has at its source, and its row."""
    links = IntegrationLink.objects.filter(instance=instance, kind=ItemKind.ENTITY, removed_at=None)
    return dict(Entity.objects.filter(pk__in=links.values("entity")).values_list("source_name", "pk"))


def state_at(instance: IntegrationInstance, address: str) -> EntityState:
    return EntityState.objects.get(links__instance=instance, links__address=address, links__removed_at=None)
