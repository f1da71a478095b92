"""From an ASGI server's start to its end."""

import asyncio
from typing import Any

from hi.tasks.keeper import Keeper


async def live(keeper: Keeper | None, receive: Any, send: Any) -> None:
    """The signal that ended the server is raised again afterwards, and ends the process before anything that waits for
    its exit: what there is to say goodbye for is said here."""
    while (await receive())["type"] != "lifespan.shutdown":
        await send({"type": "lifespan.startup.complete"})
    if keeper is not None:
        await asyncio.to_thread(keeper.stop)
    await send({"type": "lifespan.shutdown.complete"})
