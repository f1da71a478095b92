"""`/stream`: what changes, as it changes, as server-sent events."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from typing import Annotated

import orjson
from asgiref.sync import sync_to_async
from django.db import connections
from django.http import StreamingHttpResponse
from ninja import Router
from ninja.params.functions import Header

from hi.accounts.models import ApiToken
from hi.accounts.roles import Permission
from hi.api.auth import ApiRequest, BearerToken
from hi.api.errors import ApiProblem
from hi.api.feed import Listener, News, feed, read_missed
from hi.api.given import PlainText
from hi.api.schemas.stream import ChangedIntegration, ChangedState

router = Router(tags=["stream"])
QUIET_SECONDS = 15.0
# Now and then it ends, so that none is open for ever whose far end has vanished.
LIFE_SECONDS = 900.0
LAST_EVENT_ID = Header("", alias="Last-Event-ID", max_length=40, description="of the last event that was heard")
EVENTS = {
    "responses": {
        200: {
            "description": "events without end",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    }
}


@router.get("", auth=BearerToken(Permission.LOOK), openapi_extra=EVENTS)
def follow_changes(request: ApiRequest, last_event_id: Annotated[PlainText, LAST_EVENT_ID]) -> StreamingHttpResponse:
    """Events `state` and `integration`, each with JSON as its data, within a second or two of the change.

    Open it, then read what is there by `/entities`: nothing is missed in between. It ends now and then; whoever comes
    back with the id of the last event as `Last-Event-ID`, as browsers do by themselves, is told what changed meanwhile.
    Of a state that changes several times within a second only the last value is told; `reset` says that more changed
    than can be told: read everything anew.
    """
    since = _read_id(last_event_id)
    if feed.is_full:
        raise ApiProblem(503, "As many programs listen as hi serves.", hint="Try again in a minute.")
    answer = StreamingHttpResponse(_tell(since, request.auth.pk), content_type="text/event-stream; charset=utf-8")
    answer["X-Accel-Buffering"] = "no"  # for a proxy that would gather
    return answer


async def _tell(since: datetime | None, token_id: int) -> AsyncIterator[bytes]:
    listener, ends_at = feed.open(), time.monotonic() + LIFE_SECONDS
    try:
        yield b"retry: 2000\n\n"
        if since is not None:
            for event in await sync_to_async(lambda: list(write_events(read_missed(since))))():
                yield event
        await sync_to_async(_close_connections)()
        looked_at = time.monotonic()
        while time.monotonic() < ends_at:
            news = await _wait(listener)
            if news is None:
                return
            if time.monotonic() >= looked_at + QUIET_SECONDS:
                if not await sync_to_async(_still_opens)(token_id):
                    return
                looked_at = time.monotonic()
            for event in write_events(news) if news else (b": still here\n\n",):
                yield event
    finally:
        feed.close(listener)


def _still_opens(token_id: int) -> bool:
    """A token that was revoked meanwhile, or whose owner was shut out, hears no more."""
    try:
        return ApiToken.may_still(token_id, Permission.LOOK)
    finally:
        _close_connections()


async def _wait(listener: Listener) -> News | None:
    """Empty news after a while without any; None for one who is too slow."""
    try:
        return await asyncio.wait_for(listener.waiting.get(), QUIET_SECONDS)
    except TimeoutError:
        return News(datetime.now(UTC))


def write_events(news: News) -> Iterable[bytes]:
    if news.is_reset:
        yield b"id: %b\nevent: reset\ndata: {}\n\n" % news.at.astimezone(UTC).isoformat().encode()
    for state in news.states:
        yield _write("state", ChangedState.build(state), state.received_at)
    for integration in news.integrations:
        yield _write("integration", ChangedIntegration.build(integration), news.at)


def _write(name: str, data: ChangedState | ChangedIntegration, at: datetime | None) -> bytes:
    event_id = (at or datetime.now(UTC)).astimezone(UTC).isoformat()
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (
        event_id.encode(),
        name.encode(),
        orjson.dumps(data.model_dump(mode="json")),
    )


def _close_connections() -> None:
    """A stream lives long, and what it read is read: others need the connection more."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()


def _read_id(text: str) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError) as err:
        raise ApiProblem(
            400, "This is no id of an event.", field="Last-Event-ID", hint="Leave it out to begin with what comes now."
        ) from err
