"""The list of jobs as lines: what repeats by itself is told once."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hi.console import times, words
from hi.integration.enums import BAD_JOB_STATUSES, OPEN_JOB_STATUSES, JobStatus, JobTrigger
from hi.integration.models import Job

UNATTENDED = (JobTrigger.SCHEDULE, JobTrigger.SOURCE)
_ALL: dict[str, str | Promise] = {
    JobStatus.SUCCEEDED: gettext_lazy("all done"),
    JobStatus.FAILED: gettext_lazy("all failed"),
    JobStatus.LOST: gettext_lazy("all lost"),
    JobStatus.CANCELLED: gettext_lazy("all cancelled"),
}


@dataclass(slots=True)
class JobLine:
    """One job, or several of one kind and integration in a row that nobody asked for and that ended alike."""

    members: list[Job] = field(default_factory=list)

    @property
    def job(self) -> Job:
        return self.members[0]

    @property
    def repeats(self) -> int:
        return len(self.members) if len(self.members) > 1 else 0

    @property
    def since(self) -> datetime:
        return self.members[-1].created_at

    @property
    def all_told(self) -> str:
        return str(_ALL.get(self.job.status, ""))

    @property
    def title(self) -> str:
        return words.job_title(self.job)

    @property
    def pill(self) -> words.Pill:
        return words.JOB_PILLS[self.job.status]

    @property
    def is_open(self) -> bool:
        return self.job.status in OPEN_JOB_STATUSES

    @property
    def unseen(self) -> list[Job]:
        """Those that went wrong and that nobody has marked as seen."""
        return [job for job in self.members if job.status in BAD_JOB_STATUSES and job.acknowledged_at is None]

    @property
    def took(self) -> str:
        job = self.job
        return times.took((job.ended_at - job.started_at).total_seconds()) if job.started_at and job.ended_at else ""

    def asked_by(self, user_id: int | None) -> str:
        return _(" and ").join(dict.fromkeys(words.asked_by(job, user_id) for job in self.members))


def fold(jobs: Iterable[Job], *, each: bool = False) -> list[JobLine]:
    """The lines of jobs in the order of the list; with `each` every job has its own."""
    lines: list[JobLine] = []
    current: dict[Hashable, JobLine] = {}
    for job in jobs:
        line = current.get(_stream(job))
        if each or line is None or not _repeats(job, line.job):
            line = current[_stream(job)] = JobLine()
            lines.append(line)
        line.members.append(job)
    return lines


def cut(jobs: Sequence[Job], most: int, *, each: bool = False) -> Sequence[Job]:
    """As many of the jobs, in either order, as make at most so many lines."""
    if each:
        return jobs[:most]
    last: dict[Hashable, Job] = {}
    lines = 0
    for number, job in enumerate(jobs):
        before = last.get(_stream(job))
        lines += before is None or not _repeats(job, before)
        if lines > most:
            return jobs[:number]
        last[_stream(job)] = job
    return jobs


def _stream(job: Job) -> Hashable:
    """Repeats of one integration are in a row even where others come between them."""
    return job.kind, job.instance_id or job.subject


def _repeats(job: Job, other: Job) -> bool:
    return (
        job.status == other.status
        and job.status not in OPEN_JOB_STATUSES
        and job.trigger in UNATTENDED
        and other.trigger in UNATTENDED
    )
