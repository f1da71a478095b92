"""Integrations that somebody has begun to add: to go on with, or to throw away."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from hi.console import words
from hi.integration import operations
from hi.integration.app_config import IntegrationInfo, describe
from hi.integration.enums import JobKind, JobStatus
from hi.integration.models import IntegrationInstance, Job


@dataclass(frozen=True, slots=True)
class DraftRow:
    instance: IntegrationInstance
    info: IntegrationInfo
    pill: words.Pill
    told: str


def list_drafts() -> list[DraftRow]:
    """The newest first, each with how the last test of its connection ended."""
    drafts = operations.list_drafts()
    tests: dict[int | None, Job] = {}
    for job in Job.objects.filter(instance__in=[draft.pk for draft in drafts], kind=JobKind.TEST_CONNECTION).order_by(
        "created_at"
    ):
        tests[job.instance_id] = job
    return [_build_row(draft, tests.get(draft.pk)) for draft in drafts]


def _build_row(draft: IntegrationInstance, test: Job | None) -> DraftRow:
    info = describe(draft.integration_type)
    if test is None:
        return DraftRow(draft, info, words.Pill("idle", "clock", _("Not tested")), "")
    told = test.message if test.status in (JobStatus.FAILED, JobStatus.LOST) else ""
    if test.status == JobStatus.SUCCEEDED:
        return DraftRow(
            draft, info, words.Pill("ok", "check", _("Ready")), _("The connection works; it waits for you.")
        )
    return DraftRow(draft, info, words.JOB_PILLS[test.status], told)
