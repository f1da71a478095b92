"""What can be done to jobs: cancel one, mark those that went wrong as seen, and take that back."""

from datetime import UTC, datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from hi.accounts.access import needs
from hi.accounts.roles import Permission
from hi.console import words
from hi.console.job_choice import JobChoice
from hi.console.requests import ConsoleRequest
from hi.console.undo import offer_undo
from hi.console.views.jobs import WINDOW
from hi.integration import job_lists, operations
from hi.integration.models import Job


@needs(Permission.RUN)
@require_POST
def cancel(request: ConsoleRequest, job_id: UUID) -> HttpResponse:
    job = get_object_or_404(Job, pk=job_id)
    title = words.job_title(job)
    if operations.cancel(job, request.user):
        messages.success(request, _("%(title)s: cancelled.") % {"title": title})
    else:
        messages.error(request, _("%(title)s: it has ended already, or cannot be cancelled.") % {"title": title})
    return redirect(_next(request, reverse("console:job", args=[job_id])))


@needs(Permission.RUN)
@require_POST
def mark_seen(request: ConsoleRequest) -> HttpResponse:
    """Those that are named, or all of the list that is shown, as far as they had ended when it was shown."""
    choice = JobChoice.read(request.GET)
    ids = [pk for pk in map(_uuid, request.POST.getlist("job")[:WINDOW]) if pk]
    chosen = job_lists.JobFilter() if ids else choice.beginning().build_filter(request.user.pk)
    seen_at = _moment(request.POST.get("shown_at", "")) or timezone.now()
    number, at = job_lists.acknowledge(chosen, seen_at=seen_at, ids=ids or None)
    target = _next(request, choice.url())
    if number:
        told = ngettext("%(n)s job is marked as seen.", "%(n)s jobs are marked as seen.", number) % {"n": f"{number:,}"}
        offer_undo(request, told, reverse("console:jobs-unseen"), {"at": at.isoformat(), "next": target})
    else:
        messages.info(request, _("Nothing was left to mark."))
    return redirect(target)


@needs(Permission.RUN)
@require_POST
def mark_unseen(request: ConsoleRequest) -> HttpResponse:
    """Take back what was marked at one moment."""
    at = _moment(request.POST.get("at", ""))
    number = job_lists.unacknowledge(at) if at else 0
    told = ngettext("%(n)s job needs a look again.", "%(n)s jobs need a look again.", number)
    messages.success(request, told % {"n": f"{number:,}"})
    return redirect(_next(request, reverse("console:jobs")))


def _next(request: ConsoleRequest, usual: str) -> str:
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if is_ours else usual


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None
