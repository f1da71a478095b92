"""`hub watch`: a job as it goes, to its end. The commands that start one watch it in the same way."""

import json
import time
from argparse import ArgumentParser, Namespace
from collections import deque
from collections.abc import Callable, Iterator
from itertools import chain

from django.utils import timezone

from hi.api.schemas.jobs import JobOut
from hi.cli import alive, job_view
from hi.cli.interrupt import heard_between_looks
from hi.cli.job_view import is_open, read_job
from hi.cli.live_lines import LiveLines
from hi.cli.named import find_job
from hi.cli.refusal import DONE, FAILED, INTERRUPTED, RefusalError
from hi.cli.session import Session
from hi.console.job_card import build_card
from hi.integration.enums import JobKind, JobStatus, ProcessRole
from hi.integration.models import Job

LOOK_SECONDS = 0.15
LOOKS_FOR_LIFE = 30
ROLES = {JobKind.ACTIVATE: ProcessRole.WORKER, JobKind.SYNC: ProcessRole.WORKER}


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("job", metavar="JOB", help="the beginning of its id, as `hub list jobs` tells it")


def run(session: Session, options: Namespace) -> int:
    return watch(session, find_job(options.job), as_json=options.json)


def follow(session: Session, job: Job, options: Namespace) -> int:
    """What a command does that has started a job: watch it, unless nobody wants to wait."""
    if options.no_wait:
        if options.json:
            session.terminal.write(_as_json(job))
        else:
            session.terminal.write(f"{build_card(job, session.user.pk).title}: job {short_id(job)}")
            _warn_of_waiting(session, job)
        return DONE
    return watch(session, job, as_json=options.json)


def watch(session: Session, job: Job, *, as_json: bool = False) -> int:
    """To its end. Whoever stops looking leaves it at work."""
    job = read_job(job.pk)
    try:
        if is_open(job) and _warn_of_waiting(session, job):
            return FAILED
        job = _wait(session, job, is_silent=as_json)
    except KeyboardInterrupt:
        session.terminal.tell("")
        session.terminal.tell(f"hi goes on with it. To look again: python manage.py hub watch {short_id(job)}")
        return INTERRUPTED
    if as_json:
        session.terminal.write(_as_json(job))
    return DONE if job.status == JobStatus.SUCCEEDED else FAILED


def short_id(job: Job) -> str:
    """Enough of it to tell it from others."""
    return job.pk.hex[:8]


def _warn_of_waiting(session: Session, job: Job) -> bool:
    missing = _find_missing(job)
    if missing:
        session.terminal.warn(f"{missing}: job {short_id(job)} waits until it does.", alive.START)
    return bool(missing)


def _find_missing(job: Job) -> str:
    return alive.find_missing(ROLES.get(JobKind(job.kind), ProcessRole.CONTROL))


def _wait(session: Session, job: Job, *, is_silent: bool) -> Job:
    """Returns it as it has ended. Raises KeyboardInterrupt if somebody stops looking."""
    with heard_between_looks() as check:
        looks = _follow(job, check)
        if is_silent:
            return deque(looks, maxlen=1)[0]
        return _wait_live(session, looks) if session.terminal.lives else _wait_in_lines(session, looks)


def _follow(job: Job, check: Callable[[], None]) -> Iterator[Job]:
    """The job as it is at each look, at last as it has ended. Raises RefusalError once nobody is there to end it."""
    looks = 0
    while True:
        yield job
        if not is_open(job):
            return
        time.sleep(LOOK_SECONDS)
        check()
        job, looks = read_job(job.pk), looks + 1
        if looks % LOOKS_FOR_LIFE == 0 and is_open(job) and (missing := _find_missing(job)):
            raise RefusalError(f"{missing}: job {short_id(job)} waits until it does.", hint=alive.START, code=FAILED)


def _wait_live(session: Session, looks: Iterator[Job]) -> Job:
    first = last = next(looks)
    with LiveLines(session.terminal) as lines:
        for beat, last in enumerate(chain([first], looks)):
            lines.show(job_view.build_view(last, session.user.pk, session.terminal, timezone.now(), beat))
    return last


def _wait_in_lines(session: Session, looks: Iterator[Job]) -> Job:
    """Each step once it has ended: what was written stays."""
    terminal, attempt, told = session.terminal, 0, 0
    first = last = next(looks)
    terminal.write(job_view.say_title(build_card(first, session.user.pk), terminal, timezone.now()))
    for last in chain([first], looks):
        card = build_card(last, session.user.pk)
        if last.attempt != attempt:  # it begins anew
            attempt, told = last.attempt, 0
        ended = [step for step in card.steps if step.status in ("ok", "failed")]
        for step in ended[told:]:
            terminal.write(job_view.say_step(step, terminal))
        told = max(told, len(ended))
    terminal.write_lines(job_view.say_end(build_card(last, session.user.pk), terminal))
    return last


def _as_json(job: Job) -> str:
    return json.dumps(JobOut.build(job).model_dump(mode="json"), indent=2)
