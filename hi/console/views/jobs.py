"""Jobs: what is happening, what happened, and why it failed."""

from datetime import datetime
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from hi.console.job_card import BAD_STATUSES, build_card, offer_again
from hi.console.live import LivePart
from hi.console.requests import ConsoleRequest
from hi.integration import overview
from hi.integration.enums import OPEN_JOB_STATUSES, JobStatus
from hi.integration.models import Job

PAGE = 40
FILTERS: dict[str, tuple[str, tuple[JobStatus, ...]]] = {
    "": ("All", ()),
    "open": ("Running", OPEN_JOB_STATUSES),
    "done": ("Done", (JobStatus.SUCCEEDED,)),
    "failed": ("Failed", BAD_STATUSES),
    "cancelled": ("Cancelled", (JobStatus.CANCELLED,)),
}


@require_safe
def jobs(request: ConsoleRequest) -> HttpResponse:
    status = request.GET.get("status", "")
    status = status if status in FILTERS else ""
    after = _decode(request.GET.get("after", ""))
    page, following = overview.list_jobs(overview.JobFilter(FILTERS[status][1], after=after), PAGE)
    cards = [build_card(job, request.user.pk) for job in page]
    context = {
        "filters": [(key, label, key == status) for key, (label, _statuses) in FILTERS.items()],
        "status": status,
        "cards": cards,
        "after": following and f"{following[0].isoformat()}_{following[1]}",
        "is_first": after is None,
    }
    url = reverse("console:jobs") + (f"?status={status}" if status else "")
    live = LivePart(
        request, "console/jobs_live.html", context, element_id="jobs-live", url=url, seconds=0 if after else 2
    )
    if request.htmx and after is None:
        return live.answer()
    return render(request, "console/jobs.html", {**context, "live": live})


@require_safe
def job(request: ConsoleRequest, job_id: UUID) -> HttpResponse:
    found = Job.objects.select_related("instance", "requested_by").filter(pk=job_id).first()
    if found is None:
        raise Http404
    card = build_card(found, request.user.pk)
    live = LivePart(
        request,
        "console/job_live.html",
        {"card": card, "again": offer_again(found)},
        element_id="job-live",
        url=reverse("console:job", args=[found.pk]),
        seconds=1 if card.is_open else 0,
    )
    if request.htmx:
        return live.answer()
    return render(request, "console/job.html", {"card": card, "live": live})


def _decode(text: str) -> tuple[datetime, UUID] | None:
    """Where the page before ended; anything unreadable begins at the beginning."""
    moment, _separator, pk = text.replace(" ", "+").partition("_")
    try:
        at = datetime.fromisoformat(moment)
        return (at, UUID(pk)) if at.tzinfo else None
    except ValueError:
        return None
