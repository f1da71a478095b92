"""Style, script and icon, sent before Django sees the request.

WhiteNoise knows the files, their compressed copies, and which names carry a hash of the content and may be kept for
ever. Its middleware speaks WSGI: under ASGI Django would take every request, of pages too, through one thread more, and
warn at each file that it has to read it whole. So only its index is used, and the answer is ours.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from whitenoise.middleware import WhiteNoiseMiddleware

Send = Callable[[dict[str, Any]], Awaitable[None]]


class StaticFiles:
    """Built once Django is set up; reads the folder then, and never again unless in DEBUG."""

    def __init__(self) -> None:
        self._index = WhiteNoiseMiddleware()

    async def answer(self, scope: dict[str, Any], send: Send) -> bool:
        """Send the file that the request names; False if it names none."""
        path = scope["path"]
        if not path.startswith(self._index.static_prefix):
            return False
        file = self._index.find_file(path) if self._index.autorefresh else self._index.files.get(path)
        if file is None:
            return False
        asked = {f"HTTP_{name.decode('latin-1').upper().replace('-', '_')}": value.decode("latin-1")
                 for name, value in scope["headers"]}  # fmt: skip
        status, headers, body = await asyncio.to_thread(_read, file, scope["method"], asked)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        return True


def _read(file: Any, method: str, asked: dict[str, str]) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Status, headers and body, read whole: the biggest of our files has some tens of kilobytes."""
    found = file.get_response(method, asked)
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in found.headers]
    headers.append((b"x-content-type-options", b"nosniff"))
    if found.file is None:
        return int(found.status), headers, b""
    with found.file:
        return int(found.status), headers, found.file.read()
