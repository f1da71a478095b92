"""Handing out a file that people keep with a thing: the same answer for pages and API."""

from collections.abc import AsyncIterator
from pathlib import Path

from asgiref.sync import sync_to_async
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from hi.entity.models import EntityFile
from hi.integration import files

CHUNK = 256 * 1024
# Whatever is in it: no script, no frame, no request, and no origin of ours.
SANDBOX = "sandbox; default-src 'none'"


def build_file_response(row: EntityFile, *, with_content: bool = True) -> HttpResponseBase:
    """A picture may be shown; all else is saved, under a type that nothing runs. Raises Http404 where the file is not
    on the disk any more."""
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
    if not with_content:
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
