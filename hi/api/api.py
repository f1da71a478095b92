"""The JSON API under /api/v1: routers over the functions that pages and commands use too."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import conditional_page
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from hi.accounts.roles import Permission
from hi.api import (
    activity,
    additions,
    cameras,
    choosing,
    commands,
    connecting,
    entities,
    history,
    jobs,
    locations,
    people,
    recordings,
    repairs,
    runs,
    stream,
    system,
)
from hi.api.auth import BearerToken, read_permission
from hi.api.description import complete
from hi.api.errors import add_handlers, build_problem

DESCRIPTION = """Every system of the home in one model.

Send `Authorization: Bearer hi_…`; `make -s token NAME=what-for SCOPE=read` prints a token. Scopes are read, operate and
admin; a token never does more than the role of its owner allows. Lists are `{items, next}`: pass `next` as `after`
until it is null. What takes time answers 202 with its job or command, which `Location` names. Times are ISO 8601, UTC.
Errors are `application/problem+json`."""

View = Callable[..., HttpResponseBase]


class HiAPI(NinjaAPI):
    """ninja's API, with its last loose ends in the shape of all others: unknown paths and methods, and their
    description."""

    @property
    def urls(self) -> tuple[list[URLResolver | URLPattern], str, str]:
        patterns, app_name, namespace = super().urls
        patterns.append(re_path(r"^[\s\S]*$", _not_found))  # a line's end in it, too
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                pattern.callback = _as_api_view(pattern.callback)
        return patterns, app_name, namespace

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        schema = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        complete(schema, self.list_needs())
        return schema

    def list_needs(self) -> dict[str, Permission]:
        """What each operation needs, by its id."""
        return {
            self.get_openapi_operation_id(operation): read_permission(operation)
            for _prefix, router in self._routers
            for path_view in router.path_operations.values()
            for operation in path_view.operations
        }


def _as_api_view(view: View) -> View:
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
        except Http404:
            response = _not_found(request)
        if response.status_code == 405:
            allowed = response["Allow"]
            response = build_problem(405, f"{request.method} does nothing here; {allowed} does.")
            response["Allow"] = allowed
        # What was read may be kept, and is asked about each time: by its ETag, it comes again only if it is another.
        is_kept = request.method == "GET" and response.status_code == 200
        response["Cache-Control"] = "private, no-cache" if is_kept else "no-store"
        return response

    return csrf_exempt(login_not_required(_tell_mismatch(conditional_page(answer))))


def _tell_mismatch(view: View) -> View:
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if response.status_code == 412:
            response = build_problem(412, "It is another than If-Match says.", field="If-Match")
            response["Cache-Control"] = "no-store"
        return response

    return answer


def _not_found(request: HttpRequest, **_kwargs: str) -> HttpResponse:
    return build_problem(404, f"There is nothing at {request.path}.")


# No page of documentation: ninja's loads its scripts from a CDN.
api = HiAPI(
    title="hi",
    version="1.0.0",
    description=DESCRIPTION,
    openapi_url="/openapi.json",
    docs_url=None,
    urls_namespace="api",
    auth=BearerToken(),
)
add_handlers(api)
api.add_router("/integrations", connecting.router)
api.add_router("/integrations", choosing.router)
api.add_router("/integrations", runs.router)
api.add_router("/repairs", repairs.router)
api.add_router("/entities", entities.router)
api.add_router("/entities", additions.router)
api.add_router("/entities", history.router)
api.add_router("/entities", cameras.router)
api.add_router("/entities", recordings.router)
api.add_router("/commands", commands.router)
api.add_router("/jobs", jobs.router)
api.add_router("/locations", locations.router)
api.add_router("/people", people.router)
api.add_router("/activity", activity.router)
api.add_router("/stream", stream.router)
api.add_router("/system", system.router)
