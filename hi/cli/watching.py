"""`hub watch`: a job as it goes, to its end. The commands that start one watch it in the same way."""

import json
import time
from argparse import ArgumentParser, Namespace

from django.utils import timezone

from hi.api.schemas.jobs import JobOut
from hi.cli import alive, job_view
from hi.cli.job_view import is_open, read_job
from hi.cli.live_lines import LiveLines
from hi.cli.named import find_job
from hi.cli.refusal import DONE, FAILED, INTERRUPTED
from hi.cli.session import Session
from hi.console.job_card import build_card
from hi.integration.enums import JobKind, JobStatus, ProcessRole
from hi.integration.models import Job

LOOK_SECONDS = 0.15
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
    missing = alive.find_missing(ROLES.get(JobKind(job.kind), ProcessRole.CONTROL))
    if missing:
        session.terminal.warn(f"{missing}: job {short_id(job)} waits until it does.", alive.START)
    return bool(missing)


def _wait(session: Session, job: Job, *, is_silent: bool) -> Job:
    if is_silent:
        while is_open(job):
            time.sleep(LOOK_SECONDS)
            job = read_job(job.pk)
        return job
    return _wait_live(session, job) if session.terminal.lives else _wait_in_lines(session, job)


def _wait_live(session: Session, job: Job) -> Job:
    beat = 0
    with LiveLines(session.terminal) as lines:
        while True:
            lines.show(job_view.build_view(job, session.user.pk, session.terminal, timezone.now(), beat))
            if not is_open(job):
                return job
            time.sleep(LOOK_SECONDS)
            beat += 1
            job = read_job(job.pk)


def _wait_in_lines(session: Session, job: Job) -> Job:
    """Each step once it has ended: what was written stays."""
    terminal, attempt, told = session.terminal, 0, 0
    terminal.write(job_view.say_title(build_card(job, session.user.pk), terminal, timezone.now()))
    while True:
        card = build_card(job, session.user.pk)
        if job.attempt != attempt:  # it begins anew
            attempt, told = job.attempt, 0
        ended = [step for step in card.steps if step.status in ("ok", "failed")]
        for step in ended[told:]:
            terminal.write(job_view.say_step(step, terminal))
        told = max(told, len(ended))
        if not is_open(job):
            terminal.write_lines(job_view.say_end(card, terminal))
            return job
        time.sleep(LOOK_SECONDS)
        job = read_job(job.pk)


def _as_json(job: Job) -> str:
    return json.dumps(JobOut.build(job).model_dump(mode="json"), indent=2)
