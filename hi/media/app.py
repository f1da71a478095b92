"""What the media process answers: pictures and streams of pictures, to whoever has a link that opens."""

import asyncio
from typing import Any

from hi.accounts.viewers import Viewer
from hi.integration.media_links import PREFIX, BadLinkError, MediaKind, MediaLink, read_path
from hi.media import placeholder
from hi.media.exchange import Receive, Send, answer, answer_without_picture, begin, end, go_on, until_gone
from hi.media.stills import Stills
from hi.media.streams import Feed, Streams, TooManyError
from hi.media.viewers import Viewers

WATCH_SECONDS = 600.0
TEXT = b"text/plain; charset=utf-8"
STREAM = b"multipart/x-mixed-replace; boundary=picture"
RETRY_AFTER = (b"retry-after", b"5")


class MediaApp:
    def __init__(
        self,
        stills: Stills | None = None,
        streams: Streams | None = None,
        viewers: Viewers | None = None,
        watch_seconds: float = WATCH_SECONDS,
    ) -> None:
        """`watch_seconds`: after which somebody who watches has to ask again."""
        self._stills = stills or Stills()
        self._streams = streams or Streams()
        self._viewers = viewers or Viewers()
        self._watch_seconds = watch_seconds

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["path"] == "/health/live":
            await answer(send, 200, TEXT, b"ok\n")
        elif not scope["path"].startswith(PREFIX):
            await answer(send, 404, TEXT, b"There is nothing here.\n")
        elif scope["method"] != "GET":
            await answer(send, 405, TEXT, b"Pictures can be looked at only.\n", (b"allow", b"GET"))
        else:
            await until_gone(receive, self._show(scope["path"], send))

    async def _show(self, path: str, send: Send) -> None:
        try:
            link, viewer = read_path(path)
        except BadLinkError as err:
            await answer(send, 403, TEXT, f"{err}\n".encode())
            return
        if not await self._viewers.may_look(viewer):
            await answer(send, 403, TEXT, b"Whoever this link was made for may not look any more.\n")
        elif link.kind in (MediaKind.LIVE, MediaKind.RECORDING):
            await self._show_stream(link, viewer, send)
        elif picture := await self._stills.get(link):
            await answer(send, 200, b"image/jpeg", picture)
        else:
            await answer_without_picture(send, 503)

    async def _show_stream(self, link: MediaLink, viewer: Viewer, send: Send) -> None:
        try:
            with self._streams.join(link) as feed:
                await self._pass_on(feed, viewer, send)
        except TooManyError:
            await answer_without_picture(send, 429, RETRY_AFTER)

    async def _pass_on(self, feed: Feed, viewer: Viewer, send: Send) -> None:
        """The first picture decides: where none comes, it is no stream but the placeholder, with a status that says so.
        A live stream that breaks ends with it; one whose time is over does not."""
        number, picture = await feed.after(0)
        if not picture:
            await answer_without_picture(send, 503)
            return
        await begin(send, 200, [(b"content-type", STREAM)])
        try:
            # Who does not take what comes takes somebody's place.
            async with asyncio.timeout(self._watch_seconds) as time:
                with self._viewers.watching(viewer, time):
                    while picture:
                        await go_on(send, _part(b"image/jpeg", picture))
                        number, picture = await feed.after(number)
        except TimeoutError:
            await end(send)
            return
        is_broken = feed.link.kind is MediaKind.LIVE
        await end(send, _part(placeholder.CONTENT_TYPE, placeholder.SVG) if is_broken else b"")


def _part(content_type: bytes, body: bytes) -> bytes:
    return b"--picture\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b\r\n" % (content_type, len(body), body)
