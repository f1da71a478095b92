"""Jobs: what is happening, what happened, and why it failed."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hi.accounts.access import needs
from hi.accounts.roles import Permission
from hi.console import job_choice, words
from hi.console.job_card import build_card, offer_again
from hi.console.job_choice import JobChoice
from hi.console.job_lines import JobLine, cut, fold
from hi.console.live import LivePart, pace
from hi.console.requests import ConsoleRequest
from hi.integration import job_lists
from hi.integration.models import IntegrationInstance, Job

PAGE = 40  # lines
WINDOW = 200  # jobs read for them
MOST_INTEGRATIONS = 200


@dataclass(frozen=True, slots=True)
class Lines:
    """One page of the list, and the addresses of its neighbours; empty where there is none."""

    lines: list[JobLine]
    newer_url: str
    older_url: str


@needs(Permission.LOOK)
@require_safe
def jobs(request: ConsoleRequest) -> HttpResponse:
    choice = JobChoice.read(request.GET)
    user_id = request.user.pk
    page = _read_lines(choice, user_id)
    to_see = job_lists.count_jobs(choice.beginning(status=job_choice.LOOK).build_filter(user_id))
    context = {
        "choice": choice,
        "page": page,
        "lines": [(line, line.asked_by(user_id), choice.members_url(line)) for line in page.lines],
        "states": [
            (key, label, choice.first_url(status=key), key == choice.status)
            for key, (label, _statuses) in job_choice.STATES.items()
        ],
        "together_url": choice.first_url(each=False),
        "nothing": _tell_nothing(choice, page),
        "to_see": words.counted(*to_see) if to_see[0] else "",
    }
    live = LivePart(
        request,
        "console/jobs_live.html",
        context,
        element_id="jobs-live",
        url=choice.url(),
        seconds=2 if choice.is_first else 0,
    )
    if request.htmx and "v" in request.GET:
        return live.answer(render_to_string("console/part_jobs_badge.html", {"oob": True}))
    return render(request, "console/jobs.html", {**context, "live": live, "selects": _selects(choice)})


def _read_lines(choice: JobChoice, user_id: int) -> Lines:
    found, beyond = job_lists.list_jobs(choice.build_filter(user_id), WINDOW)
    backwards = choice.before is not None
    # From the place where the page before, or after, has ended.
    kept = cut(found[::-1] if backwards else found, PAGE, each=choice.each)
    if len(kept) < len(found):
        beyond = job_lists.cursor_of(kept[-1])
    kept = kept[::-1] if backwards else kept
    newest, oldest = (job_lists.cursor_of(kept[0]), job_lists.cursor_of(kept[-1])) if kept else (None, None)
    newer, older = (beyond, oldest) if backwards else (None if choice.is_first else newest, beyond)
    return Lines(
        fold(kept, each=choice.each),
        newer_url=choice.url(after=None, before=newer) if newer else "",
        older_url=choice.url(after=older, before=None) if older else "",
    )


def _tell_nothing(choice: JobChoice, page: Lines) -> tuple[str, str]:
    """Title and text of an empty page."""
    if page.older_url:
        return _("Nothing here yet"), _("None of the jobs looked through so far fits. Older ones may.")
    if choice == JobChoice(status=job_choice.LOOK):
        return _("Nothing needs a look"), _("No job has failed, or somebody has seen every one that did.")
    if choice.is_narrow or not choice.is_first:
        return _("None like that"), _("No job fits what is chosen above.")
    return (
        _("No jobs yet"),
        _(
            "Whatever takes time, such as a test of a connection or a sync, is a job: "
            "here you see what runs, what it found, and what went wrong."
        ),
    )


def _selects(choice: JobChoice) -> list[tuple[str, str, list[tuple[str, str, bool]]]]:
    """The filters that are chosen from lists: name, label, options."""
    instances = IntegrationInstance.objects.filter(is_draft=False).order_by("label", "pk")
    names = {str(pk): label for pk, label in instances.values_list("pk", "label")[:MOST_INTEGRATIONS]}
    given = "" if choice.integration is None else str(choice.integration)
    offered: list[tuple[str, str, str, Mapping[str, str | Promise]]] = [
        ("kind", _("Kind"), choice.kind, job_choice.KINDS),
        ("integration", _("Integration"), given, {"": _("Every integration"), **names}),
        ("asked", _("Asked for by"), choice.asked, {key: word for key, (word, _trigger) in job_choice.ASKED.items()}),
        ("period", _("When"), choice.period, job_choice.PERIODS),
    ]
    return [
        (name, label, [(key, str(word), key == chosen) for key, word in options.items()])
        for name, label, chosen, options in offered
    ]


@needs(Permission.LOOK)
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
        seconds=pace([card.job], idle=0),
    )
    if request.htmx:
        return live.answer()
    return render(request, "console/job.html", {"card": card, "live": live})
