"""What statuses, jobs and runs are called on the pages."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy, pgettext_lazy

from hi.console import times
from hi.integration.enums import BreakerState, IntegrationStatus, JobKind, JobStatus, JobTrigger, RunOutcome
from hi.integration.models import Job, SyncRun
from hi.integration.overview import InstanceOverview
from hi.integration.quality.rules import Tier
from hi.integration.status import RUNNING_STATUSES


@dataclass(frozen=True, slots=True)
class Pill:
    """A status at a glance: an icon and a word, never colour alone. `tone`: ok, busy, warn, bad, idle."""

    tone: str
    icon: str
    word: str | Promise


ATTEMPTS: tuple[str | Promise, ...] = (
    gettext_lazy("First attempt"),
    gettext_lazy("Second attempt"),
    gettext_lazy("Third attempt"),
    gettext_lazy("Fourth attempt"),
    gettext_lazy("Fifth attempt"),
    gettext_lazy("Sixth attempt"),
    gettext_lazy("Seventh attempt"),
    gettext_lazy("Eighth attempt"),
    gettext_lazy("Ninth attempt"),
)
NUMBER_WORDS: tuple[str | Promise, ...] = (
    gettext_lazy("Nothing"),
    gettext_lazy("One"),
    gettext_lazy("Two"),
    gettext_lazy("Three"),
    gettext_lazy("Four"),
    gettext_lazy("Five"),
    gettext_lazy("Six"),
    gettext_lazy("Seven"),
    gettext_lazy("Eight"),
    gettext_lazy("Nine"),
)
# What is counted on the pages, with its plural forms: `count` chooses one, `n` is the number as it is written.
COUNTED = {
    "thing": ngettext_lazy("%(n)s thing", "%(n)s things", "count"),
    "state": ngettext_lazy("%(n)s state", "%(n)s states", "count"),
    "place": ngettext_lazy("%(n)s place", "%(n)s places", "count"),
    "name": ngettext_lazy("%(n)s name", "%(n)s names", "count"),
    "system": ngettext_lazy("%(n)s system", "%(n)s systems", "count"),
    "time": ngettext_lazy("%(n)s time", "%(n)s times", "count"),
}
_FIXED_PILLS: dict[str, Pill] = {
    IntegrationStatus.INACTIVE: Pill("idle", "off", gettext_lazy("Off")),
    IntegrationStatus.PAUSED: Pill("idle", "pause", gettext_lazy("Paused")),
    IntegrationStatus.ACTIVATING: Pill("busy", "ring", gettext_lazy("Starting")),
    IntegrationStatus.DEACTIVATING: Pill("busy", "ring", gettext_lazy("Stopping")),
    IntegrationStatus.AUTH_FAILED: Pill("bad", "cross", gettext_lazy("Sign-in refused")),
    IntegrationStatus.FAILED: Pill("bad", "cross", gettext_lazy("Failed")),
}
QUALITY_PILLS: dict[str, Pill] = {
    Tier.BRONZE: Pill("idle", "shield", gettext_lazy("Quality: bronze")),
    Tier.SILVER: Pill("idle", "shield", gettext_lazy("Quality: silver")),
    Tier.GOLD: Pill("idle", "shield", gettext_lazy("Quality: gold")),
    Tier.PLATINUM: Pill("idle", "shield", gettext_lazy("Quality: platinum")),
}
QUALITY_MEANS = gettext_lazy(
    "Bronze, silver, gold and platinum tell which of the published rules an integration meets, each shown by a test."
)
UNVERIFIED_PILL = Pill("warn", "warn", gettext_lazy("Certificate not checked"))
JOB_PILLS: dict[str, Pill] = {
    JobStatus.QUEUED: Pill("idle", "clock", gettext_lazy("Waiting")),
    JobStatus.RUNNING: Pill("busy", "bolt", gettext_lazy("Running")),
    JobStatus.SUCCEEDED: Pill("ok", "check", gettext_lazy("Done")),
    JobStatus.FAILED: Pill("bad", "cross", gettext_lazy("Failed")),
    JobStatus.CANCELLED: Pill("idle", "off", gettext_lazy("Cancelled")),
    JobStatus.LOST: Pill("warn", "warn", gettext_lazy("Lost")),
}
RUN_PILLS: dict[str, Pill] = {
    RunOutcome.APPLIED: Pill("ok", "check", gettext_lazy("Done")),
    RunOutcome.HELD: Pill("warn", "warn", gettext_lazy("Held for you")),
    RunOutcome.PARTIAL: Pill("warn", "warn", gettext_lazy("Partial")),
    RunOutcome.FAILED: Pill("bad", "cross", gettext_lazy("Failed")),
}
_TITLES: dict[str, str | Promise] = {
    JobKind.ACTIVATE: gettext_lazy("Connect %(name)s"),
    JobKind.DEACTIVATE: gettext_lazy("Deactivate %(name)s"),
    JobKind.TEST_CONNECTION: gettext_lazy("Test the connection to %(name)s"),
    JobKind.SYNC: gettext_lazy("Sync %(name)s"),
    JobKind.DELETE: gettext_lazy("Delete %(name)s"),
}
JOB_KINDS: dict[str, str | Promise] = {
    JobKind.ACTIVATE: pgettext_lazy("kind of job", "Activate"),
    JobKind.DEACTIVATE: pgettext_lazy("kind of job", "Deactivate"),
    JobKind.TEST_CONNECTION: pgettext_lazy("kind of job", "Test connection"),
    JobKind.SYNC: pgettext_lazy("kind of job", "Sync"),
    JobKind.DELETE: pgettext_lazy("kind of job", "Delete"),
}
_TRIGGERS: dict[str, str | Promise] = {
    JobTrigger.SCHEDULE: gettext_lazy("the schedule"),
    JobTrigger.SOURCE: gettext_lazy("the source"),
    JobTrigger.SYSTEM: gettext_lazy("hi"),
}


def number_word(number: int) -> str:
    return str(NUMBER_WORDS[number]) if number < len(NUMBER_WORDS) else f"{number:,}"


def plural(number: int, noun: str) -> str:
    """1,284 things: of a noun in COUNTED."""
    return COUNTED[noun] % {"count": number, "n": f"{number:,}"}


def status_pill(overview: InstanceOverview) -> Pill:
    instance = overview.instance
    if any(job.kind == JobKind.DELETE for job in overview.open_jobs):
        return Pill("busy", "ring", _("Deleting"))
    if not overview.info.installed:
        return Pill("idle", "warn", _("Not installed"))
    if instance.status in _FIXED_PILLS:
        return _FIXED_PILLS[instance.status]
    if is_reconnecting(overview):
        return Pill("warn", "ring", _("Reconnecting"))
    if instance.status == IntegrationStatus.DEGRADED:
        held_back = instance.breaker_state == BreakerState.OPEN
        return Pill("warn", "pause", _("Syncs on hold")) if held_back else Pill("warn", "warn", _("Sync failing"))
    if overview.is_live:
        return Pill("ok", "bolt", _("Live"))
    if overview.next_sync_at is not None:
        return Pill("ok", "check", _("Every %(span)s") % {"span": times.span(instance.sync_interval_seconds)})
    return Pill("ok", "check", _("On"))


def is_reconnecting(overview: InstanceOverview) -> bool:
    """Whether a listener that was, or should be, live is not."""
    instance = overview.instance
    return instance.status in RUNNING_STATUSES and instance.live_since is None and instance.live_lost_at is not None


def counted(number: int, is_more: bool) -> str:
    """A count that may have been cut short: 12, 1,000+."""
    return f"{number:,}{'+' if is_more else ''}"


def job_title(job: Job) -> str:
    return str(_TITLES.get(job.kind, "%(name)s")) % {"name": job.subject or _("an integration")}


def asked_by(job: Job | None, user_id: int | None) -> str:
    """Who wanted it: you, somebody's name, the schedule."""
    if job is None:
        return ""
    if job.trigger != JobTrigger.USER:
        return str(_TRIGGERS.get(job.trigger, job.trigger))
    if job.requested_by_id is None:
        return _("hi")
    if job.requested_by_id == user_id:
        return _("you")
    return job.requested_by.get_username() if job.requested_by else _("somebody")


def attempts(job: Job) -> str:
    """Why it took more than one: Second attempt: its worker died during the first."""
    if job.attempt < 2:
        return ""
    known = job.attempt <= len(ATTEMPTS)
    which = str(ATTEMPTS[job.attempt - 1]) if known else _("%(n)sth attempt") % {"n": job.attempt}
    why = []
    if job.losses:
        first = job.losses == 1 and job.attempt == 2
        told = _("its worker died during the first") if first else _("its worker died %(times)s")
        why.append(told % {"times": _times(job.losses)})
    if job.tries:
        why.append(_("it failed %(times)s and was tried again") % {"times": _times(job.tries)})
    return f"{which}{': ' if why else ''}{'; '.join(why)}"


def _times(number: int) -> str:
    return {1: _("once"), 2: _("twice")}.get(number) or plural(number, "time")


def run_took(run: SyncRun) -> str:
    """The whole of the job where there is one: the run itself is only its last part."""
    begin = run.job.started_at if run.job and run.job.started_at else run.started_at
    return times.took((run.ended_at - begin).total_seconds())
