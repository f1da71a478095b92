"""The files that people keep with a thing: added, handed out, taken away."""

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hi.accounts.access import needs
from hi.accounts.roles import Permission
from hi.console.requests import ConsoleRequest
from hi.console.views.thing import Given, edit_part
from hi.entity.models import Entity, EntityFile
from hi.integration import exceptions, files
from hi.integration.file_response import build_file_response


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
    """The file itself."""
    return build_file_response(_find(entity_id, file_id), with_content=request.method != "HEAD")


def _find(entity_id: int, file_id: int) -> EntityFile:
    return get_object_or_404(EntityFile.objects.select_related("entity"), pk=file_id, entity=entity_id)
