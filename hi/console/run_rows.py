"""Syncs as rows: by whom, how long, what they found, and why one went wrong, each cause told once."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from hi.console import words
from hi.integration.enums import RunOutcome
from hi.integration.models import SyncRun


@dataclass(frozen=True, slots=True)
class RunRow:
    """`told`: why it failed or what it left out; of a cause that stands elsewhere already, only that."""

    run: SyncRun
    by: str
    took: str
    pill: words.Pill
    told: str


def build_rows(runs: Iterable[SyncRun], user_id: int | None, told: Collection[str] = ()) -> tuple[RunRow, ...]:
    """`told` is what the page says beside the rows."""
    rows, before = [], ""
    for run in runs:
        rows.append(
            RunRow(
                run=run,
                by=words.asked_by(run.job, user_id) or "—",
                took=words.run_took(run),
                pill=words.RUN_PILLS[run.outcome],
                told=_say_why(run, before, told),
            )
        )
        before = run.message if run.outcome == RunOutcome.FAILED else ""
    return tuple(rows)


def _say_why(run: SyncRun, before: str, told: Collection[str]) -> str:
    if run.outcome not in (RunOutcome.FAILED, RunOutcome.PARTIAL):
        return ""
    if any(run.message and run.message in text for text in told):
        return _("For the reason above.")
    return _("For the same reason.") if run.message and run.message == before else run.message
