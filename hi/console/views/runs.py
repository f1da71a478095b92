"""The syncs of one integration, page by page, and each with all that is known of it."""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from hi.accounts.access import needs
from hi.accounts.roles import Permission
from hi.console.addresses import read_cursor, read_number, write_cursor
from hi.console.requests import ConsoleRequest
from hi.console.run_rows import build_rows
from hi.integration import overview
from hi.integration.models import IntegrationInstance, SyncRun

PAGE = 50


@needs(Permission.LOOK)
@require_safe
def runs(request: ConsoleRequest, instance_id: int) -> HttpResponse:
    instance = get_object_or_404(IntegrationInstance, pk=instance_id, is_draft=False)
    after = read_cursor(request.GET.get("after", ""), read_number)
    found, following = overview.list_runs(instance.pk, PAGE, after)
    older = f"{reverse('console:runs', args=[instance.pk])}?{urlencode({'after': write_cursor(following)})}"
    context = {
        "instance": instance,
        "rows": build_rows(found, request.user.pk),
        "older_url": older if following else "",
        "is_first": after is None,
    }
    return render(request, "console/runs.html", context)


@needs(Permission.LOOK)
@require_safe
def run(request: ConsoleRequest, instance_id: int, run_id: int) -> HttpResponse:
    found = get_object_or_404(
        SyncRun.objects.select_related("instance", "job__requested_by"), pk=run_id, instance=instance_id
    )
    (row,) = build_rows([found], request.user.pk)
    return render(request, "console/run.html", {"instance": found.instance, "row": row})
