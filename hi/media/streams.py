"""Moving pictures: one reader for each camera and width hands what comes to all who watch. Who is slow misses some."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager

from hi.integration import metrics
from hi.integration.media_links import MediaKind, MediaLink
from hi.media.exchange import SILENT_SECONDS
from hi.media.pictures import find_hidden, find_shown, read_pictures
from hi.media.threads import in_thread, start, tell

logger = logging.getLogger(__name__)
MAX_WATCHERS = 16
MAX_OF_ONE = 4
MAX_PER_SECOND = 10
LOOK_SECONDS = 2.0


class TooManyError(Exception):
    """As many watch already as may."""


class Feed:
    """What a camera sends, while somebody watches. All but `_read` runs on the event loop."""

    def __init__(self, link: MediaLink) -> None:
        self.link = link
        self.watchers = 0
        self.is_over = False
        # Until its reader has noticed that it is over.
        self.is_read = True
        self._picture = b""
        self._number = 0
        self._news = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        start(self._read, "stream")

    async def after(self, number: int) -> tuple[int, bytes]:
        """The newest picture after the one of that number, and its own; none once that is over, or nothing comes."""
        try:
            async with asyncio.timeout(SILENT_SECONDS):
                while self._number <= number and not self.is_over:
                    await self._news.wait()
        except TimeoutError:
            return number, b""
        return self._number, self._picture if self._number > number else b""

    def end(self) -> None:
        self.is_over = True
        self._news.set()

    def _show(self, picture: bytes) -> None:
        self._picture, self._number = picture, self._number + 1
        self._news.set()
        self._news = asyncio.Event()

    def _finish(self) -> None:
        self.is_read = False
        self.end()

    def _read(self) -> None:
        if (shown := find_shown(self.link)) is not None:
            with closing(read_pictures(self.link, shown)) as pictures:
                self._pass_on(pictures)
        tell(self._loop, self._finish)

    def _pass_on(self, pictures: Iterator[bytes]) -> None:
        interval, due = 1 / MAX_PER_SECOND, 0.0
        for picture in pictures:
            if self.is_over:
                break
            now = time.monotonic()
            if now >= due:
                due = max(due, now - interval) + interval
                tell(self._loop, self._show, picture)


class Streams:
    def __init__(self, look_seconds: float = LOOK_SECONDS) -> None:
        """`look_seconds`: how often to look whether what is watched may still be."""
        self._look_seconds = look_seconds
        self._feeds: list[Feed] = []
        self._looking: asyncio.Task[None] | None = None

    @contextmanager
    def join(self, link: MediaLink) -> Iterator[Feed]:
        """Watch what the link leads to, together with all others who do. Raises TooManyError."""
        feed = self._find(link)
        feed.watchers += 1
        try:
            with metrics.media_watchers.track_inprogress():
                yield feed
        finally:
            feed.watchers -= 1
            if not feed.watchers:
                feed.end()

    def _find(self, link: MediaLink) -> Feed:
        self._feeds = [feed for feed in self._feeds if feed.is_read]
        watched = Counter[tuple[MediaKind, int]]()
        for feed in self._feeds:
            watched[feed.link.kind, feed.link.row_id] += feed.watchers
        if watched.total() >= MAX_WATCHERS or watched[link.kind, link.row_id] >= MAX_OF_ONE:
            raise TooManyError
        # A recording begins at its beginning, for each who asks.
        shared = [feed for feed in self._feeds if feed.link == link and link.kind is MediaKind.LIVE]
        for feed in shared:
            if not feed.is_over:
                return feed
        if len(self._feeds) >= MAX_WATCHERS:  # of some whose readers still wait for their cameras
            raise TooManyError
        self._feeds.append(Feed(link))
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        return self._feeds[-1]

    async def _look(self) -> None:
        """Whoever stops an instance stops its pictures."""
        while watched := [feed for feed in self._feeds if not feed.is_over]:
            try:
                hidden = await in_thread(lambda: find_hidden({feed.link for feed in watched}), "look")
            except Exception:
                logger.exception("it could not be found out whether what is watched may still be")
                hidden = set()
            for feed in watched:
                if feed.link in hidden:
                    feed.end()
            await asyncio.sleep(self._look_seconds)
