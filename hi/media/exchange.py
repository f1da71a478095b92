"""The ASGI that the media process and its way through the web process share."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from hi.media import placeholder

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]
# Without a new picture for so long nothing comes any more: a camera that was silent for ten seconds (`read_seconds` of
# its client) has been asked for one picture by then.
SILENT_SECONDS = 20.0


async def begin(send: Send, status: int, headers: Headers) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def go_on(send: Send, body: bytes) -> None:
    """Returns once the other side has taken enough of what was sent before."""
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def end(send: Send, body: bytes = b"") -> None:
    await send({"type": "http.response.body", "body": body})


async def answer(send: Send, status: int, content_type: bytes, body: bytes, *more: tuple[bytes, bytes]) -> None:
    length = str(len(body)).encode()
    await begin(send, status, [(b"content-type", content_type), (b"content-length", length), *more])
    await end(send, body)


async def answer_without_picture(send: Send, status: int, *more: tuple[bytes, bytes]) -> None:
    await answer(send, status, placeholder.CONTENT_TYPE, placeholder.SVG, *more)


async def until_gone(receive: Receive, work: Coroutine[Any, Any, None]) -> None:
    """Do it, unless whoever asked goes away meanwhile."""
    working, leaving = asyncio.ensure_future(work), asyncio.ensure_future(_wait_until_gone(receive))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
    finally:
        leaving.cancel()
        if not working.done():
            working.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    try:
        await working
    except asyncio.CancelledError:
        if not working.cancelled():
            raise


async def _wait_until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
