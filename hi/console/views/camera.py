"""What a camera sees."""

from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from hi.accounts.access import needs
from hi.accounts.roles import Permission
from hi.console.addresses import read_number
from hi.console.requests import ConsoleRequest
from hi.entity.models import EntityState
from hi.integration.media_links import WIDTHS, MediaKind, MediaLink, build_url

WIDTH = 640


@needs(Permission.LOOK)
@require_safe
@never_cache
def camera(request: ConsoleRequest, entity_id: int, state_id: int) -> HttpResponseRedirect:
    """Leads on by a link that is made now, for whoever asks now: a page may be older than any link may get. `?live` is
    the going-on picture, `?width=` how wide."""
    state = get_object_or_404(EntityState, pk=state_id, entity=entity_id)
    width = read_number(request.GET.get("width", ""))
    kind = MediaKind.LIVE if "live" in request.GET else MediaKind.SNAPSHOT
    return HttpResponseRedirect(build_url(MediaLink(kind, state.pk, width if width in WIDTHS else WIDTH)))
