"""Whether whoever has a link may still look: asked when something is to be shown, and while it is."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from hi.accounts.viewers import Viewer
from hi.media.pictures import may_look
from hi.media.threads import in_thread

logger = logging.getLogger(__name__)
LOOK_SECONDS = 2.0
# Of the database: each has a connection of its own for a moment.
MAX_LOOKS = 8


class Viewers:
    def __init__(self, look_seconds: float = LOOK_SECONDS) -> None:
        """`look_seconds`: for how long an answer counts."""
        self._look_seconds = look_seconds
        self._known: dict[Viewer, asyncio.Task[bool]] = {}
        self._looks = asyncio.Semaphore(MAX_LOOKS)

    async def may_look(self, viewer: Viewer) -> bool:
        """All who ask meanwhile get the same answer."""
        if viewer not in self._known:
            self._known[viewer] = asyncio.create_task(self._ask(viewer))
        return await asyncio.shield(self._known[viewer])

    @contextmanager
    def watching(self, viewer: Viewer, until: asyncio.Timeout) -> Iterator[None]:
        """Within that time somebody watches, which is over at once where they may no more."""
        looking = asyncio.create_task(self._look(viewer, until))
        try:
            yield
        finally:
            looking.cancel()

    async def _look(self, viewer: Viewer, until: asyncio.Timeout) -> None:
        while await self.may_look(viewer):
            await asyncio.sleep(self._look_seconds)
        until.reschedule(asyncio.get_running_loop().time())

    async def _ask(self, viewer: Viewer) -> bool:
        loop = asyncio.get_running_loop()
        try:
            async with self._looks:
                return await in_thread(partial(may_look, viewer), "look")
        except Exception:
            logger.exception("it could not be found out whether %s may look", viewer)
            return False
        finally:
            loop.call_later(self._look_seconds, self._known.pop, viewer, None)
