"""The files that people keep with a thing: added, handed out, taken away."""

from collections.abc import AsyncIterator
from pathlib import Path

from asgiref.sync import sync_to_async
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hi.accounts.access import needs
from hi.accounts.roles import Permission
from hi.console.requests import ConsoleRequest
from hi.console.views.thing import Given, edit_part
from hi.entity.models import Entity, EntityFile
from hi.integration import exceptions, files

CHUNK = 256 * 1024
# Whatever is in it: no script, no frame, no request, and no origin of ours.
SANDBOX = "sandbox; default-src 'none'"


@needs(Permission.EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def thing_files(request: ConsoleRequest, entity_id: int) -> HttpResponse:
    def save(entity: Entity) -> Given:
        upload = request.FILES.get("file")
        if upload is None:
            raise exceptions.ConfigurationError(_("Choose a file first."), field="file")
        files.attach(entity, upload, request.user)
        return {}

    return edit_part(request, entity_id, "files", save, "console:thing-files")


@needs(Permission.EDIT)
@require_POST
def remove_file(request: ConsoleRequest, entity_id: int, file_id: int) -> HttpResponse:
    row = _find(entity_id, file_id)

    def save(entity: Entity) -> Given:
        files.detach(row, request.user)
        return {}

    return edit_part(request, entity_id, "files", save, "console:thing-files")


@needs(Permission.LOOK)
@require_safe
def thing_file(request: ConsoleRequest, entity_id: int, file_id: int) -> HttpResponseBase:
    """The file itself. A picture may be shown; all else is saved, under a type that nothing runs."""
    row = _find(entity_id, file_id)
    path = Path(row.content.path)
    if not path.is_file():
        raise Http404(_("The file is not on the disk any more."))
    headers = {
        "Content-Length": str(row.size),
        "Content-Disposition": content_disposition_header(row.content_type not in files.PICTURES, row.name) or "",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": SANDBOX,
        "Cross-Origin-Resource-Policy": "same-origin",
        # Under one address it never changes.
        "Cache-Control": "private, max-age=86400",
    }
    if request.method == "HEAD":
        return HttpResponse(content_type=row.content_type, headers=headers)
    return StreamingHttpResponse(_read(path), content_type=row.content_type, headers=headers)


async def _read(path: Path) -> AsyncIterator[bytes]:
    """In pieces, so that a large file is never in memory as a whole. Opened only once it is sent: an answer that nobody
    waits for any more leaves nothing open."""
    opened = await sync_to_async(lambda: path.open("rb"), thread_sensitive=False)()
    read = sync_to_async(opened.read, thread_sensitive=False)
    try:
        while piece := await read(CHUNK):
            yield piece
    finally:
        opened.close()


def _find(entity_id: int, file_id: int) -> EntityFile:
    return get_object_or_404(EntityFile.objects.select_related("entity"), pk=file_id, entity=entity_id)
