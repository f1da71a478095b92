"""Counts what the web process answers, by route and never by address: those are unbounded."""

import time
from collections.abc import Callable
from inspect import iscoroutinefunction
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from hi.integration import metrics


@sync_and_async_middleware
def http_metrics(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    if iscoroutinefunction(get_response):

        async def count_async(request: HttpRequest) -> HttpResponseBase:
            begin = time.monotonic()
            response: HttpResponseBase = await get_response(request)
            return _count(request, response, begin)

        return count_async

    def count(request: HttpRequest) -> HttpResponseBase:
        begin = time.monotonic()
        return _count(request, get_response(request), begin)

    return count


def _count(request: HttpRequest, response: HttpResponseBase, begin: float) -> HttpResponseBase:
    match = request.resolver_match
    route = f"/{match.route}" if match else "none"
    metrics.http_requests_total.labels(route, response.status_code).inc()
    metrics.http_request_seconds.labels(route).observe(time.monotonic() - begin)
    return response
