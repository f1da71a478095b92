"""What every Celery worker of hi does beside its tasks: it keeps its jobs fresh, and gives them back when it ends."""

import os
import threading
from typing import TYPE_CHECKING, Any

from celery import bootsteps

from hi.integration.enums import ProcessRole
from hi.settings import env

if TYPE_CHECKING:
    from hi.tasks.keeper import Keeper

# What Celery takes at most to say goodbye; threads that still wait for a server do not hold the process up.
GOODBYE_SECONDS = 2.5


class KeeperStep(bootsteps.StartStopStep):
    requires = {"celery.worker.components:Pool"}

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        self.keeper: Keeper | None = None

    def start(self, worker: Any) -> None:
        # Models can be imported only now that Celery has set Django up.
        from hi.tasks.keeper import Keeper

        role = ProcessRole(env.text("HI_ROLE", ProcessRole.WORKER))
        self.keeper = Keeper(role, worker.hostname, slots=worker.concurrency)
        self.keeper.start()

    def stop(self, worker: Any) -> None:
        """A warm end: the pool waits for what it works on, which must be kept fresh meanwhile."""

    def terminate(self, worker: Any) -> None:
        late = threading.Timer(GOODBYE_SECONDS, os._exit, [0])
        late.daemon = True
        late.start()
        if self.keeper is not None:
            self.keeper.give_back()
            self.keeper.stop()
