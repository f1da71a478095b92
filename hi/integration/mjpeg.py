"""Pictures out of what cameras send: one JPEG, or one after the other (multipart/x-mixed-replace, or simply in a row).

Only the bytes of the pictures are handed on, whatever else stands around them.
"""

import re
import time
from collections.abc import Iterable, Iterator

from hi.integration import exceptions

MAX_PICTURE_BYTES = 8 * 1024 * 1024
# What may stand between two pictures: a boundary and some headers.
MAX_BETWEEN_BYTES = 64 * 1024
# So long a picture may take to come, while anything comes at all.
PICTURE_SECONDS = 10.0
START, END = b"\xff\xd8\xff", b"\xff\xd9"
_LENGTH = re.compile(rb"content-length:[ \t]*(\d{1,9})", re.IGNORECASE)
# Within a scan FF 00 is a pixel's, FF D0 to FF D7 tell it where to begin anew, and FF FF is filling.
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_START_OF_SCAN = 0xDA


def check_picture(data: bytes) -> bytes:
    """Raises ProtocolError for what is no JPEG: an error's page, as a rule."""
    if not data.startswith(START):
        raise exceptions.ProtocolError("The camera sent something that is no picture.")
    if len(data) > MAX_PICTURE_BYTES:
        raise exceptions.ProtocolError("The camera sent a picture that is too large.")
    return data


def frames(chunks: Iterable[bytes], seconds: float | None = None) -> Iterator[bytes]:
    """Each picture, once its last byte has come. Raises ProtocolError where none comes or one is too large, and
    ConnectionError where one takes longer than `seconds`: a camera that drips is of no use to anybody."""
    buffer = bytearray()
    cutter = _Cutter(buffer)
    limit = PICTURE_SECONDS if seconds is None else seconds
    begun = time.monotonic()
    for chunk in chunks:
        buffer += chunk
        while picture := cutter.cut():
            yield picture
            begun = time.monotonic()
        if time.monotonic() - begun > limit:
            raise exceptions.ConnectionError(f"The camera sent no whole picture for {limit:g} seconds.")


class _Cutter:
    """Takes pictures off the beginning of a buffer that grows; what it has looked at it does not look at again."""

    def __init__(self, buffer: bytearray) -> None:
        self._buffer = buffer
        self._length: int | None = None  # as announced; None while no picture has begun, 0 for "by its end"
        self._place = 0
        self._in_scan = False

    def cut(self) -> bytes:
        """The next picture, or nothing while it is not whole."""
        if self._length is None and not self._find_start():
            return b""
        end = self._find_end() if not self._length else self._length if len(self._buffer) >= self._length else None
        if end is None:
            if max(len(self._buffer), self._length or 0) > MAX_PICTURE_BYTES:
                raise exceptions.ProtocolError("The camera sent a picture that is too large.")
            return b""
        picture = bytes(self._buffer[:end])
        del self._buffer[:end]
        self._length = None
        return check_picture(picture)

    def _find_start(self) -> bool:
        start = self._buffer.find(START)
        if start < 0:
            if len(self._buffer) > MAX_BETWEEN_BYTES:
                raise exceptions.ProtocolError("The camera sent something that is no picture.")
            return False
        announced = _LENGTH.findall(self._buffer, 0, start)
        del self._buffer[:start]
        self._length = int(announced[-1]) if announced else 0
        self._place, self._in_scan = len(START) - 1, False
        return True

    def _find_end(self) -> int | None:
        """From marker to marker, since a picture may hold a smaller one of itself, which has an end of its own."""
        buffer = self._buffer
        while len(buffer) >= self._place + 2:
            if self._in_scan:
                found = _MARKER.search(buffer, self._place)
                self._place = found.start() if found else len(buffer) - 1
                self._in_scan = found is None
                continue
            marker = buffer[self._place : self._place + 2]
            if marker == END:
                return self._place + 2
            if marker[0] != 0xFF or marker == START[:2]:
                raise exceptions.ProtocolError("The camera sent a picture that is damaged.")
            if len(buffer) < self._place + 4:
                break
            self._in_scan = marker[1] == _START_OF_SCAN
            self._place += 2 + int.from_bytes(buffer[self._place + 2 : self._place + 4])
        return None
