"""Lines and servers that fail: what people are told, and how long it takes until they are."""

import logging
import re
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from hi.integration import quiet
from hi.integration.discovery import find_integrations
from hi.integration.enums import JobStatus
from hi.integration.models import IntegrationInstance
from hi.testing.conformance.suite import needs
from hi.testing.conformance.world import World, is_live, rows_of, state_at, wait_until
from hi.testing.faults import SIGN_IN_PAGE
from hi.testing.line import Line

Fault = Callable[[Line], None]
MAX_TOLD = 400
MAX_SECONDS = 10.0
ATTEMPTS = 3
RETRY_AFTER = 30
# What no person should read: the words of libraries, of Python, of pages.
RAW = re.compile(r"Traceback|Errno|Exception|Error\(|urllib|Pool|HTTP/1|0x[0-9a-f]{6}|<[a-z!]|\n", re.IGNORECASE)


def status(number: int) -> Fault:
    def answer(line: Line) -> None:
        line.answer(number, body=SIGN_IN_PAGE)

    answer.__name__ = str(number)
    return answer


STATUSES = [status(number) for number in (401, 403, 404, 429, 500, 503)]
FAULTS = [
    *(Line.refuse, Line.stall, Line.drip, Line.html, Line.empty, Line.truncate, Line.garbage, Line.huge),
    *STATUSES,
]
PASSING = [Line.cut, Line.refuse, Line.html, Line.garbage, status(500)]


class Faults:
    @pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
    def test_a_connection_that_fails_says_in_time_what_is_wrong_and_what_to_do(
        self, world: World, fault: Fault
    ) -> None:
        draft = world.draft()
        fault(world.line)
        begin = time.monotonic()
        job = world.test(draft)
        assert time.monotonic() - begin < MAX_SECONDS
        assert job.status == JobStatus.FAILED
        check_told(job.message)
        check_told(job.hint)

    def test_a_failed_sync_removes_nothing_and_says_why(self, world: World) -> None:
        instance = world.connect()
        rows = rows_of(instance)
        world.line.html()
        job = world.sync(instance)
        assert job.status != JobStatus.SUCCEEDED
        check_told(job.message)
        assert rows_of(instance) == rows

    def test_whatever_breaks_the_line_it_comes_back_by_itself(self, world: World) -> None:
        instance = world.connect()
        with world.listening(instance):
            for fault in PASSING:
                connections = world.line.connections
                fault(world.line)
                if fault is not Line.cut:
                    wait_until(lambda: not is_live(instance), f"{fault.__name__} is noticed")
                    check_told(wait_until(lambda: live_error(instance), "the page says why"))
                world.line.heal()
                wait_until(lambda: world.line.connections > connections and is_live(instance), "it is live again")  # noqa: B023 - called at once
            world.run_waiting()

    @needs("change_value")
    def test_what_changed_while_it_was_cut_off_is_there_afterwards(self, world: World) -> None:
        instance = world.connect()
        with world.listening(instance):
            world.line.refuse()
            wait_until(lambda: not is_live(instance), "the gap is noticed")
            change = world.far_end.change_value()
            world.line.heal()
            wait_until(lambda: is_live(instance), "it is live again")
            wait_until(lambda: state_at(instance, change.address).value == change.value, "what was missed is here")

    def test_going_away_is_logged_once_and_so_is_coming_back(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        instance = world.connect()
        with world.listening(instance), caplog.at_level(logging.INFO, "hi"):
            caplog.clear()
            world.line.answer(500)
            wait_until(lambda: world.line.answered >= ATTEMPTS and not is_live(instance), "it is tried again")
            losses = told_of_losses(world, caplog)
            assert len(losses) == 1, losses
            world.line.heal()
            wait_until(lambda: is_live(instance), "it is live again")
            assert told_of_losses(world, caplog) == losses
        assert [record.getMessage().endswith(" is live") for record in caplog.records].count(True) == 1

    def test_a_sync_is_not_repeated_before_the_system_wants_it(self, world: World) -> None:
        instance = world.connect()
        world.line.answer(429, headers={"Retry-After": str(RETRY_AFTER)})
        begin = timezone.now()
        job = world.sync(instance)
        assert job.status == JobStatus.QUEUED, "it is tried again later"
        assert job.run_after is not None
        assert job.run_after >= begin + timedelta(seconds=RETRY_AFTER)
        assert world.line.answered == 1
        check_told(job.message)
        instance.refresh_from_db()
        assert quiet.left_alone_until(instance), "whatever hi does by itself"

    def test_nor_does_a_listener_come_again_before_nor_a_schedule(self, world: World) -> None:
        instance = world.connect()
        with world.listening(instance):
            world.line.answer(429, headers={"Retry-After": str(RETRY_AFTER)})
            wait_until(lambda: world.line.answered, "it is asked to wait")
            time.sleep(1.5)  # it would have come twice by then
            assert world.line.answered == 1
        instance.refresh_from_db()
        assert quiet.left_alone_until(instance)


def live_error(instance: IntegrationInstance) -> str:
    instance.refresh_from_db()
    return instance.live_error


def told_of_losses(world: World, caplog: pytest.LogCaptureFixture) -> list[str]:
    """By the session and by the integration itself; of other trouble on a busy machine others may tell."""
    own = ("hi.integration.live", find_integrations()[world.integration_type].package)
    records = [record for record in caplog.records if record.name.startswith(own)]
    return [record.getMessage() for record in records if record.levelno >= logging.WARNING]


def check_told(text: str) -> None:
    """A sentence for people."""
    assert text
    assert len(text) <= MAX_TOLD, text
    assert text.rstrip()[-1] in ".?!", text
    assert not RAW.search(text), text
