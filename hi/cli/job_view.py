"""A job on the terminal: its steps and how far it is, as on its page."""

from datetime import datetime
from uuid import UUID

from hi.cli.terminal import MARKS, Terminal, cut, fill, plain, width_of, wrap
from hi.console import times
from hi.console.job_card import JobCard, ShownStep, build_card
from hi.integration.enums import OPEN_JOB_STATUSES, JobStatus
from hi.integration.models import Job

STEP_TONES = {"ok": "ok", "failed": "bad", "running": "busy", "waiting": "idle"}
NAME_WIDTH = 16
BAR_WIDTH = 40
SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


def read_job(job_id: UUID) -> Job:
    return Job.objects.select_related("requested_by", "instance").get(pk=job_id)


def build_view(job: Job, user_id: int, terminal: Terminal, now: datetime, beat: int = 0) -> list[str]:
    """All of it. `beat` counts the looks at a job that is at work."""
    card = build_card(job, user_id)
    lines = [say_title(card, terminal, now), *say_steps(card, terminal)]
    return lines + ([say_progress(card, terminal, beat)] if card.is_open else say_end(card, terminal))


def say_title(card: JobCard, terminal: Terminal, now: datetime) -> str:
    asked = f"asked for by {plain(card.by)}, {times.ago(card.job.created_at, now)}"
    title = cut(plain(card.title), terminal.columns)
    if width_of(title) + 3 + len(asked) > terminal.columns:
        return terminal.style(title, "strong")
    return f"{terminal.style(title, 'strong')}   {terminal.style(asked, 'muted')}"


def say_steps(card: JobCard, terminal: Terminal) -> list[str]:
    names = max((width_of(plain(step.name)) for step in card.steps), default=0)
    return [say_step(step, terminal, min(names, NAME_WIDTH)) for step in card.steps]


def say_step(step: ShownStep, terminal: Terminal, names: int = NAME_WIDTH) -> str:
    took = times.took(step.milliseconds / 1000) if step.milliseconds is not None else ""
    name = fill(cut(plain(step.name), names), names)
    room = terminal.columns - names - 6 - (len(took) + 2 if took else 0)
    told = plain(step.message) if terminal.width is None else cut(plain(step.message), max(0, room))
    line = f"  {terminal.mark(STEP_TONES.get(step.status, 'idle'))} {name}  {told}".rstrip()
    if not took:
        return line
    space = " " * max(2, terminal.columns - names - 6 - width_of(told) - len(took)) if terminal.width else "  "
    return f"{line if told else line + '  '}{space}{terminal.style(took, 'muted')}"


def say_progress(card: JobCard, terminal: Terminal, beat: int) -> str:
    job = card.job
    if job.status == JobStatus.QUEUED:
        return terminal.style(f"  {SPINNER[beat % len(SPINNER)]} waiting for a worker", "muted")
    width = max(10, min(BAR_WIDTH, terminal.columns - 30))
    if not job.total:
        return f"  {terminal.style(SPINNER[beat % len(SPINNER)], 'busy')} {terminal.style('at work', 'muted')}"
    share = min(1.0, job.done / job.total)
    full = round(width * share)
    bar = terminal.style("━" * full, "busy") + terminal.style("─" * (width - full), "muted")
    return f"  {bar} {share:4.0%}  {job.done:,} of {job.total:,}"


def say_end(card: JobCard, terminal: Terminal) -> list[str]:
    """How it ended, why, and what to do; then what it counted."""
    mark = {"ok": "ok", "bad": "bad", "warn": "warn"}.get(card.pill.tone, "idle")
    took = f" in {card.took}" if card.took and card.succeeded else ""
    head = f"{MARKS[mark]} {card.pill.word}{took}"
    told = plain(card.job.message)
    lines = [f"{head}: {told}" if told else head]
    if terminal.width is not None:
        first, *others = wrap(lines[0], terminal.columns - 2)
        lines = [first, *(f"  {line}" for line in others)]
    lines[0] = lines[0].replace(head, terminal.style(head, mark), 1)
    if card.is_bad and card.job.hint:
        lines += [f"  {line}" for line in wrap(plain(card.job.hint), terminal.columns - 4)]
    numbers = ", ".join(f"{plain(name).lower()} {number}" for name, number in card.numbers if number)
    if numbers:
        lines += [terminal.style(f"  {line}", "muted") for line in wrap(numbers, terminal.columns - 4)]
    return [f"  {line}" for line in lines]


def is_open(job: Job) -> bool:
    return job.status in OPEN_JOB_STATUSES
