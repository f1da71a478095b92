"""How much one request may send. Django gathers a body on the disk before anything has looked at who sent it."""

from collections.abc import Awaitable, Callable
from typing import Any

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

# A file that people keep with a thing, the form around it, and enough beyond for a page of ours to say "too large".
MAX_BODY_BYTES = 32 * 1024 * 1024
MAX_HEARD_BYTES = 2 * MAX_BODY_BYTES
TOLD = b"This is larger than 32 MB, and hi takes no more at once. Go back and choose something smaller.\n"


async def refuse_large(scope: dict[str, Any], receive: Receive, send: Send) -> bool:
    """Answer a request that announces too much; False for any other."""
    announced = dict(scope["headers"]).get(b"content-length", b"")
    if not announced.isdigit() or int(announced) <= MAX_BODY_BYTES:
        return False
    # Heard to its end, unless that is far: a browser whose connection ends while it sends shows that, not the answer.
    heard, more = 0, True
    while more and heard < MAX_HEARD_BYTES:
        message = await receive()
        heard += len(message.get("body", b""))
        more = message["type"] == "http.request" and message.get("more_body", False)
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": TOLD})
    return True


def count_body(receive: Receive) -> Receive:
    """For what announces nothing: the connection counts as lost once too much has come."""
    come = 0

    async def counted() -> dict[str, Any]:
        nonlocal come
        message = await receive()
        come += len(message.get("body", b""))
        return {"type": "http.disconnect"} if come > MAX_BODY_BYTES else message

    return counted
