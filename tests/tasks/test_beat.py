"""Beat looks at its rows every second, and does each thing once when it is due."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from hi.celery import app
from hi.integration import schedules
from hi.integration.models import Job
from hi.tasks.beat import SlotScheduler
from tests.integration.home import make_instance

pytestmark = pytest.mark.database(transaction=True)
INTERVAL = 10


class Counting(SlotScheduler):
    """Notes what it would send, and how often it asks for slots."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        super().__init__(app=app, lazy=True)
        self.setup_schedule()

    def apply_async(self, entry: Any, *args: Any, **kwargs: Any) -> None:
        self.sent.append(entry.task)


def test_what_is_due_is_done_once_and_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        instance = make_instance(sync_interval_seconds=INTERVAL)
        schedules.schedule(instance)
        beat = Counting()
        looks: list[int] = []
        run_slot = schedules.run_slot
        monkeypatch.setattr(schedules, "run_slot", lambda pk, leading: looks.append(pk) or run_slot(pk, leading))
        for _second in range(2 * INTERVAL + 1):
            beat.tick()
            clock.shift(1)
        assert Job.objects.get().slots == 2  # the second joined the first, which nobody has begun
        assert len(looks) == 2
        assert beat.sent == []
        assert PeriodicTask.objects.get(task=schedules.TASK).total_run_count == 2


def test_a_task_that_is_no_slot_is_sent_once_when_it_is_due() -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        beat = Counting()
        clock.shift(timedelta(hours=1, seconds=1))
        for _second in range(20):
            beat.tick()
            clock.shift(1)
        assert beat.sent == ["hi.tasks.maintenance.keep_house"]
        assert PeriodicTask.objects.get(task="hi.tasks.maintenance.keep_house").total_run_count == 1
        assert IntervalSchedule.objects.exists()
