"""Beat: starts what schedules ask for, and sweeps. Several may run; one leads.

django-celery-beat's rows say what there is to start. An instance's sync is not sent as a message, which could get lost:
its job is inserted by the leader itself (`schedules.run_slot`), and sent like any other.
"""

import logging
import os
import socket
import threading
import time
from typing import Any, cast

from celery.schedules import schedstate
from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.utils import timezone
from django_celery_beat.schedulers import DatabaseScheduler, ModelEntry

from hi.integration import exceptions, leadership, schedules, sweep
from hi.integration.core.slots import slot_at
from hi.integration.enums import ProcessRole
from hi.tasks.keeper import Keeper

logger = logging.getLogger(__name__)
PART = "beat"
SWEEP_SECONDS = 4.0


class SlotEntry(ModelEntry):
    """A row whose times are slots: due whenever now is in another slot than the last run was.

    So a change of the clock, in whatever direction, makes it due at once instead of never; whether that slot has run
    already is for `run_slot` to say.
    """

    @property
    def instance_id(self) -> int:
        return int(self.args[0])

    @property
    def interval(self) -> int:
        return int(self.schedule.run_every.total_seconds())

    def is_due(self) -> schedstate:
        if self.task != schedules.TASK:
            return cast(schedstate, super().is_due())
        now = slot_at(timezone.now(), self.interval, self.instance_id)
        return schedstate(now != slot_at(self.last_run_at, self.interval, self.instance_id), 1.0)


class SlotScheduler(DatabaseScheduler):
    """Looks at every row once a second, while it leads."""

    Entry = SlotEntry

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        holder = f"{socket.gethostname()}:{os.getpid()}"
        self._candidate = leadership.Candidate(PART, holder, settings.HI_LEASE_SECONDS)
        self._leading: leadership.Leading | None = None
        self._unsent = threading.Event()
        super().__init__(*args, **kwargs)
        if not kwargs.get("lazy"):
            Keeper(ProcessRole.BEAT).start()
            threading.Thread(target=self._sweep_for_ever, name="sweep", daemon=True).start()

    def tick(self, *args: Any, **kwargs: Any) -> float:
        try:
            close_old_connections()
            self._follow(self._candidate.lead())
            if self._leading is not None:
                for entry in list(self.schedule.values()):
                    self._look_at(entry, self._leading)
        except (DatabaseError, InterfaceError) as err:
            logger.warning("beat waits for the database: %s", err)
            close_old_connections()
        except exceptions.LeaseLostError:
            self._follow(None)
        return float(self.max_interval)

    def close(self) -> None:
        try:
            self._candidate.resign()
        except (DatabaseError, InterfaceError) as err:
            logger.warning("beat could not resign, so the next one waits: %s", err)
        super().close()

    def _follow(self, leading: leadership.Leading | None) -> None:
        """Tell when it begins and ceases to lead."""
        if leading is not None and leading != self._leading:
            logger.info("this beat leads now, in epoch %s", leading.epoch)
            self._schedule = self.all_as_schedule()  # another one may have run what this one has not seen
        if leading is None and self._leading is not None:
            logger.warning("another beat leads now")
        self._leading = leading

    def _look_at(self, entry: SlotEntry, leading: leadership.Leading) -> None:
        is_due, _next = entry.is_due()
        if not is_due:
            return
        if entry.task != schedules.TASK:
            self.apply_entry(entry)
        elif schedules.run_slot(entry.instance_id, leading) is not None:
            self._unsent.set()
        # Written down only now: a slot that could not be run is looked at again.
        self._schedule[entry.name] = self.reserve(entry)
        self._do_sync()

    def schedule_changed(self) -> bool:
        """Also where another machine's clock, which is behind, wrote the change."""
        before = self._last_timestamp
        return bool(super().schedule_changed()) or before not in (None, self._last_timestamp)

    def _sweep_for_ever(self) -> None:
        """On a thread of its own, which also sends the jobs of slots: a broker that does not answer must not keep the
        next slot waiting."""
        sweeper = sweep.Sweeper()
        due_at = 0.0
        while True:
            is_news = self._unsent.wait(max(0.0, due_at - time.monotonic()))
            self._unsent.clear()
            leading = self._leading
            try:
                close_old_connections()
                if is_news:
                    sweep.send_slots()
                if time.monotonic() < due_at:
                    continue
                due_at = time.monotonic() + SWEEP_SECONDS
                if leading is not None:
                    sweeper.sweep(leading)
            except exceptions.LeaseLostError:
                logger.warning("another beat leads, and sweeps")
            except (DatabaseError, InterfaceError) as err:
                logger.warning("the sweep waits for the database: %s", err)
                close_old_connections()
            except Exception:
                logger.exception("the sweep stumbled; it goes on")  # or nothing would be swept any more
