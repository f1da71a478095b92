"""What a camera sees, and what it saw. Both lead on by a link that is made now, for whoever asks now: a page may be
older than any link may get. `?live` and `?play` are the pictures that move, `?width=` how wide."""

from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from hi.accounts.access import needs
from hi.accounts.roles import Permission
from hi.accounts.viewers import Viewer
from hi.console.addresses import read_number
from hi.console.requests import ConsoleRequest
from hi.entity.models import EntityState
from hi.integration.media_links import WIDTHS, MediaKind, MediaLink, build_url
from hi.integration.models import Recording

WIDTH = 640


@needs(Permission.LOOK)
@require_safe
@never_cache
def camera(request: ConsoleRequest, entity_id: int, state_id: int) -> HttpResponseRedirect:
    state = get_object_or_404(EntityState, pk=state_id, entity=entity_id)
    return _lead_on(request, MediaKind.LIVE if "live" in request.GET else MediaKind.SNAPSHOT, state.pk)


@needs(Permission.LOOK)
@require_safe
@never_cache
def recording(request: ConsoleRequest, entity_id: int, recording_id: int) -> HttpResponseRedirect:
    kept = get_object_or_404(Recording, pk=recording_id, entity=entity_id)
    return _lead_on(request, MediaKind.RECORDING if "play" in request.GET else MediaKind.RECORDING_PICTURE, kept.pk)


def _lead_on(request: ConsoleRequest, kind: MediaKind, row_id: int) -> HttpResponseRedirect:
    width = read_number(request.GET.get("width", ""))
    link, viewer = MediaLink(kind, row_id, width if width in WIDTHS else WIDTH), Viewer.of_browser(request)
    if viewer is None:
        raise Http404
    return HttpResponseRedirect(build_url(link, viewer))
