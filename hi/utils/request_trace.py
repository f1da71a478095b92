"""Gives each request its id, and tells in one line which change was asked for and what came of it, or was refused."""

import logging
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import cast

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware
from django.utils.functional import SimpleLazyObject

from hi.utils import trace

logger = logging.getLogger("hi.request")
LOOKING = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})

Finish = Callable[[HttpResponseBase], HttpResponseBase]
Answer = Callable[[HttpRequest], HttpResponseBase]
AsyncAnswer = Callable[[HttpRequest], Awaitable[HttpResponseBase]]


@sync_and_async_middleware
def trace_requests(get_response: Answer | AsyncAnswer) -> Answer | AsyncAnswer:
    if iscoroutinefunction(get_response):

        async def answer_async(request: HttpRequest) -> HttpResponseBase:
            with _traced(request) as finish:
                return finish(await cast(AsyncAnswer, get_response)(request))

        return answer_async

    def answer(request: HttpRequest) -> HttpResponseBase:
        with _traced(request) as finish:
            return finish(cast(Answer, get_response)(request))

    return answer


@contextmanager
def _traced(request: HttpRequest) -> Iterator[Finish]:
    begin = time.perf_counter()
    with trace.bind(request.headers.get(trace.HEADER, "")) as bound:

        def finish(response: HttpResponseBase) -> HttpResponseBase:
            response.headers[trace.HEADER] = bound
            if request.method not in LOOKING or response.status_code >= 500:
                _tell(request, response.status_code, time.perf_counter() - begin)
            return response

        yield finish


def _tell(request: HttpRequest, status: int, seconds: float) -> None:
    # The route and not the path: a sign-in link carries its token there.
    match = request.resolver_match
    route = (match.view_name or match.route) if match else "no such address"
    logger.info("%s %s: %d in %d ms, %s", request.method, route, status, seconds * 1000, _tell_who(request))


class Refusals(logging.Filter):
    """For Django's own lines about requests: where hi refused, nothing went wrong in it, so who and why stand where a
    traceback would."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if request is not None and record.exc_info and getattr(record, "status_code", 500) < 500:
            who, why = _tell_who(request), record.exc_info[1]
            record.msg, record.args, record.exc_info = f"{record.getMessage()}, {who}: {why}", (), None
        return True


def _tell_who(request: HttpRequest) -> str:
    user = _known_user_id(request)
    return f"user {user}" if user else "nobody signed in"


def _known_user_id(request: HttpRequest) -> int | None:
    """Of what the views have found out; asking anew would read the database, here on the event loop."""
    token = getattr(request, "auth", None)
    if token is not None:
        return getattr(token, "user_id", None)
    user = request.__dict__.get("user")
    if isinstance(user, SimpleLazyObject) and not hasattr(request, "_cached_user"):
        return None
    return getattr(user, "pk", None)
