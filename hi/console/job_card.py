"""A job as people follow it: what, asked for by whom, how far, its steps, and how it ended."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hi.accounts.roles import Permission
from hi.console import times, words
from hi.integration import operations
from hi.integration.enums import BAD_JOB_STATUSES, OPEN_JOB_STATUSES, JobKind, JobStatus
from hi.integration.models import Job
from hi.integration.status import RUNNING_STATUSES

NUMBER_WORDS: dict[str, Any] = {
    "created": gettext_lazy("New"),
    "updated": gettext_lazy("Changed"),
    "removed": gettext_lazy("Gone"),
    "held": gettext_lazy("Held for you"),
    "synced": gettext_lazy("Mirrored"),
    "total": gettext_lazy("Read"),
}


@dataclass(frozen=True, slots=True)
class ShownStep:
    """`status`: ok, failed, running, waiting."""

    name: str
    status: str
    message: str = ""
    milliseconds: int | None = None


@dataclass(frozen=True, slots=True)
class JobCard:
    job: Job
    title: str
    by: str
    pill: words.Pill
    steps: tuple[ShownStep, ...]
    waited: str
    took: str
    attempts: str
    can_cancel: bool

    @property
    def is_open(self) -> bool:
        return self.job.status in OPEN_JOB_STATUSES

    @property
    def is_bad(self) -> bool:
        return self.job.status in BAD_JOB_STATUSES

    @property
    def needs_look(self) -> bool:
        return self.is_bad and self.job.acknowledged_at is None

    @property
    def numbers(self) -> list[tuple[str, object]]:
        """What it counted, in the order and the words of a run."""
        told = dict(self.job.result or {})
        known = [(str(word), told.pop(name)) for name, word in NUMBER_WORDS.items() if name in told]
        return known + [(name.replace("_", " ").capitalize(), number) for name, number in told.items()]

    @property
    def waits_until(self) -> datetime | None:
        """When it is tried again; None where nothing but a worker is waited for."""
        run_after = self.job.run_after
        is_later = self.job.status == JobStatus.QUEUED and run_after is not None and run_after > timezone.now()
        return run_after if is_later else None

    @property
    def tells_only_its_end(self) -> bool:
        """One line says all: on a page of its own it stands beside the outcome."""
        return self.succeeded and not self.steps

    @property
    def succeeded(self) -> bool:
        return self.job.status == JobStatus.SUCCEEDED


@dataclass(frozen=True, slots=True)
class Again:
    """The button that asks for a failed job once more."""

    word: str
    url: str
    permission: Permission
    action: str = ""


def offer_again(job: Job) -> Again | None:
    """None where it ended well, or can no longer be asked for."""
    instance = job.instance
    if instance is None or instance.is_draft or job.status not in BAD_JOB_STATUSES:
        return None
    page = reverse("console:integration", args=[instance.pk])
    offers = {
        JobKind.SYNC: Again(_("Sync again"), page, Permission.RUN, "sync_entities")
        if instance.status in RUNNING_STATUSES
        else None,
        JobKind.TEST_CONNECTION: Again(_("Test again"), page, Permission.RUN, "test_connection"),
        JobKind.ACTIVATE: Again(_("Try again"), reverse("console:activate", args=[instance.pk]), Permission.CONNECT)
        if instance.status not in RUNNING_STATUSES
        else None,
    }
    return offers.get(JobKind(job.kind))


def build_card(job: Job, user_id: int | None) -> JobCard:
    now = timezone.now()
    run = job.run(now)
    return JobCard(
        job=job,
        title=words.job_title(job),
        by=words.asked_by(job, user_id),
        pill=words.JOB_PILLS[job.status],
        steps=tuple(_steps(job)),
        waited=times.took(job.wait(now).total_seconds()) if job.started_at or job.ended_at else "",
        took=times.took(run.total_seconds()) if run is not None and job.ended_at else "",
        attempts=words.attempts(job),
        can_cancel=operations.can_cancel(job),
    )


def _steps(job: Job) -> list[ShownStep]:
    """Its steps as told, and what it does between them or instead of them."""
    told: list[dict[str, Any]] = job.steps or []
    steps = [
        ShownStep(
            str(step.get("name", "")),
            str(step.get("status", "")),
            # A step that runs has found nothing yet: the job says what it is at.
            _without_echo(job.message, step) if step.get("status") == "running" else str(step.get("message", "")),
            step.get("milliseconds"),
        )
        for step in told
    ]
    if job.status == JobStatus.QUEUED:
        steps.append(ShownStep(_("Waiting"), "waiting", job.message))
    elif job.status == JobStatus.RUNNING and not any(step.status == "running" for step in steps):
        steps.append(ShownStep(job.phase or _("Working"), "running", job.message if job.message != job.phase else ""))
    return steps


def _without_echo(message: str, step: dict[str, Any]) -> str:
    return "" if message == step.get("name") else message
