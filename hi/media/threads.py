"""Work that waits for a camera or the database, apart from the event loop."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

Result = TypeVar("Result")


def start(work: Callable[[], None], name: str) -> None:
    """In a thread that does not hold up the end of the process, whatever it waits for."""
    threading.Thread(target=work, name=name, daemon=True).start()


def tell(loop: asyncio.AbstractEventLoop, call: Callable[..., object], *args: Any) -> None:
    """Have the loop call it; nothing, where the loop has ended meanwhile."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(call, *args)


async def in_thread(work: Callable[[], Result], name: str) -> Result:
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Result] = loop.create_future()

    def settle(how: Callable[[Any], None], what: object) -> None:
        if not done.done():  # else nobody waits any more
            how(what)

    def run() -> None:
        try:
            result = work()
        except Exception as err:  # noqa: BLE001 - raised where it is waited for
            tell(loop, settle, done.set_exception, err)
        else:
            tell(loop, settle, done.set_result, result)

    start(run, name)
    return await done
