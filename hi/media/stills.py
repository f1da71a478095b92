"""Single pictures: however many people ask, a camera is asked once a second at most for what it sees now, and a system
for a few pictures at once.
"""

import asyncio
from collections import Counter, defaultdict
from contextlib import closing

from hi.integration import metrics
from hi.integration.media_links import MediaKind, MediaLink
from hi.media.pictures import find_shown, read_pictures
from hi.media.threads import in_thread

# One picture serves all who ask within a second; a camera that gave none is left alone for longer.
SHARED_SECONDS = 1.0
FAILED_SECONDS = 5.0
ANSWER_SECONDS = 10.0
# Of one system: one that does not answer holds up no other.
MAX_AT_ONCE = 4
# Of the database: each has a connection of its own for a moment.
MAX_LOOKS = 8


class Stills:
    def __init__(self, answer_seconds: float = ANSWER_SECONDS, failed_seconds: float = FAILED_SECONDS) -> None:
        self._answer_seconds = answer_seconds
        self._failed_seconds = failed_seconds
        self._shared: dict[MediaLink, asyncio.Task[bytes]] = {}
        self._waiting = Counter[MediaLink]()
        # State id -> when its camera may be asked again, by the loop's clock.
        self._turns: dict[int, float] = {}
        self._looks = asyncio.Semaphore(MAX_LOOKS)
        # By the instance's id.
        self._slots: defaultdict[int, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(MAX_AT_ONCE))

    async def get(self, link: MediaLink) -> bytes:
        """The picture; nothing where there is none in time."""
        task = self._shared.get(link)
        if task is None:
            task = self._shared[link] = asyncio.create_task(self._fetch(link))
        self._waiting[link] += 1
        try:
            async with asyncio.timeout(self._answer_seconds):
                # Others may wait for it, too, and a camera that is asked already need not be asked again.
                return await asyncio.shield(task)
        except TimeoutError:
            return b""
        finally:
            self._waiting[link] -= 1
            self._waiting += Counter()  # leaves out those for which nobody waits

    async def _fetch(self, link: MediaLink) -> bytes:
        loop, picture = asyncio.get_running_loop(), b""
        try:
            if link.kind is MediaKind.SNAPSHOT:
                await self._wait_for_turn(link.row_id)
            async with self._looks:
                shown = await in_thread(lambda: find_shown(link), "look")
            if shown is not None:
                async with self._slots[shown.instance.pk]:
                    picture = await self._ask(link)
            return picture
        finally:
            loop.call_later(SHARED_SECONDS if picture else self._failed_seconds, self._shared.pop, link, None)

    async def _ask(self, link: MediaLink) -> bytes:
        """Unless all have gone who waited for it."""
        if link not in self._waiting:
            return b""
        picture = await in_thread(lambda: _read_one(link), "still")
        metrics.media_pictures_total.labels("shown" if picture else "failed").inc()
        return picture

    async def _wait_for_turn(self, state_id: int) -> None:
        """Another width is another picture, but the same camera."""
        now = asyncio.get_running_loop().time()
        turn = max(now, self._turns.get(state_id, now))
        self._turns[state_id] = turn + SHARED_SECONDS
        await asyncio.sleep(turn - now)


def _read_one(link: MediaLink) -> bytes:
    shown = find_shown(link)  # once more: the turn may have been long in coming
    if shown is None:
        return b""
    with closing(read_pictures(link, shown)) as pictures:
        return next(pictures, b"")
