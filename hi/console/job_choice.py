"""What the page of jobs was asked for: it lives in the address, so that it can be kept, sent and gone back to."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from hi.console import words
from hi.console.addresses import read_cursor, read_number, read_uuid, write_cursor
from hi.console.job_lines import JobLine
from hi.integration.enums import BAD_JOB_STATUSES, OPEN_JOB_STATUSES, JobKind, JobStatus, JobTrigger
from hi.integration.job_lists import JobFilter, cursor_of
from hi.utils.keyset import Cursor

LOOK = "look"
STATES: dict[str, tuple[str | Promise, tuple[JobStatus, ...]]] = {
    "": (gettext_lazy("All"), ()),
    "open": (gettext_lazy("Running"), OPEN_JOB_STATUSES),
    "done": (gettext_lazy("Done"), (JobStatus.SUCCEEDED,)),
    "failed": (gettext_lazy("Failed"), BAD_JOB_STATUSES),
    "cancelled": (gettext_lazy("Cancelled"), (JobStatus.CANCELLED,)),
    LOOK: (gettext_lazy("Needs a look"), ()),
}
KINDS: dict[str, str | Promise] = {"": gettext_lazy("Every kind"), **words.JOB_KINDS}
ASKED: dict[str, tuple[str | Promise, JobTrigger | None]] = {
    "": (gettext_lazy("Anybody"), None),
    "you": (gettext_lazy("You"), None),
    "people": (gettext_lazy("A person"), JobTrigger.USER),
    "schedule": (gettext_lazy("The schedule"), JobTrigger.SCHEDULE),
    "source": (gettext_lazy("The source"), JobTrigger.SOURCE),
    "hi": (gettext_lazy("hi"), JobTrigger.SYSTEM),
}
PERIODS: dict[str, str | Promise] = {
    "": gettext_lazy("Any time"),
    "today": gettext_lazy("Today"),
    "week": gettext_lazy("Last 7 days"),
}


@dataclass(frozen=True, slots=True)
class JobChoice:
    """Anything unreadable in an address chooses nothing. `each`: repeats are not told as one."""

    status: str = ""
    kind: str = ""
    integration: int | None = None
    asked: str = ""
    period: str = ""
    each: bool = False
    after: Cursor[UUID] | None = None
    before: Cursor[UUID] | None = None

    @classmethod
    def read(cls, given: QueryDict) -> "JobChoice":
        after = read_cursor(given.get("after", ""), read_uuid)
        return cls(
            status=_one_of(STATES, given.get("status", "")),
            kind=_one_of(KINDS, given.get("kind", "")),
            integration=read_number(given.get("integration", "")),
            asked=_one_of(ASKED, given.get("asked", "")),
            period=_one_of(PERIODS, given.get("period", "")),
            each=given.get("each") == "1",
            after=after,
            before=None if after else read_cursor(given.get("before", ""), read_uuid),
        )

    @property
    def is_first(self) -> bool:
        return self.after is None and self.before is None

    @property
    def is_narrow(self) -> bool:
        return bool(self.status or self.kind or self.integration is not None or self.asked or self.period)

    def query(self, **changes: Any) -> str:
        """The address's part after the path, with some fields changed; empty or with its question mark."""
        chosen = replace(self, **changes) if changes else self
        given = {
            "status": chosen.status,
            "kind": chosen.kind,
            "integration": chosen.integration,
            "asked": chosen.asked,
            "period": chosen.period,
            "each": "1" if chosen.each else "",
            "after": write_cursor(chosen.after),
            "before": write_cursor(chosen.before),
        }
        told = urlencode({name: value for name, value in given.items() if value not in ("", None)})
        return f"?{told}" if told else ""

    def url(self, **changes: Any) -> str:
        return reverse("console:jobs") + self.query(**changes)

    def beginning(self, **changes: Any) -> "JobChoice":
        """The same or another list from its newest job on."""
        return replace(self, **{"after": None, "before": None, **changes})

    def first_url(self, **changes: Any) -> str:
        return self.beginning(**changes).url()

    def members_url(self, line: JobLine) -> str:
        """The jobs of a line one by one, from its newest on."""
        state = next((key for key, (_word, statuses) in STATES.items() if line.job.status in statuses), "")
        moment, pk = cursor_of(line.job)
        return self.url(
            status=self.status or state,
            kind=line.job.kind,
            integration=line.job.instance_id,
            each=True,
            after=(moment, UUID(int=max(0, pk.int - 1))),
            before=None,
        )

    def build_filter(self, user_id: int | None) -> JobFilter:
        return JobFilter(
            statuses=STATES[self.status][1],
            needs_look=self.status == LOOK,
            kind=JobKind(self.kind) if self.kind else None,
            instance_id=self.integration,
            trigger=ASKED[self.asked][1],
            requested_by_id=user_id if self.asked == "you" else None,
            since=_begin(self.period),
            after=self.after,
            before=self.before,
        )


def _one_of(known: dict[str, Any], given: str) -> str:
    return given if given in known else ""


def _begin(period: str) -> datetime | None:
    if period == "today":
        return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return timezone.now() - timedelta(days=7) if period == "week" else None
