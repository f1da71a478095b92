"""What statuses, jobs and runs are called on the pages."""

from dataclasses import dataclass

from hi.console import times
from hi.integration.enums import BreakerState, IntegrationStatus, JobKind, JobStatus, JobTrigger, RunOutcome
from hi.integration.models import Job, SyncRun
from hi.integration.overview import InstanceOverview
from hi.integration.status import RUNNING_STATUSES


@dataclass(frozen=True, slots=True)
class Pill:
    """A status at a glance: an icon and a word, never colour alone. `tone`: ok, busy, warn, bad, idle."""

    tone: str
    icon: str
    word: str


ORDINALS = ("First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth")
NUMBER_WORDS = ("Nothing", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
_FIXED_PILLS: dict[str, Pill] = {
    IntegrationStatus.INACTIVE: Pill("idle", "off", "Off"),
    IntegrationStatus.PAUSED: Pill("idle", "pause", "Paused"),
    IntegrationStatus.ACTIVATING: Pill("busy", "ring", "Starting"),
    IntegrationStatus.DEACTIVATING: Pill("busy", "ring", "Stopping"),
    IntegrationStatus.AUTH_FAILED: Pill("bad", "cross", "Sign-in refused"),
    IntegrationStatus.FAILED: Pill("bad", "cross", "Failed"),
}
JOB_PILLS: dict[str, Pill] = {
    JobStatus.QUEUED: Pill("idle", "clock", "Waiting"),
    JobStatus.RUNNING: Pill("busy", "bolt", "Running"),
    JobStatus.SUCCEEDED: Pill("ok", "check", "Done"),
    JobStatus.FAILED: Pill("bad", "cross", "Failed"),
    JobStatus.CANCELLED: Pill("idle", "off", "Cancelled"),
    JobStatus.LOST: Pill("warn", "warn", "Lost"),
}
RUN_PILLS: dict[str, Pill] = {
    RunOutcome.APPLIED: Pill("ok", "check", "Done"),
    RunOutcome.HELD: Pill("warn", "warn", "Held for you"),
    RunOutcome.PARTIAL: Pill("warn", "warn", "Partial"),
    RunOutcome.FAILED: Pill("bad", "cross", "Failed"),
}
_TITLES: dict[str, str] = {
    JobKind.ACTIVATE: "Connect {}",
    JobKind.DEACTIVATE: "Deactivate {}",
    JobKind.TEST_CONNECTION: "Test the connection to {}",
    JobKind.SYNC: "Sync {}",
    JobKind.DELETE: "Delete {}",
}
_TRIGGERS: dict[str, str] = {
    JobTrigger.SCHEDULE: "the schedule",
    JobTrigger.SOURCE: "the source",
    JobTrigger.SYSTEM: "hi",
}


def number_word(number: int) -> str:
    return NUMBER_WORDS[number] if number < len(NUMBER_WORDS) else f"{number:,}"


def plural(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def status_pill(overview: InstanceOverview) -> Pill:
    instance = overview.instance
    if any(job.kind == JobKind.DELETE for job in overview.open_jobs):
        return Pill("busy", "ring", "Deleting")
    if not overview.info.installed:
        return Pill("idle", "warn", "Not installed")
    if instance.status in _FIXED_PILLS:
        return _FIXED_PILLS[instance.status]
    if is_reconnecting(overview):
        return Pill("warn", "ring", "Reconnecting")
    if instance.status == IntegrationStatus.DEGRADED:
        held_back = instance.breaker_state == BreakerState.OPEN
        return Pill("warn", "pause", "Syncs on hold") if held_back else Pill("warn", "warn", "Sync failing")
    if overview.is_live:
        return Pill("ok", "bolt", "Live")
    if overview.next_sync_at is not None:
        return Pill("ok", "check", f"Every {times.span(instance.sync_interval_seconds)}")
    return Pill("ok", "check", "On")


def is_reconnecting(overview: InstanceOverview) -> bool:
    """Whether a listener that was, or should be, live is not."""
    instance = overview.instance
    return instance.status in RUNNING_STATUSES and instance.live_since is None and instance.live_lost_at is not None


def counted(number: int, is_more: bool) -> str:
    """A count that may have been cut short: 12, 1,000+."""
    return f"{number:,}{'+' if is_more else ''}"


def job_kind(kind: JobKind) -> str:
    """Sync, Test connection."""
    return kind.replace("_", " ").capitalize()


def job_title(job: Job) -> str:
    return _TITLES.get(job.kind, "{}").format(job.subject or "an integration")


def asked_by(job: Job | None, user_id: int | None) -> str:
    """Who wanted it: you, somebody's name, the schedule."""
    if job is None:
        return ""
    if job.trigger != JobTrigger.USER:
        return _TRIGGERS.get(job.trigger, job.trigger)
    if job.requested_by_id is None:
        return "hi"
    if job.requested_by_id == user_id:
        return "you"
    return job.requested_by.get_username() if job.requested_by else "somebody"


def attempts(job: Job) -> str:
    """Why it took more than one: Second attempt: its worker died during the first."""
    if job.attempt < 2:
        return ""
    which = ORDINALS[job.attempt - 1] if job.attempt <= len(ORDINALS) else f"{job.attempt}th"
    why = []
    if job.losses:
        first = job.losses == 1 and job.attempt == 2
        why.append(f"its worker died {'during the first' if first else _times(job.losses)}")
    if job.tries:
        why.append(f"it failed {_times(job.tries)} and was tried again")
    return f"{which} attempt{': ' if why else ''}{'; '.join(why)}"


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def run_took(run: SyncRun) -> str:
    """The whole of the job where there is one: the run itself is only its last part."""
    begin = run.job.started_at if run.job and run.job.started_at else run.started_at
    return times.took((run.ended_at - begin).total_seconds())
